"""Finds the members of tar and zip files, where each of them lies, and what of the file is damaged.

    seeds/box.zip       ->  Member("seeds/box.zip!/2023/court.txt", Slice(…, 41, 812, 1944, packed=True, crc=0x5f…))
    seeds/box.tar.gz    ->  Member("seeds/box.tar.gz!/2023/court.txt", Slice(".cache/containers/cf07….0", 512, 1944, …))

The list of a container's members is kept in `.cache/containers/`, for as long as the file stays as it is; so is what
cannot be read at any place of itself: the unpacked tar of a `.tar.gz`, and a container that lies in another. All of it
can be deleted at any moment. A name is a name and never a path: no member is ever written under the name that it has.
"""

import io
import json
import os
import sqlite3
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from converters.archive.atomic import atomic_output
from converters.archive.junk import is_junk
from converters.model import OtherRecord, Rejection
from converters.rejections import (
    BOMB,
    CORRUPT,
    DAMAGED_CONTAINER,
    ENCRYPTED_MEMBER,
    LONE_SIDECAR,
    NOT_A_FILE,
    OTHER_PACKING,
    TOO_DEEP,
    TOO_MANY_MEMBERS,
    TRUNCATED,
    Reason,
    SeedError,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SEPARATOR = "!/"
"""Stands between the name of a container and that of its member."""
SIDECAR = ".seed.toml"
_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".zip", ".wacz")
_DEEPEST = 2
_MOST_RATIO = 100
_ALWAYS_ALLOWED = 64 << 20
_LARGEST_DIRECTORY = 32 << 20  # bytes: some 400,000 members, which zipfile holds in memory
_LARGEST_HEADER = 1 << 20
_IN_MEMORY = 8 << 20
_PIECE = 1 << 20
_HEAD = 64 << 10
_END_OF_ZIP = 22  # bytes
_BLOCK = tarfile.BLOCKSIZE
_TABLE = """
    CREATE TABLE entries (number INTEGER PRIMARY KEY, name TEXT UNIQUE, sidecar TEXT, said TEXT NOT NULL);
    CREATE TABLE about (stamp TEXT NOT NULL, is_container INTEGER NOT NULL);
"""


class Slice(NamedTuple):
    """Where a member's bytes lie."""

    path: str
    """The container, or what was unpacked of it."""
    start: int
    length: int
    """Bytes there."""
    size: int
    """Bytes of the member."""
    packed: bool = False
    """Whether they are deflated."""
    crc: int | None = None
    most: int = _ALWAYS_ALLOWED
    """How many bytes it may unpack to, where it is a compressed file itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a container."""

    name: str
    """`seeds/box.tar.gz!/2023/court.txt`"""
    slice: Slice
    sidecar: "Member | None" = None


Entry = Member | Rejection | OtherRecord
Opened = Callable[[Path, "Slice | None", str, bool], AbstractContextManager[BinaryIO]]
"""Opens a file, or a member, by its name for reports: its content, unpacked, and proven by its checksum if need be."""


class Container(NamedTuple):
    """A file that may hold members."""

    path: Path
    name: str
    stamp: str
    cache: Path
    """Folder for the list of members."""
    escape: Callable[[bytes], str]
    """Makes a name of bytes fit for a report."""
    opened: Opened

    @property
    def list(self) -> Path:
        return self.cache / f"{_stem(self.name)}.sqlite"


