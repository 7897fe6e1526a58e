"""Reads tables of articles, as scrapers, read-later services and data sets export them: JSON Lines, JSON, CSV and TSV.

    {"url": "https://example.org/court", "title": "Court opens inquiry", "date_publish": "2023-03-08 09:00:00",
     "maintext": "The court said …\\nIts prosecutor …", "section": "World"}
    ->  Capture(url="https://example.org/court", published=(2023, 3, 8), title="Court opens inquiry", body=(…),
                provenance=Provenance(…, fields=(("section", "World"),)))

    title,url,time_added      ->  OtherRecord("seeds/pocket.csv", "addresses without a text")

Columns are known by the names that are usual (`_USUAL`), others by `[tables]` in a sidecar. What no page has a place
for stays in the raw record, and its short values are told in the provenance. A text that is HTML is read as such.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from converters.intake.dates import day_of, moment_of
from converters.intake.encoding import decode
from converters.intake.hosts import host_of
from converters.intake.kinds import kind_of
from converters.intake.rows import Row, UnclosedError, cells_of, joined_cells, lines, objects, separated
from converters.intake.visible import comparable, fields, is_visible, joined_fields, share_kept
from converters.model import Capture, Columns, Incomplete, OtherRecord, Provenance, Rejection, texts_of
from converters.readers.prose import beginning, body_of
from converters.readers.reader import Origin, RawRecord, Reader, Record, folder_of, peek
from converters.rejections import (
    MAX_RECORD,
    NO_COLUMNS,
    NO_ROW,
    TOO_LARGE,
    UNCLOSED,
    UNUSABLE_ADDRESS,
)

_USUAL = {
    "address": ("url", "link", "address", "given_url", "resolved_url"),
    "title": ("title", "headline", "resolved_title", "given_title"),
    "date": ("date_publish", "published", "published_date", "published_at", "publish_date", "date"),
    "captured": ("date_download", "created_at", "time_added"),
    "text": ("maintext", "text", "content", "body", "paragraphs", "article", "full_text"),
    "authors": ("authors", "author", "byline", "published_by"),
    "language": ("language", "lang"),
    "source": ("source_domain", "domain_name", "domain"),
}
"""What is read -> the columns that it stands in, the first that there is before the others."""
ROLES = tuple(_USUAL)
_NAMED = re.compile(r"\.(csv|tsv|tab|jsonl|ndjson|json)(?:\.(?:gz|xz|zst))?$", re.IGNORECASE)
_ENDINGS = {"csv": ",", "tsv": "\t", "tab": "\t"}
_CDX = re.compile(rb" CDX [A-Za-z ]+\r?\n|[a-z0-9,.-]+\)/\S* [0-9]{14} (?:\{|\S+ \S+ [0-9-]{1,3} )")
_OF_DATABASE = b'{"_table": '
_GDELT = (16, 27, 57, 58, 61)  # columns of its files, which have no names
_WITHOUT_TEXT = "addresses without a text"
_NO_COLUMNS = NO_COLUMNS.text.partition("{")[0]
_SHORT = 200  # characters of a value that is told
_MOST_FIELDS = 30
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a table: by its first row, and CSV by its name too."""
    if _CDX.match(head):
        return True
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"[", b"{"):
        return _is_table_of_objects(start, name)
    ending = _ending(name)
    if ending in _ENDINGS:
        return not kind_of(start)
    first = start.partition(b"\n")[0]
    return len(first) < 4096 and _roles(_names(first, _delimiter(first, ""))).keys() >= {"address", "text"}


def read(stream: BinaryIO, seed: str, mapping: Mapping[str, str] = {}) -> Iterator[Record | RawRecord]:
    """Yield the document of each row."""
    columns = Columns(tuple((name, role) for role, name in mapping.items()))
    head = peek(stream)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _CDX.match(head):
        yield from (OtherRecord(seed, _WITHOUT_TEXT) for _ in lines(stream, MAX_RECORD))
    elif start[:1] in (b"[", b"{"):
        yield from _read_objects(stream, seed, start, columns)
    else:
        yield from _read_separated(stream, seed, columns)


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return what one row holds."""
    return _captured(Row(origin.start, raw), origin, origin.seed)


def unpacked(raw: bytes) -> bytes:
    """Return the values of a row, by which check finds a document's words without this reader."""
    try:
        return joined_fields(_strings(json.loads(raw))).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return joined_cells(raw)


