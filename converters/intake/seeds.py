"""Finds the seed files of an archive and opens them, whatever lies in the folder.

    find_seeds(Path("seeds"))                         ->  SeedFile(…, "seeds/court.txt.gz"), Rejection(…), …
    open_seed(seed)                                   ->  a stream of its content, decompressed
    read_records(Path("."), "seeds/a.zst", [(0, 9)])  ->  the raw bytes of these records

Every regular file is a seed, except those that other programs leave (`converters/archive/junk.py`) and the sidecars, in
which a curator tells of the seed beside (`sidecar.py`). Links to files
inside seeds/ are read; links to folders inside are passed over, since their files are read where they lie. gzip, xz and
zstd are known by their first bytes, and by name where these say nothing. What is called as a tar or a zip, and is one,
has members (`containers.py`), each a seed of its own: `seeds/box.tar.gz!/2023/court.txt`.

A name that is not UTF-8, or that holds control characters, is given in an escaped form:
`seeds/caf\\xe9.txt`, `seeds/two\\x0alines.txt`, a backslash as `\\\\`, and a folder `box!` as `box\\x21/`.
`read_records` understands it.
"""

import io
import lzma
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, TypeGuard, TypeVar
from unicodedata import category

import zstandard

from converters.archive.junk import is_junk
from converters.archive.stamps import stamp_of
from converters.intake.companions import told_apart
from converters.intake.containers import (
    SEPARATOR,
    SIDECAR,
    Container,
    Member,
    Slice,
    entries_of,
    forget_others,
    is_named_container,
    member_of,
    open_slice,
)
from converters.intake.databases import ENDINGS_OF_DATABASES, RowStream, kind_of_database, shown_as_lines
from converters.intake.pieces import PieceStream
from converters.model import OtherRecord, Rejection
from converters.rejections import (
    BOMB,
    CANNOT_OPEN,
    CORRUPT,
    LINK_OUT,
    LINK_TO_NOTHING,
    LONE_SIDECAR,
    MEMORY,
    NOT_A_FILE,
    SHORTER,
    TRUNCATED,
    SeedError,
)

_T = TypeVar("_T")


_SIDECAR = SIDECAR.encode()


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A regular file in seeds/, found but not yet opened."""

    path: Path
    """Where its bytes lie on disk; for a link, its target."""
    name: str
    """`seeds/2023/court.txt.gz`: its place in the archive, with forward slashes, escaped where need be."""
    sidecar: "SeedFile | None" = None
    """What a curator knows of it: `seeds/2023/court.txt.gz.seed.toml`."""
    cache: Path | None = None
    """Where the list of its members is kept, if it is a container."""
    part: Slice | None = None
    """Of a container's member, where it lies in the file."""
    beside: Path | None = None
    """The folder of what was saved with it, if it is a page: `seeds/2023/court_files`."""

    @property
    def stamp(self) -> str:
        """What tells whether it, and what is known of it, is as it was."""
        stamp = stamp_of(self.path)
        return f"{stamp} {self.sidecar.stamp}" if self.sidecar else stamp


def find_seeds(folder: Path) -> Iterator[SeedFile | Rejection]:
    """Every seed in the folder `seeds/`, ordered by the bytes of the paths, so alike on every machine."""
    return _find(folder, lone_files=False)


def find_files(folder: Path) -> Iterator[SeedFile | Rejection]:
    """Every file in the folder `seeds/`, in the same order: seeds and sidecars."""
    return _find(folder, lone_files=True)


def _find(folder: Path, lone_files: bool) -> Iterator[SeedFile | Rejection]:
    root = os.path.realpath(os.fsencode(folder))
    cache = _cache_of(folder.parent)
    sidecars: dict[bytes, bytes] = {}
    """Of the folders that are being walked through: seed -> sidecar."""
    beside: dict[bytes, bytes] = {}
    """The same of pages, and what was saved with them."""
    # Each level is an iterator of its own, so a tree of any depth takes no recursion.
    levels = [iter([b""])]
    while levels:
        place = next(levels[-1], None)
        if place is None:
            levels.pop()
        elif place.endswith(b"/") or not place:
            try:
                entries = _tried_twice(_entries, root, place)
            except OSError as error:
                yield CANNOT_OPEN.rejects(_name(place), found=error.strerror or str(error))
                continue
            if not lone_files:
                entries, saved_with = told_apart(entries)
                beside |= saved_with
            levels.append(iter(entries))
            if not lone_files and any(entry.endswith(_SIDECAR) for entry in entries):
                sidecars |= _owners(entries)
        elif lone_files or not place.endswith(_SIDECAR):
            found = _seed(root, place)
            if isinstance(found, SeedFile) and is_named_container(found.name):
                found = replace(found, cache=cache)
            if isinstance(found, SeedFile) and (sidecar := sidecars.pop(place, None)):
                told = _seed(root, sidecar)
                found = replace(told, seed=found.name) if isinstance(told, Rejection) else replace(found, sidecar=told)
            if isinstance(found, SeedFile) and (saved := beside.pop(place, None)) is not None:
                found = replace(found, beside=Path(os.fsdecode(os.path.join(root, saved))))  # noqa: PTH118
            if found:
                yield found
        elif place in sidecars:
            del sidecars[place]
            yield LONE_SIDECAR.rejects(_name(place), found="no seed of that name lies beside it, or several do")


