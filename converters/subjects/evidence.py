"""What a document says for its subjects: its words, and for each candidate how often and where it is named.

read_text("en", "Court opens", ["The court opened …"]) -> Text(words=["\\n", "The", "court", "opened", …], lead=43, …)
Evidence("en", candidates=[Candidate("Ada Bell", "name", first=7, count=3, lead=True, title=True), …],
         words={"court": (5, 0, 3, 1), …}, short={"BNA": "Bank of North Asia"})

Evidence is plain values: it is kept, so that choosing again needs no second reading of the document.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from operator import attrgetter

from converters.subjects.stems import stems_of
from converters.subjects.words import FUNCTION, SENTENCE_OPENERS, words

MOST_CHARACTERS_READ = 100_000
"""What a document is about, it says in its first fifty pages; so one huge capture does not hold up all others."""
LEAD_WORDS = (30, 120)
"""The lead is the first paragraphs up to the first number of words, but never more than the second."""


@dataclass(frozen=True)
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
    capitals: frozenset[str]
    """The words that can be part of a name."""

    @cached_property
    def stems(self) -> list[str]:
        """The stem of each word."""
        stem_of = stems_of(self.language)
        return [stem_of[word] for word in self.words]

    @cached_property
    def title_stems(self) -> list[str]:
        stem_of = stems_of(self.language)
        return [stem_of[word] for word in self.title]

    def in_title(self, parts: Sequence[str]) -> bool:
        return f" {' '.join(parts)} ".casefold() in f" {' '.join(self.title)} ".casefold()


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
    """Mentions after "in" or "at"."""
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
    words: Mapping[str, tuple[int, int, int, int]]
    """Stem, or two stems with a space between -> occurrences, in capitals where a capital says something, as a noun,
    and whether often enough to be a topic of the document."""
    short: Mapping[str, str] = field(default_factory=dict)
    """Acronyms that the document explains, with their long forms."""

    def plain(self) -> list[object]:
        """Return the evidence as lists, numbers and texts."""
        candidates = list(map(_VALUES, self.candidates))
        return [self.language, self.length, candidates, self.words, self.short]

    @classmethod
    def of(
        cls, language: str, length: int, candidates: Iterable[list[object]], *rest: Mapping[str, object]
    ) -> "Evidence":
        """Return the evidence that `plain` gave."""
        return cls(language, length, [Candidate(*row) for row in candidates], *rest)  # type: ignore[arg-type]


def read_text(language: str, title: str, paragraphs: Iterable[str]) -> Text:
    """Return the words of a document, once and for all who look for subjects in them."""
    text = ["\n"]
    no_names: set[int] = set()
    lead, left = 0, MOST_CHARACTERS_READ
    for paragraph in paragraphs:
        found = words(paragraph[:left].replace("\n", " "))
        left -= len(paragraph)
        capitals_say_nothing = len(found) if _in_title_case(found) else 0 if len(text) > 1 else _dateline(found)
        no_names.update(range(len(text), len(text) + capitals_say_nothing))
        text += found
        if not lead and len(text) > LEAD_WORDS[0]:
            lead = min(len(text), LEAD_WORDS[1])
        text.append("\n")
        if left <= 0:
            break
    counts = Counter(text)
    capitals = frozenset(word for word in counts if not word.islower() and _can_be_of_a_name(word))
    code = language.partition("-")[0].lower()
    return Text(code, text, lead or len(text), frozenset(no_names), words(title[:1000]), counts, capitals)


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


def _can_be_of_a_name(word: str) -> bool:
    """A word with a capital, and neither a function word nor one such as `London-based`."""
    if not word[0].isupper():
        return word.startswith(("al-", "el-")) and word[3:4].isupper()
    return word.lower() not in FUNCTION and ("-" not in word or not word.rpartition("-")[2].islower())
