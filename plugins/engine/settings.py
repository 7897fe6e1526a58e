"""Pelican's settings for an archive: the project's, and over them the archive's own.

pelicanconf.py of the project ─► DIR/pelicanconf.py ─► DIR/publishconf.py ─► what follows from where the archive is
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from jinja2 import FileSystemBytecodeCache
from pelican.settings import DEFAULT_CONFIG, get_settings_from_file, read_settings

from converters.archive.layout import PROJECT, Archive, ArchiveError
from converters.archive.options import today

_COLOUR_NAME = re.compile("[a-z][a-z-]*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|(?:rgb|hsl|oklch|oklab|lab|lch)a?\([0-9a-zA-Z%., /-]+\)")


def settings_of(archive: Archive, output: Path, day: str = "") -> dict[str, Any]:
    """Return Pelican's settings for an archive on a day; raises ArchiveError with the file that is to be mended."""
    values: dict[str, object] = {}
    for path in settings_files(archive):
        try:
            values |= get_settings_from_file(str(path))
        except Exception as error:
            raise ArchiveError(f"{path}: {type(error).__name__}: {error}; mend the settings") from error
    if archive.root != PROJECT and archive.root / "pelicanconf.py" not in settings_files(archive):
        values["SITENAME"] = re.sub('[<>&"]', " ", archive.root.name)  # themes print it as it is
    values["BUILD_DAY"] = day or values["BUILD_DAY"] or today()
    values |= {"PATH": str(archive.content), "OUTPUT_PATH": str(output), "DELETE_OUTPUT_DIRECTORY": False}
    values |= _theme(archive, values)
    _check_timezone(archive, str(values["TIMEZONE"]))
    _check_looks(archive, values)
    values["SITEURL"] = site = str(values["SITEURL"]).rstrip("/")
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


def settings_files(archive: Archive) -> list[Path]:
    """Return the files that the settings are read from, in order."""
    if not archive.is_trusted:
        return [PROJECT / "pelicanconf.py"]
    folders = [PROJECT] if archive.root == PROJECT else [PROJECT, archive.root]
    paths = [folder / "pelicanconf.py" for folder in folders]
    paths.append(archive.root / "publishconf.py")  # an address belongs to one archive alone
    return [path for path in paths if path.exists()]


def misspelt(archive: Archive) -> Iterator[str]:
    """Yield a line for each setting of an archive that is none, but nearly called as one."""
    known = {*DEFAULT_CONFIG, "CNAME", *_names_in(PROJECT / "pelicanconf.py")}
    for path in settings_files(archive):
        if path.is_relative_to(archive.root):
            for name in sorted(_names_in(path) - known):
                if nearest := get_close_matches(name, known, 1, 0.8):
                    yield f"{path}: {name} is no setting that is known; is {nearest[0]} meant?"


def theme_folders(settings: Mapping[str, Any]) -> list[Path]:
    """Return the folders that a theme's files come from, those of later ones before those of earlier ones."""
    theme = Path(settings["THEME"])
    overlays = [Path(folder).parent for folder in settings["THEME_TEMPLATES_OVERRIDES"]]
    return [theme, *(folder for folder in overlays if folder.is_dir())]


def _names_in(path: Path) -> set[str]:
    return {name for name in get_settings_from_file(str(path)) if name.isupper()}


def _theme(archive: Archive, values: Mapping[str, Any]) -> dict[str, object]:
    """Return the settings that say where the theme is: the project's below the archive's, or one of another name."""
    name, overrides = (
        str(values["THEME"]),
        [archive.root / str(path) for path in values.get("THEME_TEMPLATES_OVERRIDES", ())],
    )
    static = list(values.get("THEME_STATIC_PATHS", DEFAULT_CONFIG["THEME_STATIC_PATHS"]))
    own, shipped = (archive.root if archive.is_trusted else PROJECT) / name, PROJECT / name
    if own.is_dir() and shipped.is_dir() and own != shipped:
        overrides.append(own / "templates")
        static += [str(folder) for path in static if (folder := own / path).is_dir()]
    elif not shipped.is_dir() and own.is_dir():
        shipped = own
    theme = str(shipped) if shipped.is_dir() else name  # one of Pelican's own
    return {
        "THEME": theme,
        "THEME_TEMPLATES_OVERRIDES": [str(path) for path in overrides],
        "THEME_STATIC_PATHS": static,
    }


def _check_timezone(archive: Archive, name: str) -> None:
    try:
        ZoneInfo(name)
        return
    except (ValueError, OSError, KeyError):  # the last where there is no such zone
        nearest = get_close_matches(name, available_timezones(), 1) or ["UTC"]
    raise ArchiveError(
        f"{archive.root}/pelicanconf.py: TIMEZONE = {name!r}: there is no such time zone; is {nearest[0]} meant?"
    )


def _check_looks(archive: Archive, values: Mapping[str, Any]) -> None:
    """Raise ArchiveError for a logo or a style sheet that is not there, and for what is no colour."""
    for name in ("SITELOGO", "STYLESHEET"):
        if (file := values.get(name)) and not (archive.root / str(file)).is_file():
            raise ArchiveError(f"{archive.root}/pelicanconf.py: {name} = {file!r}: no such file below {archive.root}")
    for name, colour in dict(values.get("COLOURS") or {}).items():
        if not (_COLOUR_NAME.fullmatch(str(name)) and _COLOUR.fullmatch(str(colour))):
            raise ArchiveError(
                f"{archive.root}/pelicanconf.py: COLOURS: {name!r}: {colour!r}; expected a name of "
                'theme/static/seedbank.css and a colour, such as "link": "#0b4579"'
            )
