"""What every bundle of an archive has in common: its name, what it says of itself, and the site that it packs.

    SITENAME = "Harbour press"  ─►  dist/harbour-press.zip (bag.py), dist/harbour-press.zim (zim.py)

A bundle is a function of output/, seeds/ and the settings: no clock, no random number and no name of a machine gets in.
"""

import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from converters.archive.inside import reraise, texts_in
from converters.archive.layout import Archive, ArchiveError
from converters.archive.stamps import files_below
from converters.ledger.addresses import RESERVED_SLUGS, slug
from converters.ledger.ledger import missing_documents, tell_missing
from converters.text import frontmatter
from plugins.engine.built_from import day_of_site
from plugins.engine.settings import settings_of
from plugins.site.editions import editions

_OFF_THE_SITE = re.compile(rb"^(?:\xef\xbb\xbf)?(?:withdrawn|embargo|status:\s*draft)", re.MULTILINE | re.IGNORECASE)
_LONGEST_NAME = 40  # characters; it stands twice in the path of every file of an unpacked bundle
_YEAR, _TWO_DIGITS = re.compile("[0-9]{4}"), re.compile("[0-9]{2}")
BATCH = 64  # files after which progress is told


@dataclass(frozen=True, slots=True)
class Edition:
    """What a bundle says of itself; every text is one line."""

    name: str
    """`harbour-press`: in a-z, 0-9 and hyphens."""
    title: str
    subtitle: str
    address: str
    """`https://example.org/archive`, or nothing."""
    language: str
    """`en`: the language that the archive itself speaks."""
    day: str
    """`2023-03-08`: the date of the newest document; `1970-01-01` where there is none."""
    edition: str = ""
    """`Autumn 2026, 2026-11-25`: the last edition of the archive, if it has any."""


@dataclass(frozen=True, slots=True)
class OffSite:
    """A document that a curator has withdrawn or holds back: what its content file says of where it came from."""

    file: str
    """Its content file, below the archive's folder."""
    seed: str
    sha256: str
    is_withdrawn: bool


def check_built(archive: Archive) -> None:
    """Raise ArchiveError where no site is built, or where it still shows what was withdrawn or held back since."""
    if not (archive.output / "index.html").is_file():
        raise ArchiveError(f"{archive.output}: there is no site in it; build first: {archive.command('site')}")
    if missing := missing_documents(archive.ledger, _Pages(archive.output)):
        raise ArchiveError("\n".join(tell_missing(missing, "on the site")))
    for _ in documents_off_site(archive):
        pass


def documents_off_site(archive: Archive) -> Iterator[OffSite]:
    """Yield the documents that are withdrawn or, on the day of the site, held back, as their content files say.

    Raises ArchiveError where the site still has the raw record of one, since then it is older than the withdrawal.
    """
    day = day_of_site(archive)
    for name in texts_in(archive.content) if archive.content.is_dir() else ():
        raw = (archive.content / name).read_bytes()
        if not _OFF_THE_SITE.search(raw):
            continue
        keys, _ = frontmatter.split(raw.decode("utf-8-sig", "replace").replace("\r\n", "\n"))
        values = {key.casefold(): frontmatter.decode(value) for key, value in keys}
        held_back = values.get("status", "").lower() == "draft" or values.get("embargo", "") > day
        is_withdrawn = "withdrawn" in values
        if is_withdrawn or held_back:
            record = archive.output / f"{name.removesuffix('.md')}.txt"
            if record.exists():
                raise ArchiveError(
                    f"{record}: is {'withdrawn' if is_withdrawn else 'held back'}, and still on the site; build first: "
                    f"{archive.command('build')}"
                )
            yield OffSite(f"content/{name}", values.get("seed", ""), values.get("seed-sha256", ""), is_withdrawn)


def edition_of(archive: Archive) -> Edition:
    """Tell what a bundle of the archive says of itself; raises ArchiveError where its site cannot be packed."""
    check_built(archive)
    settings = settings_of(archive, archive.output)
    title, subtitle, address, language = (
        " ".join(str(settings.get(key) or "").split())
        for key in ("SITENAME", "SITESUBTITLE", "SITEURL", "DEFAULT_LANG")
    )
    name = name_of(archive, settings)
    last = next(iter(editions(archive.content)), None)
    edition = f"{unescape(last.name)}, {last.date}" if last else ""
    return Edition(name, title or name, subtitle, address, language, newest_day(archive.output), edition)


def name_of(archive: Archive, settings: dict[str, object]) -> str:
    """Return the name of the archive's files in dist/, without their endings."""
    name = slug(str(settings.get("SITENAME") or ""), "") or slug(archive.root.name, "archive")
    name = name[:_LONGEST_NAME].rstrip("-")
    return f"{name}-archive" if name in RESERVED_SLUGS else name


def newest_day(output: Path) -> str:
    """Return the date of the newest document of a built site."""
    for year in _folders(output, _YEAR):
        for month in _folders(year, _TWO_DIGITS):
            for day in _folders(month, _TWO_DIGITS):
                if any(page.suffix == ".html" and page.name != "index.html" for page in day.iterdir()):
                    return f"{year.name}-{month.name}-{day.name}"
    return "1970-01-01"


def files_in_order(top_folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, relative to it, in the same order everywhere.

    Raises ArchiveError for a link, which could show what is none of the archive's.
    """
    top = len(f"{top_folder}/")
    for folder, folders, names in os.walk(top_folder, onerror=reraise):
        folders.sort()
        for name in sorted([*folders, *names]):
            if os.path.islink(f"{folder}/{name}"):  # noqa: PTH114
                raise ArchiveError(f"{folder}/{name}: is a link; remove it, and build the site again")
        yield from (f"{folder}/{name}"[top:] for name in sorted(names))


class _Pages(Container[object]):
    """The addresses at which a built site has a page."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def __contains__(self, address: object) -> bool:
        return (self._output / str(address)).is_file()


def count_files(folder: Path) -> int:
    """Return how many files there are below a folder."""
    return sum(1 for _ in files_below(folder))


def _folders(place: Path, name: re.Pattern[str]) -> list[Path]:
    found = (folder for folder in place.iterdir() if name.fullmatch(folder.name) and folder.is_dir())
    return sorted(found, reverse=True)
