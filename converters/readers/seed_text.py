"""Reads the text format of seeds: one record, or a dump of any size that holds many.

     date 2023-03-08 https://example.org/2023/court      <- header; the space before it may be missing

    Court opens inquiry                                  <- title: the next line that is not blank

    The court said on Wednesday that …                   <- paragraphs, apart by blank lines; a line break
                                                            inside one is kept
    Its prosecutor …
     date 2023-03-09 https://example.org/2023/appeal     <- the next record

    -> Capture(url="https://example.org/2023/court", date=date(2023, 3, 8), title="Court opens inquiry", …),
       Capture(url="https://example.org/2023/appeal", …)

A record is the bytes from its header line to the next one, so the records of a file are the file, and `cat
a.txt b.txt` holds the records of both. A line that looks like a header but is wrong begins a record as
well, which is rejected, so that its words never end up in the document before it. What is blank before the
first header belongs to the first record; anything else there is rejected by itself.

The stream is read in blocks, and memory does not grow with it. Every record tells its own encoding, except
in UTF-16 and UTF-32, which the byte order mark at the beginning tells for the whole file.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, NamedTuple

from converters.intake.encoding import NUL_STAND_IN, STAND_IN, Decoded, decode
from converters.intake.hosts import host_of
from converters.intake.visible import is_visible
from converters.model import Capture, Incomplete, PartialDate, Provenance, Rejection, plain
from converters.readers.reader import Origin, Reader, folder_of
from converters.rejections import (
    EMPTY_BODY,
    IMPOSSIBLE_DATE,
    INVISIBLE_TITLE,
    LONG_ADDRESS,
    LONG_TEXT,
    LONG_TITLE,
    LONGEST_ADDRESS,
    LONGEST_TITLE,
    MAX_TEXT,
    MOST_PARAGRAPHS,
    NO_HEADER,
    NO_TITLE,
    OTHER_FORMAT,
    UNUSABLE_ADDRESS,
    Reason,
    SeedError,
)


def read(stream: BinaryIO, seed: str) -> Iterator[Capture | Rejection]:
    """Yield every record of a seed file in its order. A fault of the stream is raised after the records before."""
    for record in _records(stream):
        if not record.headed and record.layout.unit == 1 and b"\0" in (record.content or b"")[:_BINARY]:
            yield OTHER_FORMAT.rejects(seed, found="a file that is no text")
            return  # what looks like a header further on stands in something else
        if record.content is None:
            no_header = NO_HEADER.rejects(seed, record.line, _first_line(record))
            yield LONG_TEXT.rejects(seed, record.line) if record.headed else no_header
        else:
            yield _captured(record, record.content, seed)


def read_record(raw: bytes, origin: Origin) -> Capture | Rejection:
    """Return what one raw record holds; its file's byte order mark, which it may lack, is known from its encoding."""
    layout = next((layout for layout in _WIDE if layout.encoding == origin.encoding), _NARROW)
    layout = _with_its_line_ends(layout, raw)
    is_headed = layout.header.search(f"\n{layout.view(raw)}") is not None
    return _captured(_Record(origin.start, 1, is_headed, raw, layout), raw, origin.seed)


# From the stream to raw records

_BLOCK = 1024 * 1024
_BINARY = 4096  # bytes in which what is no text shows it
# A header shows what it is in this many characters: up to 64 spaces of three bytes before "date", as many after it,
# before and after the address, and 200 of the address.
_REACH = 2048


@dataclass(frozen=True, slots=True)
class _Record:
    start: int
    line: int
    headed: bool
    content: bytes | None
    """None where there is more than a record may hold."""
    layout: "_Layout"


@dataclass(slots=True)
class _Growing:
    """The record that is being read; it forgets its bytes when they grow too many, and only counts on."""

    start: int
    line: int
    headed: bool
    length: int = 0
    pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        if self.length <= MAX_TEXT:
            self.pieces.append(piece)
        else:
            self.pieces.clear()

    def content(self) -> bytes | None:
        return b"".join(self.pieces) if self.length <= MAX_TEXT else None

    def record(self, layout: "_Layout") -> _Record:
        return _Record(self.start, self.line, self.headed, self.content(), layout)


