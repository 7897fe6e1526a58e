"""The register: which captures were read from which seeds, and what became of them, from one conversion to the next.

    seeds       seeds/2023.txt, as it was by size and times of change
    captures    seeds/2023.txt at 0+1944: its identity, text and SHA-256; its content file, as it was left
    rejections  seeds/2023.txt, line 912: no title
    moments     the text of a capture, and when it was captured: once, or again and again
    uniques      of captures with one text, the one that is published
    dirty     the texts of captures that came or went since the last conversion

A seed that is as it was is not read again, and neither is a content file. Of a seed that cannot be read, or not to its
end, the captures of before still stand; a fault that may pass is forgotten, so that the seed is read again. The
register is a database in `.cache/` that can be deleted at any time: it only saves reading. It grows on disk, not in
memory.
"""

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

from converters.archive.layout import Archive
from converters.archive.stamps import code_fingerprint, stamp_of
from converters.intake.encoding import is_garbled
from converters.intake.seeds import SeedFile, file_of
from converters.ledger.addresses import Addresses, Departed, base_of, content_file, slug
from converters.ledger.ledger import documents_digest
from converters.model import Capture, Media, OtherRecord, Rejection, identity_of, moment, pictures_sought

_TABLES = """
    CREATE TABLE IF NOT EXISTS inputs (name TEXT PRIMARY KEY, stamp TEXT) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS seeds (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, seen INTEGER) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS captures (
        seed TEXT, start INTEGER, length INTEGER, sha256 TEXT, identity TEXT, text TEXT, base TEXT, source TEXT,
        url TEXT, encoding TEXT, stand_ins INTEGER, garbled INTEGER, characters INTEGER, outcome TEXT, page TEXT,
        content TEXT, PRIMARY KEY (seed, start)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS captures_identity ON captures (identity, seed, start);
    CREATE INDEX IF NOT EXISTS captures_text ON captures (text, seed, start);
    CREATE INDEX IF NOT EXISTS captures_unsettled ON captures (seed, start) WHERE outcome IS NULL;
    CREATE TABLE IF NOT EXISTS rejections (seed TEXT, line INTEGER, reason TEXT, remedy TEXT, unread INTEGER);
    CREATE INDEX IF NOT EXISTS rejections_seed ON rejections (seed);
    CREATE TABLE IF NOT EXISTS others (seed TEXT, what TEXT, records INTEGER, PRIMARY KEY (seed, what)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS moments (seed TEXT, text TEXT, url TEXT, moment TEXT, same_as TEXT);
    CREATE TABLE IF NOT EXISTS pictures (seed TEXT, url TEXT, start INTEGER, length INTEGER, file TEXT, size INTEGER);
    CREATE INDEX IF NOT EXISTS pictures_url ON pictures (url);
    CREATE INDEX IF NOT EXISTS pictures_seed ON pictures (seed);
    CREATE TABLE IF NOT EXISTS wanted (seed TEXT, start INTEGER, url TEXT, text TEXT);
    CREATE INDEX IF NOT EXISTS wanted_url ON wanted (url);
    CREATE INDEX IF NOT EXISTS wanted_seed ON wanted (seed, start);
    CREATE INDEX IF NOT EXISTS moments_text ON moments (text);
    CREATE INDEX IF NOT EXISTS moments_url ON moments (url, moment);
    CREATE INDEX IF NOT EXISTS moments_seed ON moments (seed);
    CREATE TABLE IF NOT EXISTS uniques (
        identity TEXT PRIMARY KEY, text TEXT, base TEXT, source TEXT, url TEXT, seed TEXT, start INTEGER, sha256 TEXT
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS uniques_text ON uniques (text);
    CREATE TEMP TABLE dirty (text TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TEMP TABLE former AS SELECT * FROM captures LIMIT 0;
"""

_OF_FILE = "seed >= ?1 AND seed < ?1 || '!0' AND (seed = ?1 OR seed > ?1 || '!/')"
"""What was read from a file: its own records, or those of its members."""


def _in_file(table: str) -> str:
    return f"FROM {table} WHERE {_OF_FILE}"


