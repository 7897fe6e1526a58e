"""What a document says for its subjects: for each candidate how often and where it is named.

read_text("en", "Court opens", ["The court …"], …) -> Text(words=["\\n", "The", "court", …], lead=43, …)
Evidence("en", 412, candidates=[Candidate("Ada Bell", "name", first=7, count=3, lead=True, title=True), …])

Evidence is plain values: it is kept, so that choosing needs no second reading of the document.
"""

import marshal
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, fields
from operator import attrgetter

from converters.subjects.lexicon import CAPITAL, TELLING, Lexicon, lexicon_of
from converters.subjects.tally import DOCUMENTS
from converters.subjects.words import FUNCTION, SENTENCE_OPENERS, words

MOST_CHARACTERS_READ = 100_000
"""What a document is about, it says in its first fifty pages; so one huge capture does not hold up all others."""
LEAD_WORDS = (30, 120)
"""The lead is the first paragraphs up to the first number of words, but never more than the second."""


@dataclass(slots=True)
class Text:
    """A document's words."""

    language: str
    """Its code of two letters, `en`."""
    words: list[str]
    """All words, with a line break after each paragraph and one before the first."""
    lead: int
    """The lead ends before this word."""
    no_names: frozenset[int]
    """Words of paragraphs in Title Case and of the dateline, whose capitals prove nothing."""
    title: list[str]
    counts: Counter[str]
    """How often each word stands, as it is written."""
    lexicon: Lexicon
    """What each word says by itself."""
    tally: dict[str, int]
    """The stems of the text and what is counted of them, as a Tally has it."""
    capitals: set[str]
    """The words that can be part of a name."""
    marked: list[tuple[int, str]]
    """Places and words that say something by themselves: of names, concepts and known forms, or before verbs."""
    folded_title: str
    """The title without case, a space at both ends."""

    def stems(self, start: int, stop: int) -> tuple[str, ...]:
        """Return the stems of some words."""
        lexicon = self.lexicon
        return tuple([lexicon[word][0] for word in self.words[start:stop]])

    def title_stems(self, start: int, stop: int) -> tuple[str, ...]:
        """Return the stems of some words of the title."""
        return tuple([self.lexicon[word].stem for word in self.title[start:stop]])


@dataclass(slots=True)
class Candidate:
    """What may become a tag."""

    name: str
    kind: str
    """`name`, `noun`, `concept`, or the kind that the vocabulary gives."""
    first: int
    """The first word of the text that names it."""
    count: int = 0
    strong: int = 0
    """Mentions in which a capital says something, as it does not at the start of a sentence; for a concept, how many
    different entry terms stand in the text."""
    lead: bool = False
    title: bool = False
    announced: int = 0
    """2 where the holder of an office is announced, as in "Prosecutor Ada Bell", 1 with any other title."""
    key: str = ""
    """The stems of a topic."""
    parts: Sequence[str] = ()
    """Its words, where the text and not the vocabulary gave the name."""
    after_the: int = 0
    """Mentions after "the"."""
    after_in: int = 0
    """Mentions after "in" or "near"."""
    alone: int = 0
    """Mentions by surname or acronym alone."""

    def add(self, other: "Candidate") -> None:
        """Join the evidence of another name for the same."""
        self.first = min(self.first, other.first)
        self.count += other.count
        self.strong += other.strong
        self.lead |= other.lead
        self.title |= other.title
        self.announced = max(self.announced, other.announced)
        self.after_the += other.after_the
        self.after_in += other.after_in
        self.alone += other.alone

    @property
    def score(self) -> float:
        """How telling it is. Past eight mentions, more say no more."""
        return min(self.count, 8) + 3 * self.title + 2 * self.lead + self.announced + (len(self.parts) > 1)


_VALUES = attrgetter(*(one.name for one in fields(Candidate)))  # as `astuple`, in a hundredth of its time


@dataclass(slots=True)
class Evidence:
    """All that choosing the subjects of one document needs to know of it."""

    language: str
    length: int
    """Words and marks that were read."""
    candidates: list[Candidate]

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads, by the same Python."""
        return marshal.dumps((self.language, self.length, list(map(_VALUES, self.candidates))))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Evidence":
        language, length, candidates = marshal.loads(data)  # noqa: S302  # our own, of this Python
        return cls(language, length, [Candidate(*row) for row in candidates])


def read_text(language: str, title: str, paragraphs: Iterable[str], first_words: Set[str]) -> Text:
    """Return the words of a document, once and for all who look for subjects in them.

    `first_words` are those with which the forms begin that are known beforehand.
    """
    text = ["\n"]
    no_names: list[int] = []
    lead, left = 0, MOST_CHARACTERS_READ
    for paragraph in paragraphs:
        found = words(paragraph[:left].replace("\n", " "))
        left -= len(paragraph)
        capitals_say_nothing = len(found) if _in_title_case(found) else 0 if len(text) > 1 else _dateline(found)
        no_names += range(len(text), len(text) + capitals_say_nothing)
        text += found
        if not lead and len(text) > LEAD_WORDS[0]:
            lead = min(len(text), LEAD_WORDS[1])
        text.append("\n")
        if left <= 0:
            break
    code = language.partition("-")[0].lower()
    in_title = words(title[:1000])
    counts, lexicon = Counter(text), lexicon_of(code)
    tally: dict[str, int] = {}
    capitals, telling = set(), set(counts.keys() & first_words)
    for word, count in counts.items():
        stem, step, first, marks = lexicon[word]
        if step:
            known = tally.get(stem)
            tally[stem] = first if known is None and count == 1 else (known or DOCUMENTS) + count * step
        if marks & TELLING:
            telling.add(word)
            if marks & CAPITAL:
                capitals.add(word)
    marked = [(at, word) for at, word in enumerate(text) if word in telling]
    folded_title = f" {' '.join(in_title)} ".casefold()
    words_alone = counts, lexicon, tally, capitals, marked, folded_title
    return Text(code, text, lead or len(text), frozenset(no_names), in_title, *words_alone)


def _in_title_case(paragraph: Sequence[str]) -> bool:
    """`How To Read This Page`: most words with capitals and no full stop."""
    if not paragraph or paragraph[-1] in SENTENCE_OPENERS:
        return False
    telling = [word for word in paragraph if word.isalpha() and word.lower() not in FUNCTION]
    return len(telling) > 1 and 2 * sum(map(str.islower, telling)) < len(telling)


def _dateline(paragraph: Sequence[str]) -> int:
    """How many words at the start say where a report was written: `GENEVA, Switz. (AP) —`."""
    dash = next((at for at, word in enumerate(paragraph[:16]) if word in ("-", "–", "—")), 0)
    return dash if paragraph and paragraph[0].isupper() and len(paragraph[0]) > 1 else 0
