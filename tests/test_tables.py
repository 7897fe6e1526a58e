"""Tables of articles: JSON Lines, JSON, CSV and TSV become documents, row by row."""

import csv
import gzip
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import Table, parquet

from converters.intake.dates import day_of, moment_of
from converters.intake.seeds import SeedFile
from converters.intake.visible import is_html
from converters.model import Capture, OtherRecord, Rejection
from converters.readers import tables
from converters.readers.reader import Origin, RawRecord, Record
from converters.readers.table import read, read_seed
from tests.conftest import TestArchive, paragraphs

ROW = {
    "url": "https://example.org/court",
    "title": "Court opens inquiry",
    "date_publish": "2023-03-08 23:30:00-05:00",
    "date_download": "2023-03-10 06:00:00+01:00",
    "maintext": "The court said so.\nIts prosecutor “agreed”, with a comma.",
    "authors": ["Ann Author", "Ben Writer"],
    "language": "en",
    "source_domain": "example.org",
    "section": "World",
    "views": 1200,
}


def found(folder: Path, name: str, content: bytes) -> list[Record]:
    (folder / name).write_bytes(content)
    return list(read_seed(SeedFile(folder / name, f"seeds/{name}")))


def table(rows: list[dict[str, object]], delimiter: str = ",") -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0].keys(), delimiter=delimiter)
    writer.writeheader()
    writer.writerows({**row, "authors": "; ".join(row.get("authors", []))} for row in rows)  # type: ignore[arg-type]
    return written.getvalue().encode()