def _owners(entries: list[bytes]) -> dict[bytes, bytes]:
    """Return seed -> sidecar, of the entries of a folder; a sidecar without a seed stands for itself.

    A sidecar is named after its seed, or after the only seed that differs by its ending alone.
    """
    seeds = {entry for entry in entries if not entry.endswith((b"/", _SIDECAR))}
    owners: dict[bytes, bytes] = {}
    others = []
    for sidecar in (entry for entry in entries if entry.endswith(_SIDECAR)):
        name = sidecar.removesuffix(_SIDECAR)
        if name in seeds:
            owners[name] = sidecar
        else:
            others.append(sidecar)
    for sidecar in others:
        name = sidecar.removesuffix(_SIDECAR) + b"."
        alike = [seed for seed in seeds if seed.startswith(name) and seed not in owners]
        owners[alike[0] if len(alike) == 1 else sidecar] = sidecar
    return owners


def members_of(seed: SeedFile) -> Iterator[SeedFile | Rejection | OtherRecord] | None:
    """Return the members of a tar or zip, in their order, and what is wrong in it; None for any other file.

    Raises OSError where it cannot be read.
    """
    if seed.cache is None or (entries := entries_of(_container(seed, seed.cache))) is None:
        return None
    return (_of_member(entry) if isinstance(entry, Member) else entry for entry in entries)


def is_packed_member(found: SeedFile | Rejection | OtherRecord) -> TypeGuard[SeedFile]:
    """Whether it is a member that is packed, so that it takes long to read a record from the middle of it."""
    if not isinstance(found, SeedFile) or found.part is None:
        return False
    return (found.part.packed and found.part.size > _BLOCK) or found.name.lower().endswith(
        (*_ENDINGS, *ENDINGS_OF_DATABASES)
    )


def file_of(name: str) -> str:
    """Return the name of the file in seeds/ that a seed lies in: the container of a member, or its own."""
    return name.partition(SEPARATOR)[0]


def forget_containers(folder: Path) -> None:
    """Delete the lists of containers that are gone from the folder `seeds/`."""
    found = (seed.name for seed in find_seeds(folder) if isinstance(seed, SeedFile) and seed.cache)
    forget_others(_cache_of(folder.parent), found)


def _cache_of(archive: Path) -> Path:
    return archive / ".cache" / "containers"


def _container(seed: SeedFile, cache: Path) -> Container:
    return Container(seed.path, seed.name, stamp_of(seed.path), cache, _escaped_name, _opened)


@contextmanager
def _opened(path: Path, part: Slice | None, name: str, to_prove: bool) -> Iterator[BinaryIO]:
    with open_seed(SeedFile(path, name, part=part), is_proven=not to_prove) as stream:
        yield stream


def _of_member(member: Member) -> SeedFile:
    sidecar = _of_member(member.sidecar) if member.sidecar else None
    return SeedFile(Path(member.slice.path), member.name, sidecar, part=member.slice)


