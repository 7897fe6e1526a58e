"""Addresses: a document's place on the site, which once published never changes.

    2023-03-08, "Court opens inquiry"       2023/03/08/court-opens-inquiry.html
    the same day and title elsewhere        2023/03/08/court-opens-inquiry-example-org.html
    and there as well                       2023/03/08/court-opens-inquiry-example-org-5f0c6b1e.html

`content/addresses.csv` is the ledger: each address ever published and what it holds. Lines are only ever added, the
last one for an address counts, and two branches' additions merge by keeping both:

    address,holds,detail
    2023/03/08/court-opens-inquiry.html,document,<SHA-256 of what was captured>

What a conversion knows of all captures at once lies in SQLite's own temporary database, so that memory does not grow
with the archive.
"""

import re
import sqlite3
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from slugify import slugify

from converters import frontmatter
from converters.archive import Archive, ArchiveError, writing
from converters.capture import Capture

_LONGEST_SLUG, _LONGEST_SOURCE = 100, 60  # of the 255 bytes that a file name may have; a hash takes up to 64
_HEADER = ["address", "holds", "detail"]
_ADDRESS = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[a-z0-9-]+\.html")
_IDENTITY = re.compile(r"[0-9a-f]{64}")

RESERVED_SLUGS = frozenset(
    {"index", "con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
"""Names that mean something else: the index of a folder, and devices that Windows finds in every folder."""


def slug(text: str, otherwise: str = "untitled") -> str:
    """Give `text` in lower-case ASCII letters, digits and hyphens: at most 100 of them, and never none."""
    short = slugify(
        text[: 20 * _LONGEST_SLUG],
        max_length=_LONGEST_SLUG,
        word_boundary=True,
        entities=False,
        decimal=False,
        hexadecimal=False,
    )
    return short or otherwise


def content_file(archive: Archive, address: str) -> Path:
    """Give the content file of a document's address."""
    return archive.content / f"{address.removesuffix('.html')}.md"


class Register:
    """The captures of one conversion and their addresses, kept on disk by SQLite and gone with the process."""

    def __init__(self, archive: Archive) -> None:
        """Read the ledger; raises ArchiveError with its line where it is not as expected."""
        self._archive = archive
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            """
            PRAGMA journal_mode = OFF;
            CREATE TABLE ledger (address TEXT PRIMARY KEY, identity TEXT NOT NULL) WITHOUT ROWID;
            CREATE INDEX ledger_identity ON ledger (identity);
            CREATE TABLE captures (
                identity TEXT PRIMARY KEY, base TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
                seed TEXT NOT NULL, start INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE allotted (identity TEXT PRIMARY KEY, address TEXT NOT NULL UNIQUE) WITHOUT ROWID;
            BEGIN;
            """
        )
        self._database.executemany("REPLACE INTO ledger VALUES (?, ?)", _read_ledger(archive.ledger))

    def add(self, capture: Capture) -> bool:
        """Take note of a capture; False if it is a duplicate of one noted before."""
        day = capture.date.isoformat().replace("-", "/")
        noted = self._database.execute(
            "INSERT OR IGNORE INTO captures VALUES (?, ?, ?, ?, ?, ?)",
            (
                capture.identity,
                f"{day}/{slug(capture.title)}",
                slug(capture.source)[:_LONGEST_SOURCE],
                capture.url,
                capture.provenance.seed,
                capture.provenance.start,
            ),
        )
        return noted.rowcount == 1

    def allot(self) -> None:
        """Give every capture its address, the same ones in whatever order they were added, and enter the new ones
        in the ledger.

        What the ledger knows keeps its address. A seed that was replaced by another capture of the same page hands
        its address on. Of the others, the first by URL gets the plain address.
        """
        execute = self._database.execute
        execute(
            "INSERT INTO allotted SELECT identity, min(address) FROM captures JOIN ledger USING (identity) "
            "GROUP BY identity"
        )
        for identity, base, _, url, seed in self._without_address():
            predecessor = self._predecessor(base, url, seed)
            if predecessor is not None:
                execute("INSERT INTO allotted VALUES (?, ?)", (identity, predecessor))
        last = ""
        for identity, base, *_ in self._without_address():
            if base != last and base.rpartition("/")[2] not in RESERVED_SLUGS:
                self._take(identity, f"{base}.html")
            last = base
        for identity, base, source, *_ in self._without_address():
            names = (f"{base}-{source}", f"{base}-{source}-{identity[:8]}", f"{base}-{source}-{identity}")
            next(name for name in names if self._take(identity, f"{name}.html"))
        _append(self._archive, self._new_lines())

    def address(self, capture: Capture) -> str | None:
        """Give the address of a capture, or None for any but the first record of the same."""
        origin = capture.provenance
        row = self._database.execute(
            "SELECT address FROM captures JOIN allotted USING (identity) WHERE identity = ? AND seed = ? AND start = ?",
            (capture.identity, origin.seed, origin.start),
        ).fetchone()
        return None if row is None else str(row[0])

    def size(self) -> int:
        """Give the number of captures that are no duplicates."""
        return int(self._database.execute("SELECT count(*) FROM captures").fetchone()[0])

    def without_seed(self) -> Iterator[str]:
        """Give the addresses of published documents that none of the seeds holds any more, in order."""
        for (address,) in self._database.execute(
            "SELECT address FROM ledger WHERE address NOT IN (SELECT address FROM allotted) ORDER BY address"
        ):
            yield address

    def _without_address(self) -> Iterator[tuple[str, str, str, str, str]]:
        # Sorting makes SQLite read all rows before it gives the first, so addresses may be given out meanwhile.
        yield from self._database.execute(
            "SELECT identity, base, source, url, seed FROM captures "
            "WHERE identity NOT IN (SELECT identity FROM allotted) ORDER BY base, url, identity"
        )

    def _predecessor(self, base: str, url: str, seed: str) -> str | None:
        """Give the address whose document was read from the same page and the same seed, but is in it no more."""
        candidates = self._database.execute(
            "SELECT address FROM ledger WHERE address >= ? AND address < ? "
            "AND address NOT IN (SELECT address FROM allotted) ORDER BY address",
            (f"{base}-", f"{base}/"),
        )
        for (address,) in candidates.fetchall():
            try:
                document = content_file(self._archive, address).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if frontmatter.value(document, "Url") == url and frontmatter.value(document, "Seed") == seed:
                return str(address)
        return None

    def _take(self, identity: str, address: str) -> bool:
        """Give an address to a capture, unless it was ever published or is taken."""
        taken = self._database.execute(
            "INSERT OR IGNORE INTO allotted SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE address = ?)",
            (identity, address, address),
        )
        return taken.rowcount == 1

    def _new_lines(self) -> Iterator[tuple[str, str, str]]:
        for address, identity in self._database.execute(
            "SELECT address, identity FROM allotted EXCEPT SELECT address, identity FROM ledger ORDER BY address"
        ):
            yield address, "document", identity


def _read_ledger(ledger: Path) -> Iterator[tuple[str, str]]:
    if not ledger.exists():
        return
    with ledger.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for number, line in enumerate(lines, 1):
            row = line.rstrip("\r\n").split(",")
            if row == _HEADER or row == [""]:
                continue
            if (
                len(row) != 3
                or not _ADDRESS.fullmatch(row[0])
                or row[1] != "document"
                or not _IDENTITY.fullmatch(row[2])
            ):
                raise ArchiveError(
                    f"{ledger}:{number}: expected an address, the word document and 64 hexadecimal digits, "
                    f"found {line.strip()[:100]!r}; restore the line from the file's history"
                )
            yield row[0], row[2]


def _append(archive: Archive, rows: Iterator[tuple[str, str, str]]) -> None:
    first = next(rows, None)
    if first is None:
        return
    with writing(archive, archive.ledger) as ledger:
        if archive.ledger.exists():
            with archive.ledger.open(encoding="utf-8", newline="") as earlier:
                ledger.writelines(line if line.endswith("\n") else f"{line}\n" for line in earlier)
        else:
            ledger.write(",".join(_HEADER) + "\n")
        ledger.writelines(",".join(row) + "\n" for row in chain([first], rows))