def mapped(mapping: Mapping[str, str]) -> Reader:
    """Return the reader of tables whose columns a sidecar names: {"text": "article_body"}."""
    return replace(READER, read=partial(read, mapping=mapping))


READER = Reader(
    "tables", 1, recognises, read, read_record, extracts=True, visible=fields, unpacked=unpacked, mapped=mapped
)


# From a file to its rows


def _is_table_of_objects(start: bytes, name: str) -> bool:
    if re.match(rb"\[\s*\{", start) or start.startswith(_OF_DATABASE):
        return True
    if _ending(name) in ("json", "jsonl", "ndjson"):
        return True
    try:
        first = json.loads(start.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and bool(_roles(first).keys() & {"address", "text"})


def _read_objects(stream: BinaryIO, seed: str, start: bytes, columns: Columns) -> Iterator[Record | RawRecord]:
    if start.startswith(b"["):
        rows = objects(stream, 1, MAX_RECORD)
    elif re.match(rb'\{\s*"[^"\\]{1,64}"\s*:\s*\[\s*\{', start):
        rows = objects(stream, 2, MAX_RECORD)
    elif _is_object(start.partition(b"\n")[0]):
        rows = lines(stream, MAX_RECORD)
    else:
        rows = objects(stream, 0, MAX_RECORD)
    yield from _documents(rows, seed, columns)


def _read_separated(stream: BinaryIO, seed: str, columns: Columns) -> Iterator[Record | RawRecord]:
    delimiter = _delimiter(peek(stream).partition(b"\n")[0], seed)
    rows = separated(stream, delimiter, MAX_RECORD)
    first = next(rows, None)
    if first is None or first.raw is None:
        return
    names = _names(first.raw, delimiter)
    told = dict(columns.names)
    roles = _roles(names, told)
    if delimiter == "\t" and len(names) in _GDELT and not roles and any("http" in name for name in names):
        yield from (OtherRecord(seed, _WITHOUT_TEXT) for _ in (first, *rows))
        return
    if not roles.keys() & {"address", "text"}:
        yield NO_COLUMNS.rejects(seed, 1, ", ".join(names))
        return
    yield from _documents(rows, seed, Columns(tuple((name, told.get(name, "")) for name in names), delimiter))


def _documents(rows: Iterable[Row], seed: str, columns: Columns) -> Iterator[Record | RawRecord]:
    is_told = False
    try:
        for row in rows:
            origin = Origin(seed, row.start, columns=columns)
            if row.raw is None:
                yield TOO_LARGE.rejects(seed, row.line)
            elif b"</" in row.raw or b"<\\/" in row.raw:  # a text that is HTML takes long to read
                yield RawRecord(row.raw, origin)
            else:
                record = _captured(row, origin, seed)
                is_known = not isinstance(record, Rejection) or not record.reason.startswith(_NO_COLUMNS)
                yield OtherRecord(seed, "rows without a text") if is_told and not is_known else record
                is_told = is_told or not is_known
    except UnclosedError as cut:
        yield UNCLOSED.rejects(seed, cut.line, f"byte {cut.start}")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _ending(name: str) -> str:
    named = _NAMED.search(name)
    return named[1].lower() if named else ""


def _delimiter(line: bytes, name: str) -> str:
    counts = {mark: line.count(mark.encode()) for mark in ("\t", ",", ";", "|")}
    named = _ENDINGS.get(_ending(name), ",")
    return named if counts.get(named) else max(counts, key=lambda mark: counts[mark])


def _names(header: bytes, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in cells_of(decode(header).text.lstrip("\ufeff"), delimiter)]
    except ValueError:
        return []


def _roles(names: Iterable[str], told: Mapping[str, str] = {}) -> dict[str, str]:
    """Return role -> column, of those that a sidecar names and those that are called as is usual."""
    by_name = {name.lower(): name for name in names}
    roles = {role: by_name[name] for role, usual in _USUAL.items() for name in reversed(usual) if name in by_name}
    return roles | {role: name for name, role in told.items() if role and by_name.get(name.lower()) == name}


# From a row to a capture


def _captured(row: Row, origin: Origin, seed: str) -> Record:
    raw = row.raw or b""
    try:
        values, encoding = _values(raw, origin)
    except (ValueError, RecursionError) as error:
        return NO_ROW.rejects(seed, row.line, f"byte {row.start}: {error}")
    roles = _roles(values, dict(origin.columns.names))
    if not roles.keys() & {"address", "text"} and raw.startswith(_OF_DATABASE):
        return OtherRecord(seed, f"rows of the table {values.get('_table')}")
    if not roles.keys() & {"address", "text"}:
        return NO_COLUMNS.rejects(seed, row.line, ", ".join(values))
    told = {role: _text(values[name]) for role, name in roles.items()}
    text, url = decode(told.get("text", "").encode("utf-8", "surrogatepass")), told.get("address", "").strip()
    if not is_visible(text.text):
        return OtherRecord(seed, _WITHOUT_TEXT if url else "rows without a text")
    body = body_of(text.text, url)
    if not body:
        return OtherRecord(seed, "rows without a text")
    title = " ".join(decode(told.get("title", "").encode("utf-8", "surrogatepass")).text.split())
    host = host_of(url) if url else ""
    unused = {name: value for name, value in values.items() if name not in _used(roles, told)}
    place = Provenance(
        *(seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest(), READER.label, encoding),
        kept=share_kept(texts_of(body), fields(unpacked(raw), encoding)),
        line=row.line,
        columns=origin.columns,
        fields=tuple(_short(unused)),
    )
    capture = Capture(
        url=url if host is not None else "",
        source=host or told.get("source", "").strip() or folder_of(seed),
        published=day_of(told.get("date", "")),
        title=title if is_visible(title) else beginning(body),
        body=body,
        provenance=place,
        captured=moment_of(told.get("captured", "")),
        authors=_authors(values.get(roles.get("authors", ""))),
        stand_ins=text.stand_ins,
        language=_language(told.get("language", "")),
    )
    if host is None:
        fault = UNUSABLE_ADDRESS.rejects(seed, row.line, url)
        return replace(fault, incomplete=Incomplete(capture, ((("address",), fault),)))
    return capture


def _values(raw: bytes, origin: Origin) -> tuple[dict[str, object], str]:
    """Return the values of a row by column, and its encoding; raises ValueError where it is none."""
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        row = json.loads(raw.decode("utf-8-sig", "replace"))
        if not isinstance(row, dict):
            raise ValueError("no object")
        return row, "utf-8"
    names = [name for name, _ in origin.columns.names]
    decoded = decode(raw)
    cells = cells_of(decoded.text.rstrip("\r\n"), origin.columns.delimiter or ",")
    if len(cells) > len(names) or (len(cells) < len(names) and not raw.endswith(b"\n")):  # the latter is cut
        raise ValueError(f"{len(cells)} cells, and the table has {len(names)} columns")
    return dict(zip(names, cells, strict=False)), decoded.encoding


def _used(roles: Mapping[str, str], told: Mapping[str, str]) -> set[str]:
    """Return the columns that a page has a place for; a date that is none stays a value."""
    without = {role for role, known in (("date", day_of), ("captured", moment_of)) if not known(told.get(role, ""))}
    return {name for role, name in roles.items() if role not in without}


def _short(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what can be told of values that no page has a place for."""
    for name, value in list(values.items())[:_MOST_FIELDS]:
        text = " ".join(_text(value).split())
        if text and len(text) <= _SHORT and is_visible(text):
            yield name[:_SHORT], comparable(text).encode("utf-8", "replace").decode()


def _authors(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(name for part in value for name in _authors(part))
    if isinstance(value, dict):
        return _authors(value.get("name"))
    if not isinstance(value, str):
        return ()
    if value.startswith("[") and value.endswith("]"):  # a list that was written as Python does
        return tuple(" ".join(name.split()) for _, name in re.findall(r"(['\"])(.*?)\1", value))
    names = (" ".join(name.split()) for name in re.split(r"[;|]", value))
    return tuple(name for name in names if is_visible(name))


def _language(value: str) -> str:
    found = _LANGUAGE.fullmatch(value.strip())
    return found[0].replace("_", "-") if found else "und"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    return json.dumps(value, ensure_ascii=False)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
    elif value is not None:
        yield str(value)
