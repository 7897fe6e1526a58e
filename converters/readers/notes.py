"""Reads notes in Markdown with front-matter, as Obsidian's clipper and static sites write them: a file is a document.

    ---
    title: "Court opens inquiry"
    source: "https://example.org/court"
    author:
      - "[[Ann Author]]"
    published: 2023-03-08
    created: 2023-03-10
    tags: [clippings, courts]
    ---
    The court said on **Wednesday** …
    ->  Capture(url="https://example.org/court", published=(2023, 3, 8), title="Court opens inquiry", body=(…), …)

Where there is no title, the first heading is one. What a page has no place for is told in the provenance.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import BinaryIO

import pyromark

from converters.intake.dates import day_of, moment_of
from converters.intake.encoding import Decoded, decode
from converters.intake.hosts import host_of
from converters.intake.visible import html, is_visible, share_kept
from converters.model import Block, Capture, Heading, Provenance, Rejection, text_of, texts_of
from converters.readers.prose import beginning
from converters.readers.reader import Origin, RawRecord, Reader, Record, folder_of, read_whole
from converters.rejections import EMPTY_BODY, MAX_RECORD, NO_PAGE, TOO_LARGE

_USUAL = {
    "title": ("title",),
    "address": ("source", "url", "link", "original", "clipped_from"),
    "date": ("published", "date", "publish_date", "date_published"),
    "captured": ("created", "clipped", "saved", "captured"),
    "authors": ("author", "authors", "byline"),
    "language": ("lang", "language"),
}
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n((?:.*\r?\n){1,200}?)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_ -]{0,40}):(?:[ \t]+(.*))?")
_ITEM = re.compile(r"\s*-\s+(.*)")
_WIKI_LINK = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]")
_SHORT = 200
_markdown = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH)


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a note, by front-matter that says what its title is, or where or when it was written."""
    found = _HEAD.match(head)
    return found is not None and bool(_roles(_keys(found[1].decode("utf-8", "replace"))))


def read(stream: BinaryIO, seed: str) -> Iterator[RawRecord | Rejection]:
    """Yield the one note of a file, as it is."""
    raw = read_whole(stream, MAX_RECORD)
    yield TOO_LARGE.rejects(seed) if raw is None else RawRecord(raw, Origin(seed))


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return the document of a note."""
    # Loaded here, since most archives have no notes and need not wait for it.
    from converters.readers.page.page import PageError, read_fragment

    keys, text = _parted(raw)
    told = {role: keys[name] for role, name in _roles(keys).items()}
    url = " ".join(told.get("address", ()))
    is_address = bool(host_of(url))
    try:
        body = read_fragment(_markdown.html(text.text), url if is_address else "") if is_visible(text.text) else ()
    except PageError as wrong:
        return NO_PAGE.rejects(origin.seed, found=str(wrong))
    title, body = _title_and_body(" ".join(told.get("title", ())), body)
    if not body:
        return EMPTY_BODY.rejects(origin.seed, found=title)
    used = {name for role, name in _roles(keys).items() if role != "address" or is_address}
    place = Provenance(
        *(origin.seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest(), READER.label, "utf-8"),
        kept=share_kept(texts_of(body), html(unpacked(raw), "utf-8")),
        fields=tuple((name, value) for name, value in _further(keys, used)),
    )
    language = "".join(told.get("language", ()))
    return Capture(
        url=url if is_address else "",
        source=(host_of(url) if is_address else "") or folder_of(origin.seed),
        published=day_of(" ".join(told.get("date", ()))),
        title=title,
        body=body,
        provenance=place,
        captured=moment_of(" ".join(told.get("captured", ()))),
        authors=tuple(map(_plain, told.get("authors", ()))),
        stand_ins=text.stand_ins,
        language=language if re.fullmatch("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", language) else "und",
    )


def unpacked(raw: bytes) -> bytes:
    """Return the title and the text of a note as HTML."""
    keys, text = _parted(raw)
    title = " ".join(keys.get(_roles(keys).get("title", ""), ()))
    return f"<h1>{escape(title)}</h1>\n{_markdown.html(text.text)}".encode("utf-8", "replace")


READER = Reader("note", 1, recognises, read, read_record, extracts=True, visible=html, unpacked=unpacked)


def _parted(raw: bytes) -> tuple[dict[str, tuple[str, ...]], Decoded]:
    """Return the keys of the front-matter, and the text after it."""
    found = _HEAD.match(raw)
    head, rest = (found[1], raw[found.end() :]) if found else (b"", raw)
    text = decode(rest)
    return _keys(decode(head).text), text._replace(text=text.text.replace("\r\n", "\n"))


def _keys(head: str) -> dict[str, tuple[str, ...]]:
    """Return the values of each key, by its name in lower case: one or several, or none."""
    keys: dict[str, tuple[str, ...]] = {}
    key = ""
    for line in head.split("\n"):
        if found := _KEY.fullmatch(line.rstrip()):
            key = found[1].lower()
            keys[key] = tuple(_values(found[2] or ""))
        elif key and (item := _ITEM.fullmatch(line)):
            keys[key] += tuple(_values(item[1]))
        elif key and line[:1] in (" ", "\t") and line.strip():
            keys[key] += (line.strip(),)
    return keys


def _values(text: str) -> Iterator[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]") and not text.startswith("[["):
        for part in text[1:-1].split(","):
            yield from _values(part)
    elif text not in ("", "|", ">", "|-", ">-", "null", "~"):
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].replace('\\"', '"').replace("''", "'")
        yield text


def _roles(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {role: name for role, usual in _USUAL.items() for name in reversed(usual) if keys.get(name)}


def _title_and_body(title: str, body: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """Return the title, and the body without the heading that says the same."""
    first = body[0] if body else None
    heading = " ".join(text_of(first.inlines).split()) if isinstance(first, Heading) else ""
    title = " ".join(title.split()) if is_visible(title) else heading
    if title and title == heading and len(body) > 1:
        return title, body[1:]
    return title or (beginning(body) if body else ""), body


def _further(keys: Mapping[str, tuple[str, ...]], used: set[str]) -> Iterator[tuple[str, str]]:
    for name, values in keys.items():
        text = ", ".join(map(_plain, values))
        if name not in used and is_visible(text) and len(text) <= _SHORT:
            yield name, text


def _plain(text: str) -> str:
    """Return a value without the brackets that make a link of it in a collection of notes."""
    return " ".join(_WIKI_LINK.sub(r"\1", text).split())
