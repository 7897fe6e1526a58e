"""Writes files so that, killed at any moment, either the old or the new content stands whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from converters.archive.layout import Archive

_HERE = os.urandom(4).hex()  # on another machine, a process of the same number may be at work on the same archive


@contextmanager
def writing(archive: Archive, path: Path) -> Iterator[TextIO]:
    """Open a file for writing so that, killed at any moment, either its old or its new content stands whole."""
    partial = archive.cache / f"partial-{_HERE}-{os.getpid()}-{path.name}"
    try:
        opened = partial.open("w", encoding="utf-8", newline="")
    except FileNotFoundError:
        archive.cache.mkdir(exist_ok=True)
        opened = partial.open("w", encoding="utf-8", newline="")
    with opened as file:
        yield file
    try:
        partial.replace(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(path)


def link(source: str | Path, target: str | Path) -> None:
    """Give a file a further name, or a copy where the file system knows no such names.

    Raises FileExistsError if there is something of that name, and FileNotFoundError if there is no such file.
    """
    try:
        os.link(source, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
