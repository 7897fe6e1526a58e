"""The reader of the text format: what is a record, what is in it, and what is rejected."""

import hashlib
import io
import re
import tracemalloc
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.model import Capture, Rejection
from converters.readers import seed_text

HEADER = " date 2023-03-08 https://example.org/court\n"
RECORD = f"{HEADER}\nTitle\n\nFirst.\n\nSecond.\n"


def read(content: bytes | str) -> list[Capture | Rejection]:
    raw = content.encode() if isinstance(content, str) else content
    return list(seed_text.read(io.BytesIO(raw), "seeds/a.txt"))


def only(content: bytes | str) -> Capture:
    (found,) = read(content)
    assert isinstance(found, Capture), found
    return found


def rejected(content: bytes | str) -> Rejection:
    (found,) = read(content)
    assert isinstance(found, Rejection), found
    return found


def test_a_record_is_read_as_it_stands() -> None:
    capture = only(RECORD)

    assert capture.url == "https://example.org/court"
    assert capture.source == "example.org"
    assert capture.published == (2023, 3, 8)
    assert capture.title == "Title"
    assert capture.paragraphs == ("First.", "Second.")
    assert capture.provenance.seed == "seeds/a.txt"
    assert (capture.provenance.start, capture.provenance.length) == (0, len(RECORD))
    assert capture.provenance.sha256 == hashlib.sha256(RECORD.encode()).hexdigest()
    assert (capture.provenance.reader, capture.provenance.encoding) == ("seed-text 1", "utf-8")


@pytest.mark.parametrize(
    "written",
    [
        RECORD.lstrip(),
        "\ufeff" + RECORD,
        "\ufeff" + RECORD.lstrip(),
        RECORD.replace("\n", "\r\n"),
        RECORD.replace("\n\n", "\n \t\u3000\n"),
        RECORD.replace(" date", "\u3000\xa0date").replace(" 2023", "\u2003\t2023").replace(" https", "\xa0 https"),
        RECORD.replace("court\n", "court \u2009\xa0\n"),
        RECORD.replace("court\n\nTitle\n\n", "court\nTitle\n"),
        "\n\n \n" + RECORD + "\n\n",
        RECORD.rstrip("\n"),
    ],
)
def test_the_format_is_read_leniently_and_the_record_is_the_whole_file(written: str) -> None:
    capture = only(written)

    assert (capture.url, capture.title) == ("https://example.org/court", "Title")
    assert capture.paragraphs == ("First.", "Second.")
    assert capture.provenance.sha256 == hashlib.sha256(written.encode()).hexdigest()


def test_a_paragraph_keeps_every_character_but_the_space_around_it() -> None:
    capture = only(
        f"{HEADER}\n\u3000Title\xa0 \n\n"
        " \t\u3000indented  twice\tand \x02\u200b\r back\r\nsecond line\xa0 \n \n\u2003\n\u200b\n"
    )

    assert capture.title == "\u3000Title\xa0"
    assert capture.paragraphs == ("\u3000indented  twice\tand \x02\u200b\r back\nsecond line\xa0", "\u200b")


