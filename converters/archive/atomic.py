"""Writes files so that, killed at any moment, either the old or the new content stands whole.

    content/addresses.csv             the ledger as it was
    content/.addresses.csv.partial    the new one, until it is whole and on the disk; then it takes the other's place

A partial file lies beside its target, so that content/, .cache/ and dist/ may each lie on a file system of their own.
Its name begins with a dot, by which everything passes over it; one that a killed run left is written anew by the next.
"""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def atomic_write(path: Path, durable: bool = True) -> Iterator[TextIO]:
    """Open a text file that takes its place when the block ends without an error.

    With `durable` it is on the disk by then, also if the power fails; else `sync_file_system` has to see to that.
    """
    partial = _partial_of(path)
    try:
        opened = _open_new(partial)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = _open_new(partial)
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(opened)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if durable:
        _sync(path.parent)


@contextmanager
def atomic_output(path: Path, durable: bool = True) -> Iterator[Path]:
    """Yield the path of a file to write, whatever writes it; it takes the place of `path` as that of `atomic_write`."""
    partial = _partial_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    try:
        yield partial
        if durable:
            _sync(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    if durable:
        _sync(path.parent)


def sync_file_system(folder: Path) -> None:
    """Wait until all that was written to the file system of a folder is on the disk: one wait for very many files."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if sys.platform != "linux" or ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            os.sync()
    finally:
        os.close(descriptor)


def link(source: str | Path, target: str | Path) -> None:
    """Link a file under a further name, or a copy where the file system knows no such names.

    Raises FileExistsError if there is something of that name, and FileNotFoundError if there is no such file.
    """
    try:
        os.link(source, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _partial_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


def _open_new(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o666)
    except FileExistsError:
        path.unlink()  # a killed run's, or a link that somebody laid there
        return os.open(path, flags, 0o666)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
