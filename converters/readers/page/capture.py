"""Makes the capture of one page, whichever format holds it.

b"<html>…<h1>Court opens inquiry</h1>…", its text, its place in a seed, where and when it was captured
->  Capture(url="https://example.org/court", title="Court opens inquiry", published=…, body=…, provenance=…)

a page that cannot be read, or that holds no text of a document  ->  Rejection(…)
"""

from dataclasses import replace
from datetime import datetime
from textwrap import shorten
from urllib.parse import urlsplit

from converters.intake.encoding import Decoded
from converters.intake.visible import share_kept
from converters.model import Capture, OtherRecord, Provenance, texts_of
from converters.readers.page.page import PageError, read_page
from converters.readers.page.pictures import Pictures, Source
from converters.readers.reader import Record, folder_of
from converters.rejections import NO_DOCUMENT, NO_PAGE

_FEWEST_WORDS = 100
"""A page in a web archive that shows fewer, and no document, is a frame, a counter or the like."""
_FEWEST_UNTITLED = 25
"""So is one without a title that shows fewer."""
_WITHOUT_TEXT = "pages without text"
_LONGEST_TITLE = 80  # characters, of one that is made


def capture_of(
    decoded: Decoded,
    record: Provenance,
    url: str,
    captured: datetime | None,
    picture: Source,
    place: str = "",
    title: str = "",
) -> Record:
    """Return the document of a page that was captured from `url`, or from where it says itself if that is empty.

    `picture` returns a picture by the address that the page has for it. `title` is what a list beside the page calls
    it, for want of a title of its own; `place` is what a rejection calls a page that is not a file of its own: `at byte
    20480, https://example.org/`.
    """
    try:
        pictures = Pictures(picture, url, are_elsewhere=bool(place))
        read = read_page(decoded.text, url, pictures)
    except PageError as wrong:
        if place and not decoded.text.strip():
            return OtherRecord(record.seed, _WITHOUT_TEXT)
        return NO_PAGE.rejects(record.seed, found=f"{place}: {wrong}" if place else str(wrong))
    except Exception as fault:  # of the libraries, whose authors have not seen this page
        found = f"{type(fault).__name__} in what reads pages, a fault of the program"
        return NO_PAGE.rejects(record.seed, found=f"{place}: {found}" if place else found)
    about = read.metadata
    words = len(read.visible.split())
    if place and words < (_FEWEST_WORDS if not read.body else 0 if about.title or title else _FEWEST_UNTITLED):
        return OtherRecord(record.seed, _WITHOUT_TEXT)
    if not read.body:
        return NO_DOCUMENT.rejects(record.seed, found=place or about.title)
    url = url or about.canonical
    if title and not about.title:
        record = replace(record, described=("title",))
    kept = share_kept(texts_of(read.body), read.visible)
    return Capture(
        url=url,
        source=host_of(url) or folder_of(record.seed),
        published=about.published,
        title=about.title or title or _beginning(next(filter(str.strip, texts_of(read.body)))),
        body=read.body,
        provenance=replace(record, encoding=decoded.encoding, kept=kept),
        captured=captured,
        authors=about.authors,
        stand_ins=decoded.stand_ins,
        media=pictures.media,
        missing_pictures=pictures.missing,
    )


def _beginning(text: str) -> str:
    """Return the first words of a text, for a title of what has none."""
    line = " ".join(text.split())
    return shorten(line, _LONGEST_TITLE, placeholder="") or line[:_LONGEST_TITLE]


def host_of(url: str) -> str:
    """Return the host of an address of the web; nothing for any other."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
