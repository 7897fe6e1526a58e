"""The index of an archive's subjects: what its documents say, kept so that each new one is indexed by all.

    content files that changed ─► refresh ─┐
    new documents ─► hold ─────────────────┴─► statistics ─► chosen: (document, its subjects) ─► settle

It lies in `.cache/subjects.sqlite` and holds nothing that content/ does not: what a document says is read from the text
of its content file, never from its seed, so the index can be deleted, and is made anew, without a change to any later
tag. New documents wait in it until all are read, so that the order of reading and the number of processes change
nothing; published ones keep their tags.
"""

import html
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from converters.archive.layout import Archive
from converters.archive.processes import OrderedMap, batches
from converters.archive.stamps import code_fingerprint, files_below, stamp_of
from converters.subjects.choose import MAY_BE_ALONE, SMALL, Choice, Subject, choose, gather, look_up, subjects
from converters.subjects.evidence import Evidence
from converters.subjects.statistics import Statistics
from converters.subjects.tally import Tally
from converters.subjects.thesaurus import read_terms
from converters.subjects.vocabulary import Vocabulary
from converters.text import frontmatter

NO_DOCUMENTS = ("pages/", "lists/")
TO_COME = "-"
"""The tag of a document that waits for its subjects."""

_TABLES = """
CREATE TABLE IF NOT EXISTS inputs (stamp TEXT);
CREATE TABLE IF NOT EXISTS documents (file TEXT PRIMARY KEY, stamp TEXT, tags TEXT, tally BLOB) WITHOUT ROWID;
DROP TABLE IF EXISTS held;
CREATE TABLE held (address TEXT PRIMARY KEY, before TEXT, document BLOB, tally BLOB, evidence BLOB);
CREATE TEMP TABLE choices (address TEXT PRIMARY KEY, choices TEXT);
"""
_MARKUP = re.compile(r"<[^<>]*>|\\(?=[!-/:-@\[-`{-~])|\]\([^()\s]*\)")


class Held(NamedTuple):
    """A new document that waits for its subjects."""

    document: str
    """Its content file, with TO_COME for a tag."""
    tally: bytes
    """What there is to count of it."""
    evidence: bytes


class Tagged(NamedTuple):
    """A document with its subjects."""

    address: str
    before: str
    """The stamp of the content file that was there before."""
    document: str
    subjects: tuple[Subject, ...]


class Read(NamedTuple):
    """What a content file says."""

    evidence: Evidence
    tally: Tally
    tags: tuple[str, ...]


def read_document(vocabulary: Vocabulary, document: str) -> Read:
    """Return what a content file says for its subjects, what there is to count of it, and the tags that it has."""
    keys, body = frontmatter.split(document.encode("utf-8", "replace").decode("utf-8"))
    values = dict(keys)
    title = frontmatter.decode(values.get("Title", ""))
    paragraphs = (text_of(paragraph) for paragraph in body.split("\n\n"))
    evidence, tally = gather(vocabulary, values.get("Lang", ""), title, paragraphs)
    return Read(evidence, tally, frontmatter.several(values.get("Tags", "")))


def text_of(markdown: str) -> str:
    """Return the words of a paragraph of Markdown without the marks."""
    if "\\" in markdown or "<" in markdown or "](" in markdown:
        markdown = _MARKUP.sub("", markdown)
    return html.unescape(markdown) if "&" in markdown else markdown


def hold(vocabulary: Vocabulary, document: str, tally: Tally) -> Held:
    """Return a new document with what it says, to be kept until its subjects are chosen; count it in a tally, too."""
    read = read_document(vocabulary, document)
    tally.add(read.tally)
    return Held(document, read.tally.to_bytes(), read.evidence.to_bytes())


