"""Reads pages that a browser or a program saved: a file is a page, and a page is a document.

    seeds/court.html        <!-- Page saved with SingleFile url: https://example.org/court saved date: Mon Mar 06 … -->
    -> Capture(url="https://example.org/court", captured=datetime(2023, 3, 6, …), title="Court opens inquiry",
               published=PartialDate(2023, 3, 5), body=(Paragraph(…), Heading(…), Figure(…)), …)

Where a page was captured is told, in this order, by the comment of the program that saved it (SingleFile, browsers,
HTTrack), by the index of ArchiveBox beside it, by the folders of a mirror (seeds/example.org/2023/court.html), and by
the page's own canonical address. A page that tells none is a document without an address.
What of a page is the document, `page/regions.py` decides.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from converters.intake.companions import SNAPSHOT_INDEX
from converters.intake.visible import html
from converters.model import OtherRecord, Provenance, Rejection
from converters.readers.reader import Origin, RawRecord, Reader, Record, read_whole
from converters.rejections import MAX_RECORD, TOO_LARGE

_LOOKS_LIKE = re.compile(rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>])", re.I | re.S)
_NAMED = re.compile(r"\.x?html?(?:\.(?:gz|xz|zst))?$", re.IGNORECASE)
_HEAD = 64 * 1024
_SAVED_FROM = re.compile(
    r"""<!--\s*(?:
        Page\ saved\ with\ SingleFile\s+url:\s*(?P<single>\S+)(?:\s+saved\ date:\s*(?P<date>[^\n(]+))?
      | saved\ from\ url=\([0-9]{1,6}\)(?P<browser>\S+)
      | Mirrored\ from\ (?P<mirror>\S+)\ by\ HTTrack[^,]*,\s*(?P<mirrored>[^>]*?)
    )\s*(?:-->|\n|\()""",
    re.VERBOSE,
)
_SINGLE_FILE_DATE = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT([+-]\d{4})")
_WEB = re.compile("https?://[^/?#]", re.IGNORECASE)
_MIRROR_INDEX = re.compile(r"<title>Local index - HTTrack")
_LARGEST_INDEX = 1 << 20
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?", re.IGNORECASE)


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a page, by its first element, or else by its name."""
    return _LOOKS_LIKE.match(head) is not None or (_NAMED.search(name) is not None and b"<" in head)


def read(stream: BinaryIO, seed: str) -> Iterator[RawRecord | Rejection]:
    """Yield the one page of a file, as it is."""
    raw = read_whole(stream, MAX_RECORD)
    yield TOO_LARGE.rejects(seed) if raw is None else RawRecord(raw, Origin(seed))


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return the document of a page."""
    # Loaded here, since most archives have no pages and need not wait for it.
    from converters.readers.page.capture import capture_of
    from converters.readers.page.pictures import first_of, from_data, from_folder, without_data
    from converters.readers.page.text import decode_page

    light, taken = without_data(raw)
    decoded = decode_page(light)
    if _MIRROR_INDEX.search(decoded.text[:_HEAD]):
        return OtherRecord(origin.seed, "indexes of mirrored sites")
    url, captured = _saved(decoded.text[:_HEAD], origin)
    sha256 = hashlib.sha256(raw).hexdigest()
    record = Provenance(origin.seed, origin.start, len(raw), sha256, READER.label, decoded.encoding)
    sources = [from_data(taken), *([from_folder(origin.beside)] if origin.beside else [])]
    return capture_of(decoded, record, url, captured, first_of(*sources))


READER = Reader("saved-html", 3, recognises, read, read_record, extracts=True, visible=html)


def _saved(head: str, origin: Origin) -> tuple[str, datetime | None]:
    """Return where and when a page was saved, as far as the program that saved it tells; the moment is in UTC."""
    comment = _SAVED_FROM.search(head)
    if comment is None:
        url, captured = _snapshot(Path(origin.beside) / SNAPSHOT_INDEX) if origin.beside else ("", None)
        return url or _mirrored_url(origin.seed), captured
    url = comment["single"] or comment["browser"] or (f"http://{comment['mirror']}" if comment["mirror"] else "")
    return url if _WEB.match(url) else _mirrored_url(origin.seed), _moment(comment)


def _moment(comment: re.Match[str]) -> datetime | None:
    try:
        if comment["date"] and (match := _SINGLE_FILE_DATE.match(comment["date"].strip())):
            told = datetime.strptime(" ".join(match.groups()), "%b %d %Y %H %M %S %z")
            return told.astimezone(UTC)
        if comment["mirrored"]:
            return parsedate_to_datetime(comment["mirrored"].strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return None


def _snapshot(index: Path) -> tuple[str, datetime | None]:
    """Return where and when a snapshot of ArchiveBox was taken, by its index."""
    try:
        with index.open("rb") as file:
            told = json.loads(file.read(_LARGEST_INDEX))
        url, moment = str(told["url"]), float(str(told.get("timestamp")))
        return url if _WEB.match(url) else "", datetime.fromtimestamp(moment, UTC)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return "", None


def _mirrored_url(seed: str) -> str:
    """Return the address that the folders of a mirror tell; nothing where none of them is named as a host."""
    folders = seed.split("/")[1:]
    for at, folder in enumerate(folders[:-1]):
        if _HOST.fullmatch(folder):
            path = re.sub(r"(?:^|/)index\.html?$", "/", "/".join(folders[at + 1 :]))
            return f"http://{folder}/{path.lstrip('/')}"
    return ""
