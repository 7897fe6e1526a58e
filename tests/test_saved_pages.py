"""Whatever program saved a page, it is one document, with its address, and what was saved with it is no seed."""

import json
import quopri
from datetime import UTC, datetime

import pytest

from converters.intake.companions import told_apart, what_belongs_to_pages
from converters.intake.seeds import SeedFile, find_files, find_seeds
from converters.model import Capture, Rejection
from converters.readers import mhtml
from converters.readers.reader import Origin
from converters.text import frontmatter
from tests.conftest import TestArchive
from tests.test_saved_html import FIRST, LAST, SECOND, THIRD

TEXT = f"<p>{FIRST}<p>{SECOND}<p>{THIRD}<p>{LAST}"
PAGE = f"<!DOCTYPE html><title>Court opens inquiry</title><h1>Court opens inquiry</h1>{TEXT}"
FRAME = f"<!DOCTYPE html><title>A frame of it</title><p>{FIRST}<p>{SECOND}"


def mhtml_of(page: str, *, complete: bool = True) -> bytes:
    """Return a page as Chromium saves it."""
    body = quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")
    return (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/court\r\n"
        b"Subject: Court\r\nDate: Mon, 6 Mar 2023 12:34:56 +0100\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related;"
        b'\r\n\ttype="text/html";\r\n\tboundary="----MultipartBoundary--abc----"\r\n\r\n\r\n'
        b"------MultipartBoundary--abc----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://news.example/court\r\n\r\n"
        + body
        + b"\r\n------MultipartBoundary--abc----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Location: https://news.example/crane.png\r\n\r\niVBORw0KGgo=\r\n"
        + (b"\r\n------MultipartBoundary--abc------\r\n" if complete else b"")
    )


def test_an_mhtml_file_is_one_document_with_its_address_and_moment() -> None:
    raw = mhtml_of(PAGE.replace(SECOND, SECOND.replace("twice", "zweimal, für länger")))

    assert mhtml.recognises(raw[:3000], "seeds/court.txt")
    found = mhtml.read_record(raw, Origin("seeds/court.mhtml"))

    assert isinstance(found, Capture)
    assert (found.title, found.url) == ("Court opens inquiry", "https://news.example/court")
    assert found.captured == datetime(2023, 3, 6, 11, 34, 56, tzinfo=UTC)
    assert found.paragraphs == (FIRST, SECOND.replace("twice", "zweimal, für länger"), THIRD, LAST)


def test_a_letter_is_no_saved_page_though_it_has_pictures() -> None:
    letter = (
        b'From: Ada <a@b.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
    )

    assert not mhtml.recognises(letter, "seeds/letter.eml")
    assert not mhtml.recognises(b"A text.\n\nContent-Type: multipart/related\n\n", "seeds/a.mht")
    assert mhtml.recognises(letter, "seeds/letter.mht")


@pytest.mark.parametrize("parts", [b"", b"--x\r\nContent-Type: image/png\r\n\r\nabc\r\n--x--"])
def test_an_mhtml_file_without_a_page_is_rejected(parts: bytes) -> None:
    raw = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n' + parts

    found = mhtml.read_record(raw, Origin("seeds/a.mht"))

    assert isinstance(found, Rejection)
    assert "none of its parts is HTML" in found.reason