class SeedStream(io.BufferedReader):
    """The content of a seed file.

    `read(n)` may give less than n bytes, as a pipe does, and none only at the end: so all bytes before a
    fault are handed out before the fault is raised.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read() if size is None or size < 0 else self.read1(size)


@contextmanager
def open_seed(seed: SeedFile, is_proven: bool = False) -> Iterator[SeedStream]:
    """The decompressed content of a seed. Opening and reading raise `SeedError` or another OSError.

    What is packed is compared with its checksum first, unless what is read of it is proven otherwise: of a damaged file
    nothing is given but what stands before the piece that is damaged.
    """
    with _open_regular(seed) as file, _content(file, seed, is_proven) as content:
        head = content.read(_HEAD)
        content.seek(0)
        compression = _compression(head, seed.name)
        if head.startswith(_DICTIONARY):
            compression = partial(_zstd, _dictionary(content, seed.name))
        most = seed.part.most if seed.part else None
        raw: io.RawIOBase | BinaryIO = content
        if compression:
            raw = packed = _Decompressed(content, compression, seed.name, most)
            if not is_proven:
                fault = packed.run_through()
                content.seek(0)
                raw = _Decompressed(content, compression, seed.name, most, packed.sound if fault else None, fault)
        stream = SeedStream(raw, buffer_size=_HEAD)  # type: ignore[arg-type]  # it has all that is needed of one
        if rows := kind_of_database(stream.peek(_HEAD) if compression else head):
            is_plain = compression is None and seed.part is None
            with shown_as_lines(stream, rows, seed.path if is_plain else None, seed.name) as lines:
                yield SeedStream(lines, buffer_size=_HEAD)
        else:
            yield stream


def carries_no_checksum(seed: SeedFile) -> bool:
    """Whether a compressed seed has nothing by which damage to it would be noticed; False where it cannot be opened.

    gzip always has a checksum, xz and zstd may go without.
    """
    if not seed.name.lower().endswith((".xz", ".zst")):
        return False
    try:
        with _open_regular(seed) as file:
            head = file.read(8)
    except OSError:
        return False
    if head.startswith(b"\xfd7zXZ\0"):
        return head[7:] == b"\0"
    return head.startswith(zstandard.FRAME_HEADER) and not int.from_bytes(head[4:5]) & _HAS_CHECKSUM


def _content(file: io.FileIO, seed: SeedFile, is_proven: bool) -> AbstractContextManager[BinaryIO]:
    return open_slice(file, seed.part, seed.name, is_proven) if seed.part else nullcontext(file)


def unpack(seed: SeedFile, target: Path) -> bool:
    """Write the content of a compressed seed to `target`, up to a fault if it has one; False if it is not compressed.

    Raises SeedError where the seed cannot be read, and OSError where `target` cannot be written.
    """
    with open_seed(seed, is_proven=True) as stream:
        if not isinstance(stream.raw, _Decompressed | RowStream) and not is_packed_member(seed):
            return False
        with target.open("wb") as file:
            try:
                while piece := stream.read(_HEAD):
                    file.write(piece)
            except SeedError as fault:
                # Who asks for a record knows its SHA-256; the rejection of the others has told of the damage.
                if fault.reason.passing:
                    raise
    return True


def read_records(archive: Path, name: str, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """The raw records at these (start, length) of a seed; in ascending order they take one pass over the file.

    Raises OSError (`SeedError` is one) if the seed is gone, is no longer as long, or cannot be read, and ValueError
    if the name is none of a seed inside seeds/.
    """
    seed = _named(archive, name)
    position, record, last = 0, b"", (0, 0)
    with ExitStack() as opened:
        stream = opened.enter_context(open_seed(seed, is_proven=True))
        for start, length in ranges:
            # A record may be asked for twice: two pages can come from one record.
            if (start, length) != last:
                if start < position:
                    opened.close()
                    stream, position = opened.enter_context(open_seed(seed, is_proven=True)), 0
                _skip(stream, start - position, name)
                record = b"".join(_pieces(stream, length, name))
                last, position = (start, length), start + length
            yield record


def _entries(root: bytes, folder: bytes) -> list[bytes]:
    """What lies in a folder: places relative to the root, folders with a slash at their end, as they sort."""
    with os.scandir(os.path.join(root, folder)) as entries:  # noqa: PTH118 - paths are bytes, whatever the locale
        return sorted(
            folder + entry.name + (b"/" if entry.is_dir(follow_symlinks=False) else b"")
            for entry in entries
            if not is_junk(os.fsdecode(entry.name))
        )


def _seed(root: bytes, place: bytes) -> SeedFile | Rejection | None:
    name = _name(place)
    path = os.path.join(root, place)  # noqa: PTH118
    try:
        mode = _tried_twice(os.lstat, path).st_mode
        if stat.S_ISLNK(mode):
            try:
                path = os.path.realpath(path, strict=True)
            except OSError as error:
                return LINK_TO_NOTHING.rejects(name, found=error.strerror or str(error))
            if not _inside(root, path):
                return LINK_OUT.rejects(name, found=os.fsdecode(path))
            mode = os.stat(path).st_mode  # noqa: PTH116
            if stat.S_ISDIR(mode):
                return None
    except OSError as error:
        return CANNOT_OPEN.rejects(name, found=error.strerror or str(error))
    if not stat.S_ISREG(mode):
        return NOT_A_FILE.rejects(name, found=_kind(mode))
    return SeedFile(Path(os.fsdecode(path)), name)


def _tried_twice(look: Callable[..., _T], *arguments: object) -> _T:
    """Return what a look at the disk gives, the second one where the first fails: many a fault passes at once."""
    try:
        return look(*arguments)
    except OSError:
        return look(*arguments)


def _inside(root: bytes, path: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a link",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")


_ESCAPE = re.compile(r"\\(?:(\\)|x([0-9a-f]{2})|u([0-9a-f]{4}))")


def _name(place: bytes) -> str:
    """`b"caf\\xe9.txt"` -> `seeds/caf\\xe9.txt`, fit for any report, and the way to find the file again."""
    return _escaped_name(b"/".join((b"seeds", place)).rstrip(b"/"))


def _escaped_name(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\" not in text and SEPARATOR not in text:
        return text
    return "".join(map(_escaped, text)).replace(SEPARATOR, "\\x21/")


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    match category(character):
        case "Cs":
            return f"\\x{ord(character) - 0xDC00:02x}"
        case "Cc" if character < "\x80":
            return f"\\x{ord(character):02x}"
        case "Cc" | "Zl" | "Zp":
            return f"\\u{ord(character):04x}"
    return character


def _place(name: str) -> bytes:
    """The way back from `_name`."""

    def unescaped(escape: re.Match[str]) -> str:
        if escape[1]:
            return "\\"
        if escape[3]:
            return chr(int(escape[3], 16))
        code = int(escape[2], 16)
        return chr(code if code < 0x80 else 0xDC00 + code)

    return _ESCAPE.sub(unescaped, name.removeprefix("seeds/")).encode("utf-8", "surrogateescape")


def path_of(name: str) -> str:
    """Return the path of a seed's file below the archive's folder, as the system has it, by the seed's name."""
    return f"seeds/{os.fsdecode(_place(name))}"


