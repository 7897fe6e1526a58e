"""The thesaurus: broad subjects in a tree, and the words by which a text of any language speaks of them.

    [sport]
    tennis = { en = "grand slam|wimbledon|…", ru = "Теннис|теннисист", … }      (thesaurus.toml)

gives `Concept("tennis", "topic", broader="sport", top="sport", labels={"ru": "Теннис", …}, …)`, and

    read_terms("en").mentions(stems of "she won the grand slam", [3])  ->  (3, 5, "tennis")

Words are compared by their stems, so singular and plural are the same. Of entries that overlap, the longest counts.
For whoever draws the tree: `read_thesaurus().narrower("")` are the concepts at the top, `narrower(name)` those below,
`broader(name)` is the one above, and `label(name, "ru")` what it is called in Russian.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from converters.subjects.stems import stemmer_of
from converters.subjects.vocabulary import lengths_of
from converters.subjects.words import words

FILE = Path(__file__).with_name("thesaurus.toml")
LABELS = ("en", "ru", "es", "fr", "de", "ar", "zh")
"""The languages of the labels: those of the interface."""

SHARED_WRITING = {"ja": "zh"}
"""A language whose texts have many of the words of another, written alike: 地震, 経済."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A broad subject."""

    name: str
    """Its preferred name in English, which is the tag."""
    kind: str
    """`topic` or `event`."""
    broader: str
    """The concept above it, or nothing."""
    top: str
    """The concept at the top of its branch; itself there."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Language -> its name there."""
    match: tuple[str, ...] = ()
    """The same concept elsewhere: `medtop:15000000`, `wd:Q349`."""


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Concepts, and the words for them."""

    concepts: Mapping[str, Concept]
    terms: Mapping[str, Sequence[tuple[str, str]]]
    """Language -> its entry terms as they are written, each with its concept."""
    below: Mapping[str, tuple[str, ...]]
    """Concept -> those that have it for the concept above, by name."""

    def broader(self, name: str) -> str:
        """Return the concept above one: "sport" above "tennis"; nothing above the top, or for what is no concept."""
        concept = self.concepts.get(name)
        return concept.broader if concept else ""

    def narrower(self, name: str) -> tuple[str, ...]:
        """Return the concepts right below one, by name; none for what is no concept."""
        return self.below.get(name, ())

    def label(self, name: str, language: str) -> tuple[str, str]:
        """Return what a concept is called in a language, and the language in which it is given.

        label("tennis", "ru") -> ("Теннис", "ru"); label("tennis", "fi") -> ("tennis", "en"). What is no concept has its
        own name, in no known language: label("Ada Bell", "ru") -> ("Ada Bell", "").
        """
        concept = self.concepts.get(name)
        if concept is None:
            return name, ""
        return (concept.labels[language], language) if language in concept.labels else (concept.name, "en")


@dataclass(frozen=True, slots=True)
class Terms:
    """The entry terms of one language, by the stems of their words."""

    entries: Mapping[tuple[str, ...], str]
    """Stems of a term -> name of its concept."""
    absorbed: Set[str]
    """Stems of one word that speak for a concept and are no subjects of their own."""
    lengths: Mapping[str, tuple[int, ...]]
    """First stem of a term -> how many words such terms have, the longest first."""

    def mentions(
        self, stems: Callable[[int, int], tuple[str, ...]], starts: Iterable[int]
    ) -> Iterator[tuple[int, int, str]]:
        """Yield the entry terms in a text, from one word to before another, with the names of their concepts, in order.

        `stems` gives those of the words from one to before another; `starts` are the words whose stems begin terms.
        """
        entries, lengths, end = self.entries, self.lengths, 0
        for start in starts:
            if start < end:
                continue
            (first,) = stems(start, start + 1)
            for length in lengths.get(first, ()):
                concept = entries.get((first,) if length == 1 else stems(start, start + length))
                if concept:
                    end = start + length
                    yield start, end, concept
                    break


@cache
def read_thesaurus() -> Thesaurus:
    """Return the thesaurus that lies beside this module."""
    sections: _Sections = tomllib.loads(FILE.read_text(encoding="utf-8"))
    concepts: dict[str, Concept] = {}
    terms: dict[str, list[tuple[str, str]]] = {language: [] for language in LABELS}
    for top, lines in sections.items():
        for name, line in lines.items():
            concepts[name], of_concept = _read_line(top, name, line)
            for language, some in of_concept.items():
                terms[language] += ((term, name) for term in some)
    below: dict[str, list[str]] = {}
    for name in sorted(concepts):
        below.setdefault(concepts[name].broader, []).append(name)
    return Thesaurus(concepts, terms, {name: tuple(some) for name, some in below.items()})


@cache
def read_terms(language: str) -> Terms:
    """Return the entry terms of a language, by its code of two letters; none where the thesaurus does not know it."""
    language = SHARED_WRITING.get(language, language)
    stem_of = stemmer_of(language)
    entries: dict[tuple[str, ...], str] = {}
    absorbed: set[str] = set()
    for term, concept in read_thesaurus().terms.get(language, ()):
        key = tuple(stem_of(word.lower()) for word in words(term.removeprefix("+")))
        entries.setdefault(key, concept)
        if len(key) == 1 and not term.startswith("+"):
            absorbed.add(key[0])
    return Terms(entries, absorbed, lengths_of(entries))


@cache
def read_names() -> Mapping[str, str]:
    """Return the names of all concepts in English, by their stems with spaces between."""
    stem_of = stemmer_of("en")
    return {" ".join(stem_of(word.lower()) for word in words(name)): name for name in read_thesaurus().concepts}


_Sections = dict[str, dict[str, dict[str, str | list[str]]]]


def _read_line(top: str, name: str, line: dict[str, str | list[str]]) -> tuple[Concept, dict[str, list[str]]]:
    """Return a concept, and its entry terms by their language."""
    terms = {language: str(line[language]).split("|") for language in LABELS if language in line}
    labels = {"en": name} | {
        language: some[0].removeprefix("-") for language, some in terms.items() if language != "en"
    }
    terms = {language: [term for term in some if not term.startswith("-")] for language, some in terms.items()}
    broader = str(line.get("broader", "" if name == top else top))
    concept = Concept(name, str(line.get("kind", "topic")), broader, top, labels, tuple(line.get("match", ())))
    return concept, terms | {"en": [name, *terms.get("en", ())]}