def test_pages_saved_by_all_kinds_of_programs_are_one_document_each(archive: TestArchive) -> None:
    archive.add("browser/Court opens.html", PAGE.replace("Court", "Browser court"))
    archive.add("browser/Court opens_files/frame.html", FRAME)
    archive.add("browser/Court opens_files/deep/style.css", "p { color: red }")
    archive.add("german/Hof.htm", PAGE.replace("Court", "German court"))
    archive.add("german/Hof-Dateien/logo.png", b"\x89PNG")
    index = {"url": "https://box.example/court", "timestamp": "1678106096.0", "title": "Box"}
    archive.add("archive/1678106096.0/index.json", json.dumps(index))
    for name in ("index.html", "dom.html", "output.html", "readability/content.html"):
        archive.add(f"archive/1678106096.0/{name}", PAGE.replace("Court", "Boxed court"))
    archive.add("archive/1678106096.0/screenshot.png", b"\x89PNG")
    archive.add("mirror/www.mirror.example/2023/court.html", PAGE.replace("Court", "Mirrored court"))
    archive.add("mirror/www.mirror.example/style.css", "p { color: red }")
    archive.add("mirror/www.mirror.example/logo.png", b"\x89PNG")
    archive.add("mirror/hts-log.txt", "HTTrack3.49 launched")
    archive.add("mirror/index.html", "<html><title>Local index - HTTrack Website Copier</title><p>Index of mirrors")
    archive.add("mhtml/court.mhtml", mhtml_of(PAGE.replace("Court", "Packed court"), complete=False))

    ran = archive.run("convert")

    assert "5 new" in ran.said, ran.said
    assert "1 rejected" in ran.said
    assert "seeds/mhtml/court.mhtml: a damaged record at byte" in ran.said
    assert "Court opens.html: 2 records are no documents: 2 files saved with the page" in ran.said
    assert "dom.html: 5 records are no documents: 5 files saved with the page" in ran.said
    urls = {frontmatter.value(file.read_text(), "Url") for file in (archive.root / "content/undated").iterdir()}
    assert urls >= {
        "https://box.example/court",
        "http://www.mirror.example/2023/court.html",
        "https://news.example/court",
    }
    report = json.loads((archive.root / ".cache/report.json").read_text())
    assert {row["what"]: row["seed"] for row in report["no_documents"] if "mirror" in row["seed"]} == {
        "files of a mirrored site": "seeds/mirror/www.mirror.example/style.css",
        "indexes of mirrored sites": "seeds/mirror/index.html",
    }
    assert archive.run("build", "--no-search").status == 0
    checked = archive.run("check")
    assert checked.status == 0, checked.said


def test_what_is_saved_with_a_page_is_still_a_file_of_the_archive(archive: TestArchive) -> None:
    archive.add("a.html", PAGE)
    archive.add("a_files/b.html", FRAME)
    archive.add("c_files/d.html", FRAME)
    folder = archive.root / "seeds"

    assert [seed.name for seed in find_seeds(folder)] == ["seeds/a.html", "seeds/c_files/d.html"]
    assert len(list(find_files(folder))) == 3
    first = next(find_seeds(folder))
    assert isinstance(first, SeedFile)
    assert first.beside == folder / "a_files"


@pytest.mark.parametrize(
    ("entries", "seeds"),
    [
        (["a.html", "a_files/"], ["a.html"]),
        (["A.HTM", "A.files/"], ["A.HTM"]),
        (["a.txt", "a_files/"], ["a.txt", "a_files/"]),
        (["a_files/"], ["a_files/"]),
        (["a.html", "a_files"], ["a.html", "a_files"]),
        (["index.json", "x.txt"], ["index.json", "x.txt"]),
        (["index.json", "favicon.ico", "singlefile.html", "x.pdf", "dom.html"], ["singlefile.html"]),
        (["index.json", "favicon.ico", "output.pdf", "media/"], ["index.json", "favicon.ico", "output.pdf", "media/"]),
    ],
)
def test_only_what_surely_belongs_to_a_page_is_no_seed(entries: list[str], seeds: list[str]) -> None:
    kept, beside = told_apart([f"deep/{entry}".encode() for entry in entries])

    assert kept == [f"deep/{seed}".encode() for seed in seeds]
    assert beside.keys() <= set(kept)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("seeds/example.org/a/style.css", True),
        ("seeds/sites/www.example.org/logo.png?v=1", True),
        ("seeds/example.org/report.pdf", False),
        ("seeds/letters/logo.png", False),
        ("seeds/logo.png", False),
    ],
)
def test_what_a_mirror_holds_besides_pages_is_known_by_its_folder_and_ending(name: str, is_one: bool) -> None:
    assert what_belongs_to_pages(name) == ("files of a mirrored site" if is_one else "")