class Register:
    """The register of one archive; `close` keeps what was entered, and without it nothing is."""

    def __init__(self, archive: Archive) -> None:
        """Open the register, or begin a new one; raises ArchiveError where the ledger is not as expected."""
        self._archive = archive
        path = archive.cache / "register.sqlite"
        try:
            self._database = _open(path)
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._database = _open(path)
        self._execute = self._database.execute
        if not self._is_as_it_was("code", code_fingerprint()):
            self._database.close()
            path.unlink()
            self._database = _open(path)
            self._execute = self._database.execute
        self._execute("UPDATE seeds SET seen = 0")
        # A build has added lines about lists, most of the time when the ledger is another file than it was.
        is_as_it_was = self._is_as_it_was("ledger", stamp_of(archive.ledger)) or self._is_as_it_was(
            "documents", documents_digest(archive.ledger)
        )
        self._addresses = Addresses(archive, self._database, is_as_it_was)

    # Seeds

    def knows(self, seed: SeedFile) -> bool:
        """Whether a seed is as it was when it was last read.

        If not, what was read from it then is put aside: it stands no longer, unless the seed cannot be read.
        """
        stamp = seed.stamp
        known = self._execute("SELECT 1 FROM seeds WHERE name = ? AND stamp = ?", (seed.name, stamp or None)).fetchone()
        if not known:
            self._execute(f"INSERT INTO former SELECT * {_in_file('captures')}", (seed.name,))
            self._forget(seed.name)
        self._execute("REPLACE INTO seeds VALUES (?, ?, 1)", (seed.name, stamp))
        return known is not None

    def keep(self, unread: str) -> None:
        """Let what was read from a seed, or from all in a folder, stand as it was: this time it cannot be read."""
        self._execute(
            "UPDATE seeds SET seen = 1, stamp = '' WHERE name = ?1 OR (name > ?1 || '/' AND name < ?1 || '0')",
            (unread,),
        )

    def take_rejections(self, seed: SeedFile) -> list[Rejection]:
        """Return what was rejected when the seed was read, to be entered again."""
        rows = self._execute(f"SELECT seed, line, reason, remedy, unread {_in_file('rejections')}", (seed.name,))
        found = [Rejection(name, line, reason, remedy, bool(unread)) for name, line, reason, remedy, unread in rows]
        self._execute(f"DELETE {_in_file('rejections')}", (seed.name,))
        return found

    def add(self, record: Capture | Rejection | OtherRecord) -> None:
        """Enter what was read from a seed."""
        if isinstance(record, OtherRecord):
            self._execute(
                "INSERT INTO others VALUES (?, ?, 1) ON CONFLICT (seed, what) DO UPDATE SET records = records + 1",
                (record.seed, record.what),
            )
            if record.picture:
                self._execute("INSERT INTO pictures VALUES (?, ?, ?, ?, NULL, NULL)", (record.seed, *record.picture))
                self._execute(
                    "INSERT OR IGNORE INTO dirty SELECT text FROM wanted WHERE url = ?", (record.picture.url,)
                )
            if record.revisit:
                url, captured, same_as = record.revisit
                visit = (record.seed, url, moment(captured), moment(same_as) if same_as else "")
                self._execute("INSERT INTO moments VALUES (?, NULL, ?, ?, ?)", visit)
                self._execute(
                    "INSERT OR IGNORE INTO dirty SELECT text FROM moments WHERE url = ? AND text IS NOT NULL", (url,)
                )
            return
        if isinstance(record, Rejection):
            if record.unread:
                self._execute(f"INSERT OR IGNORE INTO captures SELECT * {_in_file('former')}", (record.seed,))
            if record.passing:
                self._execute("UPDATE seeds SET stamp = '' WHERE name = ?", (file_of(record.seed),))
            row = (record.seed, record.line, record.reason, record.remedy, record.unread)
            self._execute("INSERT INTO rejections VALUES (?, ?, ?, ?, ?)", row)
            return
        origin = record.provenance
        self._execute("INSERT OR IGNORE INTO dirty VALUES (?)", (record.text_digest,))
        for url in pictures_sought(record):
            self._execute(
                "INSERT INTO wanted VALUES (?, ?, ?, ?)", (origin.seed, origin.start, url, record.text_digest)
            )
        if record.captured:
            of_text = (origin.seed, record.text_digest, record.url, moment(record.captured))
            self._execute("INSERT INTO moments VALUES (?, ?, ?, ?, '')", of_text)
        self._execute(
            "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
            (
                *(origin.seed, origin.start, origin.length, origin.sha256, self._identity(record), record.text_digest),
                *(base_of(record), slug(record.source), record.url, origin.encoding, record.stand_ins),
                any(map(is_garbled, (record.title, *record.paragraphs))),
                sum(map(len, record.paragraphs)),
            ),
        )

    def forget_unseen_seeds(self) -> None:
        """Forget the seeds that are gone."""
        for (name,) in self._execute("SELECT name FROM seeds WHERE NOT seen").fetchall():
            self._forget(name)
        self._execute(
            "DELETE FROM rejections WHERE substr(seed, 1, instr(seed || '!/', '!/') - 1) "
            "NOT IN (SELECT name FROM seeds)"  # of what is no file
        )

    def records(self, seed: SeedFile) -> list[tuple[str, int, int, str]]:
        """Return seed, start, length and SHA-256 of each capture that was read from a file, the seed one in it."""
        rows = self._execute(
            f"SELECT seed, start, length, sha256 {_in_file('captures')} ORDER BY seed, start", (seed.name,)
        )
        return rows.fetchall()

    # Captures

    def assign(self, unread: Collection[str], accept: bool) -> int:
        """Assign an address to every capture; of those that are the same, to one alone.

        Of captures with one text the one that the ledger knows is published, else the first. What stood in seeds and
        folders that are `unread` this time still has its address. A capture that is a published document with its end
        cut off gets none, unless `accept`. Return how many documents of a former version's ledger are known by their
        records from now on.
        """
        self._execute("DELETE FROM uniques WHERE text IN dirty")
        self._execute(
            "INSERT INTO uniques SELECT identity, text, base, source, url, seed, start, sha256 FROM captures AS one "
            "WHERE text IN dirty AND NOT EXISTS (SELECT 1 FROM captures AS other "
            "WHERE other.identity = one.identity AND (other.seed, other.start) < (one.seed, one.start)) "
            "AND (identity IN (SELECT detail FROM ledger) OR NOT EXISTS (SELECT 1 FROM captures AS other "
            "WHERE other.text = one.text AND (other.identity IN (SELECT detail FROM ledger) "
            "OR (other.seed, other.start) < (one.seed, one.start))))"
        )
        carried_over = self._addresses.assign(unread, accept)
        self._execute(
            "UPDATE captures SET outcome = NULL WHERE outcome IS NOT NULL AND text IN dirty AND NOT EXISTS "
            "(SELECT 1 FROM uniques JOIN assigned USING (identity) WHERE uniques.identity = captures.identity AND "
            "(uniques.seed, uniques.start, assigned.address) = (captures.seed, captures.start, captures.page))"
        )
        # One more capture of the same text is one more moment that its document tells.
        self._execute(
            "UPDATE captures SET outcome = NULL WHERE outcome IS NOT NULL AND text IN dirty "
            "AND (text IN (SELECT text FROM moments) OR text IN (SELECT text FROM wanted))"
        )
        withdrawn = f"SELECT seed, start {_WITHDRAWN}"
        self._execute(f"UPDATE captures SET outcome = NULL WHERE (seed, start) IN ({withdrawn})")  # noqa: S608
        return carried_over

    def up_to_date(self) -> Iterator[tuple[str, str]]:
        """Yield outcome and address of each capture whose content file is as it was left; the others are done again."""
        again = []
        top = f"{self._archive.content}/"
        for seed, start, outcome, address, content in self._execute(
            "SELECT seed, start, outcome, page, content FROM captures WHERE outcome IS NOT NULL"
        ):
            if content == stamp_of(f"{top}{address.removesuffix('.html')}.md"):
                yield outcome, address
            else:
                again.append((seed, start))
        self._database.executemany("UPDATE captures SET outcome = NULL WHERE seed = ? AND start = ?", again)

    def unsettled(self) -> int:
        """Return how many captures are to be written."""
        return int(self._execute(f"SELECT count(*) {_UNSETTLED}").fetchone()[0])

    def has_unsettled(self, seed: SeedFile) -> bool:
        """Whether captures of a seed are to be written."""
        return self._execute(f"SELECT 1 {_UNSETTLED} AND {_OF_FILE}", (seed.name,)).fetchone() is not None

    def address_to_write(self, seed: str, start: int) -> str | None:
        """Return the address of a capture that is to be written, by where its record begins; None for any other."""
        row = self._execute(
            f"SELECT address {_UNSETTLED} AND captures.seed = ? AND captures.start = ?", (seed, start)
        ).fetchone()
        return None if row is None else str(row[0])

    def moments(self, seed: str, start: int) -> tuple[str, ...]:
        """Return when the text of a record was captured, in this record or in another, in order.

        A visit that found nothing new speaks of the capture that it names, or of the last one of its address.
        """
        found = self._execute("SELECT text FROM captures WHERE seed = ? AND start = ?", (seed, start)).fetchone()
        rows = self._execute(_MOMENTS, found or ("",))
        return tuple(row[0] for row in rows)

    def pictures_to_fetch(self) -> list[tuple[str, int, int, str]]:
        """Return seed, start, length and address of the records of pictures that unsettled captures show, in order."""
        return self._execute(
            "SELECT DISTINCT pictures.seed, pictures.start, pictures.length, pictures.url FROM pictures "
            "JOIN wanted ON wanted.url = pictures.url JOIN captures ON captures.text = wanted.text "
            "WHERE captures.outcome IS NULL ORDER BY pictures.seed, pictures.start"
        ).fetchall()

    def note_picture(self, seed: str, start: int, media: Media) -> None:
        """Enter what the record of a picture holds."""
        row = (media.file, media.size, seed, start)
        self._execute("UPDATE pictures SET file = ?, size = ? WHERE seed = ? AND start = ?", row)

    def picture(self, url: str) -> Media | None:
        """Return the picture of an address, the first of several; None where none is in the archive."""
        row = self._execute(
            "SELECT file, size FROM pictures WHERE url = ? AND file IS NOT NULL ORDER BY seed, start", (url,)
        ).fetchone()
        return Media(str(row[0]), int(row[1]), url) if row else None

    def address_of(self, seed: str, start: int) -> str:
        """Return the address at which a record was published, by where it begins; nothing where it was not."""
        row = self._execute("SELECT page FROM captures WHERE seed = ? AND start = ?", (seed, start)).fetchone()
        return str(row[0] or "") if row else ""

    def record_outcome(self, address: str, outcome: str) -> None:
        """Enter what became of the capture at an address, and how its content file was left."""
        left = "edited" if outcome == "edited" else "unchanged"
        self._execute(
            "UPDATE captures SET outcome = ?, page = ?, content = ? WHERE (seed, start) = "
            "(SELECT seed, start FROM uniques JOIN assigned USING (identity) WHERE address = ?)",
            (left, address, stamp_of(content_file(self._archive, address)), address),
        )

    # What there is in all

    def duplicates(self) -> int:
        """Return how many captures are the same as another."""
        found = self._execute("SELECT (SELECT count(*) FROM captures) - (SELECT count(*) FROM uniques)").fetchone()
        return int(found[0])

    def withdrawn(self) -> int:
        """Return how many captures are withdrawn: what their tombstones say stays as it is."""
        return int(self._execute(f"SELECT count(*) {_WITHDRAWN}").fetchone()[0])

    def others(self) -> list[tuple[str, str, int]]:
        """Return seed, kind and number of the records that are no documents."""
        return self._execute("SELECT seed, what, records FROM others ORDER BY seed, records DESC, what").fetchall()

    def encodings(self) -> list[tuple[str, int]]:
        """Return the encodings other than UTF-8, and how many captures have each."""
        return self._execute(
            "SELECT encoding, count(*) FROM captures WHERE encoding <> 'utf-8' GROUP BY encoding ORDER BY encoding"
        ).fetchall()

    def garbled(self) -> tuple[int, str]:
        """Return how many captures look as if they were read in a wrong encoding, and the first seed with one."""
        number, seed = self._execute("SELECT count(*), min(seed) FROM captures WHERE garbled").fetchone()
        return int(number), str(seed)

    def stand_ins(self) -> int:
        """Return how many characters are shown by a stand-in."""
        return int(self._execute("SELECT coalesce(sum(stand_ins), 0) FROM captures").fetchone()[0])

    def without_record(self) -> Iterator[Departed]:
        """Return the published documents whose record was found in none of the seeds, by their addresses."""
        return self._addresses.without_record()

    def cut(self) -> list[tuple[str, str]]:
        """Return seed and address of each document whose record now ends before it did; the text of before stands."""
        return self._addresses.cut

    def stands(self, seed: str) -> bool:
        """Whether a seed of that name was found."""
        return self._execute("SELECT 1 FROM seeds WHERE name = ? AND seen", (file_of(seed),)).fetchone() is not None

    def tombstones(self) -> Iterator[str]:
        """Yield the addresses of all documents that are withdrawn, in order."""
        rows = self._execute("SELECT address FROM ledger WHERE holds = 'tombstone' ORDER BY address")
        return (str(address) for (address,) in rows.fetchall())

    def seeds_with(self, record: str) -> set[str]:
        """Return the names of all seeds that hold a record, by its SHA-256 or identity, or another of its text."""
        rows = self._execute(
            "SELECT DISTINCT seed FROM captures WHERE text IN "
            "(SELECT text FROM captures WHERE sha256 = ?1 OR identity = ?1 OR text = ?1)",
            (record,),
        )
        return {str(seed) for (seed,) in rows}

    def has_changed(self, name: str, stamp: str) -> bool:
        """Whether an input of a conversion is other than when it was last asked for; it is known from now on."""
        changed = not self._is_as_it_was(name, stamp)
        self._execute("REPLACE INTO inputs VALUES (?, ?)", (name, stamp))
        return changed

    def discard(self) -> None:
        """Forget what was entered."""
        self._execute("ROLLBACK")
        self._database.close()

    def close(self) -> None:
        """Keep what was entered."""
        stamp = stamp_of(self._archive.ledger)
        if not self._is_as_it_was("ledger", stamp):
            inputs = (("ledger", stamp), ("documents", documents_digest(self._archive.ledger)))
            self._database.executemany("REPLACE INTO inputs VALUES (?, ?)", inputs)
        self._execute("REPLACE INTO inputs VALUES ('code', ?)", (code_fingerprint(),))
        self._execute("COMMIT")
        self._database.close()

    def _forget(self, seed: str) -> None:
        self._execute(f"INSERT OR IGNORE INTO dirty SELECT text {_in_file('captures')}", (seed,))
        visited = f"SELECT url {_in_file('moments')} AND text IS NULL"
        of_visited = f"SELECT text FROM moments WHERE text IS NOT NULL AND url IN ({visited})"  # noqa: S608
        self._execute(f"INSERT OR IGNORE INTO dirty {of_visited}", (seed,))
        for table in ("captures", "rejections", "others", "moments", "pictures", "wanted"):
            self._execute(f"DELETE {_in_file(table)}", (seed,))
        self._execute("DELETE FROM seeds WHERE name = ?", (seed,))

    def _identity(self, capture: Capture) -> str:
        """Return a capture's identity; where another text has its own id, as a feed's entry has, that of its bytes."""
        origin = capture.provenance
        if not origin.record_id:
            return capture.identity
        of_bytes = identity_of(origin.sha256, capture.own_url)
        other = self._execute(
            "SELECT 1 FROM captures WHERE identity = ? AND text <> ? UNION ALL SELECT 1 FROM ledger WHERE detail = ?",
            (capture.identity, capture.text_digest, of_bytes),
        ).fetchone()
        return of_bytes if other else capture.identity

    def _is_as_it_was(self, name: str, stamp: str) -> bool:
        known: tuple[str] | None = self._execute("SELECT stamp FROM inputs WHERE name = ?", (name,)).fetchone()
        return known == (stamp,)


_UNSETTLED = (
    "FROM uniques JOIN captures USING (seed, start, identity) JOIN assigned USING (identity) "
    "JOIN ledger USING (address) WHERE captures.outcome IS NULL AND ledger.holds = 'document'"
)
_MOMENTS = """
    SELECT moment FROM moments WHERE text = ?1 UNION
    SELECT again.moment FROM moments AS again JOIN moments AS one USING (url)
    WHERE one.text = ?1 AND again.text IS NULL AND one.moment = coalesce(
        (SELECT moment FROM moments WHERE url = again.url AND text IS NOT NULL AND moment = again.same_as),
        (SELECT max(moment) FROM moments WHERE url = again.url AND text IS NOT NULL AND moment <= again.moment)
    ) ORDER BY moment
"""
_WITHDRAWN = "FROM ledger JOIN assigned USING (address) JOIN uniques USING (identity) WHERE ledger.holds = 'tombstone'"


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("PRAGMA synchronous = NORMAL;" + _TABLES)
    database.execute("BEGIN IMMEDIATE")
    return database