def _records(stream: BinaryIO) -> Iterator[_Record]:
    blocks = _Blocks(stream)
    block = blocks.next()
    layout = _layout(block)
    unit = layout.unit
    # The first line begins like any other, after a line break; this one is not part of the file.
    window, before, lines, taken = layout.line_break + block, -unit, 0, 1
    growing = _Growing(start=0, line=1, headed=False)
    while True:
        text = layout.view(window)
        at_end = len(block) < _BLOCK
        # A line that begins nearer to the end has to wait until enough of it is there.
        safe = len(text) if at_end else len(text) - _REACH
        counted = 0
        for header in layout.header.finditer(text):
            if header.start() >= safe:
                break
            at = header.start() + 1
            growing.add(window[taken * unit : at * unit])
            lines += text.count("\n", counted, at)
            taken = counted = at
            if growing.headed or not _is_blank(growing, layout):
                yield growing.record(layout)
                growing = _Growing(start=before + at * unit, line=lines, headed=True)
            else:
                growing.line, growing.headed = lines, True
        if at_end:
            break
        growing.add(window[taken * unit : safe * unit])
        lines += text.count("\n", counted, safe)
        block = blocks.next()
        window, before, taken = window[safe * unit :] + block, before + safe * unit, 0
    growing.add(window[taken * unit :])
    if blocks.fault:
        # The fault cut this record.
        if isinstance(blocks.fault, SeedError):
            blocks.fault.line = growing.line
        raise blocks.fault
    yield growing.record(layout)


