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
import marshal
import re
import sqlite3
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from converters.archive.layout import Archive
from converters.archive.processes import OrderedMap, batches
from converters.archive.stamps import code_fingerprint, files_below, stamp_of
from converters.subjects.choose import SMALL, Choice, Subject, choose, gather, subjects
from converters.subjects.evidence import Evidence
from converters.subjects.statistics import Statistics
from converters.subjects.vocabulary import Vocabulary
from converters.text import frontmatter

NO_DOCUMENTS = ("pages/", "lists/")
TO_COME = "-"
"""The tag of a document that waits for its subjects."""

_TABLES = """
CREATE TABLE IF NOT EXISTS inputs (stamp TEXT);
CREATE TABLE IF NOT EXISTS documents (file TEXT PRIMARY KEY, stamp TEXT, tags TEXT, evidence BLOB) WITHOUT ROWID;
DROP TABLE IF EXISTS held;
CREATE TABLE held (address TEXT PRIMARY KEY, before TEXT, document BLOB, evidence BLOB);
CREATE TEMP TABLE choices (address TEXT PRIMARY KEY, choices TEXT) WITHOUT ROWID;
"""
_MARKUP = re.compile(r"<[^<>]*>|\\(?=[!-/:-@\[-`{-~])|\]\([^()\s]*\)")


class Held(NamedTuple):
    """A new document that waits for its subjects."""

    document: str
    """Its content file, with TO_COME for a tag."""
    evidence: bytes


class Tagged(NamedTuple):
    """A document with its subjects."""

    address: str
    before: str
    """The stamp of the content file that was there before."""
    document: str
    subjects: tuple[Subject, ...]


def read_document(vocabulary: Vocabulary, document: str) -> tuple[Evidence, tuple[str, ...]]:
    """Return what a content file says for its subjects, and the tags that it has."""
    keys, body = frontmatter.split(document.encode("utf-8", "replace").decode("utf-8"))
    values = dict(keys)
    title = frontmatter.decode(values.get("Title", ""))
    paragraphs = (text_of(paragraph) for paragraph in body.split("\n\n"))
    return gather(vocabulary, values.get("Lang", ""), title, paragraphs), frontmatter.several(values.get("Tags", ""))


def text_of(markdown: str) -> str:
    """Return the words of a paragraph of Markdown without the marks."""
    if "\\" in markdown or "<" in markdown or "](" in markdown:
        markdown = _MARKUP.sub("", markdown)
    return html.unescape(markdown) if "&" in markdown else markdown


def hold(vocabulary: Vocabulary, document: str) -> Held:
    """Return a new document with what it says, to be kept until its subjects are chosen."""
    return Held(document, _packed(read_document(vocabulary, document)[0]))


class Index:
    """The index of one archive."""

    def __init__(self, archive: Archive, vocabulary: Vocabulary) -> None:
        self._archive, self._vocabulary = archive, vocabulary
        self._settled: Counter[str] = Counter()
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
        for file in [file for file, stamp in known.items() if there.get(file) != stamp]:
            self._forget(file)
        changed = sorted(file for file, stamp in there.items() if known.get(file) != stamp)
        for batch in ordered_map(partial(_read_files, self._archive, self._vocabulary), batches(changed)):
            for file, tags, evidence in batch:
                self._enter(file, there[file], tags, evidence)

    def hold(self, address: str, before: str, held: Held) -> None:
        """Take in a new document, and keep it until all are read."""
        text = held.document.encode("utf-8", "surrogatepass")
        row = (address, before, text, held.evidence)
        if self._database.execute("INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?)", row).rowcount:
            self.statistics.add(_unpacked(held.evidence))

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
            for address, choices, firm in batch:
                named.update(firm)
                self._database.execute("INSERT INTO choices VALUES (?, ?)", (address, choices))
        self._database.execute("BEGIN IMMEDIATE")
        for some in batches(addresses):
            yield [self._tagged(address, named) for address in some]

    def settle(self, tagged: Tagged) -> None:
        """Enter a document that was written with its subjects; what it says is counted already."""
        row = self._database.execute("SELECT evidence FROM held WHERE address = ?", (tagged.address,)).fetchone()
        names = [subject.name for subject in tagged.subjects]
        file = tagged.address.removesuffix(".html") + ".md"
        self._keep(file, stamp_of(f"{self._archive.content}/{file}"), names, row[0])
        self._settled.update(names)

    def close(self) -> None:
        """Keep what was entered."""
        self.statistics.count_tags(self._settled.elements())  # only now: while subjects are chosen nothing changes
        self.statistics.flush()
        self._database.execute("DELETE FROM held")
        self._database.execute("UPDATE inputs SET stamp = ?", (self._stamp,))
        self._database.execute("COMMIT")
        self._database.close()

    def _tagged(self, address: str, named: Counter[str]) -> Tagged:
        before, document, choices = self._database.execute(
            "SELECT before, document, choices FROM held JOIN choices USING (address) WHERE address = ?", (address,)
        ).fetchone()
        options = [Choice(Subject(*subject), *rest) for subject, *rest in json.loads(choices)]
        small = self.statistics.documents < SMALL
        lone = frozenset(
            choice.subject.name
            for choice in options
            if not small and named[choice.subject.name] < 2 and not self.statistics.tagged(choice.subject.name)
        )
        return Tagged(address, before, document.decode("utf-8", "surrogatepass"), tuple(subjects(options, lone)))

    def _evidence_of(self, addresses: list[str]) -> list[tuple[str, bytes]]:
        marks = ", ".join("?" * len(addresses))
        query = f"SELECT address, evidence FROM held WHERE address IN ({marks}) ORDER BY address"  # noqa: S608
        return self._database.execute(query, addresses).fetchall()

    def _enter(self, file: str, stamp: str, tags: Iterable[str], evidence: bytes) -> None:
        tags = list(tags)
        self._keep(file, stamp, tags, evidence)
        self.statistics.add(_unpacked(evidence), tags)

    def _keep(self, file: str, stamp: str, tags: list[str], evidence: bytes) -> None:
        row = (file, stamp, json.dumps(tags), evidence)
        self._database.execute("REPLACE INTO documents VALUES (?, ?, ?, ?)", row)

    def _forget(self, file: str) -> None:
        row = self._database.execute("SELECT tags, evidence FROM documents WHERE file = ?", (file,)).fetchone()
        self.statistics.add(_unpacked(row[1]), json.loads(row[0]), -1)
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
    chosen = []
    for address, evidence in batch:
        choices = choose(_unpacked(evidence), statistics)
        firm = [choice.subject.name for choice in choices if choice.firm]
        chosen.append((address, json.dumps(choices), firm))
    return chosen


@lru_cache(maxsize=1)
def _statistics(path: str, stamp: str) -> Statistics:
    """Return the statistics as they lie on the disk; a process keeps those of the archive it works for."""
    uri = f"{Path(path).as_uri()}?mode=ro"
    return Statistics(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False))


def _read_files(archive: Archive, vocabulary: Vocabulary, files: list[str]) -> list[tuple[str, tuple[str, ...], bytes]]:
    read = []
    for file in files:
        with suppress(OSError):
            document = (archive.content / file).read_bytes().decode("utf-8", "surrogateescape")
            evidence, tags = read_document(vocabulary, document)
            read.append((file, tags, _packed(evidence)))
    return read


def _packed(evidence: Evidence) -> bytes:
    return zlib.compress(marshal.dumps(evidence.plain()), 1)


def _unpacked(packed: bytes) -> Evidence:
    return Evidence.of(*marshal.loads(zlib.decompress(packed)))  # noqa: S302  # our own, of this Python
