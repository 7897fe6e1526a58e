"""An archive to try things on, and the real commands to try them with."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """How a command ended, and all it said."""

    status: int
    said: str


@dataclass(frozen=True)
class TestArchive:
    """A folder with seeds, worked on through the commands alone."""

    __test__ = False
    root: Path

    def add(self, name: str, text: str | bytes) -> Path:
        """Put a seed file into the archive."""
        path = self.root / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, task: str, *options: str, **environment: str) -> Run:
        """Run `invoke task --archive ROOT options`."""
        done = subprocess.run(
            [sys.executable, "-m", "invoke", task, "--archive", str(self.root), *options],
            cwd=PROJECT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def documents(self) -> dict[str, str]:
        """Give the content files of documents by their path below content/."""
        content = self.root / "content"
        return {
            path.relative_to(content).as_posix(): path.read_text() for path in sorted(content.glob("[0-9]*/**/*.md"))
        }

    def page(self, address: str) -> BeautifulSoup:
        """Give a built page."""
        return BeautifulSoup((self.root / "output" / address).read_bytes().decode(), "html.parser")

    def files(self, folder: str) -> dict[str, bytes]:
        """Give all files below a folder of the archive, byte for byte."""
        top = self.root / folder
        return {
            path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()
        }


def record(
    title: str = "Harbour opens to visitors",
    body: str = "The harbour was opened.\n\nIt will stay open.",
    date: str = "2023-03-08",
    url: str = "https://example.org/harbour",
) -> str:
    """Give the text of a seed with one record."""
    return f" date {date} {url}\n\n{title}\n\n{body}\n\n"


def paragraphs(page: BeautifulSoup) -> list[str]:
    """Give the paragraphs of a document's page as a reader sees them."""
    return [paragraph.get_text() for paragraph in page.select("article.h-entry .e-content p")]


@pytest.fixture
def archive(tmp_path: Path) -> TestArchive:
    (tmp_path / "archive" / "seeds").mkdir(parents=True)
    return TestArchive(tmp_path / "archive")


@pytest.fixture
def new_archive(tmp_path: Path) -> Callable[[str], TestArchive]:
    """Make further archives, by name."""

    def make(name: str) -> TestArchive:
        (tmp_path / name / "seeds").mkdir(parents=True)
        return TestArchive(tmp_path / name)

    return make
