"""Reads what a curator knows of a seed, from the file beside it; the seed itself stays as received.

    seeds/letter.txt                the seed
    seeds/letter.txt.seed.toml      date = 1998-05-04
                                    title = "A letter to the harbour master"

    seeds/dump.txt.seed.toml        source = "example.org"      of every record
                                    [[record]]                  of the one that begins at line 912
                                    line = 912
                                    date = "2023-03"

    ->  Sidecar("seeds/dump.txt.seed.toml", Known(source="example.org"), (Entry(Known(date="2023-03"), line=912),))

What a sidecar tells goes before what the seed says of itself. A file that is not as expected is a fault, with its line:
nothing is guessed, and nothing passed over.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches

from converters.intake.hosts import canonical_host, host_of, without_credentials
from converters.intake.visible import is_visible
from converters.model import PartialDate

LARGEST_SIDECAR = 1 << 20
_LINE = re.compile(r"\(at line ([0-9]+)")
_LANGUAGE = re.compile("[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Known:
    """What is told of a record; None where nothing is, and "" where it is told that there is none."""

    date: str | None = None
    """`2023-03-08`, `2023-03` or `2023`."""
    address: str | None = None
    title: str | None = None
    source: str | None = None
    language: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of what is told, in order."""
        return tuple(key for key in KEYS if getattr(self, key) is not None)


