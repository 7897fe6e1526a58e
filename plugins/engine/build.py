"""Builds an archive's site with Pelican, beside the one that stands, and puts it in its place when it is whole.

    content/ theme/ settings ─ Pelican ─► .cache/site ─ exchange ─► output/

What has not changed since the last build is not built again; `plugins/engine/fast.py` says how that is known, and
`plugins/engine/publish.py` how the changed files get among the others.
"""

import hashlib
import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

import pelican
from jinja2 import FileSystemBytecodeCache, TemplateSyntaxError
from pelican.generators import Generator
from pelican.settings import get_settings_from_file, read_settings

from converters.archive.atomic import writing
from converters.archive.layout import PROJECT, Archive, ArchiveError, Progress, Say
from converters.archive.stamps import files_below, stamp_of
from converters.ledger.sources import read_sources
from converters.subjects.vocabulary import read_vocabulary
from plugins.engine.messages import Messages
from plugins.engine.publish import add_to_standing, check_place, prepare_spare, recover, remove, replace_standing
from plugins.engine.state import ground_of, save_state

Search = Literal["new", "kept", "none"]
_CODE = [PROJECT / name for name in ("converters", "plugins", "requirements.txt")]


class Enough(Exception):  # noqa: N818  # nothing is wrong
    """Stops Pelican when a generator has all that it was made for."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator


def build(
    archive: Archive, jobs: int, full: bool, search: Search, say: Say, progress: Progress, scheduler: str = ""
) -> bool:
    """Build the site; False if nothing had changed since the last build, so that nothing was done.

    The search index is brought up to date, left as it is until the next build, or left out.

    The work is shared out to `jobs` processes, or to the cluster of the Dask scheduler at an address. Tells `say` of
    warnings, and `progress` how far it is. Raises ArchiveError with what is wrong; the site that stood before still
    stands then.
    """
    recover(archive)
    check_place(archive)
    built_from, state, site = (archive.cache / name for name in ("built-from", "state", "site"))
    settings = settings_of(archive, site)
    settings["SEARCH"] = settings["SEARCH"] and search != "none"
    values = repr(sorted((name, value) for name, value in settings.items() if isinstance(value, str | int | float)))
    theme = Path(settings["THEME"])
    templates = [theme / "templates", *map(Path, settings["THEME_TEMPLATES_OVERRIDES"])]
    code = _digest_of(_stamps_of(_CODE), "")
    ground = _digest_of(_stamps_of([*_settings_files(archive), archive.sources]), values + code)
    looks = _digest_of(_stamps_of(templates), "")
    stamps = _stamps_of([archive.content, archive.seeds, theme])
    inputs = _digest_of(stamps, ground + looks)
    standing = (archive.output / "index.html").exists()
    if not full and standing and built_from.exists() and built_from.read_bytes() == inputs.encode():
        return False
    # Faults of the curated files are told by their line, before Pelican meets them.
    read_vocabulary(archive.vocabulary)
    read_sources(archive.sources)
    if full or not standing:
        state.unlink(missing_ok=True)
    remove(site)
    # Where more is another, a whole new site may take the place of the one that stands, and need no spare.
    spare_is_made = prepare_spare(archive, jobs) if ground_of(state) == (ground, looks) else lambda: None
    settings |= {"GROUND": ground, "LOOKS": looks, "JOBS": jobs, "SCHEDULER": scheduler, "PROGRESS": progress}
    settings |= {"SEARCH_KEPT": search == "kept", "CODE": code, "STANDING": archive.output}
    settings |= {"STATE_PATH": str(state), "UNPACKED_PATH": archive.cache / "unpacked", "STAMPS": stamps}
    run_pelican(settings, say)
    now, stale = settings["STATE"], settings.get("STALE")
    # While the site changes, nothing speaks of what it was built from: a build that is killed now is done anew.
    built_from.unlink(missing_ok=True)
    state.unlink(missing_ok=True)
    changed = True
    written = {*files_below(site)}
    if now:
        now.others = written - now.addresses()
    if stale is None:
        replace_standing(archive, site)
    else:
        spare_is_made()
        changed = add_to_standing(archive, site, stale)
    if now:
        save_state(state, now)
    if search != "kept":
        with writing(archive, built_from) as file:
            file.write(inputs)
    # Last, since it may take seconds, and to be stopped there costs nothing.
    remove(site)
    if stale is None:
        remove(archive.cache / "spare")
    return changed


def settings_of(archive: Archive, output: Path) -> dict[str, Any]:
    """Give Pelican's settings for an archive: the project's, and over them the archive's own."""
    values: dict[str, object] = {}
    for path in _settings_files(archive):
        try:
            values |= get_settings_from_file(str(path))
        except Exception as error:
            raise ArchiveError(f"{path}: {type(error).__name__}: {error}; mend the settings") from error
    if archive.root != PROJECT and not (archive.root / "pelicanconf.py").exists():
        values["SITENAME"] = re.sub('[<>&"]', " ", archive.root.name)  # themes print it as it is
    values |= {
        "PATH": str(archive.content),
        "OUTPUT_PATH": str(output),
        "THEME": str(_theme(archive, str(values["THEME"]))),
        "DELETE_OUTPUT_DIRECTORY": False,
    }
    site = str(values["SITEURL"])
    if site and not site.startswith(("https://", "http://")):
        raise ArchiveError(f"{archive.root}/publishconf.py: SITEURL = {site!r}; expected an address with https://")
    archive.content.mkdir(exist_ok=True)
    try:
        settings = dict(read_settings(override=values))
    except ValueError as error:
        raise ArchiveError(f"{archive.root}: {error}") from None
    compiled = archive.cache / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    settings["JINJA_ENVIRONMENT"] = settings["JINJA_ENVIRONMENT"] | {
        "bytecode_cache": FileSystemBytecodeCache(str(compiled)),
        "auto_reload": False,  # no template changes within one build; looking would take a while for each page
    }
    return settings


