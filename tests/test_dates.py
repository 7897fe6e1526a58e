"""What is dated by a month or a year, or not at all, and what was captured nowhere, is kept as precisely as known."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from plugins.site.dates import name, period_of, published
from tests.conftest import TestArchive, record


def seed(day: str, url: str, title: str) -> str:
    return record(title, f"{title} was written down. Norway was glad.", day, url)


def test_a_document_lies_and_is_listed_where_its_date_is_known(archive: TestArchive) -> None:
    archive.add("dump.txt", seed("1998-05-07", "https://example.org/day", "A day"))
    archive.add("b.txt", seed("1998-05", "https://example.org/month", "A month") + seed("1998", "-", "A year"))
    archive.add("letters/c.txt", seed("-", "-", "A letter") + seed("-", "urn:isbn:9780141036144", "A book"))

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "5 new" in built.said
    addresses = {
        "1998/05/07/a-day.html": "7 May 1998",
        "1998/05/a-month.html": "May 1998",
        "1998/a-year.html": "1998",
        "undated/a-letter.html": "undated",
        "undated/a-book.html": "undated",
    }
    for address, said in addresses.items():
        page = archive.page(address)
        header = page.select_one("header.page")
        assert header is not None
        assert said in header.get_text()
        assert (page.select_one("time.dt-published") is None) == (said == "undated")
    time = archive.page("1998/05/a-month.html").select_one("time.dt-published")
    assert time is not None
    assert time["datetime"] == "1998-05"
    assert [a.get_text() for a in archive.page("1998/index.html").select("ol.rows a")] == ["A day", "A month", "A year"]
    month = archive.page("1998/05/index.html")
    assert [h.get_text() for h in month.select("h2")] == ["7 May 1998", "May 1998, without a day"]
    assert {a.get_text() for a in archive.page("undated/index.html").select("ol.rows a")} == {"A letter", "A book"}
    assert [a.get_text() for a in archive.page("1998/undated/index.html").select("ol.rows a")] == ["A year"]
    letter = archive.page("undated/a-letter.html")
    assert "letters" in letter.select_one("a.p-author").get_text()  # type: ignore[union-attr]
    assert letter.select_one("a[rel~=original]") is None
    assert "urn:isbn:9780141036144" in archive.page("undated/a-book.html").get_text()
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "pages whose text is that of their seed: 5" in checked.said
    assert archive.run("export").status == 0
    assert "5 unchanged" in archive.run("convert").said


def test_an_added_document_without_a_date_gives_the_bytes_of_a_full_build(archive: TestArchive) -> None:
    archive.add("a.txt", seed("1998-05-07", "https://example.org/day", "A day"))
    archive.run("site", "--no-search")
    archive.add("b.txt", seed("-", "-", "A letter") + seed("1998", "-", "A year") + seed("1998-06", "-", "A month"))
    archive.run("site", "--no-search")
    added = archive.files("output")

    archive.run("build", "--full", "--no-search")

    assert archive.files("output") == added


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_a_date_is_said_as_precisely_as_it_is_known(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    known = tuple(number for number in period_of(text) if number)
    assert len(known) == len(text.split("-"))
    assert published(text) == name(known)


def test_the_extent_of_an_archive_is_told_as_precisely_as_it_is_known(archive: TestArchive) -> None:
    archive.add("a.txt", record("Old letter", date="1998-05", url="https://example.org/letter") + record())
    assert archive.run("site", "--no-search").status == 0
    assert "May 1998 to 8 March 2023." in archive.page("index.html").get_text()