class Index:
    """The index of one archive."""

    def __init__(self, archive: Archive, vocabulary: Vocabulary) -> None:
        self._archive, self._vocabulary = archive, vocabulary
        read_terms("en")  # now, so that processes forked from this one share it
        self._settled = Tally()
        archive.cache.mkdir(parents=True, exist_ok=True)
        self._path = path = archive.cache / "subjects.sqlite"
        self._stamp = stamp = f"{sys.hexversion} {code_fingerprint()} {stamp_of(archive.vocabulary)}"
        self._database = self._open(path, stamp)
        if self._database.execute("SELECT stamp FROM inputs").fetchall() != [(stamp,)]:
            self._database.close()
            path.unlink()
            self._database = self._open(path, stamp)
            self._database.execute("INSERT INTO inputs VALUES (?)", (stamp,))
        self.statistics = Statistics(self._database)
        self._database.execute("BEGIN IMMEDIATE")

    def refresh(self, ordered_map: OrderedMap) -> None:
        """Take in what has changed in content/ since."""
        known = dict(self._database.execute("SELECT file, stamp FROM documents"))
        there = {}
        if self._archive.content.is_dir():
            for file in files_below(self._archive.content):
                if file.endswith(".md") and not file.startswith(NO_DOCUMENTS):
                    there[file] = stamp_of(f"{self._archive.content}/{file}")
            there = {file: stamp for file, stamp in there.items() if stamp}  # no pipes
        for file in [file for file, stamp in known.items() if there.get(file) != stamp]:
            self._forget(file)
        changed = sorted(file for file, stamp in there.items() if known.get(file) != stamp)
        for batch in ordered_map(partial(_read_files, self._archive, self._vocabulary), batches(changed)):
            self.statistics.add(batch.tally)
            rows = [(file, there[file], json.dumps(tags), tally) for file, tags, tally in batch.files]
            self._database.executemany("REPLACE INTO documents VALUES (?, ?, ?, ?)", rows)

    def read(self, document: str) -> Read:
        """Return what a content file says."""
        return read_document(self._vocabulary, document)

    def would_be(self, evidence: Evidence) -> frozenset[str]:
        """Return the tags that a new document with such evidence would be given, if it were the only one."""
        choices = choose(evidence, self.statistics)
        return frozenset(subject.name for subject in subjects(choices, self._lone(choices, Counter())))

    def hold(self, some: Iterable[tuple[str, str, Held]], tally: Tally) -> None:
        """Take in new documents with their addresses and the stamps of what was there before, and what all say.

        They are kept until all are read.
        """
        rows = [
            (address, before, held.document.encode("utf-8", "surrogatepass"), held.tally, held.evidence)
            for address, before, held in some
        ]
        self._database.executemany("INSERT INTO held VALUES (?, ?, ?, ?, ?)", rows)
        self.statistics.add(tally)

    def chosen(self, ordered_map: OrderedMap) -> Iterator[list[Tagged]]:
        """Yield the documents that were held, in batches by their addresses, each with its subjects."""
        # Other processes read the statistics from the disk; until all is done they are of no use to a later run.
        self.statistics.flush()
        self._database.execute("UPDATE inputs SET stamp = ''")
        self._database.execute("COMMIT")
        named: Counter[str] = Counter()
        addresses = [address for (address,) in self._database.execute("SELECT address FROM held ORDER BY address")]
        work = partial(_choose, str(self._path), stamp_of(self._path))
        for batch in ordered_map(work, map(self._evidence_of, batches(addresses))):
            for _, _, firm in batch:
                named.update(firm)
            self._database.executemany("INSERT INTO choices VALUES (?, ?)", [row[:2] for row in batch])
        self._database.execute("BEGIN IMMEDIATE")
        for some in batches(addresses):
            rows = self._held("address, before, document, choices FROM held JOIN choices USING (address)", some)
            yield [self._tagged(named, *row) for row in rows]

    def settle(self, some: Iterable[Tagged]) -> None:
        """Enter documents that were written with their subjects; what they say is counted already."""
        rows = []
        for tagged in some:
            names = [subject.name for subject in tagged.subjects]
            file = tagged.address.removesuffix(".html") + ".md"
            rows.append((file, stamp_of(f"{self._archive.content}/{file}"), json.dumps(names), tagged.address))
            self._settled.add_tags(names)
        self._database.executemany(
            "REPLACE INTO documents SELECT ?, ?, ?, tally FROM held WHERE address = ?",
            rows,
        )

    def close(self) -> None:
        """Keep what was entered."""
        self.statistics.add(self._settled)  # only now: while subjects are chosen nothing changes
        self.statistics.flush()
        self._database.execute("DELETE FROM held")
        self._database.execute("UPDATE inputs SET stamp = ?", (self._stamp,))
        self._database.execute("COMMIT")
        self._database.close()

    def _tagged(self, named: Counter[str], address: str, before: str, document: bytes, choices: str) -> Tagged:
        options = [Choice(Subject(name, kind), sort, 0, firm, ()) for name, kind, sort, firm in json.loads(choices)]
        chosen = subjects(options, self._lone(options, named))
        return Tagged(address, before, document.decode("utf-8", "surrogatepass"), tuple(chosen))

    def _lone(self, choices: Iterable[Choice], named: Counter[str]) -> frozenset[str]:
        """Return the topics among the choices that no other document has, or would have with those `named` firmly."""
        if self.statistics.documents < SMALL:
            return frozenset()
        topics = {choice.subject.name for choice in choices if choice.sort not in MAY_BE_ALONE}
        return frozenset(name for name in topics if named[name] < 2 and not self.statistics.tagged(name))

    def _evidence_of(self, addresses: list[str]) -> list[tuple[str, bytes]]:
        return self._held("address, evidence FROM held", addresses)

    def _held(self, what: str, addresses: list[str]) -> list[Any]:
        marks = ", ".join("?" * len(addresses))
        query = f"SELECT {what} WHERE address IN ({marks}) ORDER BY address"
        return self._database.execute(query, addresses).fetchall()

    def _forget(self, file: str) -> None:
        tags, tally = self._database.execute("SELECT tags, tally FROM documents WHERE file = ?", (file,)).fetchone()
        self.statistics.add(Tally.from_bytes(tally), -1)
        self.statistics.add(Tally(tags=dict.fromkeys(json.loads(tags), 1)), -1)
        self._database.execute("DELETE FROM documents WHERE file = ?", (file,))

    @staticmethod
    def _open(path: object, stamp: str) -> sqlite3.Connection:
        database = sqlite3.connect(str(path), isolation_level=None)
        database.executescript("PRAGMA synchronous = OFF;" + _TABLES)
        if not database.execute("SELECT 1 FROM inputs").fetchone():
            database.execute("INSERT INTO inputs VALUES (?)", (stamp,))
        return database


