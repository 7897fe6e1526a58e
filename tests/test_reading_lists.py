"""Reading lists: documents that a curator has chosen, with a sentence on each."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.site.reading_lists import pieces_of
from tests.conftest import TestArchive, record

LIST = """\
Title: The <harbour> & us
Summary: Where to begin.

The first days, of which [the opening]({filename}/2023/03/08/harbour-opens-to-visitors.md) is one:

- [Harbour opens]({filename}../2023/03/08/harbour-opens-to-visitors.md) was the
  *first* report.
- 2023/03/09/second.html: as it went on.
1. Never answered: <http://www.example.org/third>, see [the opening]({filename}/2023/03/08/harbour-opens-to-visitors.md)

## Elsewhere

* [Nowhere]({filename}/2023/03/08/gone.md) is lost.
* <https://example.org/uncaptured> was not captured.

See also [nothing]({filename}/gone.md).
"""


@pytest.fixture
def listed(archive: TestArchive) -> TestArchive:
    archive.add(
        "a.txt",
        record()
        + record("Second", "Words of it.", "2023-03-09", "https://example.org/second")
        + record("Third", "Other words.", "2023-03-10", "https://example.org/third"),
    )
    assert archive.run("convert").status == 0
    (archive.root / "content/lists").mkdir()
    (archive.root / "content/lists/the-harbour.md").write_text(LIST)
    return archive


def test_each_entry_is_a_row_with_the_curators_sentence(listed: TestArchive) -> None:
    assert listed.run("build", "--no-search").status == 0
    page = listed.page("lists/the-harbour.html")
    assert page.h1.get_text() == "The <harbour> & us"
    rows = page.select("ol.rows li")
    assert [row.a.get_text() for row in rows] == ["Harbour opens to visitors", "Second", "Third"]
    assert [" ".join(row.select_one(".sentence").get_text().split()) for row in rows] == [
        "was the first report.",
        "as it went on.",
        "Never answered: , see the opening",
    ]
    assert rows[0].select_one(".sentence em")
    assert [link["href"] for link in rows[2].select("a")] == [
        "../2023/03/10/third.html",
        "../2023/03/08/harbour-opens-to-visitors.html",
    ]
    assert page.select_one(".prose a")["href"] == "../2023/03/08/harbour-opens-to-visitors.html"
    assert "Nowhere is lost." in page.main.get_text() and "was not captured" in page.main.get_text()
    assert "example.org" in rows[0].select_one(".meta").get_text()


def test_a_link_to_no_document_is_told_with_file_and_line(listed: TestArchive) -> None:
    run = listed.run("build", "--no-search")
    told = [line for line in run.said.splitlines() if "leads to no document" in line]
    for line, (number, target) in zip(
        told, [(13, "gone.md"), (14, "https://example.org/uncaptured"), (16, "gone.md")], strict=True
    ):
        assert f"content/lists/the-harbour.md:{number}: " in line
        assert target in line


def test_lists_stand_in_the_menu_on_home_and_in_feeds(listed: TestArchive) -> None:
    (listed.root / "publishconf.py").write_text('SITEURL = "https://example.net"\n')
    assert listed.run("build", "--no-search").status == 0
    document = listed.page("2023/03/09/second.html")
    assert "../../../lists/index.html" in [link["href"] for link in document.select("header.site nav a")]
    for name in ("index.html", "lists/index.html"):
        assert "The <harbour> & us" in [link.get_text() for link in listed.page(name).select("main a")]
        assert "Where to begin." in listed.page(name).main.get_text()
    feed = ElementTree.fromstring(listed.files("output")["feeds/lists/the-harbour.atom.xml"])
    titles = [title.text for title in feed.findall("{*}entry/{*}title")]
    assert titles == ["Harbour opens to visitors", "Second", "Third"]
    assert feed.findtext("{*}entry/{*}summary") == "was the\n<em>first</em> report."
    assert listed.run("check").status == 0, listed.run("check").said
    fast = listed.files("output")
    (listed.root / "pelicanconf.py").write_text('FAST = False\nSITENAME = "archive"\n')
    assert listed.run("build", "--no-search").status == 0
    assert listed.files("output") == fast


def test_a_list_that_goes_leaves_menu_and_site(listed: TestArchive) -> None:
    other = listed.root / "content/lists/other.md"
    other.write_text("Title: Other\n\n- 2023/03/09/second.html\n")
    assert listed.run("build", "--no-search").status == 0
    other.unlink()
    for file in (listed.root / "content/lists/the-harbour.md", None):
        assert listed.run("build", "--no-search").status == 0
        grown = listed.files("output")
        assert listed.run("build", "--full", "--no-search").status == 0
        assert listed.files("output") == grown
        if file:
            assert "Other" not in listed.page("lists/index.html").get_text()
            file.unlink()
    assert "Lists" not in listed.page("index.html").select_one("header.site nav").get_text()


def test_two_lists_of_one_address_are_both_named(listed: TestArchive) -> None:
    (listed.root / "content/lists/The harbour.md").write_text("Title: Again\n\nWords.\n")
    run = listed.run("build", "--no-search")
    assert run.status == 1
    assert "The harbour.md" in run.said and "the-harbour.md" in run.said


@given(st.text(st.sampled_from("-*1. \n#ax\t"), max_size=60), st.integers(1, 9))
def test_every_line_of_a_list_is_in_one_piece(body: str, first: int) -> None:
    pieces = [*pieces_of(body, first)]
    assert [piece.line for piece in pieces] == sorted(piece.line for piece in pieces)
    told = "".join("".join(piece.text.split()) for piece in pieces)
    assert told.count("a") == body.count("a") and told.count("x") == body.count("x")
