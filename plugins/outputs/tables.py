"""Writes an archive's documents as tables, for whoever wants to count, search or keep them elsewhere.

    content/ ─► dist/NAME.jsonl     a JSON object a line, a document each
                dist/NAME.csv       for spreadsheets
                dist/NAME.sqlite    with full text; `datasette dist/NAME.sqlite` searches it in a browser
                dist/NAME.parquet   for data frames, if asked for

NAME is the archive's, as a slug. All have the published documents, those that lists show, with the same columns in the
order of their addresses, and the same bytes on every run. One document is read at a time, as the site reads it, so
memory does not grow with the archive.
"""

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from html import unescape
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, normalize

from converters.archive.atomic import atomic_output, atomic_write
from converters.archive.inside import texts_in
from converters.archive.layout import Archive, ArchiveError, Progress
from converters.intake.visible import is_visible
from converters.ledger.ledger import missing_documents, tell_missing
from converters.model import texts_of
from converters.text.analysis import beside_plain_words
from converters.text.blocks import parse
from plugins.engine.built_from import day_of_site
from plugins.engine.manifest import enter_files
from plugins.engine.settings import settings_of
from plugins.outputs.edition import name_of
from plugins.site.reader import ContentReader

_TOLD_AFTER = 100  # documents
_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "\n")  # what a cell begins with that spreadsheets work out
_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})  # so do some programs think
_PARAGRAPH = re.compile(r'<p id="p[0-9]+">([^<]*)</p>\n?')
_ROWS_OF_A_GROUP, _CHARACTERS_OF_A_GROUP = 1000, 8_000_000  # in Parquet, where a group is held whole


class Row(NamedTuple):
    """A document; the fields are the columns."""

    address: str
    """Its page, below the site's own address."""
    url: str
    """Where it was captured."""
    source: str
    date: str
    """Such as `2023-03-08`."""
    title: str
    lang: str
    """A code; `und` where it is not known."""
    tags: tuple[str, ...]
    text: tuple[str, ...]
    """Its paragraphs."""
    seed: str
    seed_bytes: str
    """Place and length of the raw record in the seed, such as `0+1944`."""
    seed_sha256: str
    reader: str
    edited: bool
    """Whether a curator has changed the document since the conversion."""


Write = Callable[[Row], None]


def export(archive: Archive, parquet: bool, progress: Progress) -> dict[Path, int]:
    """Write the tables; give each with its number of documents.

    Each table of before stands until the new one is whole. Raises ArchiveError where a content file cannot be read,
    and where Parquet is asked for and pyarrow is not there.
    """
    settings = settings_of(archive, archive.output, day_of_site(archive))
    name = name_of(archive, settings)
    makers = {"jsonl": _json_lines, "csv": _csv, "sqlite": _sqlite} | ({"parquet": _parquet} if parquet else {})
    paths = [archive.bundles / f"{name}.{ending}" for ending in makers]
    number = 0
    with ExitStack() as tables:
        writers = [tables.enter_context(make(archive, path)) for make, path in zip(makers.values(), paths, strict=True)]
        for number, row in enumerate(_rows(archive, settings), 1):
            for write in writers:
                write(row)
            if number % _TOLD_AFTER == 0:
                progress("Exporting", number, None)
    enter_files(archive, paths)
    return dict.fromkeys(paths, number)


def _rows(archive: Archive, settings: dict[str, object]) -> Iterator[Row]:
    """Read the published documents, in the order of their files."""
    reader = ContentReader(settings)
    usual = str(dict(settings["DEFAULT_METADATA"]).get("status", "published"))  # type: ignore[call-overload]
    shown = set()
    for name in texts_in(archive.content):
        if name.startswith(("pages/", "lists/")):
            continue
        path = f"{archive.content}/{name}"
        shown.add(f"{name.removesuffix('.md')}.html")
        try:
            content, known = reader.read(path)
        except (OSError, ValueError) as error:
            raise ArchiveError(f"{path}: {error}") from None
        if str(known.get("status", usual)) == "published" and not known.get("withdrawn"):
            yield _row(content, known)
    if missing := missing_documents(archive.ledger, shown):
        raise ArchiveError("\n".join(tell_missing(missing, "among the content")))


def _day(published: str) -> date | None:
    """Return the day that a column of days can hold; None where only a month or a year is known."""
    return date.fromisoformat(published) if len(published) == len("2023-03-08") else None


def _row(content: str, known: dict[str, object]) -> Row:
    def text(name: str) -> str:
        return _plain(str(known.get(name, "")))

    tags = known["tags"]
    assert isinstance(tags, list)  # noqa: S101  # as the reader gives them
    return Row(
        text("save_as"),
        text("original") or text("address"),
        _plain(str(known.get("category", ""))),
        str(known["published"]),
        text("title"),
        text("lang"),
        tuple(_plain(tag.name) for tag in tags),
        _paragraphs(content),
        text("seed"),
        text("seed_bytes"),
        text("seed_sha256"),
        text("seed_reader"),
        bool(known["edited"]),
    )


