"""Pictures that were captured with a document are shown, each once; the address of any other is told."""

import base64
import gzip
import hashlib
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.archive.layout import Archive
from converters.ledger import media
from converters.ledger.media import PictureLimits, Pictures
from converters.model import Capture, Figure, Media, Provenance, Quote, Text, plain
from converters.readers import mhtml, saved_html
from converters.readers.page.pictures import ending_of, from_data, from_folder, without_data
from converters.readers.reader import Origin
from tests.conftest import TestArchive
from tests.test_saved_html import FIRST, LAST, SECOND, THIRD
from tests.test_saved_pages import mhtml_of
from tests.test_web_archive import answer


def png(shade: int, size: int = 0) -> bytes:
    """Return a picture of one point, and so many bytes more."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    more = chunk(b"teXt", b"x" * size) if size else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(bytes((0, shade))))
        + chunk(b"IEND", b"")
    )


def name_of(content: bytes, ending: str = "png") -> str:
    return f"{hashlib.sha256(content).hexdigest()}.{ending}"


def page(*pictures: str) -> str:
    shown = "".join(f"<p>{SECOND}<p>{picture}" for picture in pictures)
    text = f"<p>{FIRST}{shown}<p>{THIRD}<p>{LAST}"
    return f"<!DOCTYPE html><html><title>The harbour</title><h1>The harbour</h1><div>{text}</div>"


CRANE, QUAY, LARGE = png(1, 300), png(2), png(3, 6_000_000)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def test_pictures_come_from_the_page_and_the_folder_beside_it_and_others_are_told(archive: TestArchive) -> None:
    archive.add(
        "The harbour.html",
        page(
            f'<img src="data:image/png;base64,{base64.b64encode(CRANE).decode()}" alt="A crane">',
            '<figure><img src="The%20harbour_files/quay.png"><figcaption>The quay</figcaption></figure>',
            '<img src="The harbour_files/large.png" alt="The whole harbour">',
            '<img src="The harbour_files/run.svg">',
            '<img src="https://news.example/far.jpg" alt="Far">',
            '<img src="../../outside.png">',
            '<img src="The harbour_files/icon.png" width=16>',
            '<a href="/other"><img src="The harbour_files/icon.png"></a>',
        ),
    )
    for name, content in (("quay.png", QUAY), ("large.png", LARGE), ("run.svg", SVG), ("icon.png", png(4))):
        archive.add(f"The harbour_files/{name}", content)
    (archive.root / "outside.png").write_bytes(png(5))

    ran = archive.run("site", "--no-search")

    assert ran.status == 0, ran.said
    shown = archive.page("undated/the-harbour.html")
    text = shown.select_one(".e-content")
    assert text is not None
    assert [(image["src"], image["alt"]) for image in text.select("figure img")] == [
        (f"../files/{name_of(CRANE)}", "A crane"),
        (f"../files/{name_of(QUAY)}", ""),
    ]
    assert text.select_one("figcaption").get_text() == "The quay"  # type: ignore[union-attr]
    assert set(archive.files("content/files")) == set(archive.files("output/files")) == {name_of(CRANE), name_of(QUAY)}
    assert "far.jpg" not in text.get_text()
    told = shown.find("dt", string="Pictures not here")
    assert told is not None
    addresses = told.find_next("dd").get_text("\n")  # type: ignore[union-attr]
    assert addresses.split() == [
        "The%20harbour_files/run.svg",
        "https://news.example/far.jpg",
        "../../outside.png",
        "The%20harbour_files/large.png",
    ]
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    before = archive.files("content")
    assert "1 unchanged" in archive.run("convert").said
    (archive.root / ".cache/extractions.sqlite").unlink()
    (archive.root / ".cache/register.sqlite").unlink()
    assert "1 unchanged" in archive.run("convert", "--jobs", "1").said
    assert archive.files("content") == before


def test_pictures_in_the_parts_of_a_file_are_found_by_address_and_by_id() -> None:
    raw = mhtml_of(page('<img src="/crane.png" alt="A crane">', '<img src="cid:quay@x">')).replace(
        b"iVBORw0KGgo=\r\n",
        base64.b64encode(CRANE)
        + b"\r\n------MultipartBoundary--abc----\r\nContent-Type: image/png\r\nContent-ID: <quay@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(QUAY) + b"\r\n",
    )

    found = mhtml.read_record(raw, Origin("seeds/a.mhtml"))

    assert isinstance(found, Capture)
    assert [(one.file, one.content) for one in found.media] == [(name_of(CRANE), CRANE), (name_of(QUAY), QUAY)]
    assert found.missing_pictures == ()


def test_a_picture_that_comes_twice_is_kept_once() -> None:
    uri = f"data:image/png;base64,{base64.b64encode(CRANE).decode()}"

    found = saved_html.read_record(page(f'<img src="{uri}">', f"<img src='{uri}'>").encode(), Origin("seeds/a.html"))

    assert isinstance(found, Capture)
    assert len(found.media) == 1
    assert [block.file for block in found.body if isinstance(block, Figure)] == [name_of(CRANE)] * 2


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpg"),
        (b"GIF89a\x01", "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"\0\0\0\x20ftypavif", "avif"),
        (SVG, ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_what_a_picture_is_its_first_bytes_tell(content: bytes, ending: str) -> None:
    assert ending_of(content) == ending


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=200, max_size=500), st.binary(max_size=30))
def test_files_written_into_a_page_come_back_byte_for_byte(content: bytes, around: bytes) -> None:
    uri = b"data:image/png;base64," + base64.b64encode(content)
    light, taken = without_data(around + b'<img src="' + uri + b'">' + around)

    assert uri not in light
    assert from_data(taken)("data:,0") == content
    assert from_data([])(uri.decode()) == content


def test_no_picture_is_taken_from_outside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a_files"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(CRANE)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "quay.png").write_bytes(QUAY)
    os.mkfifo(folder / "pipe.png")
    source = from_folder(str(folder))

    assert source("a_files/quay.png") == QUAY
    outside = ("a_files/link.png", "a_files/../secret.png", "/etc/hostname", "a_files/pipe.png", "file:///etc/hostname")
    assert [source(address) for address in (*outside, "a_files/\0", "http://[", "secret.png")] == [None] * 8


def test_what_is_too_much_is_told_by_its_address(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    place = Provenance("seeds/a.html", 0, 1, "00", "saved-html 2", "utf-8")
    pictures = (Media("a.png", 50, "a"), Media("b.png", 60, "b"), Media("c.png", 150, "c"))
    body = (Figure("a.png", "", ()), Figure("b.png", "", (Text("B"),)), Quote((plain("x"), Figure("c.png", "", ()))))
    capture = Capture("", "x", None, "T", body, place, media=pictures, missing_pictures=("d",))

    found = Pictures(archive, PictureLimits(largest=100, all=100)).within_limits(capture)

    assert found.body == (Figure("a.png", "", ()), Figure("", "", (Text("B"),)), Quote((plain("x"),)))
    assert found.missing_pictures == ("d", "b", "c")
    assert [one.file for one in media.seen_from("2023/03/08/t.html", found).body[:1] if isinstance(one, Figure)] == [
        "../../../files/a.png"
    ]


def test_pictures_of_a_web_archive_are_found_wherever_in_the_archive_they_lie(archive: TestArchive) -> None:
    def picture(url: str, content: bytes) -> bytes:
        return answer(url, content, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n")

    shown = page(
        '<figure><img src="/crane.png" alt="A crane"><figcaption>The crane</figcaption></figure>',
        '<img src="https://cdn.example/quay.png">',
        '<img src="/lost.png" alt="Lost">',
    )
    archive.add(
        "a.warc", answer("https://news.example/1", shown.encode()) + picture("https://news.example/crane.png", CRANE)
    )
    assert archive.run("convert").status == 0
    assert set(archive.files("content/files")) == {name_of(CRANE)}

    archive.add("b.warc.gz", gzip.compress(picture("https://cdn.example/quay.png", QUAY)))
    ran = archive.run("site", "--no-search")

    assert ran.status == 0, ran.said
    assert "1 changed" in ran.said
    document = archive.page("undated/the-harbour.html")
    assert [image["src"] for image in document.select(".e-content img")] == [
        f"../files/{name_of(CRANE)}",
        f"../files/{name_of(QUAY)}",
    ]
    told = document.find("dt", string="Pictures not here")
    assert told is not None
    assert told.find_next("dd").get_text() == "https://news.example/lost.png"  # type: ignore[union-attr]
    assert archive.run("check").status == 0
    before = archive.files("content")
    for file in (archive.root / ".cache").glob("*.sqlite"):
        file.unlink()
    assert archive.run("convert", "--jobs", "1").status == 0
    assert archive.files("content") == before


def test_the_pictures_of_a_withdrawn_document_go_with_it_unless_another_shows_them(archive: TestArchive) -> None:
    shown = [base64.b64encode(content).decode() for content in (CRANE, QUAY)]
    both, one = (
        "".join(f'<p>{SECOND}<p><img src="data:image/png;base64,{uri}">' for uri in uris) for uris in (shown, shown[:1])
    )
    archive.add("a.html", page(both))
    archive.add("b.html", page(one).replace("The harbour", "The crane"))
    assert archive.run("site", "--no-search").status == 0
    assert set(archive.files("output/files")) == {name_of(CRANE), name_of(QUAY)}

    withdrawn = archive.run("withdraw", "undated/the-harbour.html", "--why", "asked for")

    assert withdrawn.status == 0, withdrawn.said
    assert archive.run("site", "--no-search").status == 0
    assert set(archive.files("content/files")) == set(archive.files("output/files")) == {name_of(CRANE)}
    assert archive.run("withdraw", "undated/the-harbour.html", "--undo").status == 0
    assert archive.run("site", "--no-search").status == 0
    assert set(archive.files("output/files")) == {name_of(CRANE), name_of(QUAY)}
