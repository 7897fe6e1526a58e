"""Seeds that lie elsewhere, and a site that is to lie elsewhere: `s3://`, `gs://`, `sftp://` and whatever fsspec knows.

    s3://bucket/captures/2023.txt  ─ fetch ─►  seeds/2023.txt      what is not here yet
    output/…                       ─ put ─►    s3://bucket/site/…  what has changed; what is gone goes there, too

Nothing in `seeds/` is ever replaced: where a seed differs from the one that lies elsewhere, that is told and the one
here stays. What was put where is remembered in `.cache/`; without that, all of it is put again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from converters.archive.atomic import atomic_output, atomic_write
from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.archive.stamps import files_below

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_AT_ONCE = 200  # files handed to fsspec together, which sends some of them at a time


def fetch_seeds(archive: Archive, url: str, say: Say, progress: Progress) -> int:
    """Copy the seeds at `url` that are not here yet; give how many differ from those here, each told of.

    Raises ArchiveError where the place cannot be reached or holds a name that no file here may have.
    """
    files, root = _reach(url)
    differing = 0
    try:
        if not files.exists(root):
            raise ArchiveError(f"{url}: there is nothing")
        found = files.find(root, detail=True)
        for done, (path, known) in enumerate(sorted(found.items()), 1):
            name = path[len(root) :].lstrip("/") or PurePosixPath(path).name
            target = _inside(archive.seeds, name, url)
            if not target.exists():
                with atomic_output(target) as partial:
                    files.get_file(path, str(partial))
            elif target.stat().st_size != known["size"]:
                differing += 1
                say(f"differs from {url}, kept: seeds/{name}; to take the other, move this one away")
            progress("Fetching seeds", done, len(found))
    except OSError as error:
        raise ArchiveError(f"{url}: {error}") from None
    return differing


def put_site(archive: Archive, url: str, progress: Progress) -> int:
    """Bring the site at `url` up to date with output/; give how many files were put there or taken away.

    Raises ArchiveError where the place cannot be reached.
    """
    files, root = _reach(url)
    memory = archive.cache / f"put-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    now = dict(_stamps(archive.output))
    try:
        there = {path[len(root) :].lstrip("/") for path in files.find(root)} if files.exists(root) else set()
        before = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
        new = sorted(name for name, stamp in now.items() if name not in there or before.get(name) != stamp)
        gone = sorted(name for name in before if name not in now and name in there)
        for at in range(0, len(new), _AT_ONCE):
            names = new[at : at + _AT_ONCE]
            for folder in sorted({name.rpartition("/")[0] for name in names}):
                files.makedirs(f"{root}/{folder}".rstrip("/"), exist_ok=True)
            files.put([str(archive.output / name) for name in names], [f"{root}/{name}" for name in names])
            progress("Putting the site in place", at + len(names), len(new))
        for name in gone:
            files.rm_file(f"{root}/{name}")
    except OSError as error:
        raise ArchiveError(f"{url}: {error}") from None
    with atomic_write(memory) as file:
        json.dump(now, file)
    return len(new) + len(gone)


def _reach(url: str) -> tuple["AbstractFileSystem", str]:
    if find_spec("fsspec") is None:
        raise ArchiveError(f"{url}: fsspec is not installed; install it with: pip install fsspec (and s3fs for s3://)")
    from fsspec.core import url_to_fs

    try:
        files, root = url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise ArchiveError(f"{url}: {error}") from None
    return files, root.rstrip("/")


def _inside(folder: Path, name: str, url: str) -> Path:
    """Return the place of a file; raises ArchiveError for a name that leads out of the folder."""
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise ArchiveError(f"{url}: holds {name!r}, which is no name for a file in seeds/; rename it there")
    target = folder.joinpath(*parts)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ArchiveError(f"{target}: a link leads out of seeds/; take it away")
    return target


def _stamps(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield path and stamp of each file; a further link to a file, as builds make them, does not change it."""
    for name in files_below(folder):
        found = os.stat(f"{folder}/{name}")  # noqa: PTH116  # there may be very many
        yield name, f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
