"""Shows the rows of a database file as JSON Lines, as if they were what is packed in it.

    seeds/articles.sqlite       ->  {"_table": "articles", "_row": 17, "url": "https://…", "title": "Court …"}\\n…
    seeds/articles.parquet      ->  {"url": "https://…", "title": "Court …"}\\n…

Rows come in the same order everywhere, so a row has a place and bytes of its own, as a line in a file has. Of SQLite
only plain tables are read, nothing that the file could have run. Parquet needs pyarrow.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO
from urllib.parse import quote

from converters.intake.pieces import PieceStream
from converters.rejections import CORRUPT, MAX_RECORD, NEEDS_PYARROW, SeedError

_SQLITE = b"SQLite format 3\0"
_PARQUET = b"PAR1"
ENDINGS_OF_DATABASES = (".sqlite", ".sqlite3", ".db", ".parquet")
_BATCH = 64  # rows


def kind_of_database(head: bytes) -> "Rows | None":
    """Return what yields the rows of a database, by its first bytes; None for any other file."""
    if head.startswith(_SQLITE):
        return _rows_of_sqlite
    return _rows_of_parquet if head.startswith(_PARQUET) else None


@contextmanager
def shown_as_lines(content: BinaryIO, rows: "Rows", path: Path | None, name: str) -> Iterator["RowStream"]:
    """The rows of a database as a stream, which raises SeedError; `path` is where the file lies, if it lies plain."""
    if path is not None:
        yield RowStream(rows(path, name))
        return
    with NamedTemporaryFile() as copy:
        shutil.copyfileobj(content, copy)
        copy.flush()
        yield RowStream(rows(Path(copy.name), name))


class RowStream(PieceStream):
    """Rows, one after another."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        super().__init__()
        self._rows = rows

    def _advance(self) -> bool:
        try:
            self._ready = memoryview(next(self._rows, b""))
        except SeedError as fault:
            self._fault, self._rows = fault, iter(())
        return bool(self._ready)


Rows = Callable[[Path, str], Iterator[bytes]]


def _rows_of_sqlite(path: Path, name: str) -> Iterator[bytes]:
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_RECORD)
            database.execute("PRAGMA trusted_schema = OFF")
            for table in _tables(database):
                yield from _rows_of_table(database, table)
    except (sqlite3.Error, UnicodeError) as error:
        raise SeedError(CORRUPT, name, str(error)) from error


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL").fetchall()
    virtual = [name for name, sql in found if re.match(r"\s*CREATE\s+VIRTUAL\s", sql, re.IGNORECASE)]
    return sorted(
        name
        for name, _ in found
        if name not in virtual and not name.startswith(("sqlite_", *(f"{one}_" for one in virtual)))
    )


def _rows_of_table(database: sqlite3.Connection, table: str) -> Iterator[bytes]:
    named = '"' + table.replace('"', '""') + '"'
    try:
        rows = database.execute(f"SELECT rowid, * FROM {named} ORDER BY rowid")  # noqa: S608  # a name cannot be bound
    except sqlite3.OperationalError:  # it has no numbers of rows
        rows = database.execute(f"SELECT 0, * FROM {named}")  # noqa: S608
    columns = [column for column, *_ in rows.description][1:]
    for number, *values in rows:
        row = dict(zip(columns, map(_value, values), strict=True))
        yield _line({"_table": table, "_row": number} | row)


def _rows_of_parquet(path: Path, name: str) -> Iterator[bytes]:
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-untyped]
    except ImportError:
        raise SeedError(NEEDS_PYARROW, name) from None
    try:
        with parquet.ParquetFile(path) as file:
            batches = file.iter_batches(batch_size=_BATCH)
            for row in chain.from_iterable(batch.to_pylist() for batch in batches):
                yield _line({column: _value(value) for column, value in row.items()})
    except (ArrowException, OSError, ValueError, UnicodeError) as error:
        raise SeedError(CORRUPT, name, str(error).partition("\n")[0]) from error


def _value(value: object) -> object:
    return f"{len(value):,} bytes" if isinstance(value, bytes) else value


def _line(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
