"""The site's search and its peers, each asked by a page of its own over the same documents.

    Seedbank(archive)      output/search.html, from the index of the last build
    Pagefind(archive)      output/pagefind.html, from one plain page a document     (pip install "pagefind[bin]")
    MiniSearch(archive)    output/minisearch.html, from one index in memory         (npm, which fetches it)

A peer's page shows what it finds in the form of the site's own: rows in `#results`, and how many in `#said`.
"""

import html
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from bench.measure import Cost, measure
from converters.text import frontmatter

PROJECT = Path(__file__).resolve().parent.parent
_PAGES = PROJECT / "bench" / "searches"


class Searcher(Protocol):
    """A search over an archive's documents."""

    name: str
    page: str
    """Address of the page that asks it, below output/."""
    folder: str
    """Where its index lies, below output/."""

    def make(self) -> Cost:
        """Index all documents; the site is built."""
        ...

    def add(self) -> Cost:
        """Index once more, after a document has come; the site is built."""
        ...


class Seedbank:
    """The site's own."""

    name, page, folder = "Seedbank", "search.html", "search"

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    def make(self) -> Cost:
        """Build the whole site with its index."""
        return measure(invoke(self._archive, "build", "--full"), PROJECT, os.environ)

    def add(self) -> Cost:
        """Bring site and index up to date."""
        return measure(invoke(self._archive, "site"), PROJECT, os.environ)


class Pagefind:
    """Pagefind's own program, over pages that hold title and text alone."""

    name, page, folder = "Pagefind", "pagefind.html", "pagefind"

    def __init__(self, archive: Path, work: Path) -> None:
        self._archive, self._plain = archive, work / "plain"

    def make(self) -> Cost:
        """Index all; the pages are not counted."""
        _bring(self._archive, "pagefind.html", "rows.js")
        for address, title, language, paragraphs in documents_of(self._archive):
            path = self._plain / address
            path.parent.mkdir(parents=True, exist_ok=True)
            body = "".join(f"<p>{html.escape(one)}</p>" for one in paragraphs)
            head = f'<!DOCTYPE html><html lang="{language}"><title>{html.escape(title)}</title>'
            path.write_text(f"{head}<h1>{html.escape(title)}</h1>{body}", encoding="utf-8")
        output = self._archive / "output" / self.folder
        command = [sys.executable, "-m", "pagefind", "--site", str(self._plain), "--output-path", str(output)]
        return measure(command, PROJECT, os.environ)

    add = make  # it indexes all, always


class MiniSearch:
    """MiniSearch 7, with the options that its documentation recommends."""

    name, page, folder = "MiniSearch", "minisearch.html", "minisearch"

    def __init__(self, archive: Path, work: Path) -> None:
        self._archive, self._work = archive, work
        self._index = work / self.folder
        self._known: set[str] = set()
        self._index.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", "minisearch@7"], cwd=work, check=True, capture_output=True, text=True
        )
        with tarfile.open(work / packed.stdout.split()[-1]) as files:
            program = files.extractfile("package/dist/es/index.js")
            if program:
                (self._index / "minisearch.js").write_bytes(program.read())
        (self._index / "package.json").write_text('{"type":"module"}')
        shutil.copy(_PAGES / "options.js", self._index)

    def make(self) -> Cost:
        """Index all."""
        return self._run("all.json")

    def add(self) -> Cost:
        """Add what is new to the index."""
        return self._run("all.json", "added.json")

    def _run(self, *names: str) -> Cost:
        told = [
            {"id": address, "title": title, "text": "\n".join(paragraphs)}
            for address, title, _, paragraphs in documents_of(self._archive)
            if address not in self._known
        ]
        self._known |= {one["id"] for one in told}
        (self._work / names[-1]).write_text(json.dumps(told), encoding="utf-8")
        paths = (str(self._work / name) for name in names)
        cost = measure(["node", str(_PAGES / "index.mjs"), str(self._index), *paths], PROJECT, os.environ)
        _bring(self._archive, "minisearch.html", "rows.js")
        shutil.copytree(self._index, self._archive / "output" / self.folder, dirs_exist_ok=True)
        return cost


def documents_of(archive: Path) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield address, title, language and paragraphs of each document, which are plain."""
    for path in sorted((archive / "content").glob("[0-9]*/**/*.md")):
        keys, body = frontmatter.split(path.read_text(encoding="utf-8"))
        told = {key: frontmatter.decode(value) for key, value in keys}
        address = path.relative_to(archive / "content").with_suffix(".html").as_posix()
        yield address, told["Title"], told.get("Lang", "und"), html.unescape(body).strip().split("\n\n")


def invoke(archive: Path, task: str, *options: str) -> list[str]:
    """Return the command for one of the project's tasks."""
    return [sys.executable, "-m", "invoke", task, "--archive", str(archive), *options]


def _bring(archive: Path, *names: str) -> None:
    for name in names:
        shutil.copy(_PAGES / name, archive / "output")
