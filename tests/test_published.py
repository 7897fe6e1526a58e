"""Pages of lists keep their addresses: what was published stays, leads on, or says that nothing is left."""

import csv
from pathlib import Path

import pytest

from tests.conftest import TestArchive, record

WITHOUT_SEARCH = "--no-search"


def ledger(archive: TestArchive) -> dict[str, tuple[str, str]]:
    with (archive.root / "content/addresses.csv").open(newline="") as file:
        return {row["address"]: (row["holds"], row["detail"]) for row in csv.DictReader(file)}


def tagged(archive: TestArchive, name: str, *tags: str, day: str = "2023-03-08") -> Path:
    """Write a document by hand."""
    path = archive.root / "content" / day.replace("-", "/") / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Title: {name}\nDate: {day}\nTags: {', '.join(tags)}\n\nA text of {name}.\n")
    return path


def build(archive: TestArchive, *options: str) -> None:
    done = archive.run("build", WITHOUT_SEARCH, *options)
    assert done.status == 0, done.said


@pytest.fixture
def large(archive: TestArchive) -> TestArchive:
    """An archive of 101 documents, with one tag on two of them and another on one."""
    archive.add("one.txt", record())
    for number in range(99):
        tagged(archive, f"filling-{number:02}", "Everything", day="2022-01-01")
    tagged(archive, "ferry", "Harbours", "Ferries")
    tagged(archive, "pier", "Harbours")
    return archive


def chips(archive: TestArchive, address: str) -> dict[str, str]:
    """Return what each tag of a document is: a link, or plain words."""
    article = archive.page(address).select_one("article.h-entry")
    assert article
    return {tag.get_text(): tag.name for tag in article.select("a[rel~=tag], span.tag")}


def test_a_finished_build_enters_the_pages_of_lists_and_another_adds_nothing(archive: TestArchive) -> None:
    archive.add("one.txt", record())
    (archive.root / "content/pages").mkdir(parents=True)
    (archive.root / "content/pages/how-to.md").write_text("Title: How to\n\nRead.\n")
    assert archive.run("site", WITHOUT_SEARCH).status == 0
    tagged(archive, "ferry", "Harbours")
    build(archive)

    lines = ledger(archive)
    assert lines["tags/harbours.html"] == ("tag", "Harbours")
    assert lines["sources/example.org.html"] == ("source", "example.org")
    assert lines["2023/03/index.html"] == ("time", "March 2023")
    assert lines["tags/index.html"] == ("list", "Tags")
    assert next(line for address, line in lines.items() if "how-to" in address) == ("page", "How to")
    before = archive.files("content")
    assert "Nothing changed" in archive.run("build", WITHOUT_SEARCH).said
    build(archive, "--full")
    assert archive.files("content") == before
    assert "0 new, 0 changed" in archive.run("convert").said


def test_a_tag_gets_its_page_with_its_second_document(large: TestArchive) -> None:
    build(large)

    assert chips(large, "2023/03/08/ferry.html") == {"Harbours": "a", "Ferries": "span"}
    assert not (large.root / "output/tags/ferries.html").exists()
    assert "Ferries" not in large.page("tags/index.html").get_text()

    tagged(large, "boat", "Ferries", day="2023-05-01")
    build(large)

    assert chips(large, "2023/03/08/ferry.html") == {"Harbours": "a", "Ferries": "a"}
    assert (large.root / "output/tags/ferries.html").exists()
    incremental = large.files("output")
    build(large, "--full")
    assert large.files("output") == incremental
    assert large.run("check").status == 0


def test_a_page_that_was_published_stays_with_one_document(large: TestArchive) -> None:
    build(large)
    (large.root / "content/2023/03/08/pier.md").unlink()
    tagged(large, "filling-last", "Everything", day="2022-01-01")
    build(large)

    assert chips(large, "2023/03/08/ferry.html") == {"Harbours": "a", "Ferries": "span"}
    assert (large.root / "output/tags/harbours.html").exists()
    incremental = large.files("output")
    build(large, "--full")
    assert large.files("output") == incremental


def test_an_archive_that_grows_keeps_the_pages_it_had(archive: TestArchive) -> None:
    tagged(archive, "ferry", "Ferries")
    build(archive)
    for number in range(101):
        tagged(archive, f"filling-{number:03}", "Everything", day="2022-01-01")
    tagged(archive, "boat", "Boats")
    build(archive)

    assert chips(archive, "2023/03/08/ferry.html") == {"Ferries": "a"}
    assert chips(archive, "2023/03/08/boat.html") == {"Boats": "span"}


def test_what_vanishes_leads_on_or_says_so(archive: TestArchive) -> None:
    tagged(archive, "ferry", "Ships", "Ferries")
    tagged(archive, "vow", "Vows", day="2022-01-01")
    tagged(archive, "secret", "Secrets", "Ships")
    build(archive)
    (archive.root / "content/2022/01/01/vow.md").unlink()
    (archive.root / "content/tags.toml").write_text('[hidden]\nSecrets = []\n\n[topic]\nBoats = ["Ships"]\n')
    build(archive)

    lines = ledger(archive)
    assert lines["tags/ships.html"] == ("redirect", "tags/boats.html")
    assert archive.page("tags/ships.html").select_one("a[href='../tags/boats.html']")
    assert lines["tags/vows.html"] == ("tombstone", "Vows")
    assert lines["tags/secrets.html"] == ("tombstone", "Secrets")
    assert archive.page("tags/vows.html").select_one("h1").get_text() == "Vows"
    assert lines["2022/index.html"] == ("tombstone", "2022")
    assert lines["2022/01/index.html"][0] == "tombstone"
    incremental = archive.files("output")
    build(archive, "--full")
    assert archive.files("output") == incremental

    (archive.root / "content/tags.toml").write_text("[hidden]\nSecrets = []\n")
    build(archive)
    assert ledger(archive)["tags/ships.html"] == ("tag", "Ships")
    assert ledger(archive)["tags/boats.html"] == ("tombstone", "Boats")
    assert archive.page("tags/ships.html").select(".rows li")


def test_pelicans_own_generator_keeps_the_same_account(large: TestArchive) -> None:
    build(large)
    expected, lines = large.files("output"), ledger(large)
    (large.root / "content/addresses.csv").unlink()
    (large.root / "pelicanconf.py").write_text("FAST = False\n")
    build(large, "--full")

    assert ledger(large) == lines
    assert large.files("output").keys() == expected.keys()


def test_a_file_in_the_place_of_a_redirect_stops_the_build_which_names_both(archive: TestArchive) -> None:
    archive.add("one.txt", record())
    assert archive.run("site", WITHOUT_SEARCH).status == 0
    old, new = "2023/03/08/harbour-opens-to-visitors", "2023/03/08/harbour"
    assert archive.run("rename", f"{old}.html", f"{new}.html").status == 0
    build(archive)
    stood = archive.files("output")
    tagged(archive, "harbour-opens-to-visitors", "Harbours")

    done = archive.run("build", WITHOUT_SEARCH)

    assert done.status == 1
    assert f"content/{old}.md: would be {old}.html, which leads to {new}.html" in done.said
    assert archive.files("output") == stood
