"""A record that takes long to read is read once for a version of its reader, and what was read stays the same."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.archive.layout import Archive
from converters.archive.processes import forks
from converters.extraction import extracted
from converters.ledger.extractions import Extractions
from converters.model import Block, Capture, OtherRecord, PartialDate, Provenance, Rejection, plain
from converters.readers import table
from converters.readers.reader import Origin, RawRecord, Reader, Record
from tests.conftest import TestArchive
from tests.test_markdown_writer import blocks
from tests.test_saved_html import PAGE


def slow_reader(version: int, calls: list[bytes]) -> Reader:
    """Return a reader that notes what it is asked to read."""

    def read_record(raw: bytes, origin: Origin) -> Record:
        calls.append(raw)
        if raw == b"empty":
            return Rejection(origin.seed, 0, "no text", "save it again")
        place = Provenance(origin.seed, 0, len(raw), hashlib.sha256(raw).hexdigest(), f"slow {version}", "utf-8")
        return Capture("https://example.org/", "example.org", None, raw.decode(), (plain("Text."),), place)

    return Reader("slow", version, lambda *_: True, lambda *_: iter(()), read_record, extracts=True)


@pytest.fixture
def place(tmp_path: Path) -> Archive:
    (tmp_path / ".cache").mkdir()
    return Archive(tmp_path)


def titles(place: Archive, records: Iterator[Record | RawRecord], jobs: int = 1) -> list[str]:
    found = extracted(place, lambda: forks(jobs), records)
    return [one.title if isinstance(one, Capture) else type(one).__name__ for one in found]


def raws(version: int, *contents: bytes) -> Iterator[RawRecord]:
    return (RawRecord(one, Origin(f"seeds/{one.decode()}"), f"slow {version}") for one in contents)


def test_a_record_is_read_once_for_a_version_of_its_reader(place: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []
    monkeypatch.setattr(table, "READERS", (slow_reader(1, calls),))

    assert titles(place, raws(1, b"a", b"b")) == ["a", "b"]
    assert titles(place, raws(1, b"b", b"c", b"a")) == ["b", "c", "a"]
    assert calls == [b"a", b"b", b"c"]

    monkeypatch.setattr(table, "READERS", (slow_reader(2, calls),))
    assert titles(place, raws(2, b"a")) == ["a"]
    assert calls == [b"a", b"b", b"c", b"a"]


def test_what_was_rejected_is_looked_at_again(place: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []
    monkeypatch.setattr(table, "READERS", (slow_reader(1, calls),))

    assert titles(place, raws(1, b"empty")) == titles(place, raws(1, b"empty")) == ["Rejection"]
    assert calls == [b"empty", b"empty"]


@pytest.mark.parametrize("jobs", [1, 3])
def test_records_come_in_their_order_whoever_reads_them(
    place: Archive, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(table, "READERS", (slow_reader(1, []),))
    names = [b"%d" % number for number in range(200)]
    others = (OtherRecord("seeds/x", "image/png") for _ in names)
    mixed = (one for pair in zip(others, raws(1, *names), strict=True) for one in pair)

    assert titles(place, mixed, jobs) == [one for name in names for one in ("OtherRecord", name.decode())]


def test_a_store_that_is_no_database_is_begun_anew(place: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.cache / "extractions.sqlite").write_bytes(b"nonsense" * 1000)
    monkeypatch.setattr(table, "READERS", (slow_reader(1, []),))

    assert titles(place, raws(1, b"a")) == ["a"]


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, max_size=4).map(tuple), st.none() | st.dates(), st.none() | st.datetimes())
def test_what_was_read_is_kept_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, body: tuple[Block, ...], day: date | None, at: datetime | None
) -> None:
    place = Archive(tmp_path_factory.mktemp("store"))
    place.cache.mkdir()
    raw = RawRecord(b"x", Origin("seeds/a.html", 7), "slow 1")
    origin = Provenance("seeds/a.html", 7, 1, raw.sha256, "slow 1", "utf-8", 80, "urn:uuid:1")
    published = PartialDate(day.year, day.month, day.day) if day else None
    capture = Capture("https://a.example/", "a.example", published, "T\u2028", body, origin, authors=("A", "B"))
    capture = replace(capture, captured=at.replace(tzinfo=UTC) if at else None)

    extractions = Extractions(place)
    extractions.keep(capture, raw.key)

    assert extractions.known(raw) == capture
    assert extractions.known(replace(raw, raw=b"y")) != capture
    extractions.close()


def test_pages_that_were_read_are_not_read_again_when_the_program_changes(archive: TestArchive) -> None:
    archive.add("court.html", PAGE)
    assert archive.run("convert").status == 0
    before = archive.files("content")
    kept = archive.root / ".cache" / "extractions.sqlite"
    noted = kept.stat()

    (archive.root / ".cache" / "register.sqlite").unlink()
    assert "1 unchanged" in archive.run("convert").said

    assert (kept.stat().st_mtime_ns, kept.stat().st_size) == (noted.st_mtime_ns, noted.st_size), "nothing was added"
    assert archive.files("content") == before
    kept.unlink()
    (archive.root / "content/2023/03/08/court-opens-inquiry.md").unlink()
    assert "1 new" in archive.run("convert").said, "the store can be deleted at any time"
