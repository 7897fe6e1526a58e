"""The statistics of the archive: what its documents say, counted, so that each is indexed by all of them.

    statistics.add(tally)                       of a document, or of many; -1 takes them out again
    statistics.look_up(names, nouns)            asks in few questions for all that will be asked of them
    statistics.word("interest rate")            Word(once=14, others=26, recurring=130, …)
    statistics.full_names("Bell")               [("Ada Bell", 7)]

They lie in a database, since an archive may have millions of words; what is added waits in memory until there is much
of it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from converters.subjects.evidence import Candidate
from converters.subjects.stems import stemmer_of
from converters.subjects.tally import MOST_DOCUMENTS, ONCE, Tally, packed, unpacked
from converters.subjects.words import BODIES, CLUBS, EVENTS, GIVEN_NAMES, GROUNDS, TITLES

MOST_WAITING = 200_000
"""Counts that wait in memory: some 40 MB. As many answers are kept."""
SURNAME_ALONE = 1
"""What it says for a person that the last word of a name also stands alone."""
_COMPANIES = BODIES | CLUBS
NAME_KINDS = ("person", "organisation", "place", "event")

TABLES = """
CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, once, documents, occurrences, capitals, nouns, topics)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forms (key TEXT, form TEXT, documents, PRIMARY KEY (key, form)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS names (last TEXT, name TEXT, documents, person, organisation, place, event,
    PRIMARY KEY (last, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS short (short TEXT, long TEXT, documents, PRIMARY KEY (short, long)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (name TEXT PRIMARY KEY, documents) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total (id PRIMARY KEY, documents);
"""
_KEYS = {"words": ("key",), "forms": ("key", "form"), "names": ("last", "name"), "short": ("short", "long")}
_KEYS |= {"tags": ("name",), "total": ("id",)}
_SUMS: dict[str, tuple[str, ...]] = {"words": ("once", "documents", "occurrences", "capitals", "nouns", "topics")}
_SUMS |= {"names": ("documents", *NAME_KINDS)}

_ASKED = "FROM json_each(?) AS asked JOIN"
_WORDS = (
    f"SELECT words.key, once, documents, occurrences, capitals, nouns, topics {_ASKED} words ON words.key = asked.value"
)
_NAMES = (
    f"SELECT last, name, documents, person, organisation, place, event {_ASKED} names ON last = asked.value "
    "WHERE documents > 0 ORDER BY documents DESC, name"
)
_SHORT = (
    f"SELECT short, long, documents {_ASKED} short ON short = asked.value "
    "WHERE documents > 0 ORDER BY documents DESC, long"
)
_FORMS = (
    f"SELECT forms.key, form, coalesce(tags.documents, 0) {_ASKED} forms ON forms.key = asked.value "
    "LEFT JOIN tags ON tags.name = form "
    "WHERE forms.documents > 0 ORDER BY forms.documents DESC, length(form) DESC, form"
)
_TAGS = f"SELECT name, documents {_ASKED} tags ON name = asked.value"


class Word(NamedTuple):
    """How the archive uses a word, or a pair of words."""

    once: int = 0
    """Documents that have it but once, in lower case."""
    others: int = 0
    """Documents that have it more often."""
    recurring: int = 0
    """Occurrences there, in lower case."""
    capitals: int = 0
    nouns: int = 0
    """Of the recurring, those that stand as a noun would."""
    topics: int = 0
    """Documents that have it often enough to be a topic of theirs."""

    @property
    def documents(self) -> int:
        return self.once + self.others

    @property
    def occurrences(self) -> int:
        return self.once + self.recurring


class Statistics:
    """What all documents of an archive say."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._execute = database.execute
        self._executemany = database.executemany
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone():
            database.executescript(TABLES)
        self._waiting = Tally()
        self._answers: dict[str, dict[str, list[Any]]] = {}
        self._documents = -1

    def add(self, tally: Tally, sign: int = 1) -> None:
        """Count what documents say; with -1 as `sign`, take them out again."""
        if self._waiting.documents + tally.documents > MOST_DOCUMENTS or len(self._waiting) > MOST_WAITING:
            self.flush()
        self._waiting.add(tally, sign)

    @property
    def documents(self) -> int:
        """How many documents were counted."""
        self.flush()
        if self._documents < 0:
            row = self._execute("SELECT documents FROM total").fetchone()
            self._documents = int(row[0]) if row else 0
        return self._documents

    def look_up(self, words: Iterable[str], names: Iterable[str], forms: Iterable[str]) -> None:
        """Ask in few questions for what is going to be asked of some words, last words of names, and keys of forms."""
        if sum(map(len, self._answers.values())) > MOST_WAITING:
            self._answers.clear()
        names = [*names]
        self._ask(_WORDS, words)
        self._ask(_NAMES, names)
        self._ask(_SHORT, filter(str.isupper, names))
        self._ask(_FORMS, forms)

    def word(self, key: str) -> Word:
        """Return how the archive uses a word or a pair, by its stems."""
        found = self._answer(_WORDS, key)
        return Word(*found[0]) if found else _NO_WORD

    def form(self, key: str) -> str:
        """Return the form in which a topic or a name is written by most documents; of two, the longer.

        One that is a tag already goes before all others.
        """
        found = self._answer(_FORMS, key)
        tagged = min(((-tags, form) for form, tags in found if tags > 0), default=None)
        return tagged[1] if tagged else found[0][0] if found else ""

    def full_names(self, last: str) -> list[tuple[str, int]]:
        """Return the names that end in a word, with the number of documents of each, the most first."""
        return [(name, documents) for name, documents, *_ in self._answer(_NAMES, last) if name != last]

    def documents_of(self, name: str) -> int:
        """Return how many documents have a name, those left out that have a word of it only beside its full form."""
        last = name.rpartition(" ")[2]
        return next((documents for known, documents, *_ in self._answer(_NAMES, last) if known == name), 0)

    def long_forms(self, short: str) -> list[tuple[str, int]]:
        """Return what an acronym stands for, with the number of documents that say so, the most first."""
        return self._answer(_SHORT, short)

    def kind(self, name: str) -> str:
        """Return what the archive takes a name for, or nothing where too little of it tells."""
        last = name.rpartition(" ")[2]
        for known, documents, *votes in self._answer(_NAMES, last):
            if known == name:
                most = max(votes)
                kind = NAME_KINDS[votes.index(most)] if 5 * most >= 2 * documents else ""
                sure = most >= 2 * documents if kind == "person" else kind != "place" or last.lower() in GROUNDS
                # A surname or a place that also stands in lower case is none: United, Rangers, Million Dollar Baby.
                return kind if sure or " " not in name or not self._is_a_word(last) else ""
        return ""

    def _is_a_word(self, name: str) -> bool:
        word = self.word(stemmer_of("en")(name.lower()))
        return 20 * word.occurrences > word.occurrences + word.capitals

    def tagged(self, name: str) -> int:
        """Return how many documents have a tag."""
        found = self._answer(_TAGS, name)
        return int(found[0][0]) if found else 0

    def flush(self) -> None:
        """Write what waits into the database."""
        waiting, self._waiting = self._waiting, Tally()
        if not waiting.documents and not len(waiting):
            return
        self._answers.clear()
        self._documents = -1
        self._sum_up("total", [(0, waiting.documents)])
        once, words = waiting.once, waiting.words
        self._sum_up("words", [(key, once[key], *unpacked(number, 5)) for key, number in words.items()])
        self._sum_up("words", [(key, number, 0, 0, 0, 0, 0) for key, number in once.items() if key not in words])
        self._sum_up("forms", [(*key, number) for key, number in waiting.forms.items()])
        self._sum_up("names", [(*key, *unpacked(number, 5)) for key, number in waiting.names.items()])
        self._sum_up("short", [(*key, number) for key, number in waiting.short.items()])
        self._sum_up("tags", [*waiting.tags.items()])

    def _sum_up(self, table: str, rows: list[tuple[str | int, ...]]) -> None:
        keys, sums = _KEYS[table], _SUMS.get(table, ("documents",))
        adding = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
        marks = ", ".join("?" * (len(keys) + len(sums)))
        self._executemany(
            f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {adding}",  # noqa: S608
            sorted(rows),  # in the order of the table, which is ten times as fast
        )

    def _answer(self, question: str, key: str) -> list[Any]:
        answers = self._answers.get(question)
        if answers is None or key not in answers or len(self._waiting):
            self._ask(question, [key])
        return self._answers[question][key]

    def _ask(self, question: str, keys: Iterable[str]) -> None:
        """Keep what the database answers to a question for each of some keys."""
        self.flush()
        answers = self._answers.setdefault(question, {})
        wanted = {*keys} - answers.keys()
        answers |= {key: [] for key in wanted}
        if wanted:
            for key, *row in self._execute(question, (json.dumps(sorted(wanted)),)):
                answers[key].append(row)


_NO_WORD = Word()


def tally_of(words: dict[str, int], candidates: Iterable[Candidate], short: Mapping[str, str]) -> Tally:
    """Return what a document has to count: its words, the ways to write its topics and names, and its acronyms."""
    tally = Tally(1, short=dict.fromkeys(short.items(), 1))
    once, others = [], tally.words
    for stem, number in words.items():
        if number == ONCE:
            once.append(stem)
        else:
            others[stem] = number
    tally.once.update(once)
    for seen in candidates:
        if seen.kind == "noun":
            tally.forms[seen.key, seen.name] = 1
        elif seen.kind == "name":
            tally.forms[name_key(seen.name), seen.name] = 1
            tally.names[seen.parts[-1], seen.name] = packed(1, *votes_of(seen))
    return tally


def name_key(name: str) -> str:
    """Return what the ways to write one name have in common: WorldCom and Worldcom, Lib Dems, Ada B. Bell."""
    first, *middle = name.split(" ")
    if len(middle) == 2 and len(middle[0].rstrip(".")) == 1 and len(first) > 2:
        name = f"{first} {middle[1]}"
    return "=" + "".join(filter(str.isalnum, name.casefold())).rstrip("s")


def votes_of(seen: Candidate) -> tuple[int, int, int, int]:
    """Return how far a document bears out that a name is a person's, an organisation's, a place's or an event's."""
    several, last = len(seen.parts) > 1, seen.parts[-1].lower()
    given = several and seen.parts[0] in GIVEN_NAMES
    lower = {word.lower() for word in seen.parts[given:]}
    body = several and not lower.isdisjoint(_COMPANIES)
    person = 4 * (given or (several and seen.parts[0].lower() in TITLES)) + 2 * (seen.announced > 0)
    if 1 < len(seen.parts) < 4 and seen.alone and not seen.after_the and all(map(str.istitle, seen.parts)):
        person += SURNAME_ALONE
    organisation = 4 * body + 2 * (not several and seen.name.isupper()) + 2 * (seen.after_the > 0 and not person)
    place = 2 * (seen.after_in > 0 and 3 * seen.after_in >= seen.count)
    return int(person and not body and person), int(organisation), int(place), 9 * (last in EVENTS)
