"""The words of documents, with the documents that hold them: counted in batches, merged, and cut into leaves.

    Batch          the words of up to 1,024 documents ─► Lists, by word and document
    merged(lists)  lists of several batches as one
    leaves(sizes)  the keys at which files begin; it depends on words and sizes alone, never on what came when

A list is known by its key: `court␀en␀` is all documents in English that hold "court". A list too long for one file is
cut by the numbers of its documents, each piece with a key of its own, `the␀en␀002000`: a further document touches the
last piece alone.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import log2

import numpy as np

from converters.text.analysis import LANGUAGES, words
from plugins.search.packing import Characters, Flags, Numbers, packed_places

LEAF = 15_000  # characters of two bytes, in both files of a leaf
_PIECE = 8_192  # characters that a piece of a long list has, about
_AVERAGE = 400  # words of a document; fixed, since a measured one would change with every document
_SATURATION, _BY_LENGTH = 1.2, 0.75  # BM25's k1 and b
_IN_TITLE, _IN_OPENING, _OPENING = 5.0, 1.0, 60
_TITLE_ROOM = 32  # places that at least are the title's; phrases do not reach from it into the text
_MOST_PLACES = (1 << 22) - 1


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
    def bounds(self) -> tuple[list[int], list[int]]:
        """Where the documents, and the characters of places, of each list begin; and where the last ends."""
        documents = np.concatenate([[0], np.cumsum(self.counts)])
        places = np.concatenate([[0], np.cumsum(self.lengths)])[documents]
        return documents.tolist(), places.tolist()

    def sizes(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield each key with its numbers of documents and of characters of places."""
        documents, places = self.bounds
        for at, key in enumerate(self.keys):
            yield key, (documents[at + 1] - documents[at], places[at + 1] - places[at])

    def between(self, first: str, end: str | None) -> "Lists":
        """Return the lists whose keys begin at `first` and end before `end`."""
        a = bisect_left(self.keys, first)
        b = len(self.keys) if end is None else bisect_left(self.keys, end)
        (c, d), (e, f) = ((of[a], of[b]) for of in self.bounds)
        return Lists(
            self.keys[a:b], self.counts[a:b], self.numbers[c:d], self.weights[c:d], self.lengths[c:d], self.places[e:f]
        )

    def only(self, kept: Flags) -> "Lists":
        """Return the lists without the documents that are not to be kept, and without lists that hold none then."""
        counts = np.bincount(np.repeat(np.arange(len(self.keys)), self.counts)[kept], minlength=len(self.keys))
        return Lists(
            [key for key, count in zip(self.keys, counts.tolist(), strict=True) if count],
            counts[counts > 0],
            self.numbers[kept],
            self.weights[kept],
            self.lengths[kept],
            self.places[np.repeat(kept, self.lengths)],
        )


class Batch:
    """Gathers the words of documents, which come in the order of their numbers."""

    def __init__(self) -> None:
        self._known: dict[str, defaultdict[str, int]] = {}
        self._forms = array("I")
        self._places: list[Numbers] = []
        self._numbers: list[int] = []
        self._found: list[int] = []
        self._titles: list[int] = []
        self._lengths: list[int] = []
        self._languages: list[defaultdict[str, int]] = []

    def add(self, number: int, language: str, title: str, text: str) -> None:
        """Add the words of a document."""
        language = language.partition("-")[0]
        known = self._known.get(language if language in LANGUAGES else "")
        if known is None:
            known = self._known[language if language in LANGUAGES else ""] = defaultdict()
            known.default_factory = known.__len__
        of_title, in_title = words(title)
        of_text, in_text = words(text)
        start = max(_TITLE_ROOM, len(of_title) + 8)
        further = [*in_title, *((place + start, form) for place, form in in_text)]
        forms = [*of_title, *of_text, *(form for _, form in further)]
        base = len(self._forms)
        self._forms.extend(map(known.__getitem__, forms))
        places = np.concatenate(
            [np.arange(len(of_title)), np.arange(start, start + len(of_text)), [place for place, _ in further]]
        )
        self._places.append(np.minimum(places, _MOST_PLACES).astype(np.int64))
        self._numbers.append(number)
        self._found.append(len(self._forms) - base)
        self._titles.append(len(of_title))
        self._lengths.append(len(of_title) + len(of_text))
        self._languages.append(known)

    def lists(self) -> Lists:
        """Return the lists of all that was added."""
        offsets: dict[int, int] = {}
        keys: list[str] = []
        for language, known in self._known.items():
            offsets[id(known)] = len(keys)
            keys += [f"{form}\0{language}\0" for form in known]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        rank = np.empty(len(keys), np.uint64)
        rank[order] = np.arange(len(keys), dtype=np.uint64)
        found = np.array(self._found, np.int64)
        base = np.repeat(np.array([offsets[id(known)] for known in self._languages], np.int64), found)
        document = np.repeat(np.arange(len(found), dtype=np.uint64), found)
        places = np.concatenate([*self._places, np.empty(0, np.int64)]).astype(np.uint64)
        at = rank[np.frombuffer(self._forms, np.uint32) + base] << np.uint64(32) | document << np.uint64(22) | places
        at.sort()
        at = at[_differs(at)]
        return self._as_lists([keys[place] for place in order], at)

    def _as_lists(self, keys: list[str], at: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Lists:
        place = (at & np.uint64(_MOST_PLACES)).astype(np.int64)
        document = (at >> np.uint64(22) & np.uint64(1023)).astype(np.int64)
        new = _differs(at >> np.uint64(22))
        gaps = np.where(new, place, place - np.concatenate([[0], place[:-1]]))
        characters, ends = packed_places(gaps, np.append(new[1:], True)[: len(new)])
        begin = np.flatnonzero(new)
        stop = np.append(begin[1:], len(at))[: len(begin)]
        of, titles = document[begin], np.array(self._titles, np.int64)
        start = np.maximum(_TITLE_ROOM, titles + 8)[document]
        in_title = place < titles[document]
        in_opening = (place >= start) & (place < start + _OPENING)
        totals = [np.concatenate([[0], np.cumsum(flags)]) for flags in (in_title, in_opening)]
        titled, opening = (total[stop] - total[begin] for total in totals)
        often = stop - begin + _IN_TITLE * titled + _IN_OPENING * (opening > 0)
        lengths = np.array(self._lengths, np.int64)[of]
        norm = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * lengths / _AVERAGE)
        weights = np.clip(np.rint(15 * often / (often + norm)), 1, 15).astype(np.int64) | (titled > 0) << 4
        ends_of = ends[stop - 1] if len(stop) else ends
        counts = np.bincount((at[begin] >> np.uint64(32)).astype(np.int64), minlength=len(keys))
        numbers = np.array(self._numbers, np.int64)[of]
        return Lists(keys, counts, numbers, weights, np.diff(ends_of, prepend=0), characters)


