"""Takes the rows of a table out of its file, each as the bytes that it is there.

    b'{"url": "https://…", "title": "Court"}\\n…'      ->  Row(0, b'{"url": …}', line 1), …     JSON Lines
    b'[{"url": …}, {"url": …}]'                        ->  Row(1, b'{"url": …}'), …             JSON
    b'url,title\\nhttps://…,"Court, opens"\\n'          ->  Row(10, b'https://…', line 2), …     CSV and TSV

Nothing is held but the row at hand, and none of more than `most` bytes: such a row has no bytes.
"""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_PIECE = 1 << 20
_BETWEEN_CELLS = re.compile(rb'"?[,;\t|]"?|^"|"(?=\s*$)')
_TOKENS = re.compile(rb'["\\{}\[\]]')


class Row(NamedTuple):
    start: int
    """Its first byte in the file."""
    raw: bytes | None
    """None where there are more than are read."""
    line: int = 0
    """Counted from 1; 0 where a file is not parted by lines."""


class UnclosedError(ValueError):
    """A file ends in the middle of a row, which begins at `start`, on `line`."""

    def __init__(self, start: int, line: int = 0) -> None:
        super().__init__(start, line)
        self.start = start
        self.line = line


def lines(stream: BinaryIO, most: int) -> Iterator[Row]:
    """Yield the lines of a stream that are not blank, with their line feeds."""
    start = number = 0
    while line := stream.readline(most + 1):
        number += 1
        length, piece = len(line), line
        while not piece.endswith(b"\n") and (piece := stream.readline(most + 1)):
            length += len(piece)
        if length > most or line.strip():
            yield Row(start, line if length <= most else None, number)
        start += length


def objects(stream: BinaryIO, depth: int, most: int) -> Iterator[Row]:
    """Yield the JSON objects that lie in so many others and arrays; raises UnclosedError after them."""
    position = level = 0
    begun, pieces, size = -1, list[bytes](), 0
    in_string, escaped_at = False, -1
    while piece := stream.read(_PIECE):
        taken = 0
        for token in _TOKENS.finditer(piece):
            at, mark = position + token.start(), token[0]
            if at == escaped_at:
                continue
            if mark == b"\\":
                escaped_at = at + 1
            elif mark == b'"':
                in_string = not in_string
            elif in_string:
                continue
            elif mark in b"{[":
                if level == depth and mark == b"{":
                    begun, taken, pieces, size = at, token.start(), [], 0
                level += 1
            else:
                level -= 1
                if begun >= 0 and level == depth:
                    size += token.end() - taken
                    pieces.append(piece[taken : token.end()])
                    yield Row(begun, b"".join(pieces) if size <= most else None)
                    begun = -1
        if begun >= 0:
            size += len(piece) - taken
            pieces = [*pieces, piece[taken:]] if size <= most else []
        position += len(piece)
    if level or in_string:
        raise UnclosedError(max(begun, 0))


def separated(stream: BinaryIO, delimiter: str, most: int) -> Iterator[Row]:
    """Yield the rows of a table whose cells may be quoted and hold line breaks; raises UnclosedError after them."""
    source = _Lines(stream, most)
    csv.field_size_limit(most)
    reader = csv.reader(source, delimiter=delimiter, strict=False)
    while True:
        start, line = source.position, source.number + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise UnclosedError(start, line) from None
        raw = source.take()
        if cells is None:
            return
        if source.is_unclosed and reader.line_num and _opens_quote(raw, delimiter):
            raise UnclosedError(start, line)
        if cells:
            yield Row(start, raw, line)


def cells_of(text: str, delimiter: str) -> list[str]:
    """Return the cells of one row; raises ValueError where it is none."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    try:
        return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error as error:
        raise ValueError(str(error)) from None


def joined_cells(raw: bytes) -> bytes:
    """Return the words of a row in any encoding, wherever its cells end: with spaces around all that may part them."""
    return _BETWEEN_CELLS.sub(rb" \g<0> ", raw).replace(b'""', b'"')


def _opens_quote(raw: bytes, delimiter: str) -> bool:
    """Whether the quotes of a row do not close."""
    return raw.count(b'"') % 2 == 1 and (raw.startswith(b'"') or delimiter.encode() + b'"' in raw)


class _Lines:
    """The lines of a stream as text whose characters are bytes, and the bytes of those that were taken."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most
        self._taken: list[bytes] = []
        self._size = 0
        self.position = 0
        self.number = 0
        self.is_unclosed = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._most + 1)
        self._size += len(line)
        if not line or self._size > self._most:
            self.is_unclosed = True
            raise StopIteration
        self._taken.append(line)
        self.number += 1
        return line.decode("latin-1")

    def take(self) -> bytes:
        """Return the bytes of the lines that were read since the last time."""
        raw = b"".join(self._taken)
        self.position += len(raw)
        self._taken, self._size = [], 0
        return raw
