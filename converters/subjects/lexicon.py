"""What a word says by itself, in the form in which it is written: worked out once for all documents of a language.

    lexicon_of("en")["Elections"]  ->  Traits("election", CAPITALS, …, CAPITAL | ALONE | ENTRY)

A text has few different words, and an archive few more; so what can be told of a word alone is kept, and a document is
left with looking at where its words stand.
"""

from functools import cache
from sys import intern
from typing import NamedTuple

from converters.subjects.stems import STEMMED, stemmer_of
from converters.subjects.tally import CAPITALS, DOCUMENTS, OCCURRENCES
from converters.subjects.thesaurus import LABELS, SHARED_WRITING, read_terms
from converters.subjects.vocabulary import MOST_CHARACTERS
from converters.subjects.words import (
    ADJECTIVES,
    ARTICLES,
    BODIES,
    CONNECTORS,
    DESIGNATORS,
    FILLER,
    FUNCTION,
    GIVEN_NAMES,
    NO_NAMES,
    OFFICES,
    ROLES,
    VAGUE,
    VERB_OPENERS,
)

NO_TOPIC = FUNCTION | FILLER
SAYS_LITTLE = FUNCTION | NO_NAMES | FILLER | VAGUE | ADJECTIVES | ROLES | OFFICES | BODIES
_NEVER_ALONE = SAYS_LITTLE | DESIGNATORS | ARTICLES | CONNECTORS

CAPITAL, ALONE, ENTRY, TOPIC, OPENS_VERB = (1 << bit for bit in range(5))
"""Can be part of a name, or a name by itself; begins an entry term of the thesaurus; can be part of a topic; comes
before a verb."""
HYPHEN = 1 << 5
"""May have a known form on one side of its hyphen."""
TELLING = CAPITAL | ENTRY | OPENS_VERB | HYPHEN
_CONCEPTS = {*LABELS, *SHARED_WRITING}
_FIRST = {step: DOCUMENTS + step for step in (0, OCCURRENCES, CAPITALS)}
_MOST_KEPT = 200_000


class Traits(NamedTuple):
    """What there is to know of a written form."""

    stem: str
    step: int
    """What one occurrence adds to the tally of the stem; 0 where it is not counted."""
    first: int
    """The tally after one occurrence."""
    marks: int
    """Of CAPITAL, ALONE, …"""


class Lexicon(dict[str, Traits]):
    """Word -> its traits."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._stem = stemmer_of(language)
        self._first_stems = read_terms(language).lengths.keys()

    def __missing__(self, word: str) -> Traits:
        if len(self) > _MOST_KEPT:
            self.clear()
        lower = word.lower()
        stem, is_lower, capital = self._stem(lower), word.islower(), can_be_of_a_name(word)
        marks = CAPITAL * capital + ENTRY * (stem in self._first_stems) + OPENS_VERB * (word in VERB_OPENERS)
        marks += HYPHEN * ("-" in word and len(word) > 1)
        marks += ALONE * (capital and can_be_a_name(word))
        step = 0
        if len(word) > 2 and lower not in NO_TOPIC and (word.isalpha() or word.isascii()):
            step = OCCURRENCES if is_lower else CAPITALS if capital else 0
            marks += TOPIC * (is_lower and word.isascii())
        # Equal texts and numbers are one object, so that what is looked at again and again takes little room.
        traits = self[word] = Traits(intern(stem), step, _FIRST[step], marks)
        return traits


@cache
def lexicon_of(language: str) -> Lexicon:
    """Return the lexicon of a language, by its code of two letters."""
    return Lexicon(language) if language in STEMMED or language in _CONCEPTS else _of_no_language()


@cache
def _of_no_language() -> Lexicon:
    """Return the lexicon of all languages whose stems and concepts are not known."""
    return Lexicon("und")


def can_be_of_a_name(word: str) -> bool:
    """Whether it is a word with a capital, and neither a function word nor one such as `London-based`."""
    if word.islower() or not word[0].isupper():
        return word.startswith(("al-", "el-")) and word[3:4].isupper()
    return word.lower() not in FUNCTION and ("-" not in word or not word.rpartition("-")[2].islower())


def can_be_a_name(word: str) -> bool:
    """Whether a word with a capital may be a name without another beside it: no `Company`, no `Ada`, no `A.`"""
    if word.lower() in _NEVER_ALONE or word in GIVEN_NAMES:
        return False
    return 1 < len(word.strip(".")) <= MOST_CHARACTERS