def merged(parts: Sequence[Lists]) -> Lists:
    """Return lists of several batches as one; no document is in two of them."""
    keys = sorted({key for part in parts for key in part.keys})
    ranks = {key: at for at, key in enumerate(keys)}
    owner = [np.repeat([ranks[key] for key in part.keys], part.counts) for part in parts]
    of = np.concatenate([*owner, np.empty(0, np.int64)]).astype(np.int64)
    numbers = np.concatenate([*(part.numbers for part in parts), np.empty(0, np.int64)])
    order = np.lexsort((numbers, of))
    lengths = np.concatenate([*(part.lengths for part in parts), np.empty(0, np.int64)])
    weights = np.concatenate([*(part.weights for part in parts), np.empty(0, np.int64)])
    places = np.concatenate([*(part.places for part in parts), np.empty(0, "<u2")])
    return Lists(
        keys,
        np.bincount(of, minlength=len(keys)),
        numbers[order],
        weights[order],
        lengths[order],
        places[_slices(np.cumsum(lengths) - lengths, lengths, order)],
    )


def shift_of(size: tuple[int, int]) -> int | None:
    """Return into pieces of how many numbers a list is cut, as a power of two; None for one that stays whole."""
    documents, places = size
    if cost("", size) <= LEAF:
        return None
    return min(14, max(9, int(log2(_PIECE * documents / (documents + places)))))


def cut(lists: Lists, shifts: dict[str, int]) -> Lists:
    """Return lists, those in pieces that have a shift; their keys are such as `the␀en␀002000` then."""
    keys: list[str] = []
    counts: list[int] = []
    begin = 0
    for key, count in zip(lists.keys, lists.counts.tolist(), strict=True):
        shift = shifts.get(key)
        if shift is None:
            keys.append(key)
            counts.append(count)
        else:
            pieces, sizes = np.unique(lists.numbers[begin : begin + count] >> shift, return_counts=True)
            keys += [f"{key}{piece << shift:06x}" for piece in pieces.tolist()]
            counts += sizes.tolist()
        begin += count
    return replace(lists, keys=keys, counts=np.array(counts, np.int64))


def cost(key: str, size: tuple[int, int]) -> int:
    """Return about how many characters a list takes that has so many documents and characters of places."""
    documents, places = size
    return documents + min(documents, 32) + places + len(key) + 16


def leaves(keys: Sequence[str], costs: Sequence[int]) -> list[int]:
    """Return at which of the sorted keys leaves begin.

    Keys are grouped by their first character, a group too large by its second, and so on; neighbours share a leaf
    while they fit. So an added word moves boundaries only beside it.
    """
    total = [0, *accumulate(costs)]
    found: list[int] = []

    def divide(low: int, high: int, depth: int) -> None:
        open_from = -1
        while low < high:
            end = bisect_left(keys, keys[low][: depth + 1] + "\U0010ffff", low, high)
            if total[end] - total[low] > LEAF and end - low > 1:
                divide(low, end, depth + 1)
                open_from = -1
            elif open_from < 0 or total[end] - total[open_from] > LEAF:
                found.append(low)
                open_from = low
            low = end

    divide(0, len(keys), 0)
    return found


def _differs(values: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Flags:
    return np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.empty(0, np.bool_)


def _slices(begins: Numbers, lengths: Numbers, order: Numbers) -> Numbers:
    """Return the indices of slices, one after another in an order."""
    sizes = lengths[order]
    return np.repeat(begins[order] - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
