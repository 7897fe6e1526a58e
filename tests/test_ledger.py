"""The ledger: which addresses there are, what each holds or became, and the number of each document."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.archive.junk import is_junk
from converters.archive.layout import Archive, ArchiveError
from converters.ledger.ledger import (
    Line,
    append,
    current,
    document_numbers,
    is_address,
    moved_or_withdrawn,
    read_ledger,
)

ONE, TWO, THREE = (digit * 64 for digit in "123")


def archive_in(folder: Path) -> Archive:
    (folder / "content").mkdir(exist_ok=True)
    return Archive(folder)


@pytest.mark.parametrize(
    "address",
    ["2023/03/08/court.html", "2023/03/court.html", "2023/court.html", "undated/court.html", "2023/03/08.html"],
)
def test_a_document_lies_under_its_day_its_month_its_year_or_undated(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    ["2023/index.html", "2023/03/08/index.html", "undated/index.html", "tags/court.html", "2023/03/08/Court.html"]
    + ["2023/03/08/../court.html", "2023/03/08/court.md", "court.html", "2023/03/08/court.html\n", "23/03/08/a.html"],
)
def test_nothing_else_is_a_documents_address(text: str) -> None:
    assert not is_address(text)


@given(name=st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_list_is_called_its_line_is_read_again(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = archive_in(tmp_path_factory.mktemp("archive"))
    append(archive, [Line("tags/a.html", "tag", name), Line("tags/b.html", "redirect", "tags/a.html")])
    lines = list(read_ledger(archive.ledger))
    assert [line.address for line in lines] == ["tags/a.html", "tags/b.html"]
    if name.isprintable():
        assert lines[0].detail == name


@pytest.mark.parametrize(
    "line",
    [f"2023/03/08/a.html,tag,{ONE},", f"tags/a.html,document,{ONE}", "2023/03/08/a.html,document,1", "a.html,redirect,"]
    + ["2023/03/08/a.html,redirect,tags/a.html", "Tags/A.html,tag,A", "tags/../a.html,tag,A", "<<<<<<< ours"],
)
def test_a_line_that_is_not_as_expected_is_named(line: str, tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    archive.ledger.write_text(f"address,holds,detail\n{line}\n")
    with pytest.raises(ArchiveError, match=r"addresses\.csv:2: expected an address"):
        list(read_ledger(archive.ledger))


def test_the_last_line_of_an_address_counts(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    append(archive, [Line("2023/a.html", "document", ONE), Line("tags/a.html", "tag", "A")])
    append(archive, [Line("2023/a.html", "tombstone", ONE), Line("tags/a.html", "tombstone", "A")])
    assert {line.holds for line in current(archive.ledger).values()} == {"tombstone"}
    assert moved_or_withdrawn(archive.ledger).keys() == {"2023/a.html", "tags/a.html"}


def test_documents_are_numbered_in_the_order_of_arrival_and_keep_their_number(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    append(archive, [Line("2023/b.html", "document", ONE), Line("2023/c.html", "document", TWO)])
    before = document_numbers(archive.ledger)
    assert before == {"2023/b.html": 0, "2023/c.html": 1}
    append(archive, [Line("2023/b.html", "document", THREE), Line("tags/a.html", "tag", "A")])
    assert document_numbers(archive.ledger) == before
    append(archive, [Line("2023/b.html", "redirect", "2023/z.html"), Line("2023/z.html", "document", THREE)])
    append(archive, [Line("2023/a.html", "document", "4" * 64), Line("2023/c.html", "tombstone", TWO)])
    numbers = document_numbers(archive.ledger)
    assert numbers["2023/z.html"] == 0
    assert numbers.keys() == {"2023/z.html", "2023/a.html"}
    assert numbers["2023/a.html"] > 1


@pytest.mark.parametrize("name", ["._x.md", ".#x.md", ".DS_Store", "Thumbs.db", "desktop.ini", "~$x.docx", "__MACOSX"])
def test_files_of_other_programs_are_told_by_their_names(name: str) -> None:
    assert is_junk(name)
    assert not is_junk(f"x{name}")
