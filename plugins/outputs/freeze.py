"""Makes an edition of an archive: freezes what it holds on a day, packs it, and tags it where git keeps the archive.

freeze(archive, "Autumn 2026", day, build, …)
  ─►  content/editions/autumn-2026.txt      each document and the SHA-256 of its content file
      output/editions/…                     what came and went since the edition before
      dist/press-autumn-2026.zip            a bag that names the edition
      git tag edition/autumn-2026           on a commit that adds no more than the file and the ledger's new lines
"""

import hashlib
import os
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

from converters.archive.atomic import atomic_write, link
from converters.archive.inside import texts_in
from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.ledger.addresses import RESERVED_SLUGS, slug
from plugins.engine.settings import settings_of
from plugins.outputs.bag import write_bag
from plugins.site.documents import glance
from plugins.site.editions import FOLDER, edition_file, editions, holdings
from plugins.site.reader import ContentReader


def freeze(
    archive: Archive, name: str, day: date, with_seeds: bool, build: Callable[[], None], say: Say, progress: Progress
) -> Path:
    """Make an edition, and return its bag; `build` builds the site.

    Raises ArchiveError where there is one of that name, where git has changes of content that are not committed, and
    where the site cannot be built or packed; then nothing is left of it.
    """
    stem = slug(" ".join(name.split()), "")
    if not stem or stem in RESERVED_SLUGS:
        raise ArchiveError(f"{name!r}: is no name for an edition; give one such as 'Autumn 2026'")
    file = archive.content / FOLDER / f"{stem}.txt"
    known = editions(archive.content)
    if file.exists():
        raise ArchiveError(f"{file}: there is an edition of that name, which stays as it is; give another name")
    if known and known[0].date > day.isoformat():
        raise ArchiveError(f"--date {day}: comes before the last edition, {known[0].name} of {known[0].date}")
    git = _Git(archive.root)
    git.check(stem)
    before = holdings(archive.content, known[0]) if known else {}
    file.parent.mkdir(exist_ok=True)
    try:
        with atomic_write(file) as text:
            text.write(edition_file(" ".join(name.split()), day.isoformat(), before, held(archive, day)))
        build()
        bag = write_bag(archive, with_seeds, say, progress)
        target = bag.with_name(f"{bag.stem}-{stem}.zip")
        target.unlink(missing_ok=True)
        link(bag, target)
        say(git.tag(stem, f"Edition {name}, {day}", [file, archive.ledger]))
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return target


def held(archive: Archive, day: date) -> dict[str, str]:
    """Return the documents that lists show on a day: the SHA-256 of the content file by the address of the page."""
    settings = settings_of(archive, archive.output, day.isoformat())
    reader, found = ContentReader(settings), {}
    for name in texts_in(archive.content):
        if not name.startswith(("pages/", "lists/")):
            path = f"{archive.content}/{name}"
            record = glance(reader, path, "")
            if record and record.status == "published":
                content = Path(path).read_bytes().replace(b"\r\n", b"\n")
                found[record.save_as] = hashlib.sha256(content).hexdigest()
    return found


class _Git:
    """The repository that an archive lies in, if any."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_there = not self._run("rev-parse", "--git-dir").returncode

    def check(self, stem: str) -> None:
        """Raise ArchiveError where a tag would not mark what the edition holds."""
        if not self._is_there:
            return
        if changes := self._said("status", "--porcelain", "--", "content"):
            first = changes.split("\n")[0][3:]
            raise ArchiveError(f"{first}: is not committed, so no tag can mark it; git add and git commit first")
        if self._said("tag", "--list", f"edition/{stem}"):
            raise ArchiveError(f"edition/{stem}: is a tag of git already; give the edition another name")

    def tag(self, stem: str, message: str, files: list[Path]) -> str:
        """Commit the files and tag the commit; return what was done."""
        if not self._is_there:
            return "not in a git repository, so there is no tag"
        names = [str(file.relative_to(self._folder)) for file in files if file.exists()]
        self._said("add", "--", *names)
        self._said("commit", "--quiet", "-m", message, "--", *names)
        self._said("tag", "-a", f"edition/{stem}", "-m", message)
        return f"tagged: edition/{stem}; git push --follow-tags takes it along"

    def _said(self, *command: str) -> str:
        done = self._run(*command)
        if done.returncode:
            raise ArchiveError(f"git {command[0]}: {' '.join(done.stderr.split())}")
        return done.stdout.rstrip("\n")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # git, with a list of arguments
            ["git", *command],  # noqa: S607
            cwd=self._folder,
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
        )
