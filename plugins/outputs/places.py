"""Gives every file of a bundle a place that any system can hold, and can tell from all others.

    seeds/Court.txt, seeds/court.txt       ─►  seeds/Court.txt, seeds/=5f0c6b1e=court.txt
    seeds/a:b=c.txt                        ─►  seeds/a=3Ab=3Dc.txt
    seeds/<300 characters>.txt             ─►  seeds/=cf07…=<its last 40 characters>

Systems differ in what a name may hold, whether capitals count, whether é is one character or two, and how long a path
may be once the bundle is unpacked into a folder of its own name (Windows: 259). Seeds get another place where they need
one; files of the site cannot, since links lead to them, so they are looked at before anything is packed.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from converters.archive.layout import ArchiveError
from converters.intake.seeds import SeedFile, find_files
from converters.ledger.addresses import RESERVED_SLUGS

_LONGEST_NAME = 200  # bytes; file systems hold 255
_LONGEST_PATH = 259  # units of UTF-16
_WHERE_UNPACKED = 40  # of them, for C:\Users\somebody\Downloads
_KEPT_OF_NAME = 40
_NOT_EVERYWHERE = re.compile(r'[<>:"|?*\\%]')  # Windows has no such names, and % begins an escape in manifests
_DEVICES = RESERVED_SLUGS - {"index"}


def places_of_seeds(seeds: Path, bundle: str) -> Iterator[tuple[SeedFile, str]]:
    """Yield each file in `seeds/` with its place in the data of a bundle of that name."""
    most = _LONGEST_PATH - _WHERE_UNPACKED - len(f"{bundle}/{bundle}/data/")
    folders: list[_Folder] = [_Folder("", "")]
    for seed in find_files(seeds) if seeds.is_dir() else ():
        if not isinstance(seed, SeedFile):
            continue
        *above, name = seed.name.split("/")
        path = ""
        for depth, folder in enumerate(above, 1):
            path = f"{path}{folder}/"
            if depth >= len(folders) or folders[depth].path != path:
                folders[depth:] = [_Folder(path, f"{folders[depth - 1].place_for(folder, path)}/")]
        place = folders[len(above)].place_for(name, seed.name)
        yield seed, place if _units(place) <= most else _short(seed.name)


def check_site(output: Path, bundle: str) -> None:
    """Raise ArchiveError for a file of the site whose name some systems cannot hold, or cannot tell from another's."""
    for folder, folders, names in os.walk(output):
        keys: dict[str, str] = {}
        for name in sorted((*folders, *names)):
            place = f"{folder}/{name}"[len(f"{output}/") :]
            check_place(output, place, f"{bundle}/{bundle}/data/site")
            if (other := keys.setdefault(_key(name), name)) != name:
                raise ArchiveError(
                    f"{output / place}: some systems cannot tell this name from {other}; rename the source of one"
                )


def check_place(top: Path, place: str, packed_in: str) -> None:
    """Raise ArchiveError for a file below a folder whose name some systems cannot hold once it is unpacked."""
    name = place.rpartition("/")[2]
    if name != _portable(name) or _units(f"{packed_in}/{place}") > _LONGEST_PATH:
        raise ArchiveError(f"{top / place}: some systems cannot hold this name; rename its source")


class _Folder:
    """A folder that is being packed."""

    def __init__(self, path: str, place: str) -> None:
        self.path = path
        self._place = place
        self._taken: set[str] = set()

    def place_for(self, name: str, path: str) -> str:
        """Return the place of a file or a folder in it."""
        portable = _portable(name.replace("=", "=3D"))
        if _key(portable) in self._taken:
            portable = f"={_digest(path)[:8]}={portable}"
        self._taken.add(_key(portable))
        return f"{self._place}{portable}"


def _key(name: str) -> str:
    """Return what is the same for names that some system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _portable(name: str) -> str:
    """Return a name of a file or folder that every system can hold: itself, but for characters given as =XX."""
    name = "".join(_escape(char) if not char.isprintable() or _NOT_EVERYWHERE.match(char) else char for char in name)
    if name.partition(".")[0].casefold() in _DEVICES:
        name = _escape(name[0]) + name[1:]
    if name.endswith((".", " ")):
        name = name[:-1] + _escape(name[-1])
    if len(name.encode()) > _LONGEST_NAME:
        short = name.encode()[: _LONGEST_NAME - 20].decode(errors="ignore")
        name = f"{short}={_digest(name)[:16]}"
    return name


def _short(path: str) -> str:
    """Return a place for a path that is too long, which no other can have: no other begins so."""
    ending = path[-_KEPT_OF_NAME:].rpartition("/")[2]
    return f"seeds/={_digest(path)[:32]}={_portable(ending.replace('=', '=3D'))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _escape(char: str) -> str:
    return "".join(f"={byte:02X}" for byte in os.fsencode(char))
