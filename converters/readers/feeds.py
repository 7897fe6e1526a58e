"""Reads feeds: RSS, Atom and JSON Feed; an entry is a document.

    <item><title>Court opens inquiry</title><link>https://example.org/court</link><guid>17</guid>
          <pubDate>Wed, 08 Mar 2023 09:00:00 GMT</pubDate><description>&lt;p&gt;The court …&lt;/p&gt;</description>
    ->  Capture(url="https://example.org/court", published=(2023, 3, 8), title="Court opens inquiry", body=(…), …)

An entry is known by its `guid` or `id`. Many feeds hold the beginning of a text alone: that is what the document has.
Each entry is read by itself, from its own bytes, so nothing that a feed declares at its head can do harm.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from converters.intake.dates import day_of
from converters.intake.encoding import Decoded, decode
from converters.intake.hosts import host_of
from converters.intake.rows import UnclosedError, objects
from converters.intake.visible import html, is_html, is_visible, share_kept
from converters.model import Capture, OtherRecord, Provenance, texts_of
from converters.readers.prose import beginning, body_of
from converters.readers.reader import Origin, RawRecord, Reader, Record, folder_of, read_whole
from converters.rejections import MAX_RECORD, NO_ROW, TOO_LARGE, UNCLOSED

_XML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?>\s*)*"
    rb"<(?:rss[\s>]|(?:atom:)?feed\s|rdf:RDF\s[^>]*purl\.org/rss)",
    re.DOTALL,
)
_JSON = re.compile(rb"\s*\{[^\[]{0,2000}jsonfeed\.org/version", re.DOTALL)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_TOKEN = re.compile(rb"(<!\[CDATA\[)|(\]\]>)|<((?:atom:)?(?:item|entry))(?=[\s>])|</((?:atom:)?(?:item|entry))\s*>")
_END = re.compile(rb"</(?:rss|(?:atom:)?feed|rdf:RDF)\s*>")
_ESCAPED = ((b"<![CDATA[", b" "), (b"]]>", b" "), (b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&amp;", b"&"))
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"'
)
_AROUND_ITEM = f'<rss version="2.0" {_NAMESPACES}><channel>', "</channel></rss>"
_AROUND_ENTRY = f'<feed xmlns="http://www.w3.org/2005/Atom" {_NAMESPACES}>', "</feed>"
_WITHOUT_TEXT = "entries without a text"


class _Entry(NamedTuple):
    record_id: str
    url: str
    title: str
    """Text or HTML."""
    text: str
    date: str
    authors: tuple[str, ...]


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a feed, by its first element or its version."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    return _XML.match(start) is not None or _JSON.match(start) is not None


def read(stream: BinaryIO, seed: str) -> Iterator[Record | RawRecord]:
    """Yield each entry as it is."""
    raw = read_whole(stream, MAX_RECORD)
    if raw is None:
        yield TOO_LARGE.rejects(seed)
        return
    declared = _DECLARED.match(raw.removeprefix(b"\xef\xbb\xbf"))
    encoding = declared[1].decode().lower() if declared else "utf-8"
    try:
        entries = _items(raw) if raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else _elements(raw)
        for start, entry in entries:
            yield RawRecord(entry, Origin(seed, start, encoding))
    except UnclosedError as cut:
        yield UNCLOSED.rejects(seed, found=f"byte {cut.start}")


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return what one entry holds."""
    decoded = _decoded(raw, origin.encoding)
    try:
        entry = _of_json(decoded.text) if raw.startswith(b"{") else _of_xml(decoded.text)
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        return NO_ROW.rejects(origin.seed, found=f"byte {origin.start}: {error}")
    url = entry.url if host_of(entry.url) is not None else ""
    body = body_of(entry.text, url) if is_visible(entry.text) else ()
    if not body:
        return OtherRecord(origin.seed, _WITHOUT_TEXT)
    title = " ".join((html(entry.title.encode("utf-8", "replace"), "utf-8")).split())
    kept = share_kept(texts_of(body), html(unpacked(raw), decoded.encoding))
    place = origin.seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest()
    return Capture(
        url=url,
        source=host_of(url) or folder_of(origin.seed),
        published=day_of(entry.date),
        title=title if is_visible(title) else beginning(body),
        body=body,
        provenance=Provenance(*place, READER.label, decoded.encoding, kept=kept, record_id=entry.record_id),
        authors=entry.authors,
        stand_ins=decoded.stand_ins,
    )