class _Blocks:
    """The stream in blocks; a fault is kept for later, so that what was read before it can still be used."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.fault: OSError | None = None

    def next(self) -> bytes:
        """A whole block; less than that only at the end and before a fault."""
        pieces: list[bytes] = []
        wanted = _BLOCK
        while wanted > 0 and not self.fault:
            try:
                piece = self._stream.read(wanted)
            except OSError as fault:
                self.fault = fault
                break
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)


# All that Unicode takes for space within a line, but the information separators U+001C to U+001F.
_SPACES = (
    "\t\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_BYTE_ORDER_MARK = "\ufeff"


def _header_pattern(spaces: list[str], byte_order_mark: str) -> re.Pattern[str]:
    space = "|".join(map(re.escape, spaces))
    return re.compile(
        rf"""
        \n (?: {space} | {byte_order_mark} ){{0,64}} date
        (?: (?: {space} ){{1,64}} [0-9]{{1,9}} [-/.] [0-9]{{1,9}} [-/.] [0-9]{{1,9}}
            (?: {space} ){{1,64}} [A-Za-z] [A-Za-z0-9+.-]{{0,15}} ://           # date 2023-13-45 https://…
          | (?: {space} ){{1,64}} [0-9]{{4}} - [0-9]{{2}} - [0-9]{{2}}
            (?: (?: {space} ){{1,64}} [!-~]{{1,200}} )? (?: {space} ){{0,64}} (?= \n | \Z )  # date 2023-03-08 a.org
          | (?! [A-Za-z] ) [^\n]{{0,48}}? [A-Za-z0-9] :// [^\n\ ]{{1,200}}
            (?: (?<= [^\n\ ]{{200}} ) | (?: {space} ){{0,64}} (?= \n | \Z ) )   # date: 8 March 2023 https://…
          | (?: {space} ){{1,64}} (?: [0-9]{{4}} (?: - [0-9]{{2}} ){{0,2}} | - ) (?: {space} ){{1,64}}
            (?: - | (?: urn | doi | ark | info | tag | mid | news ) : [!-~]{{1,200}} )
            (?: {space} ){{0,64}} (?= \n | \Z )                                # date 1998-05 urn:isbn:…, date - -
        )""",
        re.VERBOSE,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How wide characters are in a file, and how a header looks when each is taken for one character."""

    encoding: str
    """Empty where characters are bytes or runs of bytes: then every record tells its own encoding."""
    unit: int
    header: re.Pattern[str]
    line_break: bytes
    returns: bool = False
    """Whether lines end in a carriage return alone, as on the first Macintoshes."""

    def decode(self, raw: bytes) -> Decoded:
        """Return the text of bytes, its lines ending in a line feed."""
        decoded = decode(raw, self.encoding)
        return decoded._replace(text=decoded.text.replace("\r", "\n")) if self.returns else decoded

    def view(self, window: bytes) -> str:
        """One character for each unit of bytes, so that a place in the text is a place in the file."""
        text = self._characters(window)
        return text.replace("\r", "\n") if self.returns else text

    def _characters(self, window: bytes) -> str:
        match self.encoding:
            case "":
                return window.decode("latin-1")
            case "utf-16-le" | "utf-16-be":
                whole = len(window) // 2 * 2
                wide = bytearray(whole * 2)
                first = 0 if self.encoding == "utf-16-le" else 2
                wide[first::4] = window[0:whole:2]
                wide[first + 1 :: 4] = window[1:whole:2]
                return wide.decode(self.encoding.replace("16", "32"), "replace")
            case _:
                return window[: len(window) // 4 * 4].decode(self.encoding, "replace")


_BYTES_HEADER = _header_pattern(
    # In UTF-8, and the no-break and ideographic spaces of older encodings.
    [space.encode().decode("latin-1") for space in _SPACES] + ["\xa0", "\xa1\xa1", "\x81@"],
    _BYTE_ORDER_MARK.encode().decode("latin-1"),
)
_WIDE_HEADER = _header_pattern(list(_SPACES), _BYTE_ORDER_MARK)
_NARROW = _Layout("", 1, _BYTES_HEADER, b"\n")
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_WIDE = tuple(
    _Layout(encoding, unit, _WIDE_HEADER, "\n".encode(encoding))
    for encoding, unit in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
)


def _layout(head: bytes) -> _Layout:
    layout = next((layout for layout in _WIDE if _begins(head, layout)), _NARROW)
    return _with_its_line_ends(layout, head)


def _begins(head: bytes, layout: _Layout) -> bool:
    """Whether a file begins with the byte order mark of a layout or, without one, with a header in it."""
    beginning = layout.view(head[: 4 * _REACH]).lstrip(_SPACES + "\n")
    mark = _BYTE_ORDER_MARK.encode(layout.encoding)
    return head.startswith(mark) or layout.header.match(f"\n{beginning}") is not None


def _with_its_line_ends(layout: _Layout, head: bytes) -> _Layout:
    text = layout.view(head)
    return replace(layout, returns=True) if "\r" in text and "\n" not in text else layout


_NOT_BLANK = re.compile(f"[^\\n{_SPACES}{_BYTE_ORDER_MARK}]")


def _is_blank(growing: _Growing, layout: _Layout) -> bool:
    content = growing.content()
    return content is not None and not _NOT_BLANK.search(layout.decode(content).text)


def _first_line(record: _Record) -> str:
    if record.content is None:
        return f"more than {MAX_TEXT // 1024 // 1024} MB"
    # A few characters tell which file it is; cut at whole units of any encoding.
    text = record.layout.decode(record.content[:4096]).text
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


# From a raw record to a capture


class _Fault(NamedTuple):
    """What is wrong with a record, and the keys of a sidecar of which any mends it."""

    reason: Reason
    found: str
    mended_by: tuple[str, ...]


class _Header(NamedTuple):
    published: PartialDate | None
    url: str
    source: str
    """By the folder of the seed where there is no host."""
    faults: list[_Fault]


def _captured(record: _Record, content: bytes, seed: str) -> Capture | Rejection:
    text, encoding, stand_ins = record.layout.decode(content)
    text = text.lstrip(f"\n{_SPACES}{_BYTE_ORDER_MARK}")
    if record.headed:
        first, _, text = text.partition("\n")
        header = _header(first, bool(stand_ins), seed)
    else:
        missing = _Fault(NO_HEADER, _first_line(record), ("date", "address", "title"))
        header = _Header(None, "", folder_of(seed), [missing])
    title, paragraphs = _title_and_paragraphs(text)
    if len(paragraphs) > MOST_PARAGRAPHS:
        return LONG_TEXT.rejects(seed, record.line)
    faults = [*header.faults, *_faults_of_text(title, paragraphs)]
    told = [(fault.mended_by, fault.reason.rejects(seed, record.line, fault.found)) for fault in faults]
    if not title and not paragraphs:
        return told[0][1]
    sha256 = hashlib.sha256(content).hexdigest()
    place = Provenance(seed, record.start, len(content), sha256, READER.label, encoding, line=record.line)
    body = tuple(map(plain, paragraphs))
    capture = Capture(header.url, header.source, header.published, title, body, place, stand_ins=stand_ins)
    return replace(told[0][1], incomplete=Incomplete(capture, tuple(told))) if told else capture


_HEADER = re.compile(f"date[{_SPACES}]+([^{_SPACES}]*)[{_SPACES}]*(.*)", re.DOTALL)
_DATE = re.compile("[0-9]{4}(?:-[0-9]{2}){0,2}|-")


def _header(line: str, stand_ins: bool, seed: str) -> _Header:
    faults = []
    parts = _HEADER.match(line)
    published, is_date = None, parts is not None and _DATE.fullmatch(parts[1]) is not None
    if parts and is_date:
        try:
            published = PartialDate.fromisoformat(parts[1]) if parts[1] != "-" else None
        except ValueError:
            faults.append(_Fault(IMPOSSIBLE_DATE, parts[1], ("date",)))
    else:
        faults.append(_Fault(IMPOSSIBLE_DATE, line, ("date",)))
    # Where the date has other words, the address is the last of the line.
    url = parts[2].rstrip(_SPACES) if parts and is_date else re.split(f"[{_SPACES}]", line.rstrip(_SPACES))[-1]
    lost = stand_ins and (NUL_STAND_IN in url or STAND_IN in url)
    host = "" if url == "-" else None if lost else host_of(url)
    if host is None:
        faults.append(_Fault(UNUSABLE_ADDRESS, url, ("address",)))
    elif len(url) > LONGEST_ADDRESS:
        faults.append(_Fault(LONG_ADDRESS, url, ("address",)))
    return _Header(published, "" if host is None or url == "-" else url, host or folder_of(seed), faults)


_BLANK_LINES = re.compile(r"\n\s*\n")
# U+0085 too: it ends a line, and no Markdown can hold it at the edge of a paragraph.
_TRIMMED = " \t\r\n\x85"


def _title_and_paragraphs(text: str) -> tuple[str, tuple[str, ...]]:
    text = text.replace("\r\n", "\n")
    begins = len(text) - len(text.lstrip())
    title, _, body = text[text.rfind("\n", 0, begins) + 1 :].partition("\n")
    # Between line breaks, so that blank lines at the very beginning and end are seen as such.
    pieces = _BLANK_LINES.split(f"\n{body}\n")
    paragraphs = tuple(piece.strip(_TRIMMED) for piece in pieces if piece and not piece.isspace())
    return title.strip(_TRIMMED), paragraphs


def _faults_of_text(title: str, paragraphs: tuple[str, ...]) -> Iterator[_Fault]:
    if not title:
        yield _Fault(NO_TITLE, "", ("title",))
    elif not is_visible(title):
        yield _Fault(INVISIBLE_TITLE, title, ("title",))
    elif len(title) > LONGEST_TITLE:
        yield _Fault(LONG_TITLE, title, ("title",))
    elif not paragraphs:
        yield _Fault(EMPTY_BODY, title, ("title",))


READER = Reader(
    "seed-text", 1, lambda head, name: True, read, read_record, lost_breaks=True, header="date {date} {url}"
)