def _settings_files(archive: Archive) -> list[Path]:
    folders = [PROJECT] if archive.root == PROJECT else [PROJECT, archive.root]
    paths = [folder / "pelicanconf.py" for folder in folders]
    paths.append(archive.root / "publishconf.py")  # an address belongs to one archive alone
    return [path for path in paths if path.exists()]


def _theme(archive: Archive, name: str) -> str | Path:
    """Give the folder of the theme that the settings name, or that name if it is one of Pelican's own."""
    own = (archive.root / name, PROJECT / name)
    return next((folder for folder in own if folder.is_dir()), name)


def _stamps_of(places: Iterable[Path]) -> dict[str, str]:
    """Give what tells whether they are as they were, by path, of files and of all files below folders.

    Raises OSError for a folder that cannot be read, and ArchiveError for what is no file among the content.
    """
    stamps = {}
    for place in places:
        below = sorted(f"{place}/{name}" for name in files_below(place)) if place.is_dir() else []
        for path in [str(place)] if place.is_file() else below:
            if not path.endswith(".pyc"):
                stamps[path] = stamp_of(path)
                if not stamps[path] and place.name == "content" and Path(path).exists():
                    raise ArchiveError(f"{path}: is no file that can be read; take it out of content/")
    return stamps


def _digest_of(stamps: dict[str, str], before: str) -> str:
    digest = hashlib.sha256(before.encode())
    for path, stamp in stamps.items():
        digest.update(f"{path}\0{stamp}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def run_pelican(settings: dict[str, object], say: Say) -> None:
    """Run Pelican, until it ends or a generator has enough; tell `say` of warnings, raise ArchiveError with errors."""
    listener = Messages()
    pelican.console.quiet = True
    logging.getLogger().addHandler(listener)
    try:
        with suppress(Enough):
            pelican.Pelican(settings).run()
    except Exception as error:  # themes and settings are programs: anything may come out of them
        raise ArchiveError("\n".join([*listener.of(errors=True), _explain(error)])) from error
    finally:
        logging.getLogger().removeHandler(listener)
    for warning in listener.of(errors=False):
        say(f"warning: {warning}")
    if errors := listener.of(errors=True):
        raise ArchiveError("\n".join(errors))


def _explain(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}: {error.message}"
    if isinstance(error, ArchiveError):
        return str(error)
    told = f"{type(error).__name__}: {error}"
    lines = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
    return f"{lines[-1].filename}:{lines[-1].lineno}: {told}" if lines else told
