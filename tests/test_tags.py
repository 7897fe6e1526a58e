"""Curating the tags of published documents: looked at, chosen again, edited in a spreadsheet."""

import csv
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from converters.tags.report import Merge, merges
from converters.text import frontmatter
from tests.conftest import PROJECT, TestArchive, record

WORKS = (
    "Dredging began in the harbour of Oslo.",
    "The dredging of the harbour will take a year, and dredging is dear.",
)
SHIP = ("A ship came to Norway.", "The ship stayed in Norway, and Norway was glad of the ship.")


@pytest.fixture
def archive_with_tags(archive: TestArchive) -> TestArchive:
    archive.add("a.txt", record("Works begin", "\n\n".join(WORKS), "2023-03-08", "https://example.org/a"))
    archive.add("b.txt", record("Works go on", "\n\n".join(WORKS) + " Slowly.", "2024-03-08", "https://example.org/b"))
    archive.add("c.txt", record("Ship comes", "\n\n".join(SHIP), "2024-04-08", "https://example.org/c"))
    assert archive.run("site", "--no-search").status == 0
    return archive


FIRST, SECOND, THIRD = "2023/03/08/works-begin", "2024/03/08/works-go-on", "2024/04/08/ship-comes"


def tags(archive: TestArchive, name: str) -> set[str]:
    return set(frontmatter.values(archive.documents()[f"{name}.md"], "Tags"))


def vocabulary(archive: TestArchive, text: str) -> None:
    (archive.root / "content/tags.toml").write_text(text)


def table(archive: TestArchive, path: Path) -> list[dict[str, str]]:
    done = archive.run("export", "--tags", str(path))
    assert done.status == 0, done.said
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_new_name_says_which_documents_hold_it_and_what_tags_them(archive_with_tags: TestArchive) -> None:
    archive = archive_with_tags
    vocabulary(archive, '[topic]\n"harbour works" = ["dredging"]\n')
    done = archive.run("convert")
    assert f"harbour works: 2 ({FIRST}.html, {SECOND}.html); to tag them: ./seedbank retag --tag" in done.said
    assert "harbour works" not in archive.run("convert").said
    assert f"harbour works: 2 ({FIRST}.html, {SECOND}.html)" in archive.run("tags").said
    before = archive.files("content")
    done = archive.run("retag", "--tag", "dredging")
    assert done.status == 0, done.said
    assert f"{FIRST}.html: + harbour works" in done.said or f"{FIRST}.html: dredging -> harbour works" in done.said
    assert "tags that are new: harbour works" in done.said
    assert "nothing is written yet" in done.said
    assert archive.files("content") == before
    assert "written" in archive.run("retag", "--tag", "dredging", "--yes").said
    assert "harbour works" in tags(archive, FIRST) & tags(archive, SECOND)
    assert archive.documents()[f"{THIRD}.md"].encode() == before[f"{THIRD}.md"]
    assert "0 new, 0 changed, 3 unchanged, 0 edited" in archive.run("site", "--no-search").said
    assert "harbour works" in archive.page(f"{FIRST}.html").get_text()
    assert "0 with other tags" in archive.run("retag").said
    assert archive.run("check").status == 0


def test_a_file_that_was_edited_keeps_its_tags(archive_with_tags: TestArchive) -> None:
    archive = archive_with_tags
    path = archive.root / f"content/{THIRD}.md"
    path.write_text(re.sub("^Tags: .*", "Tags: ships", path.read_text(), flags=re.MULTILINE))
    edited = path.read_text()
    for words in (
        ("retag", "--yes"),
        ("retag", "--tag", "Norway", "--yes"),
        ("retag", "--file", THIRD + ".html", "--yes"),
    ):
        assert "edited by hand, so they keep their tags: 1" in archive.run(*words).said
        assert path.read_text() == edited


def test_a_tag_that_is_another_now_is_merged_and_its_page_leads_there(archive_with_tags: TestArchive) -> None:
    archive = archive_with_tags
    assert (archive.root / "output/tags/norway.html").is_file()
    vocabulary(archive, '[place]\n"Kingdom of Norway" = ["Norway"]\n')
    done = archive.run("retag", "--yes")
    assert f"{THIRD}.html: Norway -> Kingdom of Norway" in done.said
    assert "pages that lose their last document, and become a redirect or a notice: tags/norway.html" in done.said
    assert archive.run("site", "--no-search").status == 0
    assert archive.page("tags/norway.html").select_one("a")["href"] == "../tags/kingdom-of-norway.html"
    assert archive.run("check").status == 0


