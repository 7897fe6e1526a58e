"""Reads web archives: WARC files of crawlers and browsers, and the older ARC; a page in them is a document.

    WARC/1.0 / WARC-Type: response / WARC-Target-URI: https://example.org/court / … / HTTP/1.1 200 OK / …
    -> Capture(url="https://example.org/court", captured=datetime(2016, 2, 25, 4, 23, 29, …), title="Court …", …)

    any other record      -> OtherRecord("seeds/a.warc.gz", "image/jpeg")
    a damaged record      -> Rejection("seeds/a.warc.gz", 0, "damaged at byte 20480: …", …)

Records are told apart here and not by a library, since those pass over damage in silence: a record that is shorter
or longer than it says is rejected with its place, and reading goes on at the next line that begins a record. What
packs the file (gzip, zstd) is undone before, member by member.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from io import BytesIO
from typing import BinaryIO

from converters.intake.http import HttpError, parse_head, parse_response
from converters.intake.visible import html
from converters.model import OtherRecord, PicturePlace, Provenance, Rejection, Revisit
from converters.readers.reader import Origin, RawRecord, Reader, Record
from converters.rejections import DAMAGED_RECORD, MAX_RECORD, TOO_LARGE

_WARC = re.compile(rb"WARC/[01]\.[0-9]+\s*$")
_ARC = re.compile(rb"(?:https?|filedesc)://\S* [0-9.:a-fA-F]+ ([0-9]{14}) (\S+) ([0-9]{1,15})\s*$")
_LENGTH = re.compile(" *[0-9]{1,15} *")
_ANSWER = "application/http"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_PAGES = frozenset(("text/html", "application/xhtml+xml"))
_PICTURES = frozenset(("image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp", "image/avif"))
_LONGEST_LINE, _MOST_LINES = 64 * 1024, 1000
_PIECE = 1024 * 1024
_MOST_RETURNED = 256 * 1024 * 1024
_MOST_BETWEEN = 64  # blank bytes between two records


@dataclass(frozen=True, slots=True)
class _Record:
    """A record as it lies in the file."""

    start: int
    raw: bytes
    kind: str
    """`response`, `resource`, `revisit`, …; of an ARC file always `response`."""
    url: str
    date: str
    record_id: str
    media_type: str
    """Of the block: `application/http` or, of a resource, its own."""
    block: bytes
    same_as: str = ""
    """Of a revisit, when what it found was captured before."""


class _DamageError(ValueError):
    """Why a record cannot be read."""


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a web archive, by its first line."""
    first = head.lstrip(b"\r\n")[:2048].partition(b"\n")[0]
    return _WARC.match(first) is not None or (first.startswith(b"filedesc://") and _ARC.match(first) is not None)


def read(stream: BinaryIO, seed: str) -> Iterator[Record | RawRecord]:
    """Yield each page as it is, and what else there is; a fault of the stream is raised after it."""
    for record in _records(_Counting(stream), seed):
        yield record if isinstance(record, Rejection) else _told_apart(record, seed)


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return the document of one record."""
    try:
        record = _parse(raw, origin.start)
    except _DamageError as damage:
        return DAMAGED_RECORD.rejects(origin.seed, found=f"at byte {origin.start}: {damage}")
    found = _told_apart(record, origin.seed)
    return _page(record, origin) if isinstance(found, RawRecord) else found


def unpacked(raw: bytes) -> bytes:
    """Return the page that a record holds, by which check finds a document's words without this reader."""
    block = raw.partition(b"\r\n\r\n")[2] if _WARC.match(raw.partition(b"\n")[0]) else raw.partition(b"\n")[2]
    try:
        return parse_response(block).payload
    except HttpError:
        return block


READER = Reader("web-archive", 4, recognises, read, read_record, extracts=True, visible=html, unpacked=unpacked)


