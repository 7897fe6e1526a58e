"""The thesaurus: broad subjects in a tree, and the words by which a text of any language speaks of them.

    [sport]
    tennis = { en = "grand slam|wimbledon|…", ru = "Теннис|теннисист", … }      (thesaurus.toml)

gives `Concept("tennis", "topic", broader="sport", top="sport", labels={"ru": "Теннис", …}, …)`, and

    thesaurus.mentions("en", stems of "she won the grand slam", [3])  ->  (3, 5, "tennis")

Words are compared by their stems, so singular and plural are the same. Of entries that overlap, the longest counts.
For whoever draws the tree: `read_thesaurus().narrower("")` are the concepts at the top, `narrower(name)` those below,
`broader(name)` is the one above, and `label(name, "ru")` what it is called in Russian.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
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
    """Concepts and their entry terms."""

    concepts: Mapping[str, Concept]
    names: Mapping[str, str]
    """Stems of a concept's name in English, with spaces between -> its name."""
    entries: Mapping[str, Mapping[tuple[str, ...], str]]
    """Language -> stems of an entry term -> name of its concept."""
    absorbed: Mapping[str, Set[str]]
    """Language -> stems of one word that speak for a concept and are no subjects of their own."""
    lengths: Mapping[str, Mapping[str, tuple[int, ...]]]
    """Language -> first stem of an entry term -> how many words such terms have, the longest first."""
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

    def first_stems(self, language: str) -> Set[str]:
        """Return the stems with which the entry terms of a language begin."""
        return self.lengths.get(SHARED_WRITING.get(language, language), {}).keys()

    def mentions(
        self, language: str, stems: Callable[[int, int], tuple[str, ...]], starts: Iterable[int]
    ) -> Iterator[tuple[int, int, str]]:
        """Yield the entry terms in a text, from one word to before another, with the names of their concepts, in order.

        `stems` gives those of the words from one to before another; `starts` are the words whose stems begin terms.
        """
        language = SHARED_WRITING.get(language, language)
        entries, lengths = self.entries.get(language, {}), self.lengths.get(language, {})
        end = 0
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
    entries: dict[str, dict[tuple[str, ...], str]] = {language: {} for language in LABELS}
    absorbed: dict[str, set[str]] = {language: set() for language in LABELS}
    for top, lines in sections.items():
        for name, line in lines.items():
            concept, terms = _read_line(top, name, line)
            concepts[name] = concept
            for language, some in terms.items():
                stem_of = stemmer_of(language)
                for term in some:
                    key = tuple(stem_of(word.lower()) for word in words(term.removeprefix("+")))
                    entries[language].setdefault(key, name)
                    if len(key) == 1 and not term.startswith("+"):
                        absorbed[language].add(key[0])
    stem_of = stemmer_of("en")
    names = {" ".join(stem_of(word.lower()) for word in words(name)): name for name in concepts}
    below: dict[str, list[str]] = {}
    for name in sorted(concepts):
        below.setdefault(concepts[name].broader, []).append(name)
    return Thesaurus(
        *(concepts, names, entries, absorbed),
        {language: lengths_of(known) for language, known in entries.items()},
        {name: tuple(some) for name, some in below.items()},
    )


_Sections = dict[str, dict[str, dict[str, str | list[str]]]]


def _read_line(top: str, name: str, line: dict[str, str | list[str]]) -> tuple[Concept, dict[str, list[str]]]:
    """Return a concept, and its entry terms by their language."""
    terms = {language: str(line[language]).split("|") for language in LABELS if language in line}
    labels = {"en": name} | {language: some[0] for language, some in terms.items() if language != "en"}
    broader = str(line.get("broader", "" if name == top else top))
    concept = Concept(name, str(line.get("kind", "topic")), broader, top, labels, tuple(line.get("match", ())))
    return concept, terms | {"en": [name, *terms.get("en", ())]}
