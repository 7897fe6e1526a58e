"""Claims that bundles are whole: a zip that holds a BagIt bag (RFC 8493), byte for byte, read as a stream.

    dist/NAME.zip       NAME/bagit.txt, NAME/manifest-sha256.txt, NAME/tagmanifest-sha256.txt, NAME/data/…

The manifests speak for the files. What surrounds them in the zip is said twice there, before each file and at the end;
where the two differ, or leave a gap, something has changed since it was written.
"""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from converters.archive.layout import Archive
from plugins.checks.findings import Findings

BUNDLES = "bundles that are whole"

_BLOCK = 1 << 20
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_TOO_LARGE_FOR_ITS_FIELD = (0xFFFF, 0xFFFFFFFF)


def check_bundle(archive: Archive, bundle: Path) -> Findings:
    """Read a bundle of the archive to its last byte."""
    findings = Findings()
    name = bundle.relative_to(archive.root).as_posix()
    for fault in faults_of(bundle):
        findings.fault(BUNDLES, name, fault, f"make it again with: {archive.command('bundle')}")
    findings.held[BUNDLES] += not findings.faults
    return findings


def faults_of(bundle: Path) -> Iterator[str]:
    """Yield what is wrong with a bundle: nothing if it is whole."""
    try:
        with zipfile.ZipFile(bundle) as archive, bundle.open("rb") as file:
            yield from _faults_around(archive, file)
            yield from _faults_within(archive)
    # zipfile raises RuntimeError for what says that it is encrypted, or packed in a way that it does not know.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, struct.error) as error:
        yield f"cannot be read: {error}"


def _faults_within(archive: zipfile.ZipFile) -> Iterator[str]:
    """Compare the files of the bag with its manifests."""
    names = [entry.filename for entry in archive.infolist()]
    tops = [name.removesuffix("bagit.txt") for name in names if re.fullmatch(r"[^/]+/bagit\.txt", name)]
    if len(tops) != 1:
        yield "is no bundle: it holds no bagit.txt, or several"
        return
    top = tops[0]
    files = {name.removeprefix(top) for name in names if not name.endswith("/")}
    if len(names) != len({*names}) or not all(name.startswith(top) for name in names):
        yield "holds a file twice, or beside the bag"
    if not archive.read(f"{top}bagit.txt").startswith(b"BagIt-Version: "):
        yield "bagit.txt is not as it has to be"
    promised: dict[str, dict[str, str]] = {}
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        promised[manifest] = dict(_read_manifest(archive, top + manifest)) if manifest in files else {}
        if manifest not in files:
            yield f"{manifest} is missing"
    for file in sorted(files, key=lambda file: (file.startswith("data/"), file)):
        manifest = "manifest-sha256.txt" if file.startswith("data/") else "tagmanifest-sha256.txt"
        expected = promised[manifest].pop(file, "")
        if not expected and file != "tagmanifest-sha256.txt":
            yield f"{file} is not in {manifest}"
        elif expected and _sha256(archive, top + file) != expected:
            yield f"{file} has not the SHA-256 of {manifest}"
    for manifest, missing in promised.items():
        for file in sorted(missing):
            yield f"{file} of {manifest} is missing"


def _read_manifest(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str]]:
    for line in archive.read(name).decode("utf-8", "replace").splitlines():
        if match := _LINE.fullmatch(line):
            yield re.sub("%(?:25|0[aAdD])", lambda coded: unquote(coded[0]), match[2]), match[1]


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
        # zipfile is silent where the last bits, which only say that this is the end, are not what they were.
        ends = getattr(vars(stream).get("_decompressor"), "eof", True)
    return digest.hexdigest() if ends else ""


def _faults_around(archive: zipfile.ZipFile, file: BinaryIO) -> Iterator[str]:
    """Compare what stands before each file with what the directory at the end says of it."""
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    offset = 0
    for entry in entries:
        if entry.header_offset != offset:
            yield f"{entry.filename}: begins at byte {entry.header_offset:,}, expected {offset:,}"
        file.seek(entry.header_offset)
        header = _LOCAL.unpack(file.read(_LOCAL.size))
        name, extra = file.read(header[9]), file.read(header[10])
        offset = file.tell() + entry.compress_size
        if entry.flag_bits & 8:  # what was not known yet follows the file
            offset += _length_of_descriptor(file, offset)
        year, month, day, hour, minute, second = entry.date_time
        expected = (
            b"PK\x03\x04",
            entry.flag_bits,
            entry.compress_type,
            hour << 11 | minute << 5 | second // 2,
            (year - 1980) << 9 | month << 5 | day,
        )
        sizes = (entry.CRC, entry.compress_size, entry.file_size)
        said = header[6:9]
        same = all(
            one == other or one in _TOO_LARGE_FOR_ITS_FIELD or entry.flag_bits & 8
            for one, other in zip(said, sizes, strict=True)
        )
        coding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
        if (header[0], *header[2:6]) != expected or not same or name != entry.orig_filename.encode(coding):
            yield f"{entry.filename}: what the zip says before it and at its end differs"
        if header[1] != entry.extract_version or not _is_size_alone(extra):
            yield f"{entry.filename}: what the zip says before it is not as expected"
    if len({(e.create_system, e.create_version, e.internal_attr, e.external_attr, e.volume) for e in entries}) > 1:
        yield "the files of the zip differ in system or rights"
    if any(entry.comment for entry in entries) or archive.comment:
        yield "the zip has comments, which bundles have not"
    if offset != archive.start_dir:
        yield f"the zip's directory begins at byte {archive.start_dir:,}, expected {offset:,}"
    yield from _faults_in_directory(archive, file)
    yield from _faults_at_end(file, len(entries))


def _length_of_descriptor(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    return 16 if file.read(4) == b"PK\x07\x08" else 12


def _is_size_alone(extra: bytes) -> bool:
    """Whether an extra field is empty, or gives the sizes of a large file."""
    return not extra or extra[:2] == b"\x01\x00"


def _faults_in_directory(archive: zipfile.ZipFile, file: BinaryIO) -> Iterator[str]:
    """Look at what zipfile passes over: how long the names of the directory are, and what it has no use for."""
    file.seek(archive.start_dir)
    for entry in archive.infolist():
        mark, *numbers = _CENTRAL.unpack(file.read(_CENTRAL.size))
        reserved, lengths = numbers[3], numbers[11:14]
        name = file.read(lengths[0])
        file.seek(lengths[1] + lengths[2], 1)
        coding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
        if mark != b"PK\x01\x02" or reserved or lengths[2] or name != entry.orig_filename.encode(coding):
            yield f"{entry.filename}: what the zip says of it at its end is not as expected"
            return
    if file.read(4) not in (b"PK\x05\x06", b"PK\x06\x06"):
        yield "the zip's directory is longer or shorter than it says"


def _faults_at_end(file: BinaryIO, entries: int) -> Iterator[str]:
    file.seek(-_END.size, 2)
    mark, disk, first_disk, here, total, _, _, comment = _END.unpack(file.read(_END.size))
    known = mark == b"PK\x05\x06" and not disk and not first_disk and not comment
    if not known or here != total or total != min(entries, 0xFFFF):
        yield "the zip's end is not as expected"