class _Counting:
    """A stream that knows how far it was read, and takes back what was read too far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._returned = BytesIO()
        self._most_returned = _MOST_RETURNED
        self.position = 0

    def line(self) -> bytes:
        line = self._returned.readline(_LONGEST_LINE)
        if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
            line += self._stream.readline(_LONGEST_LINE - len(line))
        self.position += len(line)
        return line

    def take(self, length: int) -> bytes:
        """Return so many bytes; fewer at the end of the stream only."""
        pieces = [self._returned.read(length)]
        left = length - len(pieces[0])
        while left and (piece := self._stream.read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
        self.position += length - left
        return b"".join(pieces)

    def give_back(self, content: bytes) -> None:
        """Have the bytes that were read last read again; not without end, since damage may be meant."""
        self._most_returned -= len(content)
        if self._most_returned > 0:
            self._returned = BytesIO(content + self._returned.read())
            self.position -= len(content)


def _records(stream: _Counting, seed: str) -> Iterator[_Record | Rejection]:
    line = _first_line(stream)
    while line:
        start = stream.position - len(line)
        taken = b""
        try:
            head = [line, *(_head_lines(stream) if _WARC.match(line) else ())]
            if len(head) == 1 and not _ARC.match(line):
                raise _DamageError("no record begins here")
            length = _length(head)
            if length > MAX_RECORD:
                yield TOO_LARGE.rejects(seed, found=f"at byte {start}")
                line = _next_beginning(stream)
                continue
            taken = block = stream.take(length)
            if len(block) < length:
                raise _DamageError("the file ends in it")
            lines = _lines_after(stream)
            taken += b"".join(lines)
            _check_end(block, lines)
            line = lines[-1] if lines[-1] != b"\r" else b""
        except _DamageError as damage:
            yield DAMAGED_RECORD.rejects(seed, found=f"at byte {start}: {damage}")
            stream.give_back(taken)  # where the length is wrong, other records lie in it
            line = _next_beginning(stream)
            continue
        yield _parse(b"".join(head) + block, start)


def _head_lines(stream: _Counting) -> Iterator[bytes]:
    for _ in range(_MOST_LINES):
        line = stream.line()
        if not line:
            raise _DamageError("the file ends in its header")
        yield line
        if line in (b"\r\n", b"\n"):
            return
    raise _DamageError("its header does not end")


def _length(head: list[bytes]) -> int:
    if match := _ARC.match(head[0]):
        return int(match[3])
    length = str(BytesHeaderParser().parsebytes(b"".join(head[1:])).get("Content-Length") or "")
    if not _LENGTH.fullmatch(length):
        raise _DamageError("its header has no Content-Length")
    return int(length)


def _first_line(stream: _Counting) -> bytes:
    """Return the next line that is not blank."""
    line = stream.line()
    while line in (b"\r\n", b"\n"):
        line = stream.line()
    return line


def _lines_after(stream: _Counting) -> list[bytes]:
    """Return the blank lines after a record, and the line that follows them."""
    lines = [stream.line()]
    while lines[-1] in (b"\r\n", b"\n") and len(lines) < _MOST_BETWEEN:
        lines.append(stream.line())
    return lines


def _check_end(block: bytes, lines: list[bytes]) -> None:
    """Raise _DamageError unless a record ends before these lines."""
    # Some programs count the blank lines at the end as part of the block.
    is_parted = len(lines) > 1 or block.endswith(b"\r\n\r\n")
    last = lines[-1]
    is_cut = not last.endswith(b"\n")  # of which the next record will tell
    if last and last != b"\r" and not (is_parted and (is_cut or _WARC.match(last) or _ARC.match(last))):
        raise _DamageError("it is not as long as its header says")


def _next_beginning(stream: _Counting) -> bytes:
    while (line := stream.line()) and not _WARC.match(line) and not _ARC.match(line):
        pass
    return line


def _parse(raw: bytes, start: int) -> _Record:
    line, _, rest = raw.partition(b"\n")
    if match := _ARC.match(line):
        url = line.split(b" ", 1)[0].decode("utf-8", "replace")
        kind = "filedesc" if url.startswith("filedesc:") else "response"
        return _Record(start, raw, kind, url, match[1].decode(), "", _ANSWER, rest)
    if not _WARC.match(line):
        raise _DamageError("no record begins here")
    end = re.search(rb"\r?\n\r?\n", raw)
    if end is None:
        raise _DamageError("its header does not end")
    headers = BytesHeaderParser().parsebytes(rest[: max(0, end.start() - len(line) - 1)])

    def value(name: str) -> str:
        return str(headers.get(name) or "").strip()

    return _Record(
        start,
        raw,
        value("WARC-Type").lower(),
        value("WARC-Target-URI").strip("<>"),  # as wget writes it
        value("WARC-Date"),
        value("WARC-Record-ID").strip("<>"),
        value("Content-Type").lower(),
        raw[end.end() :],
        value("WARC-Refers-To-Date"),
    )


def _told_apart(record: _Record, seed: str) -> RawRecord | Rejection | OtherRecord:
    """Return a record that is a page as it is, and of any other what it is instead, by their heads alone."""
    if record.kind == "revisit" and (captured := _moment(record.date)):
        return OtherRecord(seed, "revisits", Revisit(record.url, captured, _moment(record.same_as)))
    if record.kind not in ("response", "resource"):
        return OtherRecord(seed, f"{record.kind or 'nameless'} records")
    if not record.url.lower().startswith(("http://", "https://")):
        return OtherRecord(seed, f"records of {record.url.partition(':')[0] or 'no'} addresses")
    media_type = record.media_type.partition(";")[0].strip()
    if media_type == _ANSWER:
        try:
            head = parse_head(record.block)
        except HttpError as wrong:
            return DAMAGED_RECORD.rejects(seed, found=f"at byte {record.start}: {wrong}")
        if head.status in _REDIRECTS:
            return OtherRecord(seed, "redirects")
        if head.status != 200:
            return OtherRecord(seed, f"answers with status {head.status}")
        media_type = head.media_type or ("text/html" if _HTML.match(record.block, head.body) else "")
    if media_type in _PICTURES:
        return OtherRecord(seed, media_type, picture=PicturePlace(record.url, record.start, len(record.raw)))
    if media_type not in _PAGES:
        return OtherRecord(seed, media_type or "records of no kind")
    return RawRecord(record.raw, Origin(seed, record.start), url=record.url)


def _page(record: _Record, from_seed: Origin) -> Record:
    from converters.readers.page.capture import capture_of
    from converters.readers.page.pictures import from_data, without_data
    from converters.readers.page.text import decode_page

    seed = from_seed.seed
    try:
        payload, charset = _payload(record)
    except HttpError as wrong:
        return DAMAGED_RECORD.rejects(seed, found=f"at byte {record.start}: {wrong}")
    light, taken = without_data(payload)
    decoded = decode_page(light, charset)
    sha256 = hashlib.sha256(record.raw).hexdigest()
    origin = (seed, record.start, len(record.raw), sha256)
    provenance = Provenance(*origin, READER.label, decoded.encoding, record_id=record.record_id)
    place = f"at byte {record.start}, {record.url[:200]}"
    return capture_of(decoded, provenance, record.url, _moment(record.date), from_data(taken), place, from_seed.title)


def _payload(record: _Record) -> tuple[bytes, str]:
    """Return the page of a record, unpacked, and the charset that is declared for it; raises HttpError."""
    if record.media_type.startswith(_ANSWER):
        response = parse_response(record.block)
        return response.payload, response.charset
    charset = re.search(r"charset=[\"' ]*([\w.:-]+)", record.media_type)
    return record.block, charset[1] if charset else ""


def _moment(date: str) -> datetime | None:
    """Return a moment in UTC from WARC-Date or the fourteen digits of an ARC."""
    try:
        if date.isdigit():
            return datetime.strptime(date[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return datetime.fromisoformat(date).astimezone(UTC)
    except ValueError:
        return None
