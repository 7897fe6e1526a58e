"""The ZIM file, judged by the programs that others read such files with: zimcheck and kiwix-serve."""

import hashlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from bs4 import BeautifulSoup
from libzim.reader import Archive

from tests.conftest import TestArchive, installed, record

DOCUMENT = "2023/03/08/harbour-opens-to-visitors.html"


@pytest.fixture(params=["", "https://example.org/archive"], ids=["no address", "an address"])
def built(request: pytest.FixtureRequest, archive: TestArchive) -> TestArchive:
    archive.add(
        "a.txt",
        record(body="Norway was glad.\n\nThe pilots praised a marvellous lighthouse.")
        + record("Harbour closes <b>&", "Nothing was left of it.", "2022-01-31", "https://example.org/closes")
        + record("المحكمة تفتح تحقيقا", "أعلنت المحكمة يوم الأربعاء.", "2023-03-09", "https://example.org/arabic")
        + record("港口办公室", "市政府星期一开放了新的港口办公室。", "2023-03-07", "https://example.org/chinese"),
    )
    (archive.root / "pelicanconf.py").write_text('SITENAME = "Harbour press"\nSITESUBTITLE = "Of ships"\n')
    (archive.root / "publishconf.py").write_text(f"SITEURL = {request.param!r}\n")
    assert archive.run("site").status == 0
    ran = archive.run("bundle", "--zim")
    assert ran.status == 0
    assert "dist/harbour-press.zim" in ran.said
    return archive


def packed(archive: TestArchive) -> Path:
    return archive.root / "dist/harbour-press.zim"


@contextmanager
def served(file: Path) -> Iterator[Callable[[str], str]]:
    """Serve a ZIM file with Kiwix, and give what fetches an address of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [installed("kiwix-serve", "kiwix-tools"), "--address", "127.0.0.1", "--port", str(port), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any("running" in line for line in server.stdout)
            yield lambda address: urlopen(f"http://127.0.0.1:{port}/{address}", timeout=20).read().decode()
        finally:
            server.kill()


def test_zimcheck_finds_nothing_amiss(built: TestArchive) -> None:
    checked = subprocess.run([installed("zimcheck", "zim-tools"), packed(built)], capture_output=True, text=True)
    assert "Overall Test Status: Pass" in checked.stdout
    assert "ERROR" not in checked.stdout + checked.stderr
    assert "WARNING" not in checked.stdout + checked.stderr
    assert checked.returncode == 0


def test_kiwix_shows_the_archive_and_finds_a_phrase_of_a_text(built: TestArchive) -> None:
    with served(packed(built)) as fetch:
        home = BeautifulSoup(fetch("harbour-press/"), "html.parser")
        assert "Harbour opens to visitors" in home.get_text()
        page = BeautifulSoup(fetch(f"harbour-press/{DOCUMENT}"), "html.parser")
        assert "The pilots praised a marvellous lighthouse." in page.get_text()
        found = BeautifulSoup(fetch("search?content=harbour-press&pattern=marvellous+lighthouse"), "html.parser")
        assert [link["href"] for link in found.select(".results a")] == [f"/harbour-press/{DOCUMENT}"]
        arabic = fetch(f"search?content=harbour-press&pattern={quote('المحكمة')}")
        assert "/2023/03/09/" in arabic
        assert "/2023/03/09/" in fetch(f"search?content=harbour-press&pattern={quote('محكمة')}")
        assert "/2023/03/07/" in fetch(f"search?content=harbour-press&pattern={quote('港口')}")
        assert "Harbour opens" in fetch("suggest?content=harbour-press&term=harbour")


def test_all_of_the_site_is_in_it_but_what_only_a_host_needs(built: TestArchive) -> None:
    archive = Archive(packed(built))
    for name, content in built.files("output").items():
        if name.startswith(("404", "robots", "sitemap")):
            assert not archive.has_entry_by_path(name)
        else:
            assert bytes(archive.get_entry_by_path(name).get_item().content) == content
    assert archive.get_entry_by_path(DOCUMENT).title == "Harbour opens to visitors"
    assert archive.get_entry_by_path("2022/01/31/harbour-closes-b.html").title == "Harbour closes <b>&"
    assert archive.main_entry.get_item().path == "index.html"


def test_it_says_what_it_is(built: TestArchive) -> None:
    archive = Archive(packed(built))
    said = {key: archive.get_metadata(key) for key in archive.metadata_keys}
    assert said["Title"] == said["Creator"] == said["Publisher"] == b"Harbour press"
    assert said["Description"] == b"Of ships"
    assert (said["Language"], said["Date"], said["Name"]) == (b"eng", b"2023-03-09", b"harbour-press")
    assert bytes(archive.get_illustration_item(48).content).startswith(b"\x89PNG")


def test_it_is_the_same_to_the_byte_wherever_and_whenever_it_is_packed(built: TestArchive) -> None:
    before = packed(built).read_bytes()
    for path in (built.root / "output").rglob("*"):
        os.utime(path, (1, 1))
    assert built.run("bundle", "--zim", TZ="Asia/Tokyo", PYTHONHASHSEED="7").status == 0
    assert packed(built).read_bytes() == before
    assert hashlib.md5(before[:-16]).digest() == before[-16:]
    assert Archive(packed(built)).check()


def test_another_site_has_another_identity(built: TestArchive) -> None:
    before = Archive(packed(built)).uuid
    built.add("b.txt", record("Harbour opens again", url="https://example.org/again"))
    built.run("site")
    built.run("bundle", "--zim")
    assert Archive(packed(built)).uuid != before