def _named(archive: Path, name: str) -> SeedFile:
    if SEPARATOR in name:
        container = _named(archive, file_of(name))
        member = member_of(_container(container, _cache_of(archive)), name)
        if member is None:
            raise SeedError(CANNOT_OPEN, name, "there is no such member")
        return _of_member(member)
    try:
        place = _place(name)
    except UnicodeEncodeError:
        place = b""
    if not name.startswith("seeds/") or {b"", b".", b".."} & set(place.split(b"/")) or b"\0" in place:
        raise ValueError(f"{name!r} is not the name of a seed, such as 'seeds/2023/court.txt'")
    root = os.path.realpath(os.fsencode(archive / "seeds"))
    try:
        path = os.path.realpath(os.path.join(root, place), strict=True)  # noqa: PTH118
    except OSError as error:
        raise SeedError(CANNOT_OPEN, name, error.strerror or str(error)) from error
    if not _inside(root, path):
        raise SeedError(LINK_OUT, name, os.fsdecode(path))
    return SeedFile(Path(os.fsdecode(path)), name)


def _skip(stream: SeedStream, length: int, name: str) -> None:
    if stream.seekable():
        stream.seek(length, os.SEEK_CUR)
    else:
        for _ in _pieces(stream, length, name):
            pass


def _pieces(stream: SeedStream, length: int, name: str) -> Iterator[bytes]:
    while length:
        piece = stream.read(min(length, _BLOCK))
        if not piece:
            raise SeedError(SHORTER, name)
        length -= len(piece)
        yield piece


