"""Packs a built site and its seeds into one file that opens anywhere: a BagIt bag (RFC 8493) in a zip.

    output/ seeds/  ─►  dist/harbour-press.zip
        harbour-press/START.html           a double click shows the site
        harbour-press/bagit.txt
        harbour-press/data/seeds/…         the seeds as received; left out with --no-seeds
        harbour-press/data/archive/…       content/, settings and theme, to make the archive again (restore.py)
        harbour-press/data/site/…          output/ as it stands
        harbour-press/seed-names.tsv       those seeds that lie under another name than they had
        harbour-press/README.txt           what this is, how it is opened and verified
        harbour-press/bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt

The same site and seeds give the same bytes: names are sorted, times and permissions fixed. Nothing is held in memory
but a piece of the file at hand: the manifest and the directory of the zip, which grow with the archive, are files until
they are written.

A seed that holds a document which is withdrawn or held back is left out as a whole, since it cannot be cut without
changing it; of a document that is held back, a note stands in the place of its content file.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, SupportsIndex
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from converters.archive.atomic import atomic_output
from converters.archive.layout import Archive, Progress, Say
from converters.intake.seeds import SeedFile, file_of, find_seeds
from converters.ledger.ledger import moved_or_withdrawn
from converters.ledger.tombstones import placeholder
from converters.pipeline import seeds_with
from plugins.engine.manifest import enter_files
from plugins.engine.settings import settings_of
from plugins.outputs.curated import curated_files
from plugins.outputs.edition import (
    BATCH,
    Edition,
    OffSite,
    count_files,
    documents_off_site,
    edition_of,
    files_in_order,
)
from plugins.outputs.places import check_place, check_site, places_of_seeds

_PIECE = 1 << 20

_START = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=data/site/index.html">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body>
<p><a href="data/site/index.html">Open {title}</a></p>
</body>
</html>
"""
_README = """{title}
{line}

{subtitle}This is a copy of an archive of documents. All of it is plain files, and needs neither a
network nor a program other than a browser.

To read it:    unpack the whole file, then open START.html in a browser.
               From inside the packed file, links do not work.

data/site      the site
data/archive   its content files, ledger, settings and theme: with Seedbank, the archive itself
               is made again by: ./seedbank restore THIS_FILE.zip FOLDER
{seeds}
To verify it:  every file has its SHA-256 in manifest-sha256.txt and tagmanifest-sha256.txt.
               In this folder, on Linux:
                   sha256sum --quiet -c manifest-sha256.txt tagmanifest-sha256.txt
               on macOS:
                   shasum -a 256 -c manifest-sha256.txt tagmanifest-sha256.txt
               This is a BagIt bag (RFC 8493), so every program for bags verifies it, such as
                   pip install bagit && bagit.py --validate .
               Nothing is amiss if nothing but OK is said.
"""
_SEEDS = """data/seeds     the captures as they were received, byte for byte, from which the site was made
"""
_RENAMED = """               Names that not every system can hold are written otherwise: =XX stands for a byte.
               seed-names.tsv has the name that each of them had.
"""


