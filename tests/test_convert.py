"""Seeds become content: each record counted once, each address kept, each curator's edit left alone."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable

import pytest

from tests.conftest import PROJECT, TestArchive, record

SEED_SHA256 = "cf073fcb74996bd2d8ee33420c47b8380d0c65e6007b339f78dbd5e07094675e"
MakeArchive = Callable[[str], TestArchive]


def counts(archive: TestArchive) -> dict[str, int]:
    report = json.loads((archive.root / ".cache" / "report.json").read_text())
    return {name: number for name, number in report["counts"].items() if number}


def without_place(document: str) -> str:
    return re.sub(r"^(Seed|Seed-Bytes|Checksum): .*\n", "", document, flags=re.MULTILINE)


def test_the_archives_seed_is_the_one_received() -> None:
    (seed,) = (PROJECT / "seeds").iterdir()
    assert hashlib.sha256(seed.read_bytes()).hexdigest() == SEED_SHA256


def test_a_dump_and_the_same_records_in_files_give_the_same_content(new_archive: MakeArchive) -> None:
    records = [
        record(f"Report {number % 150}", f"Text of {number}.\n\nMore of it.", url=f"https://example.org/{number}")
        for number in range(180)
    ]
    records += records[:5] + [record(date="2023-02-30"), record(url="file://example.org/"), record(body="")]
    dump, files = new_archive("dump"), new_archive("files")
    dump.add("dump.txt", "".join(records))
    for number, text in enumerate(records):
        files.add(f"{number % 7}/{number:03}.txt", text)
    for archive in (dump, files):
        assert archive.run("convert", "--jobs", "2").status == 1
        assert counts(archive) == {"new": 180, "duplicate": 5, "rejected": 3}
    in_dump, in_files = dump.documents(), files.documents()
    assert in_dump.keys() == in_files.keys()
    assert [*map(without_place, in_dump.values())] == [*map(without_place, in_files.values())]
    assert (dump.root / "content/addresses.csv").read_text() == (files.root / "content/addresses.csv").read_text()


def test_converting_twice_changes_nothing(archive: TestArchive) -> None:
    archive.add("a.txt", record() + record("Another one"))
    assert archive.run("convert").status == 0
    before = archive.files("content")
    assert archive.run("convert").status == 0
    assert counts(archive) == {"unchanged": 2}
    assert archive.files("content") == before


def test_a_curators_edit_survives_a_new_conversion(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    (name,) = archive.documents()
    path = archive.root / "content" / name
    edited = path.read_text().replace("opens", "re-opens")
    path.write_text(edited)
    shutil.rmtree(archive.root / ".cache")
    done = archive.run("convert")
    assert done.status == 0
    assert f"edited by hand, kept: content/{name}" in done.said
    assert counts(archive) == {"edited": 1}
    assert path.read_text() == edited


def test_tags_stay_as_published_when_only_the_text_is_converted_anew(archive: TestArchive) -> None:
    seed = archive.add("a.txt", record(body="Norway met Sweden.\n\nNorway and Sweden agreed."))
    archive.run("convert")
    seed.write_text(record(body="Norway met Sweden.\n\nNorway and Sweden agreed on Finland. Finland agreed."))
    archive.run("convert")
    assert counts(archive) == {"changed": 1}
    (document,) = archive.documents().values()
    assert "agreed on Finland" in document
    assert "Norway" in document.split("Tags: ")[1].split("\n")[0]
    assert "Finland" not in document.split("Tags: ")[1].split("\n")[0]


def test_a_removed_seed_leaves_its_page_and_is_reported(archive: TestArchive) -> None:
    seed = archive.add("a.txt", record())
    archive.add("b.txt", record("Another one"))
    archive.run("convert")
    seed.unlink()
    done = archive.run("convert")
    assert done.status == 0
    assert "its seed is gone, the page stays: 2023/03/08/harbour-opens-to-visitors.html" in done.said
    assert len(archive.documents()) == 2


def test_a_deleted_content_file_comes_back_at_its_address(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    before = archive.files("content")
    shutil.rmtree(archive.root / "content" / "2023")
    assert archive.run("convert").status == 0
    assert archive.files("content") == before


def test_clashes_are_resolved_the_same_in_any_order_of_reading(new_archive: MakeArchive) -> None:
    records = [
        record(url="https://example.org/1"),
        record(url="https://example.com/2", body="Other words."),
        record(url="https://example.com/3", body="And again others."),
        record(date="2023-03-09"),
    ]
    results = []
    for name, order in (("one", records), ("two", records[::-1])):
        archive = new_archive(name)
        for number, text in enumerate(order):
            archive.add(f"{number}.txt", text)
        archive.run("convert")
        results.append({name: without_place(text) for name, text in archive.documents().items()})
    assert results[0] == results[1]
    clashing = "harbour-opens-to-visitors"
    names = sorted(name.removeprefix("2023/03/") for name in results[0])
    assert names[0] == f"08/{clashing}-example-com.md"
    assert re.fullmatch(rf"08/{clashing}-example-com-[0-9a-f]{{8}}\.md|08/{clashing}-example-org\.md", names[1])
    assert f"08/{clashing}.md" in names
    assert f"09/{clashing}.md" in names


def test_an_address_in_the_ledger_never_changes(archive: TestArchive) -> None:
    archive.add("b.txt", record(url="https://example.org/b"))
    archive.run("convert")
    archive.add("a.txt", record(url="https://example.com/a", body="Earlier by address, later by arrival."))
    archive.run("convert")
    documents = archive.documents()
    assert "Url: https://example.org/b" in documents["2023/03/08/harbour-opens-to-visitors.md"]
    assert "Url: https://example.com/a" in documents["2023/03/08/harbour-opens-to-visitors-example-com.md"]
    lines = (archive.root / "content/addresses.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["holds", "document", "document"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con-example-org"),
        ("index", "index-example-org"),
        ("tags", "tags"),
        ("trailing dots...", "trailing-dots"),
        ("\U0001f600\U0001f680", "untitled"),
        ("Ω" * 3000, "o" * 100),
        ("word " * 600, "word-" * 19 + "word"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("&amp;#60;", "amp-60"),
    ],
)
def test_awkward_titles_get_safe_addresses(archive: TestArchive, title: str, slug: str) -> None:
    archive.add("a.txt", record(title))
    assert archive.run("convert").status == 0
    assert list(archive.documents()) == [f"2023/03/08/{slug}.md"]


def test_a_broken_ledger_line_is_named_and_nothing_is_done(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    ledger = archive.root / "content" / "addresses.csv"
    ledger.write_text(ledger.read_text() + "<<<<<<< ours\n")
    done = archive.run("convert")
    assert done.status == 1
    assert "addresses.csv:3: expected an address" in done.said
    assert "Traceback" not in done.said


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--jobs", "none"), "--jobs none: takes a number"),
        (("--colour",), "--colour"),
    ],
)
def test_a_wrong_option_gets_one_helpful_line(archive: TestArchive, options: tuple[str, ...], answer: str) -> None:
    done = archive.run("convert", *options)
    assert done.status != 0
    assert answer in done.said
    assert len(done.said.strip().splitlines()) == 1


def test_a_wrong_folder_gets_one_helpful_line(archive: TestArchive) -> None:
    nowhere = TestArchive(archive.root / "nowhere")
    done = nowhere.run("convert")
    assert done.status == 1
    assert f"{nowhere.root}: no such folder" in done.said
    assert len(done.said.strip().splitlines()) == 1


def test_each_rejected_seed_is_named_with_place_and_reason(archive: TestArchive) -> None:
    archive.add("good.txt", record())
    archive.add("mixed.txt", record("Fine") + record(date="2023-13-01"))
    archive.add("notes.txt", "Just some notes.\n")
    done = archive.run("convert")
    assert done.status == 1
    assert "seeds/mixed.txt:9: " in done.said
    assert "seeds/notes.txt" in done.said
    report = json.loads((archive.root / ".cache/report.json").read_text())
    assert [(entry["seed"], entry["line"]) for entry in report["rejected"]] == [
        ("seeds/mixed.txt", 9),
        ("seeds/notes.txt", 1),
    ]
    assert counts(archive) == {"new": 2, "rejected": 2}


def test_an_unchanged_seed_is_not_read_again(archive: TestArchive) -> None:
    archive.add("a.txt", "".join(record(f"Report {n}", f"Norway {n}.") for n in range(3)) + record(date="2023-02-30"))
    archive.add("b.txt", record("Report 1", "Norway 1."))
    archive.run("convert")
    assert counts(archive) == {"new": 3, "duplicate": 1, "rejected": 1}
    path = archive.root / "content" / sorted(archive.documents())[0]
    path.write_text(path.read_text() + "More.\n")
    archive.add("c.txt", record("Report 4", "Sweden."))
    before = (archive.root / "seeds/a.txt").stat().st_atime_ns
    os.utime(archive.root / "seeds/a.txt", ns=(before - 10**12, (archive.root / "seeds/a.txt").stat().st_mtime_ns))
    archive.run("convert")
    assert counts(archive) == {"new": 1, "unchanged": 2, "edited": 1, "duplicate": 1, "rejected": 1}
    archive.run("convert")
    assert counts(archive) == {"unchanged": 3, "edited": 1, "duplicate": 1, "rejected": 1}
    shutil.rmtree(archive.root / ".cache")
    archive.run("convert")
    assert counts(archive) == {"unchanged": 3, "edited": 1, "duplicate": 1, "rejected": 1}


def test_the_first_of_duplicates_may_go_and_another_takes_its_place(archive: TestArchive) -> None:
    first = archive.add("a.txt", record())
    archive.add("b.txt", record())
    archive.run("convert")
    first.unlink()
    archive.run("convert")
    assert counts(archive) == {"changed": 1}
    (document,) = archive.documents().values()
    assert "Seed: seeds/b.txt" in document


def test_verify_finds_a_damaged_seed_that_looks_unchanged(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    assert archive.run("convert", "--verify").status == 0
    database = sqlite3.connect(archive.root / ".cache/register.sqlite")
    database.execute("UPDATE captures SET sha256 = ?", ("0" * 64,))
    database.commit()
    done = archive.run("convert", "--verify")
    assert done.status == 1
    assert "damaged: seeds/a.txt, bytes 0+" in done.said


def test_a_broken_register_is_made_anew(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    (archive.root / ".cache/register.sqlite").write_bytes(b"no database" * 100)
    assert archive.run("convert").status == 0
    assert counts(archive) == {"unchanged": 1}


def test_a_file_that_lies_at_a_new_documents_address_is_left_alone(archive: TestArchive) -> None:
    archive.add("a.txt", record())
    path = archive.root / "content/2023/03/08/harbour-opens-to-visitors.md"
    path.parent.mkdir(parents=True)
    path.write_text("Title: By hand\nDate: 2023-03-08\n\nWords.\n")
    archive.run("convert")
    assert counts(archive) == {"new": 1}
    assert path.read_text().startswith("Title: By hand")
    assert "2023/03/08/harbour-opens-to-visitors-example-org.md" in archive.documents()


def test_without_its_ledger_an_archive_finds_its_addresses_again(archive: TestArchive) -> None:
    archive.add("b.txt", record(url="https://example.org/b"))
    archive.run("convert")
    archive.add("a.txt", record(url="https://example.com/a", body="Other words."))
    archive.run("convert")
    before = archive.documents()
    (archive.root / "content/addresses.csv").unlink()
    archive.run("convert")
    assert counts(archive) == {"unchanged": 2}
    assert archive.documents() == before
