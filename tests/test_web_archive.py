"""Web archives: every record is accounted for, a page is a document, and damage is named with its place."""

import gzip
import io
import json
import re
import zipfile
import zlib
from datetime import UTC, datetime

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from converters.intake.http import HttpError, parse_response
from converters.model import Capture, OtherRecord, Rejection
from converters.readers import web_archive
from converters.readers.reader import Origin, RawRecord
from converters.readers.web_archive import read_record, recognises
from converters.text import frontmatter
from tests.conftest import TestArchive

TEXT = "The court said on Wednesday that it would look into the shelling of the harbour in the spring of last year."


def page(number: int) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>Page {number} of the inquiry</title>"
        f'<meta property="article:published_time" content="2023-03-0{number}T10:00:00+01:00"></head>'
        f"<body><h1>Page {number} of the inquiry</h1><p>{TEXT} {number}.</p><p>{TEXT} It was {number}.</p>"
    ).encode()


def warc(compressed: bool = False) -> bytes:
    """Return an archive as a crawler writes it: three pages, and records that are none."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=compressed)
    writer.write_record(writer.create_warcinfo_record("test.warc", {"software": "a crawler"}))

    def response(url: str, status: str, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        head = StatusAndHeaders(status, [("Content-Type", kind), *headers], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=head,
            warc_headers_dict={"WARC-Date": "2023-04-01T12:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)

    response("https://example.org/1", "200 OK", "text/html; charset=utf-8", page(1))
    response("https://example.org/x.jpg", "200 OK", "image/jpeg", b"\xff\xd8")
    response("https://example.org/2", "200 OK", "text/html", gzip.compress(page(2)), ("Content-Encoding", "gzip"))
    response("https://example.org/gone", "404 Not Found", "text/html", page(9))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (page(3)[:70], page(3)[70:])) + b"0\r\n\r\n"
    response("https://example.org/3", "200 OK", "text/html", chunks, ("Transfer-Encoding", "chunked"))
    return out.getvalue()


def found_in(content: bytes) -> list[Capture | Rejection | OtherRecord]:
    records = web_archive.READER.read(io.BufferedReader(io.BytesIO(content)), "seeds/a.warc")  # type: ignore[arg-type]
    return [read_record(one.raw, one.origin) if isinstance(one, RawRecord) else one for one in records]


def captures(found: list[Capture | Rejection | OtherRecord]) -> list[Capture]:
    return [one for one in found if isinstance(one, Capture)]


def test_pages_become_documents_and_every_other_record_is_told() -> None:
    content = warc()

    found = found_in(content)

    assert recognises(content[:2000], "a")
    assert [one.url for one in captures(found)] == [f"https://example.org/{number}" for number in (1, 2, 3)]
    assert [one.title for one in captures(found)] == [f"Page {number} of the inquiry" for number in (1, 2, 3)]
    assert {one.captured for one in captures(found)} == {datetime(2023, 4, 1, 12, tzinfo=UTC)}
    assert sorted(one.what for one in found if isinstance(one, OtherRecord)) == [
        "answers with status 404",
        "image/jpeg",
        "warcinfo records",
    ]


def test_a_record_is_found_again_by_its_place_alone() -> None:
    content = warc()

    for one in captures(found_in(content)):
        place = one.provenance
        raw = content[place.start : place.start + place.length]
        assert raw.startswith(b"WARC/1.0\r\n")
        assert read_record(raw, Origin("seeds/a.warc", place.start)) == one
        assert place.record_id.startswith("urn:uuid:")


def test_wherever_an_archive_is_cut_the_loss_is_named_and_the_rest_is_read() -> None:
    content = warc()
    whole = captures(found_in(content))

    between = {begins - back for begins in _beginnings(content) for back in range(5)}
    for at in range(1, len(content), 7):
        found = found_in(content[:at])
        ends = [one.provenance.start + one.provenance.length for one in whole]
        assert captures(found) == [one for one, end in zip(whole, ends, strict=True) if end <= at]
        assert at in between or any(isinstance(one, Rejection) for one in found), at


def _beginnings(content: bytes) -> list[int]:
    return [match.start() for match in re.finditer(b"WARC/1.0\r\n", content)] + [len(content)]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_flipped_bit_loses_one_record_at_most_beside_its_own(at: int, bit: int) -> None:
    content = bytearray(warc())
    content[at % len(content)] ^= 1 << bit

    found = captures(found_in(bytes(content)))

    assert len({one.url for one in found} & {f"https://example.org/{number}" for number in (1, 2, 3)}) >= 2


def test_an_arc_of_the_past_is_read() -> None:
    body = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(1)
    intro = b"1 0 Alexa\nURL IP-address Archive-date Content-type Archive-length\n"
    content = b"filedesc://a.arc 0.0.0.0 19970101000000 text/plain %d\n%s\n" % (len(intro), intro)
    content += b"http://example.org/1 192.0.2.1 19970302040506 text/html %d\n%s\n" % (len(body), body)

    found = found_in(content)

    assert recognises(content[:2000], "a.arc")
    assert [(one.url, one.captured) for one in captures(found)] == [
        ("http://example.org/1", datetime(1997, 3, 2, 4, 5, 6, tzinfo=UTC))
    ]


def deflated(body: bytes) -> bytes:
    """Return a body as some servers deflate it, without the header of zlib."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(page(1))),
        ("deflate", zlib.compress(page(1))),
        ("deflate", deflated(page(1))),
        ("br", brotli.compress(page(1))),
        ("zstd", zstandard.compress(page(1))),
        ("gzip, br", brotli.compress(gzip.compress(page(1)))),
        ("br", page(1)),
    ],
)
@pytest.mark.parametrize("protocol", ["HTTP/1.1 200 OK", "HTTP/2 200 ", "HTTP/3 200"])
def test_a_body_is_unpacked_as_its_headers_say_or_taken_as_it_is(coding: str, body: bytes, protocol: str) -> None:
    block = f"{protocol}\r\nContent-Type: Text/HTML\r\nContent-Encoding: {coding}\r\n\r\n".encode() + body

    assert parse_response(block) == (200, "text/html", "", page(1))


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(10**8))),
        ("br", brotli.compress(bytes(10**8))),
        ("zstd", zstandard.compress(bytes(10**8))),
    ],
)
def test_a_bomb_is_told_and_not_unpacked(coding: str, bomb: bytes) -> None:
    with pytest.raises(HttpError, match="unpacks to more than"):
        parse_response(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode() + bomb)


