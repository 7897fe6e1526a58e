"""An archive to try things on, and the real commands to try them with."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, sync_playwright

from tests.fork_server import ForkServer

PROJECT = Path(__file__).resolve().parent.parent
LONGEST = 300
"""Seconds after which a command is taken to hang."""

VALIDATOR = os.environ.get("VNU_JAR", "")
"""Where the Nu Html Checker is, for commands that are to ask it."""
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

_server = ForkServer()


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
        """Run `invoke task --archive ROOT options`; with an environment of its own, by an interpreter of its own."""
        command = [task, "--archive", str(self.root), *options]
        if not environment:
            return Run(*_server.run(*command, timeout=LONGEST))
        done = subprocess.run(
            [sys.executable, "-m", "invoke", *command],
            cwd=PROJECT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=LONGEST,
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is left out where all must run."""
    report = yield
    return _whole(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that is left out where all must run."""
    report = yield
    return _whole(report)


def _whole(report: Report) -> Report:
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"left out, and with CI=true no test may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _served() -> Iterator[None]:
    with _server, pytest.MonkeyPatch.context() as environment:
        environment.delenv("VNU_JAR", raising=False)  # it takes seconds, so it is for the tests that ask for it
        yield


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


def installed(program: str, package: str) -> str:
    """Return where a program is; leave out the test that needs it, with a word why, where there is none."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs Debian's {package}: apt install {package}")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = installed("chromium", "chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[Callable[[Path], str]]:
    servers = []

    def serve(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()


@pytest.fixture(params=["at the root of a host", "below /repo/", "from the disk"])
def address(request: pytest.FixtureRequest, site: Path, host: Callable[[Path], str]) -> str:
    if request.param == "from the disk":
        return site.as_uri()
    if request.param == "below /repo/":
        below = site.parent / "host"
        below.mkdir(exist_ok=True)
        if not (below / "repo").exists():
            (below / "repo").symlink_to(site)
        return f"{host(below)}/repo"
    return host(site)