NOTHING_KNOWN = Known()
KEYS = tuple(each.name for each in fields(Known))
_OF_FILE = (*KEYS, "skip", "record", "tables")
_OF_TABLES = ("address", "title", "date", "captured", "text", "authors", "language", "source")
_OF_RECORD = (*KEYS, "skip", "line", "offset", "member")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is told of one record, or of one member of a container."""

    known: Known
    skip: bool = False
    """Whether the record is not to become a document."""
    line: int = 0
    """Where the record begins, counted from 1; 0 where that is not said."""
    offset: int | None = None
    """Where it begins, in bytes of the file as it is after decompression."""
    member: str = ""
    """Of a container, the member's name in it."""

    def speaks_of(self, seed: str, line: int, start: int | None) -> bool:
        """Whether it is told of the record at a line and an offset of a seed; an unknown line is 0."""
        return (
            (not self.line or self.line == line)
            and (self.offset is None or self.offset == start)
            and (not self.member or seed.endswith(f"!/{self.member}"))
        )

    def __str__(self) -> str:
        parts = (self.member, f"line {self.line}" if self.line else "", f"offset {self.offset}" if self.offset else "")
        return ", ".join(filter(None, parts)) or "offset 0"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """All that is told of a seed file."""

    name: str
    whole: Known
    """What is told of every record."""
    skip: bool = False
    """Whether none of its records is to become a document."""
    entries: tuple[Entry, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    """What a column of a table is -> its name, where it is not called as is usual."""


class SidecarError(Exception):
    """A sidecar is not as expected: `letter.txt.seed.toml:2: expected date, found datte`."""

    def __init__(self, name: str, line: int, expected: str) -> None:
        place = f"{name.rpartition('/')[2]}:{line}" if line else name.rpartition("/")[2]
        super().__init__(f"{place}: expected {expected}")


def parse_sidecar(content: bytes | None, name: str) -> Sidecar:
    """Return what a sidecar tells; raises SidecarError with the line that is wrong, and for None, which is too much."""
    if content is None:
        raise SidecarError(name, 0, f"at most {LARGEST_SIDECAR >> 20} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SidecarError(name, line, "text in UTF-8") from None
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = int(found[1]) if (found := _LINE.search(str(error))) else text.count("\n") + 1
        raise SidecarError(name, line, f'TOML, such as date = 2023-03-08 or title = "…" ({error})') from None
    return _Parser(name, text).sidecar(told)


class _Parser:
    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = text.split("\n")

    def sidecar(self, told: dict[str, object]) -> Sidecar:
        records = told.get("record", [])
        if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
            raise self._fault("record", "a section [[record]] for each record")
        of_file = {key: value for key, value in told.items() if key not in ("record", "tables")}
        known, skip = self._known(of_file, _OF_FILE)
        return Sidecar(self._name, known, skip, tuple(map(self._entry, records)), self._tables(told.get("tables", {})))

    def _tables(self, told: object) -> dict[str, str]:
        if not isinstance(told, dict):
            raise self._fault("tables", "a section [tables]")
        columns = {("address" if key == "url" else key): name for key, name in told.items()}
        for key, name in columns.items():
            self._check_key(key, _OF_TABLES)
            if not isinstance(name, str) or not name:
                raise self._fault(key, f'the name of a column, as in {key} = "…"')
        return columns

    def _entry(self, told: dict[str, object]) -> Entry:
        place = {key: told[key] for key in ("line", "offset", "member") if key in told}
        known, skip = self._known({key: value for key, value in told.items() if key not in place}, _OF_RECORD)
        if not place:
            raise self._fault("record", "a line, an offset or a member in each section [[record]]")
        line, offset, member = place.get("line", 1), place.get("offset", 0), place.get("member", "-")
        if type(line) is not int or line < 1 or type(offset) is not int or offset < 0:
            raise self._fault("line" if "line" in place else "offset", "a number: line = 912, or offset = 20480")
        if not isinstance(member, str) or not member:
            raise self._fault("member", 'the name of a member, such as member = "2023/court.txt"')
        return Entry(
            known,
            skip,
            line if "line" in place else 0,
            offset if "offset" in place else None,
            member if "member" in place else "",
        )

    def _known(self, told: dict[str, object], keys: tuple[str, ...]) -> tuple[Known, bool]:
        if "url" in told and "address" not in told:
            told["address"] = told.pop("url")
        for key in told:
            self._check_key(key, keys)
        skip = told.pop("skip", False)
        if not isinstance(skip, bool):
            raise self._fault("skip", "skip = true")
        return Known(**{key: self._value(key, value) for key, value in told.items()}), skip

    def _check_key(self, key: str, keys: tuple[str, ...]) -> None:
        if key not in keys:
            nearest = get_close_matches(key.lower(), [*keys, "url"], 1)
            instead = nearest[0] if nearest else f"{', '.join(keys[:-1])} or {keys[-1]}"
            raise self._fault(key, f"{instead}, found {key}")

    def _value(self, key: str, value: object) -> str:
        if key == "date":
            return self._date(value)
        if not isinstance(value, str) or _CONTROL.search(value) or not is_visible(value):
            raise self._fault(key, f'one line of text, as in {key} = "…"')
        value = value.strip()
        if key == "address":
            if value != "-" and host_of(value) is None:
                raise self._fault(key, 'an address such as "https://example.org/court", or "-" for none')
            return "" if value == "-" else without_credentials(value)
        if key == "language" and not _LANGUAGE.fullmatch(value):
            raise self._fault(key, 'a code such as "en" or "pt-BR"')
        return canonical_host(value) if key == "source" else value

    def _date(self, value: object) -> str:
        if isinstance(value, datetime | date):
            return (value.date() if isinstance(value, datetime) else value).isoformat()
        text = f"{value:04}" if type(value) is int else str(value).strip()
        try:
            return "" if text == "-" else PartialDate.fromisoformat(text).isoformat()
        except ValueError:
            raise self._fault(
                "date", 'a day, a month or a year: 2023-03-08, "2023-03", 2023, or "-" for none'
            ) from None

    def _fault(self, key: str, expected: str) -> SidecarError:
        written = re.compile(rf"""\s*(?:\[\[?\s*)?["']?{re.escape(key)}["']?\s*(?:=|\]|\.)""")
        line = next((number for number, line in enumerate(self._lines, 1) if written.match(line)), 0)
        return SidecarError(self._name, line, expected)
