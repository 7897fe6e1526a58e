"""An archive: a folder of seeds, and what is made of them.

DIR/seeds/            captures as received; only ever read
DIR/content/          one Markdown file a document, tags.toml, sources.toml, addresses.csv, pages/
DIR/output/           the built site
DIR/.cache/           working data: the lock, the last report, a site in the making; can be deleted
DIR/pelicanconf.py    settings of this archive (optional)
DIR/theme/            its own theme (optional)
"""

import fcntl
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

Say = Callable[[str], None]
"""Told what the person at the keyboard has to know, a line at a time."""
Progress = Callable[[str, int, int | None], None]
"""Told the stage of a long work, how much is done, and of how much where that is known."""


_MOST_JOBS = 256
_HERE = os.urandom(4).hex()  # on another machine, a process of the same number may be at work on the same archive


class ArchiveError(Exception):
    """A fault that the person at the keyboard can mend; the message says which, where and how."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The places of one archive; `root` is absolute."""

    root: Path

    @property
    def seeds(self) -> Path:
        return self.root / "seeds"

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def ledger(self) -> Path:
        return self.content / "addresses.csv"

    @property
    def vocabulary(self) -> Path:
        return self.content / "tags.toml"

    @property
    def sources(self) -> Path:
        return self.content / "sources.toml"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def bundles(self) -> Path:
        return self.root / "dist"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"


def open_archive(folder: str, may_be_empty: bool = False) -> Archive:
    """Give the archive in `folder`.

    Raises ArchiveError where there is no such folder, or one with neither seeds nor content that may not be empty.
    """
    root = Path(folder).resolve()
    if not root.is_dir():
        raise ArchiveError(f"{folder}: no such folder; --archive takes a folder that holds seeds/")
    archive = Archive(root)
    if not may_be_empty and not archive.seeds.is_dir() and not archive.content.is_dir():
        raise ArchiveError(f"{folder}: neither seeds/ nor content/ in it; put the seeds into {folder}/seeds/")
    return archive


@contextmanager
def at_work(archive: Archive, task: str) -> Iterator[None]:
    """Hold the archive for one task; the system lets go of it even when the process is killed.

    Raises ArchiveError where another run is at work, and says which.
    """
    try:
        archive.cache.mkdir(exist_ok=True)
        lock = os.open(archive.cache / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
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
        for left_over in archive.cache.glob("partial-*"):
            left_over.unlink()
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"'{task}' (process {os.getpid()})\n".encode(), 0)
        yield
    finally:
        os.close(lock)


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


def jobs_from(text: str) -> int:
    """Give the number of processes that `--jobs` asks for; nothing means one a processor.

    Raises ArchiveError where it is no number from 1 on.
    """
    if not text:
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(max(1, number_from("--jobs", text, "4")), _MOST_JOBS)


def number_from(option: str, text: str, example: str) -> int:
    """Give the number that an option was given; raises ArchiveError where it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ArchiveError(f"{option} {text}: takes a number, such as {option} {example}")
    return int(text)


def date_from(option: str, text: str) -> date:
    """Give the day that an option was given, today if it was not; raises ArchiveError where it is none."""
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise ArchiveError(f"{option} {text}: takes a day, such as {option} 2026-03-08") from None