def test_a_web_archive_goes_the_whole_way(archive: TestArchive) -> None:
    archive.add("crawl.warc.gz", warc(compressed=True))

    ran = archive.run("site", "--no-search")

    assert ran.status == 0, ran.said
    assert "3 new" in ran.said
    assert "3 records are no documents" in ran.said
    report = json.loads((archive.root / ".cache/report.json").read_text())
    assert {row["what"]: row["records"] for row in report["no_documents"]} == {
        "answers with status 404": 1,
        "image/jpeg": 1,
        "warcinfo records": 1,
    }
    assert archive.run("check").status == 0
    assert "3 unchanged" in archive.run("convert").said


def answer(url: str, body: bytes, head: bytes = b"HTTP/2 200 \r\nContent-Type: text/html\r\n") -> bytes:
    """Return a response record."""
    block = head + b"\r\n" + body
    return (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2023-04-01T12:00:00Z\r\nWARC-Target-URI: %s\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
        % (url.encode(), len(block), block)
    )


def test_frames_and_redirects_are_told_and_an_answer_without_a_kind_is_looked_at() -> None:
    content = (
        answer("https://example.org/frame", b"<html><body><div>Loading \xe2\x80\xa6</div>")
        + answer("https://example.org/pixel", b"")
        + answer("https://example.org/old", b"", b"HTTP/1.1 301 Moved\r\nLocation: /1\r\n")
        + answer("https://example.org/1", page(1), b"HTTP/1.0 200 OK\r\n")
        + answer("https://example.org/data", b"{}", b"HTTP/1.0 200 OK\r\n")
    )

    found = found_in(content)

    assert [one.url for one in captures(found)] == ["https://example.org/1"]
    assert [one.what for one in found if isinstance(one, OtherRecord)] == [
        "pages without text",
        "pages without text",
        "redirects",
        "records of no kind",
    ]


def test_a_long_page_without_a_document_is_still_rejected() -> None:
    links = b"".join(b"<li><a href=/%d>Story %d</a>" % (number, number) for number in range(200))

    (found,) = found_in(answer("https://example.org/", b"<html><title>Home</title><nav><ul>" + links))

    assert isinstance(found, Rejection)


