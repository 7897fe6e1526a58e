"""Addresses: a document's place on the site, which once published never changes.

    2023-03-08, "Court opens inquiry"       2023/03/08/court-opens-inquiry.html
    the same day and title elsewhere        2023/03/08/court-opens-inquiry-example-org.html
    and there as well                       2023/03/08/court-opens-inquiry-example-org-5f0c6b1e.html

What was published is known from the ledger (`converters/ledger/ledger.py`).
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from slugify import slugify

from converters.archive.layout import Archive
from converters.ledger.ledger import Line, append, is_address, read_ledger
from converters.model import Capture
from converters.text import frontmatter

_LONGEST_SLUG, _LONGEST_SOURCE = 100, 60  # of the 255 bytes that a file name may have; a hash takes up to 64

RESERVED_SLUGS = frozenset(
    {"index", "con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
"""Names that mean something else: the index of a folder, and devices that Windows finds in every folder."""


def slug(text: str, otherwise: str = "untitled") -> str:
    """Give `text` in lower-case ASCII letters, digits and hyphens: at most 100 of them, `otherwise` instead of none."""
    short = slugify(
        text[: 20 * _LONGEST_SLUG],
        max_length=_LONGEST_SLUG,
        word_boundary=True,
        entities=False,
        decimal=False,
        hexadecimal=False,
    )
    return short or otherwise


def base_of(capture: Capture) -> str:
    """Give the address, without its ending, that a capture has unless another has it."""
    day = capture.published.isoformat() if capture.published else "undated"
    return f"{day.replace('-', '/')}/{slug(capture.title)}"


def content_file(archive: Archive, address: str) -> Path:
    """Give the content file of a document's address."""
    return Path(f"{archive.content}/{address.removesuffix('.html')}.md")


class Addresses:
    """The addresses of one conversion: those in the ledger, and those given to new captures.

    Works on a database with the tables `firsts` (identity, base, source, url, seed, sha256), one row for each capture
    that is no duplicate, and `touched` (identity) of those that came or went since the last conversion; keeps the
    addresses in the table `allotted` (identity, address).
    """

    def __init__(self, archive: Archive, database: sqlite3.Connection, is_as_it_was: bool) -> None:
        """Read the ledger, unless it is as it was; raises ArchiveError with its line where it is not as expected."""
        self._archive = archive
        self._database = database
        if is_as_it_was:
            return
        for statement in (
            "DROP TABLE IF EXISTS ledger",
            "DROP TABLE IF EXISTS allotted",
            "CREATE TABLE ledger (address TEXT PRIMARY KEY, holds TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID",
            "CREATE INDEX ledger_detail ON ledger (detail)",
            "CREATE INDEX ledger_tombstones ON ledger (address) WHERE holds = 'tombstone'",
            "CREATE TABLE allotted (identity TEXT PRIMARY KEY, address TEXT NOT NULL UNIQUE) WITHOUT ROWID",
            "INSERT OR IGNORE INTO touched SELECT identity FROM firsts",
        ):
            database.execute(statement)
        lines = (line for line in read_ledger(archive.ledger) if is_address(line.address))
        database.executemany("REPLACE INTO ledger VALUES (?, ?, ?)", lines)

    def allot(self) -> None:
        """Give every capture its address, and enter the new ones in the ledger: the same in any order of reading.

        What the ledger knows keeps its address, also as a tombstone. A seed that was replaced by another capture of
        the same page hands its address on. Of the others, the first by URL gets the plain address.
        """
        execute = self._database.execute
        execute("DELETE FROM allotted WHERE identity IN touched")
        execute(
            "INSERT INTO allotted SELECT identity, min(address) FROM touched JOIN firsts USING (identity) "
            "JOIN ledger ON detail = identity GROUP BY identity"
        )
        for identity, base, _, url, seed, _ in self._without_address():
            predecessor = self._predecessor(base, url, seed)
            if predecessor is not None:
                execute("INSERT INTO allotted VALUES (?, ?)", (identity, predecessor))
        plain = ""
        for identity, base, _, url, _, sha256 in self._without_address():
            reserved = base.rpartition("/")[2] in RESERVED_SLUGS
            if base != plain and not reserved and self._take(identity, f"{base}.html", url, sha256):
                plain = base
        for identity, base, source, url, _, sha256 in self._without_address():
            source = source[:_LONGEST_SOURCE]
            names = (f"{base}-{source}", f"{base}-{source}-{identity[:8]}", f"{base}-{source}-{identity}")
            next(name for name in names if self._take(identity, f"{name}.html", url, sha256))
        append(self._archive, self._new_lines())
        execute(
            "INSERT INTO ledger SELECT address, 'document', identity FROM touched JOIN allotted USING (identity) "
            "WHERE true ON CONFLICT (address) DO UPDATE SET detail = excluded.detail"
        )

    def without_seed(self) -> Iterator[str]:
        """Give the addresses of published documents that none of the seeds holds any more, in order."""
        for (address,) in self._database.execute(
            "SELECT address FROM ledger WHERE holds = 'document' "
            "AND address NOT IN (SELECT address FROM allotted) ORDER BY address"
        ):
            yield address

    def _without_address(self) -> Iterator[tuple[str, str, str, str, str, str]]:
        # Sorting makes SQLite read all rows before it gives the first, so addresses may be given out meanwhile.
        yield from self._database.execute(
            "SELECT identity, base, source, url, seed, sha256 FROM touched JOIN firsts USING (identity) "
            "WHERE identity NOT IN (SELECT identity FROM allotted) ORDER BY base, url, identity"
        )

    def _predecessor(self, base: str, url: str, seed: str) -> str | None:
        """Give the address whose document was read from the same page and the same seed, but is in it no more."""
        # A document that was renamed is looked for where it is now.
        candidates = self._database.execute(
            "WITH RECURSIVE reached (address) AS (SELECT address FROM ledger WHERE address >= ? AND address < ? "
            "UNION SELECT detail FROM ledger JOIN reached USING (address) WHERE holds = 'redirect') "
            "SELECT address FROM reached JOIN ledger USING (address) WHERE holds <> 'redirect' "
            "AND address NOT IN (SELECT address FROM allotted) ORDER BY address",
            (f"{base}-", f"{base}/"),
        )
        for (address,) in candidates.fetchall():
            document = self._content(address)
            if document and frontmatter.value(document, "Url") == url and frontmatter.value(document, "Seed") == seed:
                return str(address)
        return None

    def _take(self, identity: str, address: str, url: str, sha256: str) -> bool:
        """Give an address to a capture, unless it was ever published, is taken, or a file of another lies there."""
        document = self._content(address)
        if document is not None:
            theirs = frontmatter.value(document, "Url"), frontmatter.value(document, "Seed-SHA256")
            if theirs != (url, sha256):
                return False
        taken = self._database.execute(
            "INSERT OR IGNORE INTO allotted SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE address = ?)",
            (identity, address, address),
        )
        return taken.rowcount == 1

    def _content(self, address: str) -> str | None:
        try:
            return content_file(self._archive, address).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def _new_lines(self) -> Iterator[Line]:
        for row in self._database.execute(
            "SELECT allotted.address, coalesce(holds, 'document'), identity FROM touched CROSS JOIN allotted "
            "USING (identity) LEFT JOIN ledger USING (address) WHERE detail IS NOT identity ORDER BY allotted.address"
        ):
            yield Line(*row)