def _open_regular(seed: SeedFile) -> io.FileIO:
    """Open a file that may have become a link, a pipe or a device since it was found; never wait for it."""
    try:
        descriptor = os.open(seed.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise SeedError(CANNOT_OPEN, seed.name, error.strerror or str(error)) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise SeedError(NOT_A_FILE, seed.name, _kind(mode))
    return io.FileIO(descriptor, "r")


class _Decompressor(Protocol):
    """One member of a gzip file, one stream of an xz file, one frame of a zstd file."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


_MAX_MEMORY = 128 * 1024 * 1024
_MAX_EXPANSION = 100
_ALWAYS_ALLOWED = 64 * 1024 * 1024
_HAS_CHECKSUM = 4  # bit of a zstd frame's descriptor
_HEAD = 64 * 1024
_BLOCK = 1024 * 1024
# Fed in such small steps, even the tightest bomb gives some 32 MB a step, and has to wait for the next.
_STEP = 1024


def _gzip() -> _Decompressor:
    return zlib.decompressobj(wbits=31)


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_MEMORY)


def _zstd(dictionary: zstandard.ZstdCompressionDict | None = None) -> _Decompressor:
    return zstandard.ZstdDecompressor(dictionary, max_window_size=_MAX_MEMORY).decompressobj()


def _dictionary(content: BinaryIO, seed: str) -> zstandard.ZstdCompressionDict:
    """Return the dictionary that a web archive in zstd begins with, itself packed or not."""
    head = content.read(8)
    size = int.from_bytes(head[4:], "little")
    packed = content.read(size) if size <= _LARGEST_DICTIONARY else b""
    content.seek(0)
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            packed = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST_DICTIONARY)
        except zstandard.ZstdError as error:
            raise SeedError(CORRUPT, seed, str(error)) from error
    return zstandard.ZstdCompressionDict(packed)


class _Compression(Protocol):
    def __call__(self) -> _Decompressor: ...


_DICTIONARY = b"\x5d\x2a\x4d\x18"
_LARGEST_DICTIONARY = 8 << 20
_MAGIC: tuple[tuple[re.Pattern[bytes], str, _Compression], ...] = (
    (re.compile(rb"\x1f\x8b"), ".gz", _gzip),
    (re.compile(rb"\xfd7zXZ\0"), ".xz", _xz),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), ".zst", _zstd),
)
_ENDINGS = tuple(ending for _, ending, _ in _MAGIC)
_TEXT_MARK = re.compile(rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _compression(head: bytes, name: str) -> _Compression | None:
    for magic, _, compression in _MAGIC:
        if magic.match(head):
            return compression
    # A damaged file is still what its name says; a text under a wrong name is a text.
    if _BINARY.search(head) and not _TEXT_MARK.match(head):
        for _, ending, compression in _MAGIC:
            if name.lower().endswith(ending):
                return compression
    return None


class _Decompressed(PieceStream):
    """Decompresses member after member."""

    def __init__(
        self,
        file: BinaryIO,
        compression: _Compression,
        seed: str,
        most: int | None = None,
        sound: int | None = None,
        fault: SeedError | None = None,
    ) -> None:
        """Decompress a file to `most` bytes; where a fault of it is known, to as many as are `sound`."""
        super().__init__()
        self.sound = 0
        """How many bytes the members have that were read to their end, and whose checksum is right."""
        self._until, self._known_fault = sound, fault
        self._file = file
        self._compression = compression
        self._seed = seed
        self._most = most
        self._member: _Decompressor | None = None
        self._unused = b""
        self._given = 0
        self._ended = False

    def run_through(self) -> SeedError | None:
        """Read all, and return what is wrong with it."""
        while self._advance():
            self._ready = memoryview(b"")
        return self._fault

    def _advance(self) -> bool:
        """Take steps until some output is ready; False at the end and at a fault."""
        while not self._ended and not self._fault:
            if self._until is not None and self._given >= self._until:
                self._fault = self._known_fault
                return False
            try:
                self._ready = memoryview(self._step())
            except (zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
                self._fault = SeedError(MEMORY if "memory" in str(error).lower() else CORRUPT, self._seed, str(error))
            except OSError as error:
                self._fault = SeedError(CANNOT_OPEN, self._seed, error.strerror or str(error))
            self._given += len(self._ready)
            if self._member is None and not self._fault:
                self.sound = self._given
            if self._until is not None and self._given > self._until:
                self._ready = self._ready[: self._until - self._given]
            if self._ready:
                most = max(_ALWAYS_ALLOWED, self._file.tell() * _MAX_EXPANSION)
                if self._given > (most if self._most is None else min(most, self._most)):
                    self._fault = SeedError(BOMB, self._seed, f"{self._given // 1024 // 1024} MB")
                return True
        return False

    def _step(self) -> bytes:
        data = self._unused or self._file.read(_STEP)
        self._unused = b""
        if self._member is None:
            # gzip and xz allow zeros between members.
            rest = data.lstrip(b"\0")
            self._ended = not data
            if not rest:
                return b""
            self._member, data = self._compression(), rest
        if not data:
            self._fault = SeedError(TRUNCATED, self._seed)
            return b""
        output = self._member.decompress(data)
        if self._member.eof:
            self._unused = self._member.unused_data
            self._member = None
        return output
