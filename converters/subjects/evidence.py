"""What a document says for its subjects: its words, and for each candidate how often and where it is named.

read_text(capture) -> Text(words=["\\n", "The", "court", "opened", …, "\\n"], lead=43, …)
Candidate("Ada Bell", "name", first=7, count=3, lead=True, title=True).score -> 8
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from converters.model import Capture
from converters.subjects.words import FUNCTION, SENTENCE_OPENERS, words

MOST_CHARACTERS_READ = 100_000
"""What a document is about, it says in its first fifty pages; so one huge capture does not hold up all others."""
LEAD_WORDS = (30, 120)
"""The lead is the first paragraphs up to the first number of words, but never more than the second."""


@dataclass(frozen=True, slots=True)
class Text:
    """A document's words."""

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

    def in_title(self, parts: Sequence[str]) -> bool:
        return f" {' '.join(parts)} ".casefold() in f" {' '.join(self.title)} ".casefold()


@dataclass(slots=True)
class Candidate:
    """What may become a tag."""

    name: str
    kind: Literal["place", "name", "topic"]
    first: int
    """The first word of the text that names it."""
    count: int = 0
    strong: int = 0
    """Mentions in which a capital says something, as it does not at the start of a sentence."""
    lead: bool = False
    title: bool = False
    announced: bool = False
    """Whether a title announces it, as in "Prosecutor Ada Bell"."""
    parts: Sequence[str] = ()
    """Its words, where the text and not the vocabulary gave the name."""

    def add(self, other: "Candidate") -> None:
        """Join the evidence of another name for the same."""
        self.first = min(self.first, other.first)
        self.count += other.count
        self.strong += other.strong
        self.lead |= other.lead
        self.announced |= other.announced

    @property
    def score(self) -> int:
        """How telling it is. Past eight mentions, more say no more."""
        evidence = min(self.count, 8) + 3 * self.title + 2 * self.lead + self.announced
        return evidence + (len(self.parts) > 1) - (self.kind == "topic")


def read_text(capture: Capture) -> Text:
    """The words of a capture, once and for all who look for subjects in them."""
    text = ["\n"]
    no_names: set[int] = set()
    lead, left = 0, MOST_CHARACTERS_READ
    for paragraph in capture.paragraphs:
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
    return Text(text, lead or len(text), frozenset(no_names), words(capture.title[:1000]), counts, capitals)


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
