"""Web archives: every record is accounted for, a page is a document, and damage is named with its place."""

import gzip
import io
import json
import re
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