def test_only_what_was_asked_for_is_looked_at(archive_with_tags: TestArchive) -> None:
    archive = archive_with_tags
    assert archive.run("retag", "--since", "2024-01-01").said.startswith("2 looked at")
    assert archive.run("retag", "--file", f"{FIRST}.html").said.startswith("1 looked at")
    assert archive.run("retag", "--file", "https://example.org/c").said.startswith("1 looked at")
    said = subprocess.run(
        [PROJECT / "seedbank", "retag", f"{FIRST}.html", f"content/{SECOND}.md", "--archive", archive.root],
        capture_output=True,
        text=True,
        timeout=100,
    ).stdout
    assert said.startswith("2 looked at")
    for words, told in (
        (("--since", "spring"), "takes a day"),
        (("--file", "2020/01/01/none.html"), "there is no such document"),
        (("--tag", "Norway", "--since", "2024-01-01"), "takes one of"),
    ):
        done = archive.run("retag", *words)
        assert done.status == 1
        assert told in done.said


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_was_edited_in_a_spreadsheet_comes_back_for_good(
    archive_with_tags: TestArchive, tmp_path: Path, delimiter: str
) -> None:
    archive = archive_with_tags
    rows = table(archive, tmp_path / "tags.csv")
    assert [row["address"] for row in rows] == [f"{name}.html" for name in (FIRST, SECOND, THIRD)]
    assert set(rows[2]["tags"].split(", ")) == tags(archive, THIRD)
    rows[2]["tags"] = ", ".join([*(name for name in rows[2]["tags"].split(", ") if name != "Norway"), "Shipping, news"])
    with (tmp_path / "tags.csv").open("w", encoding="utf-8-sig", newline="") as file:
        written = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        written.writeheader()
        written.writerows(rows)
    before = archive.files("content")
    done = archive.run("retag", "--from", str(tmp_path / "tags.csv"))
    assert "3 looked at, 1 with other tags: 2 gained, 1 lost, 0 merged" in done.said
    assert archive.files("content") == before
    assert archive.run("retag", "--from", str(tmp_path / "tags.csv"), "--yes").status == 0
    wanted = set(rows[2]["was"].split(", ")) - {"Norway"} | {"Shipping", "news"}
    assert tags(archive, THIRD) == wanted
    assert "0 with other tags" in archive.run("retag", "--from", str(tmp_path / "tags.csv")).said
    archive.run("retag", "--yes")
    archive.add("c.txt", record("Ship comes", "\n\n".join(SHIP) + " So.", "2024-04-08", "https://example.org/c"))
    archive.run("site", "--no-search")
    assert tags(archive, THIRD) == wanted
    assert "Edited" not in archive.page(f"{THIRD}.html").get_text()


def test_a_fault_in_the_table_is_told_with_its_line_and_nothing_is_written(
    archive_with_tags: TestArchive, tmp_path: Path
) -> None:
    archive = archive_with_tags
    before = archive.files("content")
    path = tmp_path / "tags.csv"
    for text, told in {
        "address,title\n": ":1: expected the columns",
        f"address,tags,was\n{FIRST}.html,a,a\n{FIRST}.html,a,a\n": ":3: ",
        "address,tags,was\n../../etc/passwd,a,a\n": ":2: ../../etc/passwd: no document has this address",
        f"address,tags,was\n{FIRST}.html,a;b,a\n": ":2: 'a;b': expected tags with commas",
        f"address,tags,was\n{FIRST}.html\n": ":2: expected 3 cells, found 1",
    }.items():
        path.write_text(text)
        done = archive.run("retag", "--from", str(path), "--yes")
        assert done.status == 1, text
        assert f"{path}{told}" in done.said, done.said
    path.write_bytes("address,tags,was\nÄ,a,a\n".encode("latin-1"))
    assert "save it as CSV in UTF-8" in archive.run("retag", "--from", str(path)).said
    assert archive.files("content") == before


def test_tags_that_may_be_one_are_found() -> None:
    counts = {"war crimes": 9, "war crime": 2, "Hamid Karzai": 5, "Karzai": 3, "World Health Organization": 4, "WHO": 6}
    counts |= {"John Bell": 2, "Ada Bell": 2, "Bell": 7, "Café": 1, "cafe": 3}
    kinds = dict.fromkeys(("Hamid Karzai", "John Bell", "Ada Bell"), "person")
    assert merges(counts, kinds) == [
        Merge("war crimes", "war crime", "plural"),
        Merge("World Health Organization", "WHO", "acronym"),
        Merge("Hamid Karzai", "Karzai", "surname"),
        Merge("cafe", "Café", "spelling"),
    ]


def test_the_report_can_be_pasted_into_the_vocabulary(archive_with_tags: TestArchive) -> None:
    archive = archive_with_tags
    for name, text in {FIRST: "Hamid Karzai, ships", SECOND: "Karzai, ship", THIRD: "Hamid Karzai, ships"}.items():
        path = archive.root / f"content/{name}.md"
        person = text.partition(",")[0]
        path.write_text(
            re.sub("^(Tags|Persons|Places): .*\n", "", path.read_text(), flags=re.MULTILINE).replace(
                "Summary:", f"Tags: {text}\nPersons: {person}\nSummary:"
            )
        )
    said = archive.run("tags").said
    pasted = said.partition("each below its section\n")[2].partition("\n#")[0]
    assert tomllib.loads(pasted) == {"person": {"Hamid Karzai": ["Karzai"]}, "topic": {"ships": ["ship"]}}
    vocabulary(archive, pasted)
    said = archive.run("tags").said
    assert "Karzai" not in said.partition("each below its section\n")[2].partition("\n#")[0]
    assert "Tags on one document: 0" in said
    assert "Hamid Karzai: 3 (100%)" in said
