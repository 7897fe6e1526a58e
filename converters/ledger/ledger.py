"""The ledger, `content/addresses.csv`: each address ever published, and what it holds or became.

    address,holds,detail
    2023/03/08/court-opens-inquiry.html,document,<SHA-256 of what was captured>
    2023/03/08/court-opens-inquiry.html,redirect,2023/03/08/inquiry-opens.html
    2023/03/08/inquiry-opens.html,document,<the same>
    2023/03/08/inquiry-opens.html,tombstone,<the same>

Lines are only ever added, the last one for an address counts, and two branches' additions merge by keeping both. What
was captured keeps its address as a tombstone too: it is neither published again nor anywhere else.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from converters.archive.atomic import writing
from converters.archive.layout import Archive, ArchiveError

Holds = Literal["document", "redirect", "tombstone"]

_HEADER = ["address", "holds", "detail"]
_ADDRESS = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[a-z0-9-]+\.html")
_DETAIL: dict[str, re.Pattern[str]] = {
    "document": re.compile(r"[0-9a-f]{64}"),
    "redirect": _ADDRESS,
    "tombstone": re.compile(r"[0-9a-f]{64}"),
}


class Line(NamedTuple):
    """What the ledger says of an address."""

    address: str
    holds: Holds
    detail: str
    """The identity of what was captured; of a redirect, the address that it leads to."""


def is_address(text: str) -> bool:
    """Whether a text has the form of a document's address."""
    return _ADDRESS.fullmatch(text) is not None


def read_ledger(ledger: Path) -> Iterator[Line]:
    """Give the lines of a ledger; raises ArchiveError with the line where it is not as expected."""
    if not ledger.exists():
        return
    with ledger.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for number, line in enumerate(lines, 1):
            row = line.rstrip("\r\n").split(",")
            if row == _HEADER or row == [""]:
                continue
            holds = row[1] if len(row) == 3 and _ADDRESS.fullmatch(row[0]) else ""
            if holds not in _DETAIL or not _DETAIL[holds].fullmatch(row[2]):
                raise ArchiveError(
                    f"{ledger}:{number}: expected an address, the word document and 64 hexadecimal digits "
                    "(or redirect and an address, or tombstone and the digits), "
                    f"found {line.strip()[:100]!r}; restore the line from the file's history"
                )
            yield Line(*row)  # type: ignore[arg-type]  # holds is one of the three


def current(ledger: Path) -> dict[str, Line]:
    """Give what the ledger says now of each address; raises ArchiveError as `read_ledger` does."""
    return {line.address: line for line in read_ledger(ledger)}


def departed(ledger: Path) -> dict[str, Line]:
    """Give the redirects and tombstones by address: of most archives none, which is known at a glance."""
    if not ledger.exists() or not re.search(b",(?:redirect|tombstone),", ledger.read_bytes()):
        return {}
    return {address: line for address, line in current(ledger).items() if line.holds != "document"}


def destination(address: str, lines: dict[str, Line]) -> str | None:
    """Give the address that a chain of redirects ends at; None where it comes round to where it was."""
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
    with writing(archive, archive.ledger) as ledger:
        if archive.ledger.exists():
            with archive.ledger.open(encoding="utf-8", newline="") as earlier:
                ledger.writelines(line if line.endswith("\n") else f"{line}\n" for line in earlier)
        else:
            ledger.write(",".join(_HEADER) + "\n")
        ledger.writelines(",".join(line) + "\n" for line in chain([first], lines))