def _choose(path: str, stamp: str, batch: list[tuple[str, bytes]]) -> list[tuple[str, str, list[str]]]:
    """Return for each document what may be its subjects, and the names of those that are surely."""
    statistics = _statistics(path, stamp)
    some = [(address, Evidence.from_bytes(evidence)) for address, evidence in batch]
    look_up([evidence for _, evidence in some], statistics)
    chosen = []
    for address, evidence in some:
        choices = choose(evidence, statistics)
        firm = [choice.subject.name for choice in choices if choice.firm]
        rows = [(*choice.subject, choice.sort, choice.firm) for choice in choices]
        chosen.append((address, json.dumps(rows), firm))
    return chosen


@lru_cache(maxsize=1)
def _statistics(path: str, stamp: str) -> Statistics:
    """Return the statistics as they lie on the disk; a process keeps those of the archive it works for."""
    uri = f"{Path(path).as_uri()}?mode=ro"
    return Statistics(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False))


class _Batch(NamedTuple):
    """Content files that were read: path, tags and tally of each, and what there is to count of all."""

    files: list[tuple[str, tuple[str, ...], bytes]]
    tally: Tally


def _read_files(archive: Archive, vocabulary: Vocabulary, files: list[str]) -> _Batch:
    batch = _Batch([], Tally())
    for file in files:
        with suppress(OSError):
            document = (archive.content / file).read_bytes().decode("utf-8", "surrogateescape")
            read = read_document(vocabulary, document)
            batch.files.append((file, read.tags, read.tally.to_bytes()))
            batch.tally.add(read.tally)
            batch.tally.add_tags(read.tags)
    return batch