def json_lines(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


FORMS = {
    "a.jsonl": json.dumps(ROW).encode() + b"\n",
    "without-end.jsonl": json.dumps(ROW).encode(),
    "a.ndjson.gz": gzip.compress(json.dumps(ROW).encode() + b"\n"),
    "a.json": json.dumps([ROW], indent=2).encode(),
    "one.json": json.dumps(ROW, indent=1).encode(),
    "wrapped.json": json.dumps({"articles": [ROW], "count": 1}).encode(),
    "unnamed": json.dumps(ROW).encode() + b"\n",
    "a.csv": table([ROW]),
    "semicolons.csv": table([ROW], ";"),
    "a.tsv": table([ROW], "\t"),
    "unnamed-table": table([ROW]),
    "mark.csv": b"\xef\xbb\xbf" + table([ROW]),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_row_of_any_form_is_the_same_document(tmp_path: Path, name: str) -> None:
    (capture,) = found(tmp_path, name, FORMS[name])

    assert isinstance(capture, Capture), capture
    assert (capture.url, capture.source, capture.title) == (ROW["url"], "example.org", ROW["title"])
    assert capture.published is not None
    assert capture.published.isoformat() == "2023-03-08"  # the day where it was written
    assert capture.captured is not None
    assert capture.captured.isoformat() == "2023-03-10T05:00:00+00:00"
    assert capture.paragraphs == ("The court said so.", "Its prosecutor “agreed”, with a comma.")
    assert capture.authors == ("Ann Author", "Ben Writer")
    assert capture.language == "en"
    assert dict(capture.provenance.fields) == {"section": "World", "views": "1200"}


def test_a_text_may_be_a_list_of_paragraphs(tmp_path: Path) -> None:
    (capture,) = found(tmp_path, "a.jsonl", json.dumps({"title": "T", "paragraphs": ["One.", "Two."]}).encode())
    assert isinstance(capture, Capture)
    assert (capture.paragraphs, capture.url, capture.source) == (("One.", "Two."), "", "unknown")


def test_each_row_is_read_again_from_its_own_bytes(tmp_path: Path) -> None:
    rows = [{**ROW, "url": f"https://example.org/{n}", "maintext": f'One "{n}"\n\nTwo, è\nmore'} for n in range(4)]
    for name, content in {
        "a.csv": table(rows),
        "a.jsonl": json_lines(rows),
    }.items():
        for capture in found(tmp_path, name, content):
            assert isinstance(capture, Capture)
            place = capture.provenance
            raw = content[place.start : place.start + place.length]
            origin = Origin(place.seed, place.start, place.encoding, place.columns)
            assert tables.read_record(raw, origin) == capture
            assert capture.paragraphs[-1] == "Two, è\nmore"


def test_tables_go_the_whole_way(archive: TestArchive) -> None:
    html = {
        **ROW,
        "url": "https://example.org/html",
        "title": "In HTML",
        "maintext": "<p>A <b>bold</b> word.</p><p>More.</p>",
    }
    late = {
        **ROW,
        "url": "https://example.org/late",
        "title": "Café & <Bar> for &#163;8m",
        "maintext": "Text in cp1252: é, “x”.",
    }
    archive.add("a.jsonl", json.dumps(ROW) + "\n" + json.dumps(html) + "\n{broken\n")
    archive.add("b.csv", table([late]).decode().encode("cp1252"))
    archive.add("c.csv", 'link_url,head,article_body\nhttps://example.org/c,Mapped,"A text, mapped."\n')
    archive.add("c.csv.seed.toml", '[tables]\naddress = "link_url"\ntitle = "head"\ntext = "article_body"\n')
    archive.add("pocket.csv", "title,url,time_added,tags,status\nCourt,https://example.org/court,1678266000,,unread\n")

    built = archive.run("site", "--no-search")

    assert "rejected: seeds/a.jsonl:3: a row that cannot be read, at byte" in built.said
    assert "seeds/pocket.csv: 1 record is no document: 1 addresses without a text" in built.said
    assert "4 new" in built.said
    page = archive.page("2023/03/08/court-opens-inquiry.html")
    assert paragraphs(page) == ["The court said so.", "Its prosecutor “agreed”, with a comma."]
    assert "section: World; views: 1200" in page.get_text()
    assert [str(one) for one in archive.page("2023/03/08/in-html.html").select(".e-content strong")] == [
        "<strong>bold</strong>"
    ]
    assert (archive.root / "output/2023/03/08/court-opens-inquiry.txt").read_text() == json.dumps(ROW) + "\n"
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "0 new, 0 changed, 4 unchanged" in archive.run("convert", "--verify").said


ADDRESSES = "addresses without a text"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.cdx", b" CDX N b a m s k r M S V g\norg,example)/ 20230308 x\n", ADDRESSES),
        (
            "b.cdxj",
            b'org,example)/court 20230308090000 {"url": "https://example.org/court"}\n',
            "addresses without a text",
        ),
        (
            "m.csv",
            b"id,publish_date,title,url,media_name\n1,2023-03-08,T,https://e.org/,M\n",
            "addresses without a text",
        ),
        ("g.csv", b"\t".join([b"1"] * 60 + [b"https://example.org/a"]) + b"\n", ADDRESSES),
        ("o.json", b'[{"url": "https://example.org/", "title": "T", "state": "Archived"}]', ADDRESSES),
        ("e.jsonl", b'{"url": "", "text": "  "}\n', "rows without a text"),
    ],
)
def test_lists_of_addresses_are_told_as_such(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    records = found(tmp_path, name, content)
    assert {record.what for record in records if isinstance(record, OtherRecord)} == {what}
    assert all(isinstance(record, OtherRecord) for record in records)


def test_a_table_with_other_columns_is_named_with_them(tmp_path: Path) -> None:
    for name, content in {"a.csv": b"id,views\n1,2\n", "a.jsonl": b'{"id": 1}\n{"id": 2}\n'}.items():
        (rejection, *others) = found(tmp_path, name, content)
        assert isinstance(rejection, Rejection)
        assert "id" in rejection.reason
        assert f"{name}.seed.toml" in rejection.remedy
        assert all(isinstance(other, OtherRecord) for other in others)


def test_a_cell_may_be_large_and_a_row_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = "word " * 60_000
    (capture,) = found(tmp_path, "a.csv", table([{**ROW, "maintext": large}]))
    assert isinstance(capture, Capture)
    assert capture.paragraphs == (large.strip(),)
    monkeypatch.setattr(tables, "MAX_RECORD", 100_000)
    rows = [{**ROW, "maintext": large}, ROW]
    for name, content in {
        "b.jsonl": json_lines(rows).decode(),
        "b.json": json.dumps(rows),
    }.items():
        first, second = found(tmp_path, name, content.encode())
        assert isinstance(first, Rejection)
        assert "larger than" in first.reason
        assert isinstance(second, Capture)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv"])
def test_of_a_table_that_is_cut_all_whole_rows_are_read_and_the_loss_is_named(tmp_path: Path, name: str) -> None:
    rows = [{**ROW, "title": f"Title {n}", "url": f"https://example.org/{n}"} for n in range(3)]
    content = {
        "a.jsonl": json_lines(rows),
        "a.json": json.dumps(rows).encode(),
        "a.csv": table(rows),
        "a.tsv": table(rows, "\t"),
    }[name]
    ends = [content.index(f"Title {n + 1}".encode()) for n in range(2)] + [len(content)]
    for cut in range(300, len(content) - 2, 23):
        records = found(tmp_path, name, content[:cut])
        read = [record.title for record in records if isinstance(record, Capture)]
        whole = [f"Title {n}" for n, end in enumerate(ends) if end <= cut]
        assert read[: len(whole)] == whole, cut
        assert len(read) <= len(whole) + 1


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x1e"), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), st.sampled_from(["json", "jsonl", "csv", "tsv"])
)
def test_whatever_stands_in_cells_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], form: str
) -> None:
    dicts = [
        {"url": f"https://example.org/{n}", "title": title, "text": text, "x": other, "authors": []}
        for n, (title, text, other) in enumerate(rows)
    ]
    content = {
        "json": json.dumps(dicts).encode(),
        "jsonl": json_lines(dicts),
        "csv": table(dicts),  # type: ignore[arg-type]
        "tsv": table(dicts, "\t"),  # type: ignore[arg-type]
    }[form]
    records = found(tmp_path_factory.mktemp("rows"), f"a.{form}", content)
    assert len(records) == len(rows)
    for record, (_, text, _) in zip(records, rows, strict=True):
        if isinstance(record, Capture) and not is_html(text):
            words = "".join("".join(record.paragraphs).split())
            assert words == "".join(text.replace("\0", "␀").split()) or form in ("csv", "tsv")


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"[{", b'{"url": 1, "text": "', b"url,text\n", b'[{"a": [{"b": "', b"{\n"]),
)
def test_nonsense_is_no_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    found(tmp_path_factory.mktemp("nonsense"), "a.json", start + content)
    found(tmp_path_factory.mktemp("nonsense"), "a.csv", start + content)


