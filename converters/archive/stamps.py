"""Tells without reading whether files are as they were, and finds the files below a folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def stamp_of(path: str | Path) -> str:
    """Give what tells, without reading, whether a file is as it was; nothing for one that is not there, or no file."""
    try:
        found = os.stat(path)  # noqa: PTH116  # there may be very many
    except OSError:
        return ""
    if not stat.S_ISREG(found.st_mode):
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def files_below(folder: str | Path) -> Iterator[str]:
    """Give the paths of all files below a folder, relative to it, in no certain order; links to folders are no files.

    Raises OSError for a folder that cannot be read.
    """
    top, folders = len(f"{folder}/"), [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not (entry.is_symlink() and entry.is_dir()):
                    yield entry.path[top:]
