"""Keeps an archive to itself: no link in its folders leads out of them, and nothing waits for what is no file.

check_inside("content/2023/slug.md", content)    ArchiveError: … is a link that leads out of content/, to /etc/passwd
texts_in(content)                                "2023/03/08/slug.md", "pages/about.md", …
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from converters.archive.junk import is_junk
from converters.archive.layout import ArchiveError


def check_inside(path: str | Path, folder: Path) -> None:
    """Raise ArchiveError where a path below a folder is a link that leads out of it or nowhere, a pipe or a device."""
    remedy = f"put the file itself in its place, or take it out of {folder.name}/"
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            target = os.path.realpath(path, strict=True)
            if not Path(target).is_relative_to(os.path.realpath(folder)):
                raise ArchiveError(f"{path}: is a link that leads out of {folder.name}/, to {target}; {remedy}")
            mode = os.stat(target).st_mode  # noqa: PTH116
    except OSError as error:
        raise ArchiveError(f"{path}: is a link that leads nowhere: {error.strerror}; {remedy}") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ArchiveError(f"{path}: is no file that can be read; take it out of {folder.name}/")


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