def test_deep_nesting_and_long_numbers_are_no_exception(tmp_path: Path) -> None:
    for content in (b"[" * 200_000, b'{"a":' * 100_000, b'{"text": ' + b"1" * 9999 + b"}"):
        for record in found(tmp_path, "a.jsonl", content):
            assert not isinstance(record, Capture)


def test_html_of_read_later_services_is_read_as_such(tmp_path: Path) -> None:
    entry = {
        "id": 7, "url": "https://example.org/a", "title": "Kept",
        "content": "<p>One <em>word</em></p><ul><li>Item</li></ul>",
        "created_at": "2023-03-08T10:00:00+01:00", "published_at": "2023-03-01T00:00:00+00:00", "published_by": ["Ann"],
        "domain_name": "example.org", "language": "en_GB", "tags": ["harbour"],
    }  # fmt: skip
    (tmp_path / "wallabag.json").write_text(json.dumps([entry]))

    (capture,) = read_seed(SeedFile(tmp_path / "wallabag.json", "seeds/wallabag.json"))

    assert isinstance(capture, Capture)
    assert capture.paragraphs == ("One word", "Item")
    assert (capture.authors, capture.language) == (("Ann",), "en-GB")
    assert capture.provenance.kept is not None


def database(path: Path, rows: list[dict[str, object]]) -> Path:
    with closing(sqlite3.connect(path)) as written:
        written.execute('CREATE TABLE "the articles" (url, title, date, text, picture)')
        written.execute("CREATE TABLE sections (name)")
        written.execute("CREATE VIRTUAL TABLE search USING fts5 (text)")
        written.execute("INSERT INTO search VALUES ('x')")
        written.execute("INSERT INTO sections VALUES ('World')")
        for row in rows:
            values = row["url"], row["title"], row["date_publish"], row["maintext"], b"\x89PNG"
            written.execute('INSERT INTO "the articles" VALUES (?, ?, ?, ?, ?)', values)
        written.commit()
    return path


