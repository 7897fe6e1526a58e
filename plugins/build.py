"""Builds an archive's site with Pelican, beside the one that stands, and puts it in its place when it is whole.

    content/ theme/ settings ─ Pelican ─► .cache/site ─ exchange ─► output/

Killed at any moment, `output/` is a whole site: the old one or the new one.
"""

import ctypes
import hashlib
import logging
import os
import shutil
import sys
from itertools import count
from pathlib import Path

import pelican
from jinja2 import TemplateSyntaxError
from pelican import signals
from pelican.settings import get_settings_from_file, read_settings

from converters.archive import Archive, ArchiveError, Progress, Say, writing
from converters.vocabulary import read_vocabulary

PROJECT = Path(__file__).resolve().parent.parent

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h of macOS


def build(archive: Archive, full: bool, say: Say, progress: Progress) -> bool:
    """Build the site; False if nothing had changed since the last build, so that nothing was done.

    Tells `say` of warnings, and `progress` how far it is. Raises ArchiveError with what is wrong; the site that
    stood before still stands then.
    """
    _recover(archive)
    state = archive.cache / "built-from"
    inputs = _fingerprint(archive)
    if not full and (archive.output / "index.html").exists() and state.exists() and state.read_text() == inputs:
        return False
    read_vocabulary(archive.vocabulary)  # its faults are told by their line, before Pelican meets them
    site = archive.cache / "site"
    _remove(site)
    _run_pelican(settings_of(archive, site), say, progress)
    state.unlink(missing_ok=True)
    _put_in_place(archive, site)
    with writing(archive, state) as file:
        file.write(inputs)
    return True


def settings_of(archive: Archive, output: Path) -> dict[str, object]:
    """Give Pelican's settings for an archive: the project's, and over them the archive's own."""
    values: dict[str, object] = {}
    for path in _settings_files(archive):
        try:
            values |= get_settings_from_file(str(path))
        except Exception as error:
            raise ArchiveError(f"{path}: {type(error).__name__}: {error}; mend the settings") from error
    if archive.root != PROJECT and not (archive.root / "pelicanconf.py").exists():
        values["SITENAME"] = archive.root.name
    values |= {
        "PATH": str(archive.content),
        "OUTPUT_PATH": str(output),
        "THEME": str(_theme(archive, str(values["THEME"]))),
        "DELETE_OUTPUT_DIRECTORY": False,
    }
    archive.content.mkdir(exist_ok=True)
    try:
        return dict(read_settings(override=values))
    except ValueError as error:
        raise ArchiveError(f"{archive.root}: {error}") from None


def _settings_files(archive: Archive) -> list[Path]:
    folders = [PROJECT] if archive.root == PROJECT else [PROJECT, archive.root]
    paths = [folder / "pelicanconf.py" for folder in folders]
    paths.append(archive.root / "publishconf.py")  # an address belongs to one archive alone
    return [path for path in paths if path.exists()]


def _theme(archive: Archive, name: str) -> str | Path:
    """Give the folder of the theme that the settings name, or that name if it is one of Pelican's own."""
    own = (archive.root / name, PROJECT / name)
    return next((folder for folder in own if folder.is_dir()), name)


def _fingerprint(archive: Archive) -> str:
    """Give a digest of all that the site is made of, by path, size and time of change."""
    digest = hashlib.sha256()
    theme = archive.root / "theme"
    folders = {
        archive.content,
        archive.seeds,
        theme,
        *(PROJECT / name for name in ("converters", "plugins", "theme")),
    }
    for folder in sorted(folders):
        for place, _, files in sorted(os.walk(folder)):
            for name in sorted(files):
                if not name.endswith(".pyc"):
                    _add_to(digest, Path(place, name))
    for path in (*_settings_files(archive), PROJECT / "requirements.txt"):
        _add_to(digest, path)
    return digest.hexdigest()


def _add_to(digest: "hashlib._Hash", path: Path) -> None:
    found = path.lstat()
    digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))


def _run_pelican(settings: dict[str, object], say: Say, progress: Progress) -> None:
    listener = _Listener()
    read, written = count(1), count(1)

    def tell_read(*_: object, **__: object) -> None:
        progress("Reading content", next(read), None)

    def tell_written(*_: object, **__: object) -> None:
        progress("Writing pages", next(written), None)

    signals.article_generator_context.connect(tell_read)
    signals.content_written.connect(tell_written)
    pelican.console.quiet = True
    logging.getLogger().addHandler(listener)
    try:
        pelican.Pelican(settings).run()
    except Exception as error:  # themes and settings are programs: anything may come out of them
        raise ArchiveError("\n".join([*listener.errors, _explain(error)])) from error
    finally:
        logging.getLogger().removeHandler(listener)
    for warning in listener.warnings:
        say(f"warning: {warning}")
    if listener.errors:
        raise ArchiveError("\n".join(listener.errors))


class _Listener(logging.Handler):
    """Collects what Pelican logs; it goes on after an error, with a page less."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        reason = sys.exc_info()[1]
        if reason is not None:
            message = f"{message}: {reason}"
        (self.errors if record.levelno >= logging.ERROR else self.warnings).append(message)


def _explain(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}: {error.message}"
    return f"{type(error).__name__}: {error}"


def _put_in_place(archive: Archive, site: Path) -> None:
    if archive.output.is_symlink():
        raise ArchiveError(f"{archive.output}: is a link; a site can only take the place of a folder")
    if not archive.output.exists():
        site.rename(archive.output)
    elif _exchange(site, archive.output):
        _remove(site)
    else:
        former = archive.cache / "former-site"
        _remove(former)
        archive.output.rename(former)
        site.rename(archive.output)
        _remove(former)


def _recover(archive: Archive) -> None:
    """Bring back the site that a killed build had set aside, where folders cannot be exchanged at one stroke."""
    former = archive.cache / "former-site"
    if former.exists() and not archive.output.exists():
        former.rename(archive.output)


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


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