def test_stand_ins_are_counted() -> None:
    capture = only(f"{HEADER}\nTi\0tle\n\né\ufffd".encode() + b"\xff\xed\xa0\x80" + "é".encode())

    assert capture.title == "Ti␀tle"
    assert capture.paragraphs == ("é\ufffd\ufffd\ufffdé",)
    assert capture.stand_ins == 3


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 1, "no header"),
        ("\n \n", 1, "no header"),
        ("Just words.\n\nMore.\n", 1, "no header"),
        (" Date 2023-03-08 https://example.org/\n\nT\n\nB\n", 1, "no header"),
        (" date 2023-02-30 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date 2023-13-01 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date 0000-01-01 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date 12023-01-01 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date 8.3.2023 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date 8 March 2023 https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date ٢٠٢٣-٠٣-٠٨ https://example.org/\n\nT\n\nB\n", 1, "date"),
        (" date https://example.org/\n\nT\n\nB\n", 1, "date"),
        ("\n date: 2023-03-08 https://example.org/\n\nT\n\nB\n", 2, "date"),
        (HEADER, 1, "no title"),
        (f"{HEADER}\n \n\u3000\n", 1, "no title"),
        (f"{HEADER}\nT\n\n\xa0\n", 1, "no text"),
    ],
)
def test_what_is_wrong_is_rejected_with_its_line_and_a_way_out(content: str, line: int, reason: str) -> None:
    rejection = rejected(content)

    assert rejection.line == line
    assert reason in rejection.reason
    assert rejection.remedy


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file://example.org/",
        "javascript:alert(1)",
        "example.org/page",
        "https://",
        "https:///page",
        "https://./",
        "https://exa mple.org/",
        "https://example.org/a b",
        "https://example.org/a\tb",
        "https://example.org/a\0b",
        "https://example.org/a\x1fb",
        "https://example.org/a\x85b",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://exa<b>mple.org/",
        "https://ex%61mple.org/",
        "https://example.org\\@evil.example/",
        "https://[::1/",
        "https://[example]/",
        f"https://{'a' * 254}/",
    ],
)
def test_an_address_that_leads_nowhere_is_rejected(address: str) -> None:
    assert "address" in rejected(f" date 2023-03-08 {address}\n\nT\n\nB\n").reason


def test_an_address_with_broken_bytes_is_rejected() -> None:
    rejection = rejected(b" date 2023-03-08 https://example.org/\xff\n\nT\n\n" + "ééé\n".encode())
    assert "address" in rejection.reason


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("http://EXAMPLE.org:8080/a?b=c#d", "example.org"),
        ("HTTPS://user:word@example.org/", "example.org"),
        ("https://пример.испытание/страница", "пример.испытание"),
        ("https://उदाहरण.परीक्षा/", "उदाहरण.परीक्षा"),
        ("https://a_b-c.example.org./", "a_b-c.example.org."),
        ("https://127.0.0.1/", "127.0.0.1"),
        ("https://[2001:db8::1]:443/", "2001:db8::1"),
        ("https://localhost/\ufffd", "localhost"),
    ],
)
def test_an_address_is_kept_as_the_seed_has_it(address: str, source: str) -> None:
    capture = only(f" date 2023-03-08 {address}\n\nT\n\nB\n")
    assert (capture.url, capture.source) == (address, source)


def test_a_wrong_record_takes_its_words_with_it_and_the_others_are_read() -> None:
    words = "Some words.\n\n"
    dump = (
        words
        + RECORD
        + " date 2023-99-99 https://example.org/\n\nLost\n\nlost\n"
        + RECORD
        + "date 1/2/23 https://example.org/\nlost\n"
        + RECORD
    )

    found = read(dump)

    assert [type(each) for each in found] == [Rejection, Capture, Rejection, Capture, Rejection, Capture]
    assert [each.line for each in found if isinstance(each, Rejection)] == [1, 10, 22]
    assert {each.paragraphs for each in found if isinstance(each, Capture)} == {("First.", "Second.")}


