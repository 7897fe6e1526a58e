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
import os
import posixpath
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from converters.archive import Archive, ArchiveError, writing

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


def put_in_place(archive: Archive, site: Path) -> None:
    """Let a whole new site take the place of the one that stands."""
    if not archive.output.exists():
        site.rename(archive.output)
    elif not _exchange(site, archive.output):
        former = archive.cache / "former"
        remove(former)
        archive.output.rename(former)
        site.rename(archive.output)
        former.rename(site)


def add_to_standing(archive: Archive, new: Path, stale: set[str], standing: Callable[[], Iterable[str]]) -> bool:
    """Put the files of `new` among those that stand, and take away those at `stale` addresses that `new` has not.

    False if nothing differs from what stands already. `standing` gives the addresses of all files that stand; it is
    asked only when there is no spare site yet. Raises FileNotFoundError if one of them is missing.
    """
    written = files_below(new)
    changed = [name for name in written if not _same(new / name, archive.output / name)]
    gone = [name for name in stale - written if (archive.output / name).exists()]
    if not changed and not gone:
        return False
    spare = archive.cache / "spare"
    _bring_up_to_date(archive, spare, standing)
    for name in changed:
        _put(new / name, spare / name)
    for name in gone:
        _take_away(spare, name)
    with writing(archive, archive.cache / "behind") as file:
        json.dump({"of": spare.stat().st_ino, "changed": sorted(changed), "gone": sorted(gone)}, file)
    put_in_place(archive, spare)
    return True


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def files_below(folder: Path) -> set[str]:
    """Give the paths of all files below a folder, relative to it."""
    top = len(f"{folder}/")
    return {f"{place}/{name}"[top:] for place, _, names in os.walk(folder) for name in names}


def _bring_up_to_date(archive: Archive, spare: Path, standing: Callable[[], Iterable[str]]) -> None:
    """Make the spare site the same as the standing one, of the same files."""
    record = archive.cache / "behind"
    behind = json.loads(record.read_text()) if record.exists() else {}
    record.unlink(missing_ok=True)
    if not spare.exists() or behind.get("of") != archive.output.stat().st_ino:
        remove(spare)
        _link(archive.output, spare, sorted(standing()))
        return
    for name in behind["gone"]:
        _take_away(spare, name)
    _link(archive.output, spare, behind["changed"])


def _link(source: Path, target: Path, names: Iterable[str]) -> None:
    """Give files of one folder the same names in another."""
    folders = set()
    for name in names:
        place, folder = f"{target}/{name}", posixpath.dirname(name)
        if folder not in folders:
            Path(target, folder).mkdir(parents=True, exist_ok=True)
            folders.add(folder)
        try:
            os.link(f"{source}/{name}", place)
        except FileExistsError:
            Path(place).unlink()
            os.link(f"{source}/{name}", place)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without hard links
            shutil.copyfile(f"{source}/{name}", place)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _take_away(folder: Path, name: str) -> None:
    place = folder / name
    place.unlink(missing_ok=True)
    for above in place.parents:
        if above == folder or any(above.iterdir()):
            break
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
