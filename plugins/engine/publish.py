"""Puts a built site in the place of the live one, at one stroke, at a cost of what has changed.

    .cache/site/       what the build wrote: the whole site, or the changed files only
    output/            the live site
    .cache/staging/    the site that was live before it, to be the next
    .cache/pending     by which files staging differs from the live site

Changed files alone are put into staging, which is first brought up to date with what is live; then the two change
places. Files that are the same in both are one file with two names, so staging takes no room. Files are only ever put
in place of others, never written over: what is live is not touched.

Killed at any moment, `output/` is a whole site. `.cache/pending` names the folder it speaks of by its inode, so that a
staging of which nothing certain is known is made anew.

A folder that is mounted, or lies on another file system than `.cache/`, cannot change places with another. There the
files are put in place one by one, each whole at any moment.
"""

import ctypes
import errno
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

from converters.archive.atomic import atomic_output, atomic_write, link
from converters.archive.layout import Archive, ArchiveError, Say
from converters.archive.stamps import files_below

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS
_CANNOT_MOVE = (errno.EBUSY, errno.EXDEV)  # a mounted folder, another file system


def recover(archive: Archive) -> None:
    """Bring back the site that a killed build had set aside, where folders cannot be exchanged at one stroke."""
    former = archive.cache / "former"
    if former.exists() and not archive.output.exists():
        former.rename(archive.output)


def check_output(archive: Archive) -> None:
    """Raise ArchiveError where output/ is no folder, which a site could take the place of."""
    if archive.output.is_symlink() or (archive.output.exists() and not archive.output.is_dir()):
        raise ArchiveError(
            f"{archive.output}: is no folder of its own; move it away, so that a site can be built there"
        )


def replace_live(archive: Archive, new: Path, say: Say) -> None:
    """Let a whole new site take the place of the live one; staging is of no use from then on."""
    (archive.cache / "pending").unlink(missing_ok=True)
    if not (_can_swap(archive) and swap(archive, new)):
        _tell_of_mount(archive, say)
        written = {*files_below(new)}
        fill(archive.output, new, written, {*files_below(archive.output)} - written)


def merge_into_live(archive: Archive, new: Path, stale: set[str], say: Say) -> set[str]:
    """Put the files of `new` among the live ones, and take away those at `stale` addresses that `new` has not.

    Returns the files that came, went or changed: none if nothing differs from what is live already.
    """
    written = {*files_below(new)}
    changed = {name for name in written if not _same(new / name, archive.output / name)}
    gone = {name for name in stale - written if (archive.output / name).exists()}
    if not changed and not gone:
        return set()
    if not _can_swap(archive):
        _tell_of_mount(archive, say)
        fill(archive.output, new, changed, gone)
        return changed | gone
    staging = archive.cache / "staging"
    _bring_up_to_date(archive)
    for name in changed:
        _put(new / name, staging / name)
    for name in gone:
        _take_away(staging, name)
    _note_pending(archive, staging, changed, gone)
    if not swap(archive, staging):
        _tell_of_mount(archive, say)
        fill(archive.output, staging, changed, gone)
        remove(staging)
    return changed | gone


def prepare_staging(archive: Archive, jobs: int) -> Callable[[], None]:
    """Have staging made, if it cannot be used as it is, while the changed files are being written.

    Returns what waits for it.
    """
    if _is_usable(archive) or not archive.output.exists() or not _can_swap(archive):
        return lambda: None
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return partial(_make_staging, archive)
    maker = multiprocessing.get_context("fork").Process(target=_make_staging, args=(archive,), daemon=True)
    maker.start()
    return maker.join


def swap(archive: Archive, site: Path) -> bool:
    """Let a site take the place of the live one; return False where the system cannot move one of them."""
    try:
        if not archive.output.exists():
            site.rename(archive.output)
        elif not _exchange(site, archive.output):
            former = archive.cache / "former"
            remove(former)
            archive.output.rename(former)
            site.rename(archive.output)
            former.rename(site)
    except OSError as error:
        if error.errno not in _CANNOT_MOVE:
            raise
        return False
    return True


def fill(live: Path, new: Path, changed: Iterable[str], gone: Iterable[str]) -> None:
    """Put files of `new` into the live site one by one, and take others away."""
    for name in sorted(changed):
        target = live / name
        with atomic_output(target, durable=False) as partial_path:
            shutil.copyfile(new / name, partial_path)
    for name in sorted(gone):
        _take_away(live, name)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def _can_swap(archive: Archive) -> bool:
    """Return whether output/ may change places with a folder in .cache/, as far as can be told beforehand."""
    if archive.output.exists() and archive.output.is_mount():
        return False
    return archive.cache.stat().st_dev == archive.root.stat().st_dev


def _tell_of_mount(archive: Archive, say: Say) -> None:
    say(
        f"{archive.output}: is mounted, or .cache/ is on another file system; "
        "its files are put in place one by one, so a visitor may meet old and new pages for a moment"
    )


def _bring_up_to_date(archive: Archive) -> None:
    """Make staging the same as the live site, of the same files."""
    if not _is_usable(archive):
        _make_staging(archive)
    pending = _pending(archive)
    (archive.cache / "pending").unlink()
    staging = archive.cache / "staging"
    for name in pending["gone"]:
        _take_away(staging, name)
    for name in pending["changed"]:
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        (staging / name).unlink(missing_ok=True)
        link(archive.output / name, staging / name)


def _make_staging(archive: Archive) -> None:
    partial_folder, staging = archive.cache / "staging.partial", archive.cache / "staging"
    for left_over in (partial_folder, staging):
        remove(left_over)
    for folder, _, names in os.walk(archive.output):
        target = f"{partial_folder}{folder[len(str(archive.output)) :]}"
        os.mkdir(target)  # noqa: PTH102  # there may be very many
        for name in names:
            link(f"{folder}/{name}", f"{target}/{name}")
    partial_folder.rename(staging)
    _note_pending(archive, archive.output, (), ())


def _is_usable(archive: Archive) -> bool:
    return (archive.cache / "staging").exists() and _pending(archive).get("of") == archive.output.stat().st_ino


def _pending(archive: Archive) -> dict[str, Any]:
    record = archive.cache / "pending"
    return dict(json.loads(record.read_text())) if record.exists() else {}


def _note_pending(archive: Archive, site: Path, changed: Iterable[str], gone: Iterable[str]) -> None:
    """Note by which files staging differs from `site`, which is live or is to be in a moment."""
    with atomic_write(archive.cache / "pending", durable=False) as file:
        json.dump({"of": site.stat().st_ino, "changed": sorted(changed), "gone": sorted(gone)}, file)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _take_away(folder: Path, name: str) -> None:
    file = folder / name
    file.unlink(missing_ok=True)
    with suppress(OSError):  # until one is not empty
        for above in takewhile(lambda above: above != folder, file.parents):
            above.rmdir()


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at one stroke; return False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            return bool(libc.renamex_np(os.fsencode(one), os.fsencode(other), _RENAME_SWAP) == 0)
        paths = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
        return bool(libc.renameat2(*paths, _RENAME_EXCHANGE) == 0)
    except AttributeError:
        return False
