"""The tables to take along: the same documents in each, value for value, and safe to open."""

import asyncio
import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from datasette.app import Datasette
from pyarrow import parquet

from converters.text import frontmatter
from tests.conftest import PROJECT, TestArchive, paragraphs, record
from tests.test_site import hostile_seeds

MakeArchive = Callable[[str], TestArchive]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("https://example.org";"x")', "'=1", "a=1"]
FORMULAS += ["＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "|calc", "\u200b=1+1", "\u2060@SUM(1)", "\u3164\ufe0f=1"]


def formulas() -> str:
    return "".join(
        record(text, f'{text}\n\nwith "quotes", commas;\u2028 and {text}', url=f"https://example.org/f{number}")
        for number, text in enumerate(FORMULAS)
    )


def is_worked_out(cell: str) -> bool:
    """Whether some spreadsheet may take a cell for a formula, also one of full width or behind what nobody sees."""
    shown = re.sub("^[\\s\u200b\u2060\u3164\ufe0f]+", "", cell)
    return unicodedata.normalize("NFKC", shown)[:1] in {*"=+-@|"} or cell[:1] in {*"\t\r\n"}


def objects(archive: TestArchive, name: str = "archive") -> list[dict[str, object]]:
    lines = (archive.root / f"dist/{name}.jsonl").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    assert all(len(line.splitlines()) == 1 for line in lines)
    return [json.loads(line) for line in lines]


def rows(archive: TestArchive) -> list[dict[str, str]]:
    text = (archive.root / "dist/archive.csv").read_bytes().decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def database(archive: TestArchive) -> sqlite3.Connection:
    connection = sqlite3.connect(archive.root / "dist/archive.sqlite")
    connection.row_factory = sqlite3.Row
    return connection


@pytest.fixture
def exported(archive: TestArchive) -> TestArchive:
    archive.add("a.txt", hostile_seeds() + formulas() + record(body="Norway was glad.\n\nNorway, Sweden.\n\nSweden."))
    assert archive.run("site").status == 0
    run = archive.run("export", "--parquet")
    assert run.status == 0, run.said
    assert "archive.sqlite: 27 documents" in run.said
    return archive


def test_each_table_has_what_stands_in_the_content_files(exported: TestArchive) -> None:
    documents = exported.documents()
    found = {str(row["address"]): row for row in objects(exported)}
    assert list(found) == [name.replace(".md", ".html") for name in documents]
    for name, document in documents.items():
        row = found[name.replace(".md", ".html")]
        page = exported.page(name.replace(".md", ".html"))
        assert row["text"] == paragraphs(page)
        assert row["tags"] == [tag.get_text() for tag in page.select("article a[rel~=tag]")]
        keys = ("Title", "Date", "Category", "Url", "Seed", "Seed-Bytes", "Seed-SHA256", "Reader", "Lang")
        columns = ("title", "date", "source", "url", "seed", "seed_bytes", "seed_sha256", "reader", "lang")
        assert [row[column] for column in columns] == [frontmatter.value(document, key) for key in keys]
        assert row["edited"] is False

    expected = list(found.values())
    in_parquet = parquet.read_table(exported.root / "dist/archive.parquet").to_pylist()
    assert [row | {"date": row["date"].isoformat()} for row in in_parquet] == expected

    joined = [row | {"text": "\n\n".join(row["text"])} for row in expected]  # type: ignore[arg-type]
    with database(exported) as connection:
        of_document: dict[int, set[str]] = {}
        for document, tag in connection.execute("SELECT document, tag FROM tags"):
            of_document.setdefault(document, set()).add(tag)
        in_sqlite = [dict(row) for row in connection.execute("SELECT * FROM documents ORDER BY id")]
        for row, wanted in zip(in_sqlite, joined, strict=True):
            del row["forms"]  # what the full text is found by, beside the text itself
            assert of_document.get(row.pop("id"), set()) == set(wanted["tags"])  # type: ignore[call-overload]
            assert row | {"edited": bool(row["edited"])} == {key: wanted[key] for key in wanted if key != "tags"}
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

    for cells, wanted in zip(rows(exported), joined, strict=True):
        texts = wanted | {"tags": ", ".join(wanted["tags"]), "edited": str(wanted["edited"])}  # type: ignore[arg-type]
        assert cells.keys() == texts.keys()
        for column, cell in cells.items():
            text = str(texts[column])
            assert cell == (f"'{text}" if is_worked_out(text) else text)


def test_no_cell_of_the_csv_is_a_formula(exported: TestArchive) -> None:
    cells = [cell for row in rows(exported) for cell in row.values()]
    assert not [cell for cell in cells if is_worked_out(cell)]
    assert {"'=1+1", "'+1", "'-1", "'@SUM(1)", "'=1", "a=1"} <= {*cells}
    raw = (exported.root / "dist/archive.csv").read_bytes()
    assert raw.endswith(b"\r\n") and raw.split(b"\r\n")[0].count(b",") == len(rows(exported)[0]) - 1


def test_datasette_finds_a_phrase(exported: TestArchive) -> None:
    async def ask(path: str) -> object:
        served = Datasette([str(exported.root / "dist/archive.sqlite")])
        await served.invoke_startup()
        answer = await served.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    found = run_apart(ask('/archive/documents.json?_search="norway+was+glad"&_shape=array'))
    assert isinstance(found, list)
    assert [row["title"] for row in found] == ["Harbour opens to visitors"]
    tagged = run_apart(ask("/archive/tags.json?tag=Norway&_shape=array&_labels=on"))
    assert isinstance(tagged, list) and len(tagged) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [("港口", 1), ("起重机", 1), ("เครน", 1), ("Hafenverwaltung", 1), ("office", 1), ("harbour", 0), ("法院", 0)],
)
def test_the_full_text_of_the_database_finds_words_in_every_script(
    asked: str, found: int, in_many_scripts: sqlite3.Connection
) -> None:
    query = "SELECT count(*) FROM documents_text WHERE documents_text MATCH ?"
    assert in_many_scripts.execute(query, (f'"{asked}"',)).fetchone()[0] == found


