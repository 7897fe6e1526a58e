"""What a curator made of an archive, which a bundle holds so that the archive can be made again from it.

content/2023/03/08/slug.md, content/addresses.csv, content/tags.toml, content/pages/about.md, …
pelicanconf.py, publishconf.py, theme/templates/base.html, logo.svg, .gitattributes, …
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from converters.archive.inside import check_inside, reraise
from converters.archive.junk import is_junk
from converters.archive.layout import PROJECT, Archive
from plugins.engine.settings import theme_folders

_FILES = ("pelicanconf.py", "publishconf.py", ".gitattributes", ".gitignore", ".github/workflows/site.yml")


def curated_files(archive: Archive, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of these files below the archive's folder, in the same order everywhere.

    Raises ArchiveError for one that is a link out of its folder, or no file.
    """
    looks = (str(settings.get(name) or "") for name in ("SITELOGO", "STYLESHEET"))
    yield from sorted({file for file in (*_FILES, *looks) if file and (archive.root / file).is_file()})
    themes = [folder for folder in theme_folders(settings) if folder.is_relative_to(archive.root)]
    for folder in [archive.content, *(themes if archive.root != PROJECT else ())]:
        yield from (file.relative_to(archive.root).as_posix() for file in _files_below(folder))


def _files_below(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top, onerror=reraise):
        folders[:] = sorted(name for name in folders if not is_junk(name))
        for name in sorted(names):
            if not is_junk(name):
                check_inside(f"{folder}/{name}", top)
                yield Path(folder, name)
