"""Puts a built site in the place of the one that stands, at one stroke, at a cost of what has changed.

    .cache/site/      what the build wrote: the whole site, or the changed files only
    output/           the site that stands
    .cache/spare/     the site that stood before it, and .cache/behind: by which files it is behind `output/`

Changed files alone are put into the spare site, which is first brought up to date with what stands; then the two change
places. Files that are the same in both are one file with two names, so the spare takes no room. Files are only ever
put in place of others, never written over: what stands is not touched.

Killed at any moment, `output/` is a whole site. `.cache/behind` names the folder it speaks of by its inode, so that a
spare of which nothing certain is known is made anew.
"""

import ctypes
import filecmp
import json
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from converters.archive.atomic import link, writing
from converters.archive.layout import Archive, ArchiveError
from converters.archive.stamps import files_below

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS


def recover(archive: Archive) -> None:
    """Bring back the site that a killed build had set aside, where folders cannot be exchanged at one stroke."""
    former = archive.cache / "former"
    if former.exists() and not archive.output.exists():
        former.rename(archive.output)


def check_place(archive: Archive) -> None:
    """Raise ArchiveError where what stands is no folder, which a site could take the place of."""
    if archive.output.is_symlink() or (archive.output.exists() and not archive.output.is_dir()):
        raise ArchiveError(
            f"{archive.output}: is no folder of its own; move it away, so that a site can be built there"
        )


def replace_standing(archive: Archive, new: Path) -> None:
    """Let a whole new site take the place of the one that stands; no spare is of use from then on."""
    (archive.cache / "behind").unlink(missing_ok=True)
    put_in_place(archive, new)


def put_in_place(archive: Archive, site: Path) -> None:
    """Let a site take the place of the one that stands."""
    if not archive.output.exists():
        site.rename(archive.output)
    elif not _exchange(site, archive.output):
        former = archive.cache / "former"
        remove(former)
        archive.output.rename(former)
        site.rename(archive.output)
        former.rename(site)


def prepare_spare(archive: Archive, jobs: int) -> Callable[[], None]:
    """Have a spare site made, if there is none that can be used, while the changed files are being written.

    Give what waits for it.
    """
    if _is_usable(archive) or not archive.output.exists():
        return lambda: None
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return partial(_make_spare, archive)
    maker = multiprocessing.get_context("fork").Process(target=_make_spare, args=(archive,), daemon=True)
    maker.start()
    return maker.join


def add_to_standing(archive: Archive, new: Path, stale: set[str]) -> bool:
    """Put the files of `new` among those that stand, and take away those at `stale` addresses that `new` has not.

    False if nothing differs from what stands already.
    """
    written = {*files_below(new)}
    changed = [name for name in written if not _same(new / name, archive.output / name)]
    gone = [name for name in stale - written if (archive.output / name).exists()]
    if not changed and not gone:
        return False
    spare = archive.cache / "spare"
    _bring_up_to_date(archive)
    for name in changed:
        _put(new / name, spare / name)
    for name in gone:
        _take_away(spare, name)
    _note_behind(archive, spare, changed, gone)
    put_in_place(archive, spare)
    return True


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def _bring_up_to_date(archive: Archive) -> None:
    """Make the spare site the same as the standing one, of the same files."""
    if not _is_usable(archive):
        _make_spare(archive)
    behind = _behind(archive)
    (archive.cache / "behind").unlink()
    spare = archive.cache / "spare"
    for name in behind["gone"]:
        _take_away(spare, name)
    for name in behind["changed"]:
        (spare / name).parent.mkdir(parents=True, exist_ok=True)
        (spare / name).unlink(missing_ok=True)
        link(archive.output / name, spare / name)


def _make_spare(archive: Archive) -> None:
    partial, spare = archive.cache / "spare.partial", archive.cache / "spare"
    for left_over in (partial, spare):
        remove(left_over)
    for folder, _, names in os.walk(archive.output):
        target = f"{partial}{folder[len(str(archive.output)) :]}"
        os.mkdir(target)  # noqa: PTH102  # there may be very many
        for name in names:
            link(f"{folder}/{name}", f"{target}/{name}")
    partial.rename(spare)
    _note_behind(archive, archive.output, (), ())


def _is_usable(archive: Archive) -> bool:
    return (archive.cache / "spare").exists() and _behind(archive).get("of") == archive.output.stat().st_ino


def _behind(archive: Archive) -> dict[str, Any]:
    record = archive.cache / "behind"
    return dict(json.loads(record.read_text())) if record.exists() else {}


def _note_behind(archive: Archive, site: Path, changed: Iterable[str], gone: Iterable[str]) -> None:
    """Note by which files the spare site is behind that `site`, which stands or is to stand in a moment."""
    with writing(archive, archive.cache / "behind") as file:
        json.dump({"of": site.stat().st_ino, "changed": sorted(changed), "gone": sorted(gone)}, file)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _take_away(folder: Path, name: str) -> None:
    place = folder / name
    place.unlink(missing_ok=True)
    with suppress(OSError):  # until one is not empty
        for above in takewhile(lambda above: above != folder, place.parents):
            above.rmdir()


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at one stroke; False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            return bool(libc.renamex_np(os.fsencode(one), os.fsencode(other), _RENAME_SWAP) == 0)
        paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
        return bool(libc.renameat2(*paths, _RENAME_EXCHANGE) == 0)
    except AttributeError:
        return False
