"""The built site that is looked at, as its files show it.

Site(Archive("…"), files={"index.html", "2023/03/08/slug.html", …}, address="https://example.org/kept",
     copies={"theme/seedbank.css": "…/theme/static/seedbank.css"})
"""

from dataclasses import dataclass
from pathlib import Path

from converters.archive.layout import Archive, ArchiveError
from converters.archive.stamps import files_below
from plugins.checks.page import read_page
from plugins.engine.settings import settings_of


@dataclass(frozen=True, slots=True)
class Site:
    """A built site."""

    archive: Archive
    files: frozenset[str]
    """Every file, by its path below output/."""
    address: str
    """Where the site is on the web, as its home page says; empty if it does not."""
    copies: dict[str, str]
    """Each file that is the copy of another -> the path of that other."""

    def path(self, name: str) -> Path:
        """Return where a file of the site lies."""
        return self.archive.output / name

    @property
    def build_again(self) -> str:
        """What to do where a build makes it right."""
        return f"build it again with: {self.archive.command('build --full')}"


def read_site(archive: Archive) -> Site:
    """Return the archive's site; raises ArchiveError where there is none."""
    home = archive.output / "index.html"
    if not home.is_file():
        raise ArchiveError(f"{archive.output}: holds no site; build it with: {archive.command('build')}")
    links = read_page(home.read_text(encoding="utf-8", errors="replace")).links
    address = next((link.address.rstrip("/") for link in links if link.rel == "canonical"), "")
    return Site(archive, frozenset(files_below(archive.output)), address, _copies(archive))


def _copies(archive: Archive) -> dict[str, str]:
    settings = settings_of(archive, archive.cache / "site")
    theme = Path(settings["THEME"])
    copied = [(theme / folder, settings["THEME_STATIC_DIR"]) for folder in settings["THEME_STATIC_PATHS"]]
    copied += [(archive.content / folder, folder) for folder in settings["STATIC_PATHS"]]
    return {
        f"{target}/{name}": f"{folder}/{name}"
        for folder, target in copied
        if folder.is_dir()
        for name in files_below(folder)
        if not Path(name).name.startswith(".")
    }
