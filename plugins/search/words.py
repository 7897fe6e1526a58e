"""The words of documents, with the documents that hold them: counted in batches.

    Batch          the words of up to 1,024 documents ─► Lists, by word and document

A list is known by its key: `court␀en␀` is all documents in English that hold "court". A list too long for one file is
cut by the numbers of its documents, each piece with a key of its own, `the␀en␀002000`: a further document touches the
last piece alone.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from converters.text.analysis import LANGUAGES, words
from plugins.search.packing import Characters, Flags, Numbers, packed_places

_AVERAGE = 400  # words of a document; fixed, since a measured one would change with every document
_SATURATION, _BY_LENGTH = 1.2, 0.75  # BM25's k1 and b
_IN_TITLE, _IN_OPENING, _OPENING = 5.0, 1.0, 60
_TITLE_ROOM = 32  # places that at least are the title's; phrases do not reach from it into the text
_MOST_PLACES = (1 << 22) - 1

List = tuple[Numbers, Numbers, Numbers, Characters]
"""The documents that hold a word: numbers, weights, how many characters of places each has, these characters."""


@dataclass(frozen=True)
class Lists:
    """Lists of documents, one a word, in the order of their keys: all documents of the first, then of the second, …"""

    keys: list[str]
    counts: Numbers
    """How many documents each list has."""
    numbers: Numbers
    weights: Numbers
    lengths: Numbers
    """How many characters of places each document has."""
    places: Characters

    @cached_property
    def bounds(self) -> tuple[Numbers, Numbers]:
        """Where the documents, and the characters of places, of each list begin; and where the last ends."""
        documents = np.concatenate([[0], np.cumsum(self.counts)])
        return documents, np.concatenate([[0], np.cumsum(self.lengths)])[documents]

    def each(self) -> Iterator[tuple[str, List]]:
        """Yield each key with its list."""
        documents, places = (of.tolist() for of in self.bounds)
        for at, key in enumerate(self.keys):
            of, where = slice(documents[at], documents[at + 1]), slice(places[at], places[at + 1])
            yield key, (self.numbers[of], self.weights[of], self.lengths[of], self.places[where])


class Batch:
    """Gathers the words of documents, which come in the order of their numbers."""

    def __init__(self) -> None:
        self._known: dict[str, defaultdict[str, int]] = {}
        self._forms = array("I")
        self._further = array("I")
        """Places of the forms that stand beside words."""
        self._documents: list[tuple[int, int, int, int]] = []
        """Number, and how many words of the title, of the text, and further forms."""
        self._languages: list[defaultdict[str, int]] = []

    def add(self, number: int, language: str, title: str, text: str) -> None:
        """Add the words of a document."""
        language = coded(language)
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = defaultdict()
            known.default_factory = known.__len__
        of_title, in_title = words(title)
        of_text, in_text = words(text)
        start = _start_of_text(len(of_title))
        further = [*in_title, *((place + start, form) for place, form in in_text)]
        self._forms.extend(map(known.__getitem__, of_title + of_text))
        self._forms.extend([known[form] for _, form in further])
        self._further.extend([place for place, _ in further])
        self._documents.append((number, len(of_title), len(of_text), len(further)))
        self._languages.append(known)

    def lists(self) -> Lists:
        """Return the lists of all that was added."""
        offsets: dict[int, int] = {}
        keys: list[str] = []
        for language, known in self._known.items():
            known.default_factory = None  # which refers back to it, so that it would be kept for a while
            offsets[id(known)] = len(keys)
            keys += [f"{form}\0{language}\0" for form in known]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        rank = np.empty(len(keys), np.uint64)
        rank[order] = np.arange(len(keys), dtype=np.uint64)
        told = np.array(self._documents, np.int64).reshape(-1, 4)
        found = told[:, 1:].sum(axis=1)
        base = np.repeat(np.array([offsets[id(known)] for known in self._languages], np.int64), found)
        document = np.repeat(np.arange(len(found), dtype=np.uint64), found)
        at = rank[np.frombuffer(self._forms, np.uint32) + base] << np.uint64(32) | document << np.uint64(22)
        at |= self._places(told, found).astype(np.uint64)
        at.sort()
        at = at[_differs(at)]
        return self._as_lists([keys[place] for place in order], told, at)

    def _places(self, told: Numbers, found: Numbers) -> Numbers:
        """Return the place of each form that was added."""
        titles, texts, further = told[:, 1], told[:, 2], told[:, 3]
        begins = np.cumsum(found) - found
        places = np.arange(int(found.sum())) - np.repeat(begins, found)
        starts = np.maximum(_TITLE_ROOM, titles + 8)
        places += np.repeat(starts - titles, found) * (places >= np.repeat(titles, found))
        beside = np.repeat(begins + titles + texts - (np.cumsum(further) - further), further) + np.arange(further.sum())
        places[beside] = np.frombuffer(self._further, np.uint32)
        return np.minimum(places, _MOST_PLACES)

    @staticmethod
    def _as_lists(keys: list[str], told: Numbers, at: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Lists:
        place = (at & np.uint64(_MOST_PLACES)).astype(np.int64)
        document = (at >> np.uint64(22) & np.uint64(1023)).astype(np.int64)
        new = _differs(at >> np.uint64(22))
        gaps = np.where(new, place, place - np.concatenate([[0], place[:-1]]))
        characters, ends = packed_places(gaps, np.append(new[1:], True)[: len(new)])
        begin = np.flatnonzero(new)
        stop = np.append(begin[1:], len(at))[: len(begin)]
        of, titles = document[begin], told[:, 1]
        start = np.maximum(_TITLE_ROOM, titles + 8)[document]
        in_title = place < titles[document]
        in_opening = (place >= start) & (place < start + _OPENING)
        totals = [np.concatenate([[0], np.cumsum(flags)]) for flags in (in_title, in_opening)]
        titled, opening = (total[stop] - total[begin] for total in totals)
        often = stop - begin + _IN_TITLE * titled + _IN_OPENING * (opening > 0)
        lengths = (titles + told[:, 2])[of]
        norm = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * lengths / _AVERAGE)
        weights = np.clip(np.rint(15 * often / (often + norm)), 1, 15).astype(np.int64) | (titled > 0) << 4
        ends_of = ends[stop - 1] if len(stop) else ends
        counts = np.bincount((at[begin] >> np.uint64(32)).astype(np.int64), minlength=len(keys))
        return Lists(keys, counts, told[:, 0][of], weights, np.diff(ends_of, prepend=0), characters)


def coded(language: str) -> str:
    """Return the code under which words of a language stand in keys: nothing where it has no stemmer."""
    language = language.partition("-")[0]
    return language if language in LANGUAGES else ""


def _start_of_text(words_of_title: int) -> int:
    return max(_TITLE_ROOM, words_of_title + 8)


def _differs(values: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Flags:
    return np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.empty(0, np.bool_)
