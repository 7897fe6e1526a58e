"""What a reader is: the one value by which a format is known everywhere.

READER = Reader("seed-text", 1, recognises, read, read_record, lost_breaks=True)

READER.label                                                    ->  "seed-text 1"
READER.read(stream, "seeds/2023.txt")                           ->  Capture(…), Rejection(…), Capture(…)
READER.read_record(raw, Origin("seeds/2023.txt", 1944, "utf-16-le"))  ->  Capture(…)
"""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from converters.intake.sidecar import NOTHING_KNOWN, Known
from converters.intake.visible import plain
from converters.model import NO_COLUMNS, Capture, Columns, OtherRecord, Rejection

_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """What has to be known of a raw record besides its bytes, as the front-matter of its document keeps it."""

    seed: str
    """Path of the seed file inside the archive."""
    start: int = 0
    """First byte of the record in the file's content."""
    encoding: str = "utf-8"
    """The encoding that it was read in: of a record from the middle of a file in UTF-16, no byte tells it."""
    columns: Columns = NO_COLUMNS
    beside: str = ""
    """The folder of what was saved with it, absolute; empty where there is none."""
    title: str = ""
    """What a list beside it calls it, for a page that has no title of its own."""


Record = Capture | Rejection | OtherRecord
"""What is read of a record."""


@dataclass(frozen=True)
class RawRecord:
    """A record that was cut out of its seed, and takes long to read: its reader's `read_record` reads it elsewhere."""

    raw: bytes
    origin: Origin
    reader: str = ""
    """The label of its reader; the table of readers fills it in."""
    known: Known = NOTHING_KNOWN
    """What its sidecar tells of it."""
    url: str = ""
    """Where it was captured, as far as that is known before it is read."""

    @property
    def seed(self) -> str:
        return self.origin.seed

    @property
    def key(self) -> str:
        """What its reader makes of it depends on, besides its bytes and their place."""
        told = (self.origin.title, self.known)
        return self.reader if told == ("", NOTHING_KNOWN) else f"{self.reader} {told}"

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the raw record."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: how its files are recognised and read."""

    name: str
    """`seed-text`: letters, digits and hyphens; it stays for ever, since documents keep it."""
    version: int
    """Raised whenever the same bytes would give another capture than before."""
    recognises: Callable[[bytes, str], bool]
    """Whether it knows a file: by its first bytes (decompressed, at most 64 KB), or else by its name."""
    read: Callable[[BinaryIO, str], Iterator[Record | RawRecord]]
    """Yield every record of a seed, by its stream and its name, in order; a fault of the stream is raised after the
    records before it. A record that takes long to read is given as it is, a RawRecord."""
    read_record: Callable[[bytes, Origin], Record]
    """Return what one raw record holds, as `read` gave it when it met the record in its file."""
    extracts: bool = False
    """Whether it leaves out what is not the document, such as the navigation of a saved page."""
    lost_breaks: bool = False
    """Whether its format comes from scrapers that lost breaks between paragraphs, which are to be restored."""
    header: str = ""
    """Of a format that is nothing but text, what stands before the title of each record: `date {date} {url}`."""
    visible: Callable[[bytes, str], str] = plain
    """What a person sees of a raw record in an encoding: one of `converters/intake/visible.py`, by which check finds
    out whether the document has all of it, or nothing else."""
    unpacked: Callable[[bytes], bytes] = bytes
    """Undoes what a raw record is packed in, such as the answer of a server, before it is looked at."""
    mapped: "Callable[[Mapping[str, str]], Reader] | None" = None
    """Returns the reader of a table whose columns a sidecar names."""

    @property
    def label(self) -> str:
        """Return the reader and its version as front-matter keeps them: `seed-text 1`."""
        return f"{self.name} {self.version}"


def seed_of(record: Record) -> str:
    """Return the seed that a record was found in."""
    return record.provenance.seed if isinstance(record, Capture) else record.seed


def place_of(record: Record | RawRecord) -> tuple[str, int] | None:
    """Return seed and first byte of a record that holds a document; None for any other."""
    match record:
        case Capture(provenance=provenance):
            return provenance.seed, provenance.start
        case RawRecord(origin=origin):
            return origin.seed, origin.start
    return None


def folder_of(seed: str) -> str:
    """Return the folder that a seed lies in, which is the source of a record that names no host; `unknown` in none."""
    folders = seed.split("/")[1:-1]
    return folders[-1].removesuffix("!") if folders else "unknown"


def peek(stream: BinaryIO) -> bytes:
    """Return the first bytes of a stream, which are read again."""
    return stream.peek(_HEAD)[:_HEAD] if isinstance(stream, io.BufferedReader) else b""


def read_whole(stream: BinaryIO, most: int) -> bytes | None:
    """Return all that a stream holds; None where it is more than `most` bytes."""
    pieces, left = [], most + 1
    while left and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces) if left else None
