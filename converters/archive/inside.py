"""Keeps an archive to itself: no link in its folders leads out of them, and nothing waits for what is no file.

check_inside("content/2023/slug.md", content)    ArchiveError: … is a link that leads out of content/, to /etc/passwd
texts_in(content)                                "2023/03/08/slug.md", "pages/about.md", …
"""

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from converters.archive.junk import is_junk
from converters.archive.layout import Archive, ArchiveError

_SHARED = ("unpacked", "containers", "templates")  # folders of .cache/ whose files are found again by their names


def check_inside(path: str | Path, folder: Path) -> None:
    """Raise ArchiveError where a path below a folder is a link that leads out of it or nowhere, a pipe or a device.

    Where there is nothing, nothing is wrong.
    """
    remedy = f"put the file itself in its place, or take it out of {folder.name}/"
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    try:
        if stat.S_ISLNK(mode):
            target = os.path.realpath(path, strict=True)
            if not Path(target).is_relative_to(os.path.realpath(folder)):
                raise ArchiveError(f"{path}: is a link that leads out of {folder.name}/, to {target}; {remedy}")
            mode = os.stat(target).st_mode  # noqa: PTH116
    except OSError as error:
        raise ArchiveError(f"{path}: is a link that leads nowhere: {error.strerror}; {remedy}") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ArchiveError(f"{path}: is no file that can be read; take it out of {folder.name}/")


@lru_cache(maxsize=4096)
def check_way(top: str, folder: str) -> None:
    """Raise ArchiveError where a folder below the folder `top`, or one above it, is a link: it may lead anywhere."""
    while len(folder) > len(top):
        if os.path.islink(folder):  # noqa: PTH114
            raise ArchiveError(f"{folder}: is a link; put the folder itself in its place")
        folder = folder.rpartition("/")[0]


def check_folders(archive: Archive) -> None:
    """Raise ArchiveError where a folder that is written to is a link that leads out of the archive, or holds one.

    A stranger's archive could have files of yours overwritten by it.
    """
    for folder in (archive.content, archive.cache, archive.output, archive.bundles):
        target = Path(os.path.realpath(folder)) if folder.is_symlink() else folder
        if not target.is_relative_to(archive.root):
            raise ArchiveError(
                f"{folder}: is a link that leads out of the archive, to {target}; put a folder in its place, and mount "
                "there what is to lie elsewhere"
            )
    for folder in (archive.cache, *(archive.cache / name for name in _SHARED)):
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if entry.is_symlink():
                raise ArchiveError(f"{entry.path}: is a link; remove it: all in .cache/ is made again")


def texts_in(content: Path) -> Iterator[str]:
    """Yield the Markdown files below a folder, relative to it, in the same order everywhere.

    Raises ArchiveError for one that leads out of the folder or is no file, OSError for a folder that cannot be read.
    """
    top = len(f"{content}/")
    for folder, below, names in os.walk(content, onerror=reraise):
        below[:] = sorted(name for name in below if not is_junk(name))
        for name in sorted(names):
            if name.endswith(".md") and not is_junk(name):
                check_inside(f"{folder}/{name}", content)
                yield f"{folder}/{name}"[top:]


def reraise(error: OSError) -> None:
    """Let `os.walk` fail where it cannot read a folder, which it would pass over."""
    raise error
