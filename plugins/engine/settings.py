"""Pelican's settings for an archive: the project's, and over them the archive's own.

pelicanconf.py of the project ─► DIR/pelicanconf.py ─► DIR/publishconf.py ─► what follows from where the archive is
"""

import re
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from pelican.settings import get_settings_from_file, read_settings

from converters.archive.layout import PROJECT, Archive, ArchiveError


def settings_of(archive: Archive, output: Path) -> dict[str, Any]:
    """Return Pelican's settings for an archive; raises ArchiveError with the file that is to be mended."""
    values: dict[str, object] = {}
    for path in settings_files(archive):
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


def settings_files(archive: Archive) -> list[Path]:
    """Return the files that the settings are read from, in order."""
    folders = [PROJECT] if archive.root == PROJECT else [PROJECT, archive.root]
    paths = [folder / "pelicanconf.py" for folder in folders]
    paths.append(archive.root / "publishconf.py")  # an address belongs to one archive alone
    return [path for path in paths if path.exists()]


def _theme(archive: Archive, name: str) -> str | Path:
    """Return the folder of the theme that the settings name, or that name if it is one of Pelican's own."""
    own = (archive.root / name, PROJECT / name)
    return next((folder for folder in own if folder.is_dir()), name)
