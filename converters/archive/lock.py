"""Holds an archive for one task at a time: `.cache/lock` names the task, and the system lets go of it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from converters.archive.inside import check_folders
from converters.archive.layout import Archive, ArchiveError


@contextmanager
def at_work(archive: Archive, command: str) -> Iterator[None]:
    """Hold the archive for one command; the system lets go of it even when the process is killed.

    Before an archive that is not trusted is built, its working data are deleted: compiled templates are programs, too.
    Raises ArchiveError where another run is at work, and says which, and where a folder leads out of the archive.
    """
    check_folders(archive)
    try:
        archive.cache.mkdir(exist_ok=True)
        lock = os.open(archive.cache / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise ArchiveError(
            f"{error.filename}: {error.strerror}; .cache has to be a folder that can be written to"
        ) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode("utf-8", "replace").strip() or "another run"
            raise ArchiveError(f"{archive.root}: {holder} is at work here; wait for it, or stop it") from None
        os.ftruncate(lock, 0)
        if not archive.is_trusted and command in ("site", "build"):
            _forget_cache(archive)
        os.pwrite(lock, f"'{archive.command(command)}' (process {os.getpid()})\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _forget_cache(archive: Archive) -> None:
    for path in archive.cache.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