def test_the_rows_of_databases_go_the_whole_way(archive: TestArchive, tmp_path: Path) -> None:
    rows = [{**ROW, "url": f"https://example.org/{n}", "title": f"Title {n}"} for n in range(3)]
    made = database(tmp_path / "a.sqlite", rows[:1])
    archive.add("a.sqlite", made.read_bytes())
    made.unlink()
    archive.add("b.db.gz", gzip.compress(database(made, rows[1:2]).read_bytes()))
    parquet.write_table(Table.from_pylist(rows[2:]), tmp_path / "c.parquet")
    archive.add("c.parquet", (tmp_path / "c.parquet").read_bytes())

    built = archive.run("site", "--no-search")

    assert built.status == 0, built.said
    assert "3 new" in built.said
    assert "seeds/a.sqlite: 1 record is no document: 1 rows of the table sections" in built.said
    line = json.loads((archive.root / "output/2023/03/08/title-0.txt").read_text())
    assert (line["_table"], line["_row"], line["picture"]) == ("the articles", 1, "4 bytes")
    checked = archive.run("check")
    assert checked.status == 0, checked.said
    assert "3 unchanged" in archive.run("convert", "--verify").said


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    whole = database(tmp_path / "whole.db", [ROW] * 200).read_bytes()
    for cut in range(100, len(whole), len(whole) // 20):
        records = found(tmp_path, "a.sqlite", whole[:cut])
        assert any(isinstance(record, Rejection) for record in records) or cut > len(whole) - 4096
    (rejection,) = found(tmp_path, "b.parquet", b"PAR1" + bytes(100))
    assert isinstance(rejection, Rejection)


def test_a_raw_row_is_read_elsewhere_as_here() -> None:
    raw = json.dumps({"url": "https://e.org/", "text": "<p>Text</p>", "title": "T"}).encode()
    here = tables.read_record(raw, Origin("seeds/a.jsonl"))
    assert read(RawRecord(raw, Origin("seeds/a.jsonl"), tables.READER.label)) == here


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-03-08", "2023-03-08"),
        ("2023-03-08T23:30:00-05:00", "2023-03-08"),
        ("2023-03", "2023-03"),
        ("2023", "2023"),
        ("2023/3/8", "2023-03-08"),
        ("20230308", "2023-03-08"),
        ("20230308090000", "2023-03-08"),
        ("1678266000", "2023-03-08"),
        ("1678266000000", "2023-03-08"),
        ("Wed, 08 Mar 2023 23:30:00 -0500", "2023-03-08"),
        ("March 8, 2023", "2023-03-08"),
        ("8 March 2023", "2023-03-08"),
        ("8 Mar 2023", "2023-03-08"),
        ("March 2023", "2023-03"),
        ("26-FEB-1987 15:07:13.72", "1987-02-26"),
        ("03/08/2023", None),
        ("2023-02-30", None),
        ("yesterday", None),
        ("", None),
        ("99999999999999999999", None),
    ],
)
def test_a_day_is_read_in_every_form_that_has_one_meaning(text: str, day: str | None) -> None:
    found = day_of(text)
    assert (found and found.isoformat()) == day


def test_a_moment_is_told_in_utc() -> None:
    for text in ("2023-03-08T10:00:00+01:00", "1678266000", "Wed, 08 Mar 2023 09:00:00 GMT", "2023-03-08 09:00:00"):
        moment = moment_of(text)
        assert moment is not None
        assert moment.isoformat() == "2023-03-08T09:00:00+00:00"
    assert moment_of("2023") is None
