"""Tells whether files are as they were: single files without reading them, the program by what it says.

stamp_of("seeds/2023.txt")                  "81920 1711111111000000000 1711111111000000000 131078"
stamps_of([Path("theme")])                  {"theme/static/seedbank.css": "9120 …", …}
digest_of({"theme/…": "9120 …"})            "5f0c6b1e…"
code_fingerprint()                          "e3b0c442…"    converters/, plugins/ and requirements.txt
"""

import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from converters.archive.layout import PROJECT

_CODE = ("converters", "plugins", "requirements.txt")


def stamp_of(path: str | Path) -> str:
    """Return size, times and inode of a file, which differ once it is written; "" for what is no file or not there."""
    try:
        found = os.stat(path)  # noqa: PTH116  # there may be very many
    except OSError:
        return ""
    if not stat.S_ISREG(found.st_mode):
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def stamps_of(paths: Iterable[Path], unread: list[str] | None = None, links: list[str] | None = None) -> dict[str, str]:
    """Return the stamp of each of the files, and of each file below the folders, by its path, in order.

    A folder that cannot be read is added to `unread`; raises OSError where there is no such list. Links, also those to
    folders, are added to `links`.
    """
    stamps = {}
    for path in paths:
        below = sorted(f"{path}/{name}" for name in files_below(path, unread, links)) if path.is_dir() else []
        for file in [str(path)] if path.is_file() else below:
            if not file.endswith(".pyc"):
                stamps[file] = stamp_of(file)
    return stamps


def digest_of(stamps: Mapping[str, str], *further: str) -> str:
    """Return one digest of stamps, and of further texts."""
    digest = hashlib.sha256("\0".join(further).encode())
    for path, stamp in stamps.items():
        digest.update(f"{path}\0{stamp}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def files_below(folder: str | Path, unread: list[str] | None = None, links: list[str] | None = None) -> Iterator[str]:
    """Yield the paths of all files below a folder, relative to it, in no certain order; links to folders are no files.

    A folder that cannot be read is added to `unread`; raises OSError where there is no such list. Links, also those to
    folders, are added to `links`.
    """
    top, folders = len(f"{folder}/"), [str(folder)]
    while folders:
        below = folders.pop()
        try:
            with os.scandir(below) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif not entry.is_symlink():
                        yield entry.path[top:]
                    else:
                        if links is not None:
                            links.append(entry.path)
                        if not _leads_to_folder(entry):
                            yield entry.path[top:]
        except OSError:
            if unread is None:
                raise
            unread.append(below)


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # it leads in a circle
        return False


@cache
def code_fingerprint() -> str:
    """Return a digest of this program as it was when the process first asked, the same on every machine."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in _CODE:
        path = PROJECT / name
        for file in [path] if path.is_file() else sorted(path / below for below in files_below(path)):
            if file.suffix != ".pyc":
                digest.update(f"{file.relative_to(PROJECT).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
