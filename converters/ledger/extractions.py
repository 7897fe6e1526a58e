"""What was read from records that take long to read, so that none is read twice: one row a record.

    seeds/court.html, 0  "saved-html 1"  cf07…  ->  Capture(url="https://example.org/court", title="Court …", …)

It holds for the same bytes at the same place and the same version of their reader. The file `.cache/extractions.sqlite`
can be deleted at any time: then the records are read again.
"""

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime

from converters import model
from converters.archive.layout import Archive
from converters.ledger import media
from converters.model import Capture, Media, PartialDate
from converters.readers.reader import RawRecord, Record

_TABLE = """
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS captures (
        seed TEXT, start INTEGER, reader TEXT, sha256 TEXT, capture BLOB, PRIMARY KEY (seed, start)
    ) WITHOUT ROWID;
"""
_FIND = "SELECT capture FROM captures WHERE seed = ? AND start = ? AND reader = ? AND sha256 = ?"
_TYPES: dict[str, Callable[..., object]] = {
    name: found for name, found in vars(model).items() if isinstance(found, type) and is_dataclass(found)
}


class Extractions:
    """The captures of one archive's records that took long to read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        path = archive.cache / "extractions.sqlite"
        try:
            self._database = _open(str(path))
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._database = _open(str(path))

    def known(self, record: Record | RawRecord) -> Record | RawRecord:
        """Return what was read from a record; the record itself where that is not known."""
        if not isinstance(record, RawRecord):
            return record
        key = (record.seed, record.origin.start, record.key, record.sha256)
        row = self._database.execute(_FIND, key).fetchone()
        with suppress(zlib.error, ValueError, KeyError, TypeError, IndexError):
            capture = _capture(row[0]) if row else None
            return capture if capture and media.are_kept(self._archive, capture) else record
        return record

    def keep(self, capture: Capture, key: str) -> None:
        """Keep what was read from a record of this key."""
        origin = capture.provenance
        packed = zlib.compress(json.dumps(_plain(capture), separators=(",", ":")).encode(), 1)
        row = (origin.seed, origin.start, key, origin.sha256, packed)
        self._database.execute("REPLACE INTO captures VALUES (?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        self._database.close()


def _open(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(_TABLE)
    return database


# The tree of a capture as lists: a dataclass is [its name, its fields …], a tuple [null, its items …].


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, PartialDate):
        return ["PartialDate", *value]
    if isinstance(value, tuple):
        return [None, *map(_plain, value)]
    if isinstance(value, Media):
        return ["Media", value.file, value.size, value.address]
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value))]
    return value


def _capture(packed: bytes) -> Capture:
    capture = _value(json.loads(zlib.decompress(packed)))
    if not isinstance(capture, Capture):
        raise TypeError
    return capture


def _value(plain: object) -> object:
    if not isinstance(plain, list):
        return plain
    name, *parts = plain
    match name:
        case None:
            return tuple(map(_value, parts))
        case "datetime":
            return datetime.fromisoformat(parts[0])
        case "PartialDate":
            return PartialDate(*parts)
    return _TYPES[name](*map(_value, parts))