def unpacked(raw: bytes) -> bytes:
    """Return the HTML that an entry holds, by which check finds a document's words without this reader."""
    if raw.startswith(b"{"):
        try:
            return "\n".join(_strings(json.loads(raw))).encode("utf-8", "replace")
        except (ValueError, RecursionError):
            return raw
    for escaped, mark in _ESCAPED:
        raw = raw.replace(escaped, mark)
    return raw


READER = Reader("feed", 1, recognises, read, read_record, extracts=True, visible=html, unpacked=unpacked)


def _items(raw: bytes) -> Iterator[tuple[int, bytes]]:
    for row in objects(io.BytesIO(raw), 2, MAX_RECORD):
        if row.raw and b'"id"' in row.raw:
            yield row.start, row.raw


def _elements(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of XML; raises UnclosedError after them."""
    begun, name, in_data, end = -1, b"", False, 0
    for token in _TOKEN.finditer(raw):
        if token[1] or token[2]:
            in_data = bool(token[1])
        elif in_data:
            continue
        elif token[3] and begun < 0:
            begun, name = token.start(), token[3]
        elif token[4] == name and begun >= 0:
            end = token.end()
            yield begun, raw[begun:end]
            begun = -1
    if begun >= 0 or not _END.search(raw, end):
        raise UnclosedError(begun if begun >= 0 else end)


def _decoded(raw: bytes, encoding: str) -> Decoded:
    if encoding != "utf-8":
        try:
            return decode(raw.decode(encoding).encode())._replace(encoding=encoding)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(raw)


def _of_xml(text: str) -> _Entry:
    import feedparser  # it takes long to load, and is needed where there are feeds alone

    before, after = _AROUND_ENTRY if re.match("<(?:atom:)?entry", text) else _AROUND_ITEM
    wrapped = io.BytesIO(f"{before}{text}{after}".encode("utf-8", "replace"))
    parsed = feedparser.parse(wrapped, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries:
        raise ValueError("no entry")
    entry = parsed.entries[0]
    contents = [_marked(str(one.get("value") or ""), str(one.get("type"))) for one in entry.get("content", ())]
    summary = entry.get("summary_detail") or {}
    contents.append(_marked(str(summary.get("value") or ""), str(summary.get("type"))))
    title = entry.get("title_detail") or {}
    return _Entry(
        str(entry.get("id") or ""),
        str(entry.get("link") or "").strip(),
        str(title.get("value") or ""),
        max(contents, key=len),
        str(entry.get("published") or entry.get("updated") or ""),
        tuple(name for one in entry.get("authors", ()) if (name := " ".join(str(one.get("name") or "").split()))),
    )


def _of_json(text: str) -> _Entry:
    item = json.loads(text)
    authors = item.get("authors") or [item.get("author") or {}]
    content = item.get("content_html")
    return _Entry(
        str(item.get("id") or ""),
        str(item.get("url") or "").strip(),
        str(item.get("title") or "").replace("&", "&amp;").replace("<", "&lt;"),
        _marked(content, "text/html") if content else str(item.get("content_text") or item.get("summary") or ""),
        str(item.get("date_published") or item.get("date_modified") or ""),
        tuple(name for one in authors if (name := " ".join(str(one.get("name") or "").split()))),
    )


def _marked(text: str, kind: str) -> str:
    """Return a text that is told to be HTML by its looks as well."""
    return f"<div>{text}</div>" if "html" in kind and text.strip() and not is_html(text) else text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
    elif isinstance(value, str):
        yield value if is_html(value) else value.replace("&", "&amp;").replace("<", "&lt;")