def _stem(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


def is_named_container(name: str) -> bool:
    """Whether a file is called as a container is."""
    return name[-8:].lower().endswith(_ENDINGS)


def entries_of(container: Container) -> Iterator[Entry] | None:
    """Yield members in their order, and faults after them; None where the file is no container.

    Raises OSError where it cannot be read, or its list not be written.
    """
    with closing(_index(container)) as database:
        if not database.execute("SELECT is_container FROM about").fetchone()[0]:
            return None
    return _entries(container)


def member_of(container: Container, name: str) -> Member | None:
    """Return the member of a name; None where there is none. Raises OSError as `entries_of`."""
    with closing(_index(container)) as database:
        row = database.execute("SELECT name, sidecar, said FROM entries WHERE name = ?", (name,)).fetchone()
        return _member(container, database, *row) if row else None


def forget_others(cache: Path, names: Iterable[str]) -> None:
    """Delete what is kept of containers but those of these names."""
    if cache.is_dir():
        kept = {_stem(name) for name in names}
        for path in cache.iterdir():
            if path.name.partition(".")[0] not in kept:
                path.unlink(missing_ok=True)


@contextmanager
def open_slice(file: io.FileIO, part: Slice, name: str, is_proven: bool) -> Iterator[BinaryIO]:
    """The bytes of a member, at any place; raises SeedError where they are not what they were, if not proven to be."""
    if not part.packed:
        if part.crc is not None and not is_proven:
            _prove(_pieces(file, part), part, name)
        yield _View(file, part.start, part.length)  # type: ignore[misc]  # it has what is needed of a BinaryIO
        return
    with SpooledTemporaryFile(_IN_MEMORY) as whole:
        _prove(_inflated(file, part, name), part, name, whole.write)
        whole.seek(0)
        yield whole  # type: ignore[misc]


def _prove(pieces: Iterator[bytes], part: Slice, name: str, keep: Callable[[bytes], object] = len) -> None:
    """Take the bytes of a member, and raise SeedError where they are not those that its container promises."""
    crc, size = 0, 0
    for piece in pieces:
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        if size > part.size:
            raise SeedError(CORRUPT, name, "it is longer than its container says")
        keep(piece)
    if size < part.size:
        raise SeedError(TRUNCATED, name)
    if crc != part.crc:
        raise SeedError(CORRUPT, name, "its checksum is not what its container says")


def _pieces(file: io.FileIO, part: Slice) -> Iterator[bytes]:
    file.seek(part.start)
    left = part.length
    while left and (piece := file.read(min(left, _PIECE // 64))):
        left -= len(piece)
        yield piece


def _inflated(file: io.FileIO, part: Slice, name: str) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-15)
    try:
        for packed in _pieces(file, part):
            piece = packed
            while piece and not inflate.eof:
                yield inflate.decompress(piece, _PIECE)
                piece = inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error as error:
        raise SeedError(CORRUPT, name, str(error)) from error


class _View(io.RawIOBase):
    """A part of a file, as if it were one."""

    def __init__(self, file: io.FileIO, start: int, length: int) -> None:
        super().__init__()
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        target = memoryview(buffer).cast("B")[: max(0, self._length - self._at)]
        self._file.seek(self._start + self._at)
        size = self._file.readinto(target)
        self._at += size
        return size


# The list of members


def _index(container: Container) -> sqlite3.Connection:
    with suppress(sqlite3.DatabaseError):
        if container.list.exists():
            database = sqlite3.connect(f"file:{container.list}?mode=ro", uri=True)
            if database.execute("SELECT stamp FROM about").fetchone() == (container.stamp,):
                return database
            database.close()
    for old in container.cache.glob(f"{container.list.stem}.*"):
        old.unlink(missing_ok=True)
    container.cache.mkdir(parents=True, exist_ok=True)
    with atomic_output(container.list, durable=False) as partial:
        database = sqlite3.connect(partial)
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLE}")
        listing = _Listing(container, database)
        is_container = listing.add(container.path, None, container.name, 1)
        database.execute("INSERT INTO about VALUES (?, ?)", (container.stamp, is_container))
        listing.find_sidecars()
        database.commit()
        database.close()
    return sqlite3.connect(f"file:{container.list}?mode=ro", uri=True)


def _entries(container: Container) -> Iterator[Entry]:
    with closing(_index(container)) as database:
        for name, sidecar, said in database.execute(
            "SELECT name, sidecar, said FROM entries ORDER BY name IS NULL, number"
        ):
            kind, *values = json.loads(said)
            if kind == "rejected":
                yield Rejection(*values)
            elif kind == "other":
                yield OtherRecord(*values)
            elif sidecar != name:
                yield _member(container, database, name, sidecar, said)


def _member(container: Container, database: sqlite3.Connection, name: str, sidecar: str | None, said: str) -> Member:
    beside = None
    if sidecar:
        (of_sidecar,) = database.execute("SELECT said FROM entries WHERE name = ?", (sidecar,)).fetchone()
        beside = _member(container, database, sidecar, None, of_sidecar)
    return Member(name, Slice(*json.loads(said)[1:]), beside)


class _Listing:
    """Lists the members of one container, and of those in it."""

    def __init__(self, container: Container, database: sqlite3.Connection) -> None:
        self._container = container
        self._execute = database.execute
        self._allowed = max(_ALWAYS_ALLOWED, _MOST_RATIO * container.path.stat().st_size)
        self._unpacked = 0
        self._copies = 0

    def add(self, path: Path, part: Slice | None, name: str, depth: int) -> bool:
        """List the members of a container that lies in a file, or is a member itself; False where it is none."""
        kind = self._kind(path, part, name)
        if kind is None:
            return False
        if depth > _DEEPEST:
            self._say(TOO_DEEP.rejects(name))
            return True
        is_plain = part is None and not self._is_packed(path, name)
        body = path if is_plain else self._copy(path, part, name)
        with body.open("rb") as file:
            members = _members_of_tar(file) if kind == "tar" else _members_of_zip(file)
            for found in members:
                if not self._take(found, body, name, depth):
                    break
        return True

    def find_sidecars(self) -> None:
        """Note which member is the sidecar of which."""
        sidecars = self._execute("SELECT name FROM entries WHERE name LIKE '%' || ?", (SIDECAR,)).fetchall()
        for (sidecar,) in sidecars:
            stem = sidecar.removesuffix(SIDECAR)
            owners = (
                self._execute("SELECT name FROM entries WHERE name = ?", (stem,)).fetchall()
                or self._execute(
                    "SELECT name FROM entries WHERE name > ?1 || '.' AND name < ?1 || '/' AND sidecar IS NULL "
                    "AND instr(substr(name, ?2), '/') = 0 AND NOT name LIKE '%' || ?3",
                    (stem, len(stem) + 1, SIDECAR),
                ).fetchall()
            )
            self._execute("UPDATE entries SET sidecar = name WHERE name = ?", (sidecar,))
            if len(owners) == 1:
                self._execute("UPDATE entries SET sidecar = ? WHERE name = ?", (sidecar, owners[0][0]))
            else:
                self._say(LONE_SIDECAR.rejects(sidecar, found="no member of that name lies beside it, or several do"))

    def _kind(self, path: Path, part: Slice | None, name: str) -> str | None:
        with self._container.opened(path, part, name, False) as stream:
            head = _head(stream)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK")):
            return "zip"
        with suppress(tarfile.TarError, ValueError):  # older ones have no mark, but a checksum
            tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
            return "tar"
        if any(head.startswith(b"ustar", at + 257) for at in range(0, len(head), _BLOCK)):
            return "tar"
        return "zip" if part is None and zipfile.is_zipfile(path) else None

    def _is_packed(self, path: Path, name: str) -> bool:
        with self._container.opened(path, None, name, False) as stream, path.open("rb") as file:
            return _head(stream) != file.read(_HEAD)

    def _copy(self, path: Path, part: Slice | None, name: str) -> Path:
        """Unpack a container that cannot be read at any place; up to a fault, if it has one, which is told."""
        copy = self._container.cache / f"{self._container.list.stem}.{self._copies}"
        self._copies += 1
        with copy.open("wb") as target:
            try:
                with self._container.opened(path, part, name, True) as stream:
                    while piece := stream.read(_PIECE):
                        self._count(len(piece), name)
                        target.write(piece)
            except SeedError as fault:
                if fault.reason.passing:
                    raise
                self._say(fault.rejection)
        return copy

    def _count(self, size: int, name: str) -> None:
        if size > self._allowed:  # alone: it may be a damaged number, and nothing of it is unpacked
            raise SeedError(BOMB, name, f"{size >> 20} MB")
        self._unpacked += size
        if self._unpacked > self._allowed:
            raise SeedError(BOMB, name, f"{self._unpacked >> 20} MB")

    def _take(self, found: "_Found", body: Path, name: str, depth: int) -> bool:
        """Note one thing that was found; False where no more is to be read."""
        if found.fault:
            reason, told = found.fault
            of = self._named(name, found.name) if found.name else name
            self._say(reason.rejects(of, found=told))
            return True
        parts = found.name.split(b"/")
        if not parts[-1] or any(is_junk(os.fsdecode(part)) for part in parts if part not in (b".", b"..")):
            return True  # a folder, or what other programs leave
        member = self._named(name, found.name)
        if found.other:
            self._say(OtherRecord(name, found.other))
            return True
        part = Slice(str(body), found.start, found.length, found.size, found.packed, found.crc, self._allowed)
        try:
            if found.packed:
                self._count(found.size, name)
            if is_named_container(member) and self.add(body, part, member, depth + 1):
                return True
        except SeedError as fault:
            if fault.reason.passing:
                raise
            self._say(fault.rejection)
            return self._unpacked <= self._allowed
        self._note(member, ["member", *part])
        return True

    def _named(self, container: str, name: bytes) -> str:
        """Return the whole name of a member; one that has a name a second time gets a number."""
        text = plain = container + SEPARATOR + self._container.escape(name)
        number = 1
        while self._execute("SELECT 1 FROM entries WHERE name = ?", (text,)).fetchone():
            number += 1
            text = f"{plain}!{number}"
        return text

    def _say(self, told: Rejection | OtherRecord) -> None:
        if isinstance(told, OtherRecord):
            self._note(None, ["other", told.seed, told.what])
        else:
            self._note(None, ["rejected", told.seed, told.line, told.reason, told.remedy, told.unread, told.passing])

    def _note(self, name: str | None, said: list[object]) -> None:
        self._execute("INSERT INTO entries (name, said) VALUES (?, ?)", (name, json.dumps(said)))


def _head(stream: BinaryIO) -> bytes:
    """Return the first bytes of a stream; those before a fault where it has one."""
    head = b""
    with suppress(SeedError):
        while len(head) < _HEAD and (piece := stream.read(_HEAD - len(head))):
            head += piece
    return head


# What lies in a tar, and what in a zip


class _Found(NamedTuple):
    """A member, or what is wrong at some place."""

    name: bytes
    start: int = 0
    length: int = 0
    size: int = 0
    packed: bool = False
    crc: int | None = None
    other: str = ""
    """What it is, if it is no file."""
    fault: tuple[Reason, str] | None = None


class _Headers:
    """A file of which no more is read at once than any header needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError("a header that is too large")
        return self._file.read(size)


def _members_of_tar(file: BinaryIO) -> Iterator[_Found]:
    end = file.seek(0, os.SEEK_END)
    tar = tarfile.TarFile(fileobj=io.BytesIO(bytes(2 * _BLOCK)), encoding="utf-8", errors="surrogateescape")
    tar.fileobj = _Headers(file)  # type: ignore[assignment]  # its loop stops at what is damaged; this one goes on
    at = expected = 0
    while at < end:
        file.seek(at)
        tar.offset = at
        try:
            member = tarfile.TarInfo.fromtarfile(tar)
        except (tarfile.TarError, ValueError, OverflowError):
            at += _zeros(file, at, end) or _BLOCK
            continue
        yield from _gap(file, expected, at)
        if member.size < 0 or tar.offset <= at:
            expected, at = at, at + _BLOCK
            continue
        yield _found_in_tar(member, end)
        expected = at = tar.offset
    yield from _gap(file, expected, end)
    if not _zeros(file, expected, end):
        yield _Found(b"", fault=(DAMAGED_CONTAINER, f"byte {end}, where it ends without the mark of its end"))


def _found_in_tar(member: tarfile.TarInfo, end: int) -> _Found:
    name = member.name.encode("utf-8", "surrogateescape")
    if member.issym() or member.islnk():
        return _Found(name, other="links to other members")
    if member.isdir():
        return _Found(name + b"/")
    if member.issparse():
        return _Found(name, fault=(OTHER_PACKING, "a sparse file"))
    if not member.isreg():
        return _Found(name, fault=(NOT_A_FILE, "a pipe" if member.isfifo() else "a device"))
    if member.offset_data + member.size > end:
        return _Found(name, fault=(TRUNCATED, ""))
    return _Found(name, member.offset_data, member.size, member.size)


def _zeros(file: BinaryIO, at: int, end: int) -> int:
    """Return how many bytes of whole blocks are zero from a place on."""
    file.seek(at)
    zeros = 0
    while at + zeros < end:
        piece = file.read(_PIECE)
        blank = len(piece) - len(piece.lstrip(b"\0"))
        zeros += blank
        if blank < len(piece):
            break
    return zeros // _BLOCK * _BLOCK


def _gap(file: BinaryIO, start: int, end: int) -> Iterator[_Found]:
    """Tell of bytes that belong to no member, unless they are zeros."""
    if start < end and start + _zeros(file, start, end) + _BLOCK <= end:
        yield _Found(b"", fault=(DAMAGED_CONTAINER, f"byte {start}"))


_LOCAL = struct.Struct("<4s5HIIIHH")  # signature … flags, packing, … checksum, length, size, and lengths of two fields


def _members_of_zip(file: BinaryIO) -> Iterator[_Found]:
    try:
        size, number = _directory(file)
        if size > _LARGEST_DIRECTORY:
            yield _Found(b"", fault=(TOO_MANY_MEMBERS, ""))
            return
        with zipfile.ZipFile(file) as whole:
            listed = whole.infolist()
        if len(listed) & 0xFFFF != number or (listed and not any(_begins(file, one) for one in listed)):
            raise zipfile.BadZipFile
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, OverflowError):
        yield _Found(b"", fault=(DAMAGED_CONTAINER, "its end, where its list of members should be"))
        yield from _members_without_directory(file)
        return
    end = file.seek(0, os.SEEK_END)
    for one in listed:
        yield _found_in_zip(file, one, end)


def _begins(file: BinaryIO, member: zipfile.ZipInfo) -> bool:
    """Return whether a member begins where the list says: none does where the place of the list is a damaged number."""
    if member.header_offset < 0:
        return False
    file.seek(member.header_offset)
    return file.read(4) == b"PK\x03\x04"


def _directory(file: BinaryIO) -> tuple[int, int]:
    """Return how large the list of members is, and how many it holds (16 bits of it), as the end of a zip says."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_ZIP:
        raise zipfile.BadZipFile
    number, size = struct.unpack_from("<HI", tail, at + 10)
    if 0xFFFF in (number, size & 0xFFFF) and (large := tail.rfind(b"PK\x06\x06", 0, at)) >= 0:
        number, size = struct.unpack_from("<QQ", tail, large + 32)
    return min(size, end), number & 0xFFFF


def _found_in_zip(file: BinaryIO, one: zipfile.ZipInfo, end: int) -> _Found:
    name = _zip_name(one.filename, bool(one.flag_bits & 0x800))
    if one.is_dir():
        return _Found(name.rstrip(b"/") + b"/")
    if stat.S_ISLNK(one.external_attr >> 16):
        return _Found(name, other="links to other members")
    if fault := _packing_fault(one.flag_bits, one.compress_type):
        return _Found(name, fault=fault)
    file.seek(one.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        return _Found(name, fault=(CORRUPT, "it does not begin where its container says"))
    start = one.header_offset + _LOCAL.size + sum(_LOCAL.unpack(head)[-2:])
    if start + one.compress_size > end:
        return _Found(name, fault=(TRUNCATED, ""))
    return _Found(name, start, one.compress_size, one.file_size, one.compress_type == zipfile.ZIP_DEFLATED, one.CRC)


def _packing_fault(flags: int, packing: int) -> tuple[Reason, str] | None:
    if flags & 0x2041:
        return ENCRYPTED_MEMBER, ""
    if packing not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return OTHER_PACKING, f"method {packing}"
    return None


def _zip_name(name: str, is_unicode: bool) -> bytes:
    """Return the bytes of a name: in UTF-8, where it is that, although it does not say so."""
    if is_unicode:
        return name.encode("utf-8", "surrogateescape")
    with suppress(UnicodeError):
        raw = name.encode("cp437")
        raw.decode("utf-8")
        return raw
    return name.encode("utf-8", "surrogateescape")


def _members_without_directory(file: BinaryIO) -> Iterator[_Found]:
    """Yield the members that are whole, found by what stands before each of them."""
    end, at = file.seek(0, os.SEEK_END), 0
    while (at := _next_signature(file, at, end)) < end:
        file.seek(at)
        head = file.read(_LOCAL.size)
        if len(head) < _LOCAL.size:
            return
        _, _, flags, packing, _, _, crc, length, size, name_length, extra_length = _LOCAL.unpack(head)
        raw_name = file.read(name_length)
        start = at + _LOCAL.size + name_length + extra_length
        at += 4
        if _packing_fault(flags, packing) or raw_name.endswith(b"/"):
            continue
        name = _zip_name(raw_name.decode("utf-8" if flags & 0x800 else "cp437", "replace"), bool(flags & 0x800))
        if flags & 0x8:  # its length, size and checksum stand behind it
            if not (measured := _measured(file, start, end)) or packing != zipfile.ZIP_DEFLATED:
                yield _Found(name, fault=(TRUNCATED, ""))
                continue
            length, size, crc = measured
        if start + length > end:
            yield _Found(name, fault=(TRUNCATED, ""))
            continue
        yield _Found(name, start, length, size, packing == zipfile.ZIP_DEFLATED, crc)
        at = start + length


def _next_signature(file: BinaryIO, at: int, end: int) -> int:
    while at < end:
        file.seek(at)
        piece = file.read(_PIECE)
        found = piece.find(b"PK\x03\x04")
        if found >= 0:
            return at + found
        at += max(len(piece) - 3, 1)
    return end


def _measured(file: BinaryIO, start: int, end: int) -> tuple[int, int, int] | None:
    """Return length, size and checksum of what is deflated at a place; None where it does not end."""
    file.seek(start)
    inflate, size, crc, taken = zlib.decompressobj(-15), 0, 0, 0
    while not inflate.eof and (piece := file.read(_PIECE // 64)):
        taken += len(piece)
        try:
            while piece and not inflate.eof:
                output = inflate.decompress(piece, _PIECE)
                size, crc, piece = size + len(output), zlib.crc32(output, crc), inflate.unconsumed_tail
        except zlib.error:
            return None
        if size > max(_ALWAYS_ALLOWED, _MOST_RATIO * taken):
            return None
    return (taken - len(inflate.unused_data), size, crc) if inflate.eof else None
