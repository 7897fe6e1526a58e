"""The manifest, `.cache/manifest.sqlite`: what each file of output/ and dist/ was when it was written.

    output/2023/03/08/court-opens-inquiry.html    cf07…
    output/search/f/0.js                          5f0c…
    dist/harbour-press.zim                        e3b0…

By these SHA-256 `check` finds every file of a site that was altered, added or taken away since, and every altered file
of dist/. What a build has changed is entered, no more. While a site is put in its place the manifest speaks of none;
after a build that was killed there the next one reads all again. It lies apart from what it speaks of, and is no
signature: keep a bundle elsewhere to compare with.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from hashlib import file_digest
from pathlib import Path

from converters.archive.layout import Archive
from converters.archive.processes import batches, forks
from converters.archive.stamps import files_below

_TABLES = """
    CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS settled (site TEXT NOT NULL);
"""
_OUTPUT = "output/"

Enter = Callable[[Iterable[str] | None], None]
"""Enters the files of the site that were written or taken away; None for all."""


@contextmanager
def changing_site(archive: Archive, jobs: int) -> Iterator[Enter]:
    """Let the manifest speak of no site while output/ is changed; yield what enters the changes.

    Where it spoke of none before, all files are entered.
    """
    with closing(_open(archive)) as database:
        was_settled = database.execute("DELETE FROM settled").rowcount > 0
        database.commit()

        def enter(changed: Iterable[str] | None) -> None:
            names = sorted(changed) if changed is not None and was_settled else None
            if names is None:
                database.execute("DELETE FROM files WHERE path GLOB 'output/*'")
                names = sorted(files_below(archive.output))
            else:
                database.executemany("DELETE FROM files WHERE path = ?", [(_OUTPUT + name,) for name in names])
            parts = [*batches(names)]
            with forks(min(jobs, len(parts))) as ordered_map:
                for rows in ordered_map(partial(_digests, archive.root), map(_below_output, parts)):
                    database.executemany("REPLACE INTO files VALUES (?, ?)", rows)
            database.execute("INSERT INTO settled VALUES ('')")
            database.commit()

        yield enter


def enter_files(archive: Archive, paths: Iterable[Path]) -> None:
    """Enter files of dist/ that were just written."""
    with closing(_open(archive)) as database:
        names = [path.relative_to(archive.root).as_posix() for path in paths]
        database.executemany("REPLACE INTO files VALUES (?, ?)", _digests(archive.root, names))
        database.commit()


def read_manifest(archive: Archive) -> dict[str, str]:
    """Return path and SHA-256 of each file; of no file of output/ where nothing certain is known of the site."""
    with closing(_open(archive)) as database:
        where = "" if database.execute("SELECT 1 FROM settled").fetchone() else "WHERE NOT path GLOB 'output/*'"
        return dict(database.execute(f"SELECT path, sha256 FROM files {where}"))  # noqa: S608  # one of the two above


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, which is read in pieces."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _below_output(names: Sequence[str]) -> list[str]:
    return [_OUTPUT + name for name in names]


def _digests(root: Path, paths: Sequence[str]) -> list[tuple[str, str]]:
    return [(path, sha256_of(root / path)) for path in paths if (root / path).is_file()]


def _open(archive: Archive) -> sqlite3.Connection:
    path = archive.cache / "manifest.sqlite"
    try:
        return _connect(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.executescript(f"PRAGMA synchronous = OFF; {_TABLES}")
    return database
