"""A document is its record: a better reader updates it where it stands, and an archive of before is carried over."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.conftest import TestArchive, paragraphs, record

FORMER = Path(__file__).parent / "former"
NOTES = """
import hashlib, json, sys
sys.path.insert(0, "")
from converters.model import Capture, PartialDate, Provenance, plain
from converters.readers import table
from converters.readers.reader import Origin, Reader

def read(stream, seed):
    start = 0
    while line := stream.readline():
        yield read_record(line, Origin(seed, start))
        start += len(line)

def read_record(raw, origin):
    note = json.loads(raw)
    title = note["title"] if {version} == 1 else note["title"].title()
    place = Provenance(origin.seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest(), "notes {version}", "utf-8")
    day = PartialDate(2023, 3, {version})
    return Capture(note["url"], "notes.example", day, title, tuple(map(plain, note["text"])), place)

table.READERS = (
    Reader("notes", {version}, lambda head, name: name.endswith(".jsonl"), read, read_record), *table.READERS
)
"""
SEED = """{"url": "https://notes.example/1", "title": "the norwegian ferry", "text": ["Norway and Norway.", "A ferry."]}
{"url": "https://notes.example/2", "title": "a swedish bridge", "text": ["Sweden and Sweden.", "A bridge."]}
"""


@pytest.fixture
def reader(tmp_path: Path) -> dict[int, str]:
    """Return the PYTHONPATH of each version of a reader of notes."""
    paths = {}
    for version in (1, 2):
        folder = tmp_path / f"reader-{version}"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(NOTES.replace("{version}", str(version)))
        paths[version] = str(folder)
    return paths


def test_a_better_reader_updates_a_document_in_place_and_keeps_its_tags_and_edits(
    archive: TestArchive, reader: dict[int, str]
) -> None:
    archive.add("a.jsonl", SEED)
    assert "2 new" in archive.run("convert", PYTHONPATH=reader[1]).said
    ferry, bridge = "2023/03/01/the-norwegian-ferry.md", "2023/03/01/a-swedish-bridge.md"
    edited = archive.root / "content" / bridge
    edited.write_text(edited.read_text().replace("A bridge.", "A long bridge."))
    before, ledger = archive.documents(), (archive.root / "content/addresses.csv").read_text()
    shutil.rmtree(archive.root / ".cache")  # as an update of the program has it: all is read anew
    # Whatever the new version would make of it, what was published keeps its tags.
    (archive.root / "content/tags.toml").write_text('[topic]\n"waterways" = ["ferry"]\n')

    converted = archive.run("convert", PYTHONPATH=reader[2])

    assert "0 new, 1 changed, 0 unchanged, 1 edited" in converted.said
    after = archive.documents()
    assert after.keys() == before.keys() == {ferry, bridge}
    assert after[bridge] == before[bridge]
    assert "Title: The Norwegian Ferry\n" in after[ferry]
    assert "Date: 2023-03-02\n" in after[ferry]
    assert "Reader: notes 2\n" in after[ferry]
    assert _line(after[ferry], "Tags") == _line(before[ferry], "Tags") != ""
    assert (archive.root / "content/addresses.csv").read_text() == ledger
    assert "0 new, 0 changed, 1 unchanged, 1 edited" in archive.run("convert", PYTHONPATH=reader[2]).said


def test_another_text_of_a_page_replaces_the_former_where_its_record_is_gone(archive: TestArchive) -> None:
    archive.add("a.txt", record(body="The harbour was opened."))
    archive.run("convert")
    (archive.root / "seeds/a.txt").unlink()
    archive.add("b.txt", record(body="The harbour was opened, and closed again."))

    assert "0 new, 1 changed" in archive.run("convert").said
    assert [*archive.documents()] == ["2023/03/08/harbour-opens-to-visitors.md"]


def test_another_text_of_a_page_is_a_version_where_both_records_stand(archive: TestArchive) -> None:
    archive.add("a.txt", record(body="The harbour was opened."))
    archive.run("convert")
    archive.add("b.txt", record(body="The harbour was opened, and closed again."))

    assert "1 new, 0 changed, 1 unchanged" in archive.run("convert").said
    assert len(archive.documents()) == 2


def test_the_same_text_in_other_bytes_is_a_duplicate(archive: TestArchive) -> None:
    archive.add("a.txt", record(body="Ça coûte cher, déjà."))
    archive.add("b.txt", record(body="Ça coûte cher, déjà.").replace("\n", "\r\n"))
    archive.add("c.txt", record(body="Ça coûte cher, déjà.").encode("windows-1252"))

    assert "1 new, 0 changed, 0 unchanged, 0 edited, 2 duplicate" in archive.run("convert").said


def test_an_archive_of_the_former_version_is_carried_over_by_the_first_run(archive: TestArchive) -> None:
    shutil.copytree(FORMER / "seeds", archive.root / "seeds", dirs_exist_ok=True)
    shutil.copytree(FORMER / "content", archive.root / "content")
    published = (FORMER / "published.txt").read_text().split()
    before = archive.documents()

    first = archive.run("site", "--no-search")

    assert first.status == 0, first.said
    assert "of an earlier version are known by their records from now on; every address stays" in first.said
    assert "0 new" in first.said
    assert archive.documents().keys() == before.keys()
    assert [address for address in published if not (archive.root / "output" / address).is_file()] == []
    assert paragraphs(archive.page("2022/01/10/ferry-is-sold.html"))[1] == "Finland paid all of it."
    assert archive.page("2021/05/05/castle-closes.html").select_one(".e-content") is None
    assert _ledger(archive).keys() >= {*published} - {"index.html", "about.html", "404.html"}
    assert archive.run("check").status == 0

    second = archive.run("site", "--no-search")

    assert "from now on" not in second.said
    assert "0 new, 0 changed" in second.said
    assert "Nothing changed" in second.said


def _line(document: str, key: str) -> str:
    return next((line for line in document.splitlines() if line.startswith(f"{key}: ")), "")


def _ledger(archive: TestArchive) -> dict[str, str]:
    with (archive.root / "content/addresses.csv").open(newline="") as file:
        return {row["address"]: row["holds"] for row in csv.DictReader(file)}