def _plain(html: str) -> str:
    """Return the text of a value, without the halves of characters that a curator may have written as references."""
    text = unescape(html)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _paragraphs(content: str) -> tuple[str, ...]:
    """Return the paragraphs of a document; of one with more than these, the text of each heading, item and cell too."""
    paragraphs = _PARAGRAPH.findall(content)
    if not _PARAGRAPH.sub("", content).strip():
        return tuple(map(unescape, paragraphs))
    return tuple(text for text in texts_of(parse(content)) if text)


# The tables: each gives what writes a row, and puts the file in its place at the end.


@contextmanager
def _json_lines(archive: Archive, path: Path) -> Iterator[Write]:
    with atomic_write(path) as file:
        encode = json.JSONEncoder(ensure_ascii=False).encode

        def write(row: Row) -> None:
            file.write(encode(row._asdict()).translate(_LINE_ENDS) + "\n")

        yield write


@contextmanager
def _csv(archive: Archive, path: Path) -> Iterator[Write]:
    """Write CSV as RFC 4180 has it, with the mark by which spreadsheets know UTF-8.

    Tags are separated by commas, paragraphs by empty lines. What a spreadsheet would take for a formula begins with
    an apostrophe. (A cell of Excel shows no more than 32,767 characters.)
    """
    with atomic_write(path) as file:
        file.write("\ufeff")
        table = csv.writer(file)
        table.writerow(Row._fields)

        def write(row: Row) -> None:
            cells = row._asdict() | {"tags": ", ".join(row.tags), "text": "\n\n".join(row.text)}
            table.writerow([f"'{cell}" if _is_formula(str(cell)) else cell for cell in cells.values()])

        yield write


def _is_formula(cell: str) -> bool:
    """Whether some spreadsheet would work a cell out: also by a sign of full width, or behind characters unseen."""
    first = next((char for char in cell if is_visible(char) and not category(char).startswith("M")), "")
    return cell.startswith(_FORMULA) or normalize("NFKC", first).startswith(_FORMULA)


@contextmanager
def _sqlite(archive: Archive, path: Path) -> Iterator[Write]:
    """Write a database; its index holds no text of its own, but refers to the documents.

    The index parts words by spaces, so the column `forms` has those of other scripts, and words written otherwise.
    """
    with atomic_output(path) as partial, closing(sqlite3.connect(partial, isolation_level=None)) as database:
        for statement in _SCHEMA:
            database.execute(statement)
        database.execute("BEGIN")

        def write(row: Row) -> None:
            text = "\n\n".join(row.text)
            done = database.execute(
                "INSERT INTO documents VALUES (NULL, :address, :url, :source, :date, :title, :lang, :text, "
                ":seed, :seed_bytes, :seed_sha256, :reader, :edited, :forms)",
                row._asdict() | {"tags": None, "text": text, "forms": beside_plain_words(f"{row.title}\n{text}")},
            )
            database.executemany("INSERT INTO tags VALUES (?, ?)", [(done.lastrowid, tag) for tag in row.tags])

        yield write
        database.execute("INSERT INTO documents_text (documents_text) VALUES ('rebuild')")
        database.execute("INSERT INTO documents_text (documents_text) VALUES ('optimize')")
        database.execute("COMMIT")
        database.execute("VACUUM")


_SCHEMA = (
    "PRAGMA page_size = 4096",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, url TEXT NOT NULL, "
    "source TEXT NOT NULL, date TEXT NOT NULL, title TEXT NOT NULL, lang TEXT NOT NULL, text TEXT NOT NULL, "
    "seed TEXT NOT NULL, seed_bytes TEXT NOT NULL, seed_sha256 TEXT NOT NULL, reader TEXT NOT NULL, "
    "edited INTEGER NOT NULL, forms TEXT NOT NULL)",
    "CREATE TABLE tags (document INTEGER NOT NULL REFERENCES documents (id), tag TEXT NOT NULL, "
    "PRIMARY KEY (tag, document)) WITHOUT ROWID",
    "CREATE INDEX documents_date ON documents (date)",
    "CREATE INDEX documents_source ON documents (source)",
    "CREATE INDEX tags_document ON tags (document)",
    'CREATE VIRTUAL TABLE documents_text USING fts5 (title, text, forms, content="documents", content_rowid="id", '
    "tokenize = 'unicode61 remove_diacritics 2')",
)


@contextmanager
def _parquet(archive: Archive, path: Path) -> Iterator[Write]:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError:
        raise ArchiveError(
            "--parquet needs pyarrow, which is not installed; install it with: .venv/bin/pip install pyarrow"
        ) from None
    texts = pyarrow.list_(pyarrow.string())
    types = {"date": pyarrow.date32(), "tags": texts, "text": texts, "edited": pyarrow.bool_()}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in Row._fields])
    group: list[dict[str, object]] = []
    held = 0
    with atomic_output(path) as partial, parquet.ParquetWriter(partial, schema, compression="zstd") as table:

        def write_group() -> None:
            nonlocal held
            table.write_table(pyarrow.Table.from_pylist(group, schema))
            group.clear()
            held = 0

        def write(row: Row) -> None:
            nonlocal held
            group.append(row._asdict() | {"date": _day(row.date)})
            held += sum(map(len, row.text))
            if len(group) >= _ROWS_OF_A_GROUP or held >= _CHARACTERS_OF_A_GROUP:
                write_group()

        yield write
        if group:
            write_group()
