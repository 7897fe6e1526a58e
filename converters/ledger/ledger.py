"""The ledger, `content/addresses.csv`: each address ever published, and what it holds or became.

    address,holds,detail
    2023/03/08/court-opens-inquiry.html,document,<identity of the record it was made from>
    2023/03/08/court-opens-inquiry.html,redirect,2023/03/08/inquiry-opens.html
    2023/03/08/inquiry-opens.html,document,<the same>
    2023/03/08/inquiry-opens.html,tombstone,<the same>
    tags/washington-d-c.html,tag,"Washington, D.C."
    tags/washington-d-c.html,redirect,tags/washington.html
    sources/example.org.html,source,example.org
    2023/03/index.html,time,March 2023
    tags/index.html,list,Tags
    how-to.html,page,How to read this archive

Lines are only ever added, the last one for an address counts, and two branches' additions merge by keeping both. What
was captured keeps its address as a tombstone too: it is neither published again nor anywhere else. All addresses are in
lower case and ASCII, so that no two of them are one file on any file system.
"""

import csv
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive, ArchiveError

Holds = Literal["document", "redirect", "tombstone", "tag", "source", "time", "list", "page"]
LIST_KINDS = frozenset(("tag", "source", "time", "list", "page"))
"""What an address holds that shows a list of documents, or of names, or a page that is written by hand."""
TAGS_INDEX = "tags/index.html"

_HEADER = ["address", "holds", "detail"]
_DOCUMENT = re.compile(r"(?:[0-9]{4}(?:/[0-9]{2}){0,2}|undated)/(?!index\.html)[a-z0-9-]+\.html")
_ANY = re.compile(r"(?:[a-z0-9_-][a-z0-9._-]*/)*[a-z0-9_-][a-z0-9._-]*\.html")
_IDENTITY = re.compile(r"[0-9a-f]{64}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f]*")
_NOT_IN_A_LABEL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_NEEDS_QUOTES = re.compile('[",]')
_OF_A_LIST = re.compile(b",(?:tag|source|time|list|page),")
_LIST_LINE = re.compile(r"^([^,\"\r\n]+),(tag|source|time|list|page|redirect|tombstone),([^\r\n]*)", re.MULTILINE)
"""A line that may be about a list; one of a document that was moved or withdrawn looks alike."""
_PLAIN_LINE = re.compile(r'^([^,"\r\n]+),(document|redirect|tombstone),([^,"\r\n]+)', re.MULTILINE)
"""A line about a document: no address of one needs quotes."""
_DOCUMENT_LINE = re.compile(r"^([^,\r\n]+),document,", re.MULTILINE)
_MOST_TOLD = 20  # missing documents that are named


class Line(NamedTuple):
    """What the ledger says of an address."""

    address: str
    holds: Holds
    detail: str
    """The identity of what was captured; of a redirect, the address it leads to; of a list, the name it is shown by."""


def is_address(text: str) -> bool:
    """Return whether a text has the form of a document's address."""
    return _DOCUMENT.fullmatch(text) is not None


def read_ledger(ledger: Path) -> Iterator[Line]:
    """Yield the lines of a ledger; raises ArchiveError with the line where it is not as expected."""
    if not ledger.exists():
        return
    with ledger.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for number, line in enumerate(lines, 1):
            text = line.rstrip("\r\n")
            row = next(csv.reader([text])) if '"' in text else text.split(",")
            if row == _HEADER or not text:
                continue
            if len(row) != 3 or not _is_sound(*row):
                raise ArchiveError(
                    f"{ledger}:{number}: expected an address, the word document and 64 hexadecimal digits (or redirect "
                    "and an address, or tombstone and the digits, or tag, source, time, list or page and a name), "
                    f"found {line.strip()[:100]!r}; restore the line from the file's history"
                )
            yield Line(*row)  # type: ignore[arg-type]  # it is sound


def current(ledger: Path) -> dict[str, Line]:
    """Return what the ledger says now of each address; raises ArchiveError as `read_ledger` does."""
    return {line.address: line for line in read_ledger(ledger)}


def lists_of(ledger: Path) -> dict[str, Line]:
    """Return what the ledger says now of each address that ever was a list's: it may lead to another, or hold nothing.

    Only what is sound is looked at: whoever needs to know of faults reads all lines by `read_ledger`.
    """
    text = ledger.read_text(encoding="utf-8-sig", errors="replace") if ledger.exists() else ""
    return {
        address: Line(address, holds, next(csv.reader([detail]), [""])[0] if '"' in detail else detail)
        for address, holds, detail in _LIST_LINE.findall(text)
        if not is_address(address)
    }


