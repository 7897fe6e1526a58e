"""A stream of what comes in pieces of its own size: unpacked blocks of a seed, rows of a database.

b"abc", b"defg", a fault     ->  read(2) b"ab", read(9) b"cdefg", and then the fault is raised
"""

import io
from abc import abstractmethod
from typing import TYPE_CHECKING

from converters.rejections import SeedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class PieceStream(io.RawIOBase):
    """Gives the pieces one after another, and raises a fault only when all bytes before it were read."""

    def __init__(self) -> None:
        super().__init__()
        self._ready = memoryview(b"")
        self._fault: SeedError | None = None

    @abstractmethod
    def _advance(self) -> bool:
        """Make the next piece ready; return False at the end and at a fault, which is kept."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target) and (self._ready or self._advance()):
            piece = self._ready[: len(target) - filled]
            target[filled : filled + len(piece)] = piece
            self._ready = self._ready[len(piece) :]
            filled += len(piece)
        if self._fault and not filled and len(target):
            raise self._fault
        return filled
