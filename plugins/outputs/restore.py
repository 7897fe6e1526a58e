"""Makes an archive again from its own bundle: nothing else of it need be left.

    dist/harbour-press.zip      ─►  DIR/seeds/…          under the names that they had
        data/seeds/…                DIR/content/…        with the ledger, tags.toml, sources.toml, pages
        data/archive/…              DIR/pelicanconf.py, DIR/theme/…
        data/site/…                 DIR/output/…

Nothing of a bundle is believed before all of it was compared with its checksums, and nothing of it gets out of DIR. The
archive takes its place when it is whole. What the bundle had left out, such as seeds with withdrawn documents, is not
in it. Its settings are programs, as those of every archive are.
"""

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile, ZipInfo

from converters.archive.layout import Archive, ArchiveError, Progress
from converters.intake.seeds import path_of
from plugins.checks.bag import faults_of

_MOST_FAULTS = 20
_TOLD_AFTER = 100  # files
_NO_PART_OF_ONE = (".git", ".cache", "seeds", "output", "dist")


class _Packed(NamedTuple):
    entry: ZipInfo
    path: str
    """Where it is to lie, below the archive's folder."""


def restore(bundle: str, folder: str, progress: Progress) -> Archive:
    """Make an archive of a bundle in a folder that is empty, or not there yet; return it.

    Raises ArchiveError where there is something in the folder, where the bundle is damaged, of a former version or
    would write elsewhere.
    """
    source, root = Path(bundle).expanduser(), Path(folder).expanduser().resolve()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ArchiveError(f"{root}: there is something already; name a folder that is empty, or not there yet")
    if not source.is_file():
        raise ArchiveError(f"{bundle}: no such file; name a bundle, such as dist/archive.zip")
    progress("Comparing checksums", 0, None)
    if faults := [f"{bundle}: {fault}" for fault in islice(faults_of(source), _MOST_FAULTS)]:
        raise ArchiveError("\n".join([*faults, "nothing was restored; take another copy of the bundle"]))
    partial = root.with_name(f".{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # a killed run's
    try:
        with ZipFile(source) as packed:
            _unpack(packed, bundle, partial, progress)
        (partial / "seeds").mkdir(exist_ok=True)
        partial.rename(root)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Archive(root)


def _unpack(packed: ZipFile, bundle: str, target: Path, progress: Progress) -> None:
    files = list(_files_of(packed, bundle))
    if not any(file.path.startswith("content/") for file in files):
        raise ArchiveError(
            f"{bundle}: holds no content/, as bundles of former versions do not; begin a new archive with its seeds"
        )
    for done, file in enumerate(files, 1):
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with packed.open(file.entry) as content, path.open("xb") as written:
                shutil.copyfileobj(content, written)
        except FileExistsError:
            raise ArchiveError(f"{bundle}: has two files for {file.path}; nothing was restored") from None
        if done % _TOLD_AFTER == 0 or done == len(files):
            progress("Restoring", done, len(files))


def _files_of(packed: ZipFile, bundle: str) -> Iterator[_Packed]:
    """Yield the files of the archive in a bundle; raises ArchiveError for one that would lie anywhere else."""
    entries = packed.infolist()
    top = entries[0].filename.partition("/")[0]
    names = _former_names(packed, f"{top}/seed-names.tsv")
    for entry in entries:
        part, _, path = entry.filename.removeprefix(f"{top}/data/").partition("/")
        if entry.filename == f"{top}/data/{part}/{path}":
            path = {
                "seeds": names.get(f"seeds/{path}", f"seeds/{path}"),
                "site": f"output/{path}",
                "archive": path if path.partition("/")[0] not in _NO_PART_OF_ONE else "",
            }.get(part, "")
            if {"", ".", ".."} & {*path.split("/")} or "\0" in path:
                raise ArchiveError(f"{bundle}: {entry.filename} is no part of an archive; nothing was restored")
            yield _Packed(entry, path)


def _former_names(packed: ZipFile, listed: str) -> dict[str, str]:
    """Return the paths of the seeds that lie under another name in the bundle, by their places in it."""
    if listed not in packed.namelist():
        return {}
    lines = packed.read(listed).decode("utf-8", "replace").split("\n")
    return {place: path_of(name) for place, _, name in (line.partition("\t") for line in lines if line)}