def documents_of(ledger: Path) -> frozenset[str]:
    """Return the addresses that hold, or ever held, a document; lines that are unsound are passed over."""
    text = ledger.read_text(encoding="utf-8-sig", errors="replace") if ledger.exists() else ""
    return frozenset(address for address, _, _ in _PLAIN_LINE.findall(text))


def documents_digest(ledger: Path) -> str:
    """Return a digest of what the ledger says of documents, which lines about lists do not change."""
    text = ledger.read_bytes() if ledger.exists() else b""
    lines = (line for line in text.splitlines() if not _OF_A_LIST.search(line))
    return sha256(b"\n".join(lines)).hexdigest()


def moved_or_withdrawn(ledger: Path) -> dict[str, Line]:
    """Return the redirects and tombstones by address: of most archives none, which is known at a glance."""
    if not ledger.exists() or not re.search(b",(?:redirect|tombstone),", ledger.read_bytes()):
        return {}
    return {address: line for address, line in current(ledger).items() if line.holds in ("redirect", "tombstone")}


def document_numbers(ledger: Path) -> dict[str, int]:
    """Return the number of each document by its address: 0 for the first that was ever published, in order of arrival.

    A number never changes while lines are only added; a document that was renamed keeps its own.
    """
    numbers: dict[str, int] = {}
    holding: dict[str, bool] = {}
    text = ledger.read_text(encoding="utf-8-sig", errors="replace") if ledger.exists() else ""
    for address, holds, detail in _PLAIN_LINE.findall(text):  # `read_ledger` takes ten times as long
        if holds == "redirect" and address in numbers:
            numbers.setdefault(detail, numbers[address])
        elif holds == "document":
            numbers.setdefault(address, len(numbers))
        holding[address] = holds == "document"
    return {address: number for address, number in numbers.items() if holding.get(address)}


def missing_documents(ledger: Path, shown: Container[object]) -> list[str]:
    """Return the addresses that hold a document, as the ledger says, and are not among those that are shown."""
    text = ledger.read_text(encoding="utf-8-sig", errors="replace") if ledger.exists() else ""
    if all(address in shown for address in _DOCUMENT_LINE.findall(text)):  # so it is nearly always
        return []
    return sorted(address for address in document_numbers(ledger) if address not in shown)


def tell_missing(missing: Sequence[str], place: str) -> list[str]:
    """Return a line for each document that is missing in a place, of very many a count."""
    lines = [
        f"{address}: was published, as the ledger says, and is missing {place}; convert writes it again if its seed is "
        "there, else bring its content file back, or withdraw it"
        for address in missing[:_MOST_TOLD]
    ]
    return lines + ([f"{len(missing) - _MOST_TOLD:,} more are missing {place}"] if len(missing) > _MOST_TOLD else [])


def destination(address: str, lines: dict[str, Line]) -> str | None:
    """Return the address that a chain of redirects ends at; None where it comes round to where it was."""
    passed = set()
    while (line := lines.get(address)) and line.holds == "redirect":
        passed.add(address)
        address = line.detail
        if address in passed:
            return None
    return address


def append(archive: Archive, lines: Iterable[Line]) -> None:
    """Add lines to the ledger, all of them at one stroke."""
    lines = iter(lines)
    first = next(lines, None)
    if first is None:
        return
    with atomic_write(archive.ledger) as ledger:
        if archive.ledger.exists():
            with archive.ledger.open(encoding="utf-8", newline="") as earlier:
                ledger.writelines(line if line.endswith("\n") else f"{line}\n" for line in earlier)
        else:
            ledger.write(",".join(_HEADER) + "\n")
        ledger.writelines(map(_written, chain([first], lines)))


def _is_sound(address: str, holds: str, detail: str) -> bool:
    if holds in LIST_KINDS:
        return bool(_ANY.fullmatch(address) and _LABEL.fullmatch(detail))
    if not _DOCUMENT.fullmatch(address):
        wanted = {"redirect": _ANY, "tombstone": _LABEL}.get(holds)
        return bool(wanted and _ANY.fullmatch(address) and wanted.fullmatch(detail))
    wanted = {"document": _IDENTITY, "redirect": _DOCUMENT, "tombstone": _IDENTITY}.get(holds)
    return bool(wanted and wanted.fullmatch(detail))


def _written(line: Line) -> str:
    detail = _NOT_IN_A_LABEL.sub(" ", line.detail) if line.holds in LIST_KINDS else line.detail
    if _NEEDS_QUOTES.search(detail):
        detail = '"' + detail.replace('"', '""') + '"'
    return f"{line.address},{line.holds},{detail}\n"
