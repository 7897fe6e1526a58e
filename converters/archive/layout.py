"""An archive: a folder of seeds, and what is made of them.

DIR/seeds/            captures as received; only ever read
DIR/content/          one Markdown file a document, tags.toml, sources.toml, addresses.csv, pages/, lists/, files/
DIR/output/           the built site
DIR/.cache/           working data: the lock, the last report, a site in the making; can be deleted
DIR/pelicanconf.py    settings of this archive (optional)
DIR/theme/            its own theme (optional)
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""Where this program lies, which is an archive itself."""
Say = Callable[[str], None]
"""Told what the person at the keyboard has to know, a line at a time."""
Progress = Callable[[str, int, int | None], None]
"""Told the stage of a long work, how much is done, and of how much where that is known."""


class ArchiveError(Exception):
    """A fault that the person at the keyboard can mend; the message says which, where and how."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The places of one archive; `root` is absolute."""

    root: Path
    is_trusted: bool = True
    """Whether its settings and its theme, which are programs, may run: not those of a stranger's archive."""

    @property
    def option(self) -> str:
        """What a command needs to work on this archive: ` --archive '/home/me/my archive'`, or nothing for our own."""
        return "" if self.root == PROJECT else f" --archive {shlex.quote(str(self.root))}"

    def command(self, words: str) -> str:
        """Return how to run a command on this archive: `./seedbank build --full --archive '/home/me/my archive'`."""
        return f"./seedbank {words}{self.option}"

    @property
    def seeds(self) -> Path:
        return self.root / "seeds"

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def pictures(self) -> Path:
        return self.content / "files"

    @property
    def ledger(self) -> Path:
        return self.content / "addresses.csv"

    @property
    def vocabulary(self) -> Path:
        return self.content / "tags.toml"

    @property
    def sources(self) -> Path:
        return self.content / "sources.toml"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def bundles(self) -> Path:
        return self.root / "dist"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"


def open_archive(folder: str, may_be_empty: bool = False, is_trusted: bool = True) -> Archive:
    """Return the archive in `folder`.

    Raises ArchiveError where there is no such folder, or one with neither seeds nor content that may not be empty.
    """
    try:
        root = Path(folder).expanduser().resolve()
    except RuntimeError:
        raise ArchiveError(f"{folder}: no such user; --archive takes a folder that holds seeds/") from None
    if not root.is_dir():
        raise ArchiveError(f"{folder}: no such folder; --archive takes a folder that holds seeds/")
    archive = Archive(root, is_trusted or root == PROJECT)
    if not may_be_empty and not archive.seeds.is_dir() and not archive.content.is_dir():
        raise ArchiveError(f"{folder}: neither seeds/ nor content/ in it; put the seeds into {folder}/seeds/")
    return archive
