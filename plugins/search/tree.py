"""Which file holds a list: the sorted keys are cut into pages, and the lists of a page into leaves.

    keys    a␀en␀ … court␀en␀ courts␀en␀ … the␀en␀000000 the␀en␀002000 …
    pages   |                                                             |   their forms: what is there to be found
    words   |          |           |       |      |             |         |   who holds these words
    places  |    |     |     |     | |     |  |   |      |      |   |     |   where they stand

Cuts depend on keys and sizes alone, never on what came when. Keys are grouped by their first character, a group too
large by its second, and so on; neighbours share a file while they fit. So an added word moves cuts only beside it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from plugins.search.packing import Numbers

PAGE, WORDS, PLACES = 10_000, 4_000, 8_000
"""What a page, and a leaf of each kind, may cost: about a character each."""
WHOLE = 8_000
"""What a list may cost that is not cut."""
_SMALLEST, _LARGEST = 9, 12  # pieces are for 512 to 4,096 numbers
_AFTER_PIECES = "g"  # no piece of a list has a key from here on: hexadecimal digits end before it
Size = tuple[int, int]
"""How many documents a list has, and how many characters their places take."""


class Page(NamedTuple):
    """A page, by the indices of its keys: where it begins, and where leaves of each kind begin in it."""

    begin: int
    end: int
    words: list[int]
    places: list[int]


@dataclass
class Sizes:
    """The keys of all lists, sorted, with the size of each."""

    keys: list[str] = field(default_factory=list)
    documents: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    places: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    def of_word(self, word: str) -> slice:
        """Return where the list of a word stands, or all of its pieces."""
        begin = bisect_left(self.keys, word)
        return slice(begin, bisect_left(self.keys, word + _AFTER_PIECES, begin))

    def index(self, key: str) -> int | None:
        """Return where a key stands, if it does."""
        at = bisect_left(self.keys, key)
        return at if at < len(self.keys) and self.keys[at] == key else None

    def exchanged(self, gone: Sequence[int], fresh: Mapping[str, Size]) -> "Sizes":
        """Return the sizes without the lists at some indices, which are sorted, and with others, whose keys are."""
        keys: list[str] = []
        begin = 0
        for at in gone:
            keys += self.keys[begin:at]
            begin = at + 1
        keys += self.keys[begin:]
        at_keys = [bisect_left(keys, key) for key in fresh]
        documents, places = (
            np.insert(np.delete(of, gone), at_keys, [size[nth] for size in fresh.values()])
            for nth, of in enumerate((self.documents, self.places))
        )
        begin, out = 0, list[str]()
        for at, key in zip(at_keys, fresh, strict=True):
            out += keys[begin:at]
            out.append(key)
            begin = at
        return Sizes(out + keys[begin:], documents, places)

    def tree(self) -> list[Page]:
        """Return the pages."""
        names = np.fromiter(map(len, self.keys), np.int64, len(self.keys))
        words = [0, *accumulate((self.documents + np.minimum(self.documents, 32) + 2).tolist())]
        places = [0, *accumulate((self.places + 1).tolist())]
        pages = [0, *accumulate((names + 10 + (self.documents + self.places >> 7)).tolist())]
        return [
            Page(begin, end, cuts(self.keys, words, WORDS, begin, end), cuts(self.keys, places, PLACES, begin, end))
            for begin, end in ends(cuts(self.keys, pages, PAGE, 0, len(self.keys)), len(self.keys))
        ]


def ends(begins: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    """Yield each beginning with the next, the last with the end."""
    return pairwise([*begins, end])


def shift_of(size: Size) -> int | None:
    """Return into pieces of how many numbers a list is cut, as a power of two; None for one that stays whole."""
    documents, places = size
    if documents + places <= WHOLE:
        return None
    return min(_LARGEST, max(_SMALLEST, (WHOLE * documents // (documents + places)).bit_length() - 1))


def cuts(keys: Sequence[str], total: Sequence[int], most: int, low: int, high: int) -> list[int]:
    """Return at which of the sorted keys from `low` to `high` files begin; `total` is what all before each cost."""
    found: list[int] = []

    def divide(low: int, high: int, depth: int) -> None:
        open_from = -1
        while low < high:
            end = bisect_left(keys, keys[low][: depth + 1] + "\U0010ffff", low, high)
            if total[end] - total[low] > most and end - low > 1:
                divide(low, end, depth + 1)
                open_from = -1
            elif open_from < 0 or total[end] - total[open_from] > most:
                found.append(low)
                open_from = low
            low = end

    divide(low, high, 0)
    return found