@pytest.mark.parametrize(
    "line",
    [
        "date palms grow here",
        "dates 2023-01-01",
        "date 2023 was a good year",
        "update 2023-01-01 https://x.org",
        "the date 2023-01-01",
        "date 12/03/2023 dredging of the basin begins",
        "date 2023-03-12 dredging of the basin begins",
        "date (voir http://example.org/x) que nul ne connaît.",
    ],
)
def test_a_line_that_only_begins_like_a_header_is_text(line: str) -> None:
    assert only(f"{HEADER}\nTitle\n\nBefore.\n{line}\n").paragraphs == (f"Before.\n{line}",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_dump_is_read_in_any_unicode_encoding(encoding: str) -> None:
    texts = [RECORD.replace("First", f"Ċਊ \ud83d\ude00 {number}") for number in range(3)]
    texts = [text.encode("utf-16", "surrogatepass").decode("utf-16") for text in texts]
    mark = "\ufeff" if encoding.endswith("-be") else ""
    dump = (mark + "".join(texts)).encode(encoding)

    found = read(dump)

    assert [each.paragraphs[0] for each in found if isinstance(each, Capture)] == [f"Ċਊ 😀 {n}." for n in range(3)]
    slices = [
        dump[p.start : p.start + p.length] for p in (each.provenance for each in found if isinstance(each, Capture))
    ]
    assert b"".join(slices) == dump
    wrong = read(
        dump
        + "date 1/2/23 https://example.org/\n".encode(
            encoding.replace("-sig", "").replace("16", "16-le").replace("32", "32-le").replace("-le-be", "-be")
        )
    )
    assert isinstance(wrong[-1], Rejection)
    assert wrong[-1].line == 1 + 3 * RECORD.count("\n")


def test_files_with_byte_order_marks_may_be_put_one_after_another() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        a, b = RECORD.encode(encoding), RECORD.replace("First", "Другой").encode(encoding)
        assert [only(a), only(b)] == [without_place(each) for each in read(a + b)]


def test_every_record_of_a_dump_tells_its_own_encoding() -> None:
    russian = RECORD.replace("First", "Суд в среду постановил продлить расследование")
    french = RECORD.replace("First", "L’été dernier, la forêt a brûlé près du château")

    found = read(russian.encode("cp1251") + french.encode("cp1252") + russian.encode())

    assert [each.provenance.encoding for each in found if isinstance(each, Capture)] == [
        "windows-1251",
        "windows-1252",
        "utf-8",
    ]
    assert [each.paragraphs[0][:3] for each in found if isinstance(each, Capture)] == ["Суд", "L’é", "Суд"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_old_line_ends_and_wide_characters_without_a_mark_are_read(encoding: str) -> None:
    dump = (RECORD + RECORD.replace("First", "Première")).replace("\n", "\r" if encoding == "utf-8" else "\r\n")

    found = read(dump.encode(encoding))

    assert [each.paragraphs for each in found if isinstance(each, Capture)] == [
        ("First.", "Second."),
        ("Première.", "Second."),
    ]


@pytest.mark.parametrize("title", ["\u200b\u200d", "\u2800", "\u3164", "\xad\ufeff"])
def test_a_title_that_nobody_can_see_is_named(title: str) -> None:
    assert "no character that can be seen" in rejected(f"{HEADER}\n{title}\n\nText.\n").reason


def without_place(found: Capture | Rejection) -> Capture:
    assert isinstance(found, Capture), found
    return replace(found, provenance=replace(found.provenance, start=0))


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1).filter(
    lambda text: text.strip() and not re.search("(?m)^[^a-z]*date", text)
)
LINES = WORDS.map(lambda text: text.replace("\n", " ").strip(" \t\x85")).filter(str.strip)
PARAGRAPHS = WORDS.map(lambda text: re.sub(r"\n\s*\n", "\n", text).strip(" \t\n\x85")).filter(
    lambda text: text.strip() and not re.search(r"\n\s*\n", f"{text}\n") and not re.match(r"\s*\n", text)
)
RECORDS = st.tuples(
    st.dates(),
    st.sampled_from(["https://example.org/a", "http://пример.рф/?q=ü", "https://[::1]:8/"]),
    LINES.map("T{}".format),
    st.lists(PARAGRAPHS, min_size=1, max_size=4),
)


@given(st.lists(RECORDS, min_size=1, max_size=6))
def test_what_is_written_comes_back_and_a_dump_is_its_records(
    records: list[tuple[date, str, str, list[str]]],
) -> None:
    texts = ["\n\n".join((f" date {day} {url}", title, *body, "")).encode() for day, url, title, body in records]
    dump = b"".join(texts)

    found = [each for each in read(dump) if isinstance(each, Capture)]

    assert [(date(*c.published), c.url, c.title, list(c.paragraphs)) for c in found] == records
    assert [dump[p.start : p.start + p.length] for p in (c.provenance for c in found)] == texts
    assert [without_place(c) for c in found] == [only(text) for text in texts]


@given(st.binary(max_size=3000) | st.text("date 2019-/:htps\n\r\0é", max_size=400).map(str.encode))
def test_no_bytes_fail_and_all_are_accounted_for(raw: bytes) -> None:
    found = read(raw)

    ranges = [(c.provenance.start, c.provenance.length) for c in found if isinstance(c, Capture)]
    assert found
    assert ranges == sorted(ranges)


def test_a_header_on_the_border_of_two_blocks_is_found() -> None:
    # Of an odd length, so that headers fall on many places around the borders.
    record = f"{HEADER}\nTitle\n\n{'x' * 31}\n"
    dump = record * (5 * 1024 * 1024 // len(record))

    found = read(dump)

    assert len(found) == dump.count("date")
    assert {type(each) for each in found} == {Capture}


class _Repeated(io.RawIOBase):
    """A stream of one piece after another, without ever holding them all."""

    def __init__(self, *pieces: tuple[bytes, int]) -> None:
        super().__init__()
        self._pieces = ((piece, times) for piece, times in pieces)
        self._piece, self._times = next(self._pieces)

    def read(self, size: int = -1, /) -> bytes:
        if not self._times:
            self._piece, self._times = next(self._pieces, (b"", 1))
        self._times -= 1
        return self._piece


def repeated(*pieces: tuple[bytes, int]) -> BinaryIO:
    return cast(BinaryIO, _Repeated(*pieces))


def test_a_record_that_is_too_large_is_skipped_in_little_memory_and_the_next_is_read() -> None:
    line = b"x" * 1024 * 1024
    stream = repeated(
        (RECORD.encode() + HEADER.encode() + b"\nTitle\n\n", 1), (line, 300), (b"\n" + RECORD.encode(), 1)
    )
    tracemalloc.start()

    found = list(seed_text.read(stream, "seeds/a.txt"))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(each) for each in found] == [Capture, Rejection, Capture]
    assert "8 MB" in str(found[1])
    assert isinstance(found[1], Rejection)
    assert found[1].line == 8
    assert peak < 90 * 1024 * 1024


def test_memory_does_not_grow_with_the_dump() -> None:
    records = RECORD.replace("First.", "word " * 800).encode() * 64
    stream = repeated((records, 200))
    tracemalloc.start()

    count = sum(1 for each in seed_text.read(stream, "seeds/a.txt") if isinstance(each, Capture))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 64 * 200
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("piece", [b"\n", b" date", b" ", b"\ndate", b"\n ", b"\ndate 1 "])
def test_a_file_of_nothing_but_one_thing_takes_no_longer_than_its_length(piece: bytes) -> None:
    assert "no header" in rejected(piece * (4_000_000 // len(piece))).reason


def test_what_is_too_long_for_a_page_is_rejected_by_name() -> None:
    texts = {
        "the title has more than": HEADER + "\nTitle" + " and more" * 2000 + "\n\nText.\n",
        "the address has more than": HEADER.rstrip("\n") + "/more" * 2000 + "\n\nTitle\n\nText.\n",
        "more than 100,000 paragraphs": HEADER + "\nTitle\n\n" + "Text.\n\n" * 100_001,
        "larger than 8 MB": HEADER + "\nTitle\n\n" + "Text and more. " * 600_000,
    }
    for reason, text in texts.items():
        long, short = seed_text.read(BytesIO(f"{text}\n{RECORD}".encode()), "seeds/a.txt")
        assert isinstance(long, Rejection)
        assert reason in long.reason
        assert len(str(long)) < 600
        assert isinstance(short, Capture)