def wacz(warc_file: bytes) -> bytes:
    """Return a web archive packed with lists of its pages."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("archive/data.warc.gz", warc_file)
        packed.writestr("indexes/index.cdx", "org,example)/1 20230401120000 {}")
        packed.writestr("datapackage.json", "{}")
        pages = [{"url": f"https://example.org/{number}", "title": f"Listed  {number}"} for number in (1, 4)]
        packed.writestr("pages/pages.jsonl", "\n".join(map(json.dumps, [{"format": "json-pages-1.0"}, *pages])))
    return out.getvalue()


def test_a_packed_web_archive_is_read_with_the_titles_that_it_lists(archive: TestArchive) -> None:
    untitled = re.sub(rb"<(title|h1)>.*?</\1>", b"", page(4))
    archive.add("crawl.wacz", wacz(warc(compressed=True) + gzip.compress(answer("https://example.org/4", untitled))))

    ran = archive.run("site", "--no-search")

    assert ran.status == 0, ran.said
    assert "4 new" in ran.said
    assert (archive.root / "content/2023/03/01/page-1-of-the-inquiry.md").exists()
    assert archive.page("2023/03/04/listed-4.html").select_one("h1").get_text() == "Listed 4"  # type: ignore[union-attr]
    assert archive.run("check").status == 0


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_web_archive_packed_with_a_dictionary_of_its_own_is_read(archive: TestArchive, is_packed: bool) -> None:
    dictionary = zstandard.ZstdCompressionDict(page(1) * 20)
    content = dictionary.as_bytes()
    if is_packed:
        content = zstandard.compress(content)
    pack = zstandard.ZstdCompressor(dict_data=dictionary).compress
    records = b"".join(pack(answer(f"https://example.org/{number}", page(number))) for number in (1, 2))
    archive.add("a.warc.zst", b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content + records)

    ran = archive.run("convert")

    assert "2 new" in ran.said, ran.said


def visit(url: str, date: str, same_as: str = "") -> bytes:
    """Return the record of a visit that found nothing new."""
    told = f"WARC-Refers-To-Date: {same_as}\r\n" if same_as else ""
    return (
        f"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Date: {date}\r\nWARC-Target-URI: {url}\r\n{told}"
        "Content-Length: 0\r\n\r\n\r\n\r\n"
    ).encode()


def captured_in(archive: TestArchive) -> dict[str, str]:
    return {frontmatter.value(one, "Url"): frontmatter.value(one, "Captured") for one in archive.documents().values()}


def test_a_text_that_was_captured_again_is_one_document_with_all_its_moments(archive: TestArchive) -> None:
    first, second = "https://example.org/1", "https://example.org/2"
    one = answer(first, page(1))
    changed = answer(first, page(1).replace(b"inquiry", b"trial")).replace(b"2023-04-01", b"2023-04-09")
    archive.add("a.warc", one + answer(second, page(2)))
    archive.add("b.warc", one.replace(b"2023-04-01T12", b"2023-04-05T13") + changed)
    assert archive.run("convert").status == 0
    assert archive.run("convert").said.count("unchanged")

    archive.add(
        "c.warc", visit(first, "2023-04-07T00:00:00Z", "2023-04-05T13:00:00Z") + visit(second, "2023-05-01T00:00:00Z")
    )
    again = archive.run("convert")

    assert again.status == 0, again.said
    assert "2 changed" in again.said
    assert "2 revisits" in again.said
    documents = sorted(frontmatter.value(one, "Captured") for one in archive.documents().values())
    assert documents == [
        "2023-04-01T12:00:00Z, 2023-04-05T13:00:00Z, 2023-04-07T00:00:00Z",
        "2023-04-01T12:00:00Z, 2023-05-01T00:00:00Z",
        "2023-04-09T12:00:00Z",
    ]
    (archive.root / "seeds/c.warc").unlink()
    assert "2 changed" in archive.run("convert").said
    assert captured_in(archive)[second] == "2023-04-01T12:00:00Z"
    before = archive.files("content")
    (archive.root / ".cache/register.sqlite").unlink()
    assert archive.run("convert", "--jobs", "1").status == 0
    assert archive.files("content") == before