@pytest.fixture(scope="module")
def in_many_scripts(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    archive = TestArchive(tmp_path_factory.mktemp("scripts") / "archive")
    for number, text in enumerate(
        ("这座港口有一台新的起重机。", "ท่าเรือมีเครนใหม่", "Die Hafen\u00adverwaltung schwieg.", "The o\ufb03ce was shut.")
    ):
        archive.add(f"{number}.txt", record(f"Text {number}", text, url=f"https://example.org/{number}"))
    archive.run("convert")
    archive.run("build", "--no-search")
    assert archive.run("export").status == 0
    return database(archive)


def run_apart(asked: Coroutine[object, object, object]) -> object:
    """Run a coroutine in a thread of its own: a browser of another test may have a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, asked).result()


def test_the_same_content_gives_the_same_bytes(exported: TestArchive, new_archive: MakeArchive) -> None:
    before = exported.files("dist")
    assert before.keys() == {"archive.csv", "archive.jsonl", "archive.parquet", "archive.sqlite"}
    assert exported.run("export", "--parquet", TZ="Pacific/Kiritimati", PYTHONHASHSEED="3").status == 0
    assert exported.files("dist") == before
    twin = new_archive("other/archive")
    for name, raw in exported.files("seeds").items():
        twin.add(name, raw)
    twin.run("convert")
    assert twin.run("export", "--parquet", TZ="America/New_York", PYTHONHASHSEED="4").status == 0
    assert twin.files("dist") == before


def test_what_lists_do_not_show_is_not_exported(archive: TestArchive) -> None:
    archive.add(
        "a.txt", "".join(record(f"Report {n}", f"Norway {n}.", url=f"https://example.org/{n}") for n in range(4))
    )
    archive.run("convert")
    for number, line in enumerate(("Status: hidden", "Status: draft", "Withdrawn: 2024-01-01")):
        path = archive.root / f"content/2023/03/08/report-{number}.md"
        path.write_text(f"{line}\n{path.read_text()}")
    path = archive.root / "content/2023/03/08/report-3.md"
    path.write_text(path.read_text().replace("\n\nNorway 3.", "\n\nNorway *three* &amp; more.\n\n- one\n- two"))
    (archive.root / "content/pages").mkdir()
    (archive.root / "content/pages/about.md").write_text("Title: About\n\nWords.\n")
    (archive.root / "content/tags.toml").write_text('[place]\n"Norge" = ["Norway"]\n')
    (archive.root / "pelicanconf.py").write_text('SITENAME = "Häfen & <Meer>"\n')
    assert archive.run("export").status == 0
    (row,) = objects(archive, "hafen-meer")
    assert (row["title"], row["edited"]) == ("Report 3", True)
    assert row["text"] == ["Norway three & more.", "one", "two"]
    assert row["tags"] == ["Norge"]
    assert not list(archive.root.rglob("*.partial"))


def test_a_content_file_that_cannot_be_read_is_named_and_the_tables_of_before_stay(exported: TestArchive) -> None:
    before = exported.files("dist")
    path = exported.root / "content/2023/03/08/harbour-opens-to-visitors.md"
    path.write_text(path.read_text().replace("Date: ", "Date: soon"))
    run = exported.run("export")
    assert run.status == 1
    assert "harbour-opens-to-visitors.md: Date: expected a date" in run.said and "Traceback" not in run.said
    assert exported.files("dist") == before


def test_without_pyarrow_parquet_is_refused_and_says_how_to_get_it(archive: TestArchive, tmp_path: Path) -> None:
    archive.add("a.txt", record())
    archive.run("convert")
    (tmp_path / "without/pyarrow").mkdir(parents=True)
    (tmp_path / "without/pyarrow/__init__.py").write_text("raise ImportError")
    run = archive.run("export", "--parquet", PYTHONPATH=str(tmp_path / "without"))
    assert run.status == 1
    assert "install pyarrow" in run.said and "Traceback" not in run.said


def test_memory_does_not_grow_with_the_archive(new_archive: MakeArchive) -> None:
    peaks = []
    for number in (50, 1500):
        archive = new_archive(f"of-{number}")
        archive.add("a.txt", "".join(record(f"Report {n}", f"Norway {n} met. " * 400) for n in range(number)))
        archive.run("convert")
        program = (
            "import resource, sys; from pathlib import Path; from converters.archive.layout import Archive; "
            "from plugins.outputs.tables import export; export(Archive(Path(sys.argv[1])), True, lambda *_: None); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        peaks.append(int(run_python(program, str(archive.root))))
    assert peaks[1] - peaks[0] < 40_000, peaks  # KB; the texts alone are 10 MB, a group of Parquet's is at most 8


def run_python(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return done.stdout