def write_bag(archive: Archive, with_seeds: bool, say: Say, progress: Progress) -> Path:
    """Write the bag and give its path; the one of before stands until the new one is whole.

    Tells `say` which seeds are left out. Raises ArchiveError where no site is built, or where a file of it has a name
    that some system cannot hold or tell from another.
    """
    edition = edition_of(archive)
    off_site = list(documents_off_site(archive))
    kept_back = _seeds_kept_back(archive, off_site) if with_seeds else {}
    check_site(archive.output, edition.name)
    left_out, renamed, done, total = [], False, 0, count_files(archive.output)
    name = f"{edition.name}.zip"
    with atomic_output(archive.bundles / name) as partial, _Bag(partial, edition.name, archive.cache) as bag:
        bag.add_tag("START.html", _START.format(title=escape(edition.title)))
        bag.add_tag("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        for seed, place in places_of_seeds(archive.seeds, edition.name) if with_seeds else ():
            if why := kept_back.get(seed.name):
                left_out.append(seed.name)
                say(f"left out, since it holds a {why} document: {seed.name}")
                continue
            if place != seed.name:
                renamed = True
                bag.note_name(place, seed.name)
            bag.add(place, seed.path)
            progress("Packing seeds", done := done + 1, None)
        held_back = {document.file for document in off_site if not document.is_withdrawn}
        for file in curated_files(archive, settings_of(archive, archive.output)):
            check_place(archive.root, file, f"{edition.name}/{edition.name}/data/archive")
            if file in held_back:
                bag.add_text(f"archive/{file}", placeholder(file.removeprefix("content/")))
            else:
                bag.add(f"archive/{file}", archive.root / file)
        for done, file in enumerate(files_in_order(archive.output), 1):
            bag.add(f"site/{file}", archive.output / file)
            if done % BATCH == 0 or done == total:
                progress("Packing the site", done, total)
        if renamed:
            bag.add_names("seed-names.tsv")
        bag.add_tag("README.txt", _readme(edition, with_seeds, renamed, left_out))
        bag.close(edition)
    enter_files(archive, [archive.bundles / name])
    return archive.bundles / name


class _Bag:
    """A bag in the making; what is added is in the zip already, and nothing of it in memory."""

    def __init__(self, path: Path, name: str, scratch: Path) -> None:
        self._name = name
        self._manifest = TemporaryFile(dir=scratch)  # noqa: SIM115  # all are closed with the bag
        self._directory = TemporaryFile(dir=scratch)  # noqa: SIM115
        self._names = TemporaryFile(dir=scratch)  # noqa: SIM115
        self._zip = ZipFile(path, "w")
        self._zip.filelist, self._zip.NameToInfo = _EntriesOnDisk(self._directory), _NoNames()
        self._tags: dict[str, str] = {}
        self._bytes = self._files = 0

    def __enter__(self) -> "_Bag":
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._zip, self._manifest, self._directory, self._names):
            file.close()

    def add(self, place: str, path: Path) -> None:
        """Add a file as `data/place`."""
        with path.open("rb") as source:
            self._add(place, source, os.fstat(source.fileno()).st_size)

    def add_text(self, place: str, text: str) -> None:
        """Add a text as `data/place`."""
        self._add(place, BytesIO(text.encode()), len(text.encode()))

    def _add(self, place: str, source: IO[bytes], size: int) -> None:
        sha256 = self._write(f"data/{place}", source, size)
        self._manifest.write(f"{sha256}  data/{place}\n".encode())

    def note_name(self, place: str, name: str) -> None:
        """Take note that a file in `data/place` had another name."""
        self._names.write(f"{place}\t{name}\n".encode())

    def add_names(self, name: str) -> None:
        """Add the list of these names beside data/."""
        self._add_tag_file(name, self._names)

    def add_tag(self, name: str, text: str) -> None:
        """Add a file beside data/."""
        self._add_tag(name, BytesIO(text.encode()), len(text.encode()))

    def close(self, edition: Edition) -> None:
        """Add what tells what is in the bag, and end the zip."""
        info = {
            "Source-Organization": edition.title,
            "External-Description": edition.subtitle,
            "External-Identifier": edition.address,
            "Last-Edition": edition.edition,
            "Payload-Oxum": f"{self._bytes}.{self._files}",
            "Bag-Software-Agent": "Seedbank",
        }
        self.add_tag("bag-info.txt", "".join(f"{label}: {text}\n" for label, text in info.items() if text))
        self._add_tag_file("manifest-sha256.txt", self._manifest)
        self.add_tag("tagmanifest-sha256.txt", "".join(f"{self._tags[name]}  {name}\n" for name in sorted(self._tags)))
        self._zip.close()

    def _add_tag_file(self, name: str, written: IO[bytes]) -> None:
        size = written.tell()
        written.seek(0)
        self._add_tag(name, written, size)

    def _add_tag(self, name: str, source: IO[bytes], size: int) -> None:
        self._tags[name] = self._write(name, source, size)

    def _write(self, name: str, source: IO[bytes], size: int) -> str:
        entry, digest = _entry(f"{self._name}/{name}"), hashlib.sha256()
        entry.file_size = size  # tells whether its entry needs 64 bits
        with self._zip.open(entry, "w") as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                target.write(piece)
        if name.startswith("data/"):
            self._bytes += entry.file_size
            self._files += 1
        return digest.hexdigest()


class _EntriesOnDisk(list[ZipInfo]):
    """The entries of a zip in the making, which zipfile keeps to write its directory at the end."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._number = 0

    def append(self, entry: ZipInfo) -> None:
        row = entry.filename, entry.header_offset, entry.CRC, entry.compress_size, entry.file_size
        self._file.write(json.dumps(row).encode() + b"\n")
        self._number += 1

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[ZipInfo]:
        self._file.seek(0)
        for line in self._file:
            name, *values = json.loads(line)
            entry = _entry(name)
            entry.header_offset, entry.CRC, entry.compress_size, entry.file_size = values
            yield entry

    def __getitem__(self, _: SupportsIndex | slice) -> "ZipInfo":  # type: ignore[override]
        raise TypeError("entries are only ever read in order")


class _NoNames(dict[str, ZipInfo]):
    """Stands for the names that zipfile remembers, to find entries again; here they are all different."""

    def __setitem__(self, name: str, entry: ZipInfo) -> None:
        """Forget."""


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED  # at zlib's own level, 6
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    return entry


def _readme(edition: Edition, with_seeds: bool, renamed: bool, left_out: list[str]) -> str:
    text = _README.format(
        title=edition.title,
        line="=" * len(edition.title),
        subtitle=f"{edition.subtitle}\n\n" if edition.subtitle else "",
        seeds=(_SEEDS + (_RENAMED if renamed else "")) if with_seeds else "",
    )
    if left_out:
        text += "\nLeft out, since they hold a document that is withdrawn or held back:\n" + "".join(
            f"    {name}\n" for name in left_out
        )
    return text


def _seeds_kept_back(archive: Archive, documents: Sequence[OffSite]) -> dict[str, str]:
    """Return the seeds that hold a document which is withdrawn or held back, and their sidecars, with which it is."""
    records = {
        "held-back": {document.sha256 for document in documents if not document.is_withdrawn},
        "withdrawn": {document.sha256 for document in documents if document.is_withdrawn}
        | {line.detail for line in moved_or_withdrawn(archive.ledger).values() if line.holds == "tombstone"},
    }
    seeds = {document.seed: "withdrawn" if document.is_withdrawn else "held-back" for document in documents}
    for why, of_kind in records.items():
        seeds |= dict.fromkeys(seeds_with(archive, of_kind) if of_kind else (), why)
    files = {file_of(seed): why for seed, why in seeds.items()}
    for seed in find_seeds(archive.seeds) if files else ():
        if isinstance(seed, SeedFile) and seed.sidecar and seed.name in files:
            files[seed.sidecar.name] = files[seed.name]
    return files
