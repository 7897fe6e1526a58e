"""The statistics of the archive: what its documents say, counted, so that each is indexed by all of them.

    statistics.add(evidence)                    of each document; -1 takes one out again
    statistics.words(["interest rate"])         {"interest rate": Word(documents=40, occurrences=130, …)}
    statistics.full_names("Bell")               [("Ada Bell", 7)]

Sums alone, so that they are the same in whatever order and by however many processes documents were read. They lie in
a database, since an archive may have millions of words; what is added waits in memory until there is much of it.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from converters.subjects.evidence import Candidate, Evidence
from converters.subjects.words import BODIES, EVENTS, GIVEN_NAMES

MOST_WAITING = 200_000
"""Counts that wait in memory: some 40 MB."""
NAME_KINDS = ("person", "organisation", "place", "event")

TABLES = """
CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, documents, occurrences, capitals, nouns, topics) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forms (key TEXT, form TEXT, documents, PRIMARY KEY (key, form)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS names (last TEXT, name TEXT, documents, person, organisation, place, event,
    PRIMARY KEY (last, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS short (short TEXT, long TEXT, documents, PRIMARY KEY (short, long)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (name TEXT PRIMARY KEY, documents) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total (id PRIMARY KEY, documents);
"""
_KEYS = {"words": ("key",), "forms": ("key", "form"), "names": ("last", "name"), "short": ("short", "long")}
_KEYS |= {"tags": ("name",), "total": ("id",)}
_SUMS = {"words": ("documents", "occurrences", "capitals", "nouns", "topics"), "names": ("documents", *NAME_KINDS)}


class Word(NamedTuple):
    """How the archive uses a word, or a pair of words."""

    documents: int = 0
    occurrences: int = 0
    """In lower case."""
    capitals: int = 0
    nouns: int = 0
    topics: int = 0
    """Documents that have it often enough to be a topic of theirs."""


class Statistics:
    """What all documents of an archive say."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._execute = database.execute
        self._executemany = database.executemany
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone():
            database.executescript(TABLES)
        self._waiting: dict[tuple[str, ...], list[int]] = {}
        self._counted: dict[str, list[int]] = {}
        self._words: dict[str, Word] = {}
        self._asked: dict[tuple[str, str], list[tuple[Any, ...]]] = {}

    def add(self, evidence: Evidence, tags: Iterable[str] = (), sign: int = 1) -> None:
        """Count a document, and the tags that it has; with -1 as `sign`, take it out again."""
        self._words.clear()
        self._count(("total", "0"), [sign])
        counted = self._counted
        for key, (occurrences, capitals, nouns, topics) in evidence.words.items():
            sums = counted.get(key)
            if sums is None:
                sums = counted[key] = [0, 0, 0, 0, 0]
            sums[0] += sign
            sums[1] += sign * occurrences
            sums[2] += sign * capitals
            sums[3] += sign * nouns
            sums[4] += sign * topics
        for seen in evidence.candidates:
            if seen.kind == "noun":
                self._count(("forms", seen.key, seen.name), [sign])
            elif seen.kind == "name":
                self._count(("forms", name_key(seen.name), seen.name), [sign])
                votes = [sign * vote for vote in votes_of(seen)]
                self._count(("names", seen.parts[-1] if len(seen.parts) > 1 else "", seen.name), [sign, *votes])
        for short, long in evidence.short.items():
            self._count(("short", short, long), [sign])
        self.count_tags(tags, sign)
        if len(self._waiting) + len(self._counted) > MOST_WAITING:
            self.flush()

    def count_tags(self, tags: Iterable[str], sign: int = 1) -> None:
        """Count the tags that a document has."""
        for name in tags:
            self._count(("tags", name), [sign])

    @property
    def documents(self) -> int:
        self.flush()
        row = self._execute("SELECT documents FROM total").fetchone()
        return int(row[0]) if row else 0

    def words(self, keys: Iterable[str]) -> dict[str, Word]:
        """Return how the archive uses words and pairs, by their stems."""
        self.flush()
        if len(self._words) > MOST_WAITING:
            self._words.clear()
        wanted = set(keys)
        for key in wanted - self._words.keys():
            row = self._execute(
                "SELECT documents, occurrences, capitals, nouns, topics FROM words WHERE key = ?", (key,)
            ).fetchone()
            self._words[key] = Word(*row) if row else Word()
        return {key: self._words[key] for key in wanted}

    def form(self, key: str) -> str:
        """Return the form in which a topic or a name is written by most documents; of two, the longer."""
        rows = self._ask(
            "SELECT form FROM forms WHERE key = ? AND documents > 0 ORDER BY documents DESC, length(form) DESC, form",
            key,
        )
        return str(rows[0][0]) if rows else ""

    def full_names(self, last: str) -> list[tuple[str, int]]:
        """Return the names that end in a word, with the number of documents of each, the most first."""
        return self._ask(
            "SELECT name, documents FROM names WHERE last = ? AND documents > 0 ORDER BY documents DESC, name", last
        )

    def long_forms(self, short: str) -> list[tuple[str, int]]:
        """Return what an acronym stands for, with the number of documents that say so, the most first."""
        return self._ask(
            "SELECT long, documents FROM short WHERE short = ? AND documents > 0 ORDER BY documents DESC, long", short
        )

    def kind(self, name: str) -> str:
        """Return what the archive takes a name for, or nothing where none of it tells."""
        votes = "SELECT name, person, organisation, place, event FROM names WHERE "
        if " " in name:
            rows = [row for row in self._ask(f"{votes} last = ?", name.rpartition(" ")[2]) if row[0] == name]
        else:
            rows = self._ask(f"{votes} last = '' AND name = ?", name)
        found = rows[0][1:] if rows else (0,)
        return NAME_KINDS[found.index(max(found))] if max(found) > 0 else ""

    def tagged(self, name: str) -> int:
        """Return how many documents have a tag."""
        rows = self._ask("SELECT documents FROM tags WHERE name = ?", name)
        return int(rows[0][0]) if rows else 0

    def tag_form(self, key: str) -> str:
        """Return the form of a topic or a name that is a tag already, or nothing."""
        rows = self._ask(
            "SELECT form FROM forms JOIN tags ON form = name WHERE key = ? AND tags.documents > 0 "
            "ORDER BY tags.documents DESC, form",
            key,
        )
        return str(rows[0][0]) if rows else ""

    def _count(self, row: tuple[str, ...], numbers: list[int]) -> None:
        known = self._waiting.get(row)
        if known is None:
            self._waiting[row] = numbers
        else:
            self._waiting[row] = [one + other for one, other in zip(known, numbers, strict=True)]

    def flush(self) -> None:
        """Write what waits into the database."""
        if not self._waiting and not self._counted:
            return
        self._words.clear()
        self._asked.clear()
        rows: dict[str, list[tuple[str | int, ...]]] = {}
        if self._counted:
            rows["words"] = [(key, *sums) for key, sums in self._counted.items()]
        for (table, *key), numbers in self._waiting.items():
            rows.setdefault(table, []).append((*key, *numbers))
        for table, added in rows.items():
            keys, sums = _KEYS[table], _SUMS.get(table, ("documents",))
            adding = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
            marks = ", ".join("?" * (len(keys) + len(sums)))
            self._executemany(
                f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {adding}",  # noqa: S608
                sorted(added),  # in the order of the table, which is ten times as fast
            )
        self._waiting, self._counted = {}, {}

    def _ask(self, query: str, key: str) -> list[tuple[Any, ...]]:
        """Return what a query finds for a key; it is asked for again and again."""
        if self._waiting or self._counted:
            self.flush()
        known = self._asked.get((query, key))
        if known is None:
            if len(self._asked) > MOST_WAITING:
                self._asked.clear()
            known = self._asked[query, key] = self._execute(query, (key,)).fetchall()
        return known


def name_key(name: str) -> str:
    """Return what the ways to write one name have in common: WorldCom and Worldcom, Lib Dem and Lib Dems."""
    return "=" + "".join(filter(str.isalnum, name.casefold())).rstrip("s")


def votes_of(seen: Candidate) -> tuple[int, int, int, int]:
    """Return how far a document bears out that a name is a person's, an organisation's, a place's or an event's."""
    lower = {word.lower() for word in seen.parts}
    several = len(seen.parts) > 1
    last = seen.parts[-1].lower() if seen.parts else ""
    body = not lower.isdisjoint(BODIES) and several
    person = 2 * (seen.announced > 0) + 3 * (several and seen.parts[0] in GIVEN_NAMES)
    person += seen.alone > 0 and 1 < len(seen.parts) < 4 and not seen.after_the
    acronym = not several and seen.name.isupper()
    organisation = 4 * body + 2 * acronym + 2 * (seen.after_the > 0 and not person)
    place = (seen.after_in > 0) + (seen.after_in > 1 and 2 * seen.after_in > seen.count)
    event = 9 * (last in EVENTS)
    return int(person and not body and person), int(organisation), int(place), int(event)
