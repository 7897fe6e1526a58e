"""Addresses: a document's place on the site, which once published never changes.

    2023-03-08, "Court opens inquiry"       2023/03/08/court-opens-inquiry.html
    the same day and title elsewhere        2023/03/08/court-opens-inquiry-example-org.html
    and there as well                       2023/03/08/court-opens-inquiry-example-org-5f0c6b1e.html

What was published is known from the ledger (`converters/ledger/ledger.py`).
"""

import sqlite3
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from slugify import slugify

from converters.archive.inside import check_inside, check_way
from converters.archive.layout import Archive
from converters.intake.hosts import address_digest
from converters.ledger.ledger import TAGS_INDEX, Line, append, is_address, lists_of, read_ledger
from converters.model import Capture, digest_of_text, texts_of
from converters.text import frontmatter
from converters.text.blocks import read_markdown

_LONGEST_SLUG, _LONGEST_SOURCE = 100, 60  # of the 255 bytes that a file name may have; a hash takes up to 64

RESERVED_SLUGS = frozenset(
    {"index", "con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
"""Names that mean something else: the index of a folder, and devices that Windows finds in every folder."""


def slug(text: str, otherwise: str = "untitled") -> str:
    """Return `text` in lower-case ASCII letters, digits and hyphens: at most 100, `otherwise` instead of none."""
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
    """Return the address, without its ending, that a capture has unless another has it."""
    day = capture.published.isoformat() if capture.published else "undated"
    return f"{day.replace('-', '/')}/{slug(capture.title)}"


def content_file(archive: Archive, address: str) -> Path:
    """Return the content file of a document's address; raises ArchiveError where a link lies on the way to it."""
    path = f"{archive.content}/{address.removesuffix('.html')}.md"
    check_way(str(archive.content), path.rpartition("/")[0])
    return Path(path)


class _New(NamedTuple):
    """A capture that has no address yet."""

    identity: str
    text: str
    base: str
    source: str
    url: str
    seed: str
    start: int
    sha256: str


class Departed(NamedTuple):
    """A published document whose record was found in no seed, as its content file tells."""

    address: str
    url: str = ""
    seed: str = ""
    place: str = ""
    """Where the record was in the seed, such as `0+1944`; empty once it was accepted that it is not there any more."""
    sha256: str = ""
    url_digest: str = ""
    """Of the address that it was captured at, where its tombstone does not tell it."""
    document: str = ""
    """The content file; empty where it is gone."""

    def is_below(self, names: Collection[str]) -> bool:
        """Whether its seed is one of some seeds and folders, or lies in one."""
        return any(self.seed == name or self.seed.startswith((f"{name}/", f"{name}!/")) for name in names)


class Addresses:
    """The addresses of one conversion: those in the ledger, and those given to new captures.

    Works on a database with the tables `seeds` and `captures` of the register, `uniques` (identity, text, base, source,
    url, seed, start, sha256), one row for each capture that is no duplicate, and `dirty` (text) of those that came or
    went since the last conversion; keeps the addresses in the table `assigned` (identity, text, address).
    """

    def __init__(self, archive: Archive, database: sqlite3.Connection, is_as_it_was: bool) -> None:
        """Read the ledger, unless it is as it was; raises ArchiveError with its line where it is not as expected."""
        self._archive = archive
        self._database = database
        self._departed: tuple[str, list[Departed]] = "", []
        self._unread: Collection[str] = ()
        self.cut: list[tuple[str, str]] = []
        """Seed and address of each document whose record now ends before it did."""
        if is_as_it_was:
            return
        for statement in (
            "DROP TABLE IF EXISTS ledger",
            "DROP TABLE IF EXISTS assigned",
            "CREATE TABLE ledger (address TEXT PRIMARY KEY, holds TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID",
            "CREATE INDEX ledger_detail ON ledger (detail)",
            "CREATE INDEX ledger_tombstones ON ledger (address) WHERE holds = 'tombstone'",
            "CREATE TABLE assigned (identity TEXT PRIMARY KEY, text TEXT, address TEXT NOT NULL UNIQUE) WITHOUT ROWID",
            "CREATE INDEX assigned_text ON assigned (text)",
            "INSERT OR IGNORE INTO dirty SELECT text FROM captures",
        ):
            database.execute(statement)
        lines = (line for line in read_ledger(archive.ledger) if is_address(line.address))
        database.executemany("REPLACE INTO ledger VALUES (?, ?, ?)", lines)

    def assign(self, unread: Collection[str], accept: bool) -> int:
        """Assign an address to every capture, and enter the new ones in the ledger: the same in any order of reading.

        What the ledger knows keeps its address, also as a tombstone. A capture of the same page and date hands its
        address on to another once it stands in no seed any more, nor in one that is `unread`. Of the others, the first
        by URL gets the plain address. Return how many the ledger knew by their text, as a former version entered them.
        """
        self._unread = unread
        execute = self._database.execute
        execute("DELETE FROM assigned WHERE text IN dirty")
        execute(
            "INSERT INTO assigned SELECT identity, text, min(address) FROM dirty JOIN uniques USING (text) "
            "JOIN ledger ON detail = identity GROUP BY identity"
        )
        known_by_text = execute(
            "INSERT OR IGNORE INTO assigned SELECT identity, text, min(address) FROM dirty JOIN uniques USING (text) "
            "JOIN ledger ON detail = text WHERE identity NOT IN (SELECT identity FROM assigned) GROUP BY identity"
        ).rowcount
        for new in self._without_address():
            predecessor = self._predecessor(new)
            if predecessor is None:
                continue
            if not accept and self._is_cut(new, predecessor):
                self._hold_back(new, predecessor.address)
            else:
                execute("INSERT INTO assigned VALUES (?, ?, ?)", (new.identity, new.text, predecessor.address))
        plain = ""
        for new in self._without_address():
            reserved = new.base.rpartition("/")[2] in RESERVED_SLUGS
            if new.base != plain and not reserved and self._take(new, f"{new.base}.html"):
                plain = new.base
        for new in self._without_address():
            source = new.source[:_LONGEST_SOURCE]
            names = (f"{new.base}-{source}{end}" for end in ("", f"-{new.identity[:8]}", f"-{new.identity}"))
            next(name for name in names if self._take(new, f"{name}.html"))
        append(self._archive, chain(self._new_lines(), self._former_tags() if known_by_text else ()))
        execute(
            "INSERT INTO ledger SELECT address, 'document', identity FROM dirty JOIN assigned USING (text) "
            "WHERE true ON CONFLICT (address) DO UPDATE SET detail = excluded.detail"
        )
        return known_by_text

    def without_record(self) -> Iterator[Departed]:
        """Yield the published documents whose record was found in no seed, by their addresses."""
        for (address,) in self._database.execute(
            "SELECT address FROM ledger WHERE holds = 'document' "
            "AND address NOT IN (SELECT address FROM assigned) ORDER BY address"
        ):
            document = self._content(address)
            yield Departed(address) if document is None else _departed(address, document)

    def _without_address(self) -> Iterator[_New]:
        # Sorting makes SQLite read all rows before it gives the first, so addresses may be given out meanwhile.
        for row in self._database.execute(
            "SELECT identity, text, base, source, url, seed, start, sha256 FROM dirty JOIN uniques USING (text) "
            "WHERE identity NOT IN (SELECT identity FROM assigned) ORDER BY base, url, identity"
        ):
            yield _New(*row)

    def _predecessor(self, new: _New) -> Departed | None:
        """Return the document of the same page and date whose record is in no seed any more; of several, the likest."""
        ranked = [
            (rank, departed)
            for departed in self._departed_of(new.base.rpartition("/")[0])
            if (rank := _likeness(new, departed)) is not None
            and not self._database.execute("SELECT 1 FROM assigned WHERE address = ?", (departed.address,)).fetchone()
        ]
        return min(ranked)[1] if ranked else None

    def _is_cut(self, new: _New, departed: Departed) -> bool:
        """Whether a capture is what is left of a document's record: its beginning, in the seed of the same name."""
        length, characters, encoding, stand_ins = self._database.execute(
            "SELECT length, characters, encoding, stand_ins FROM captures WHERE seed = ? AND start = ?",
            (new.seed, new.start),
        ).fetchone()
        before = departed.place.partition("+")[2]
        if departed.seed != new.seed or not before.isdecimal() or length >= int(before):
            return False
        keys, body = frontmatter.split(departed.document)
        values = dict(keys)
        if stand_ins or encoding != frontmatter.decode(values.get("Encoding", "utf-8")):
            return True  # the cut went through a character
        day = "" if new.base.startswith("undated/") else new.base.rpartition("/")[0].replace("/", "-")
        text = "".join(texts_of(read_markdown(body)))[:characters]
        is_beginning = new.text == digest_of_text(new.url, day, frontmatter.decode(values.get("Title", "")), text)
        return is_beginning or ("Kept" in values and 2 * length < int(before))

    def _hold_back(self, new: _New, address: str) -> None:
        """Let a capture be as if it was not read, and its seed be read again the next time."""
        self.cut.append((new.seed, address))
        self._database.execute("DELETE FROM uniques WHERE identity = ?", (new.identity,))
        self._database.execute("DELETE FROM captures WHERE identity = ?", (new.identity,))
        self._database.execute("UPDATE seeds SET stamp = '' WHERE name = ?", (new.seed,))

    def _departed_of(self, folder: str) -> list[Departed]:
        """Return the documents of a date whose record has gone; one that was renamed is looked for where it is now."""
        if self._departed[0] != folder:
            found = self._database.execute(
                "WITH RECURSIVE reached (address) AS (SELECT address FROM ledger WHERE address > ?1 || '/' "
                "AND address < ?1 || '0' AND instr(substr(address, length(?1) + 2), '/') = 0 "
                "UNION SELECT detail FROM ledger JOIN reached USING (address) WHERE holds = 'redirect') "
                "SELECT address FROM reached JOIN ledger USING (address) WHERE holds <> 'redirect' "
                "AND address NOT IN (SELECT address FROM assigned) ORDER BY address",
                (folder,),
            ).fetchall()
            documents = [(str(address), self._content(address)) for (address,) in found]
            departed = [_departed(address, document) for address, document in documents if document]
            self._departed = folder, [one for one in departed if not one.is_below(self._unread)]
        return self._departed[1]

    def _take(self, new: _New, address: str) -> bool:
        """Return an address to a capture, unless it was ever published, is taken, or a file of another lies there."""
        document = self._content(address)
        if document is not None:
            theirs = frontmatter.value(document, "Url"), frontmatter.value(document, "Seed-SHA256")
            if theirs != (new.url, new.sha256):
                return False
        taken = self._database.execute(
            "INSERT OR IGNORE INTO assigned SELECT ?1, ?2, ?3 "
            "WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE address = ?3)",
            (new.identity, new.text, address),
        )
        return taken.rowcount == 1

    def _content(self, address: str) -> str | None:
        path = content_file(self._archive, address)
        check_inside(path, self._archive.content)
        try:
            return path.read_text(encoding="utf-8-sig", errors="replace")
        except FileNotFoundError:
            return None

    def _former_tags(self) -> Iterator[Line]:
        """Note that tags were published, by a version that kept no account of which: each has its page from then on."""
        if not lists_of(self._archive.ledger):
            yield Line(TAGS_INDEX, "list", "Tags")

    def _new_lines(self) -> Iterator[Line]:
        for row in self._database.execute(
            "SELECT assigned.address, coalesce(holds, 'document'), identity FROM dirty CROSS JOIN assigned "
            "USING (text) LEFT JOIN ledger USING (address) WHERE detail IS NOT identity ORDER BY assigned.address"
        ):
            yield Line(*row)


def _departed(address: str, document: str) -> Departed:
    values = {key: frontmatter.decode(raw) for key, raw in frontmatter.split(document)[0]}
    url, seed, place, sha256 = (values.get(key, "") for key in ("Url", "Seed", "Seed-Bytes", "Seed-SHA256"))
    return Departed(address, url, seed, place, sha256, values.get("Url-SHA256", ""), document)


def _likeness(new: _New, departed: Departed) -> int | None:
    """Return how surely a capture is of the page that a departed document was made from, 0 most; None if it is not."""
    of_same_page = address_digest(new.url) == departed.url_digest if departed.url_digest else departed.url == new.url
    if not of_same_page:
        return None
    stem = departed.address.removesuffix(".html")
    of_same_title = stem == new.base or stem.startswith(f"{new.base}-")
    if departed.sha256 == new.sha256:
        return 0
    if of_same_title and departed.seed == new.seed:
        return 1
    if not new.url:
        return None
    return 2 if of_same_title else 3
