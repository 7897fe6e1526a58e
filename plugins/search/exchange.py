"""Takes documents out of the lists of their words, puts others in, and writes the files that this touches.

    went: ship␀en␀ 17 …    came: ship␀en␀ 17, 40 …    ─►    search/w/ship-en.js, search/p/shall-en.js, …

What an untouched list holds is copied as it stands, as characters.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from plugins.search import files
from plugins.search.packing import (
    Numbers,
    characters,
    ends_of_places,
    ends_of_postings,
    packed_postings,
    slices,
    strings,
    unpacked_postings,
)
from plugins.search.state import Changes, Index, State
from plugins.search.tree import Page, Size, Sizes, ends, shift_of
from plugins.search.words import List, Lists

_NOTHING: List = (*(np.empty(0, np.int64) for _ in range(3)), np.empty(0, "<u2"))  # type: ignore[assignment]


def exchange(index: Index, state: State, went: Lists, came: Lists, changes: Changes) -> None:
    """Bring the files of words from what went to what came; `state` says what they hold, before and after."""
    standing = _Standing(index, state.sizes, state.pages)
    fresh, gone = _exchanged(state, standing, went, came)
    former, files_before = state.sizes, {*_files(state.sizes, state.pages)}
    state.sizes = former.exchanged(gone, {key: one.size for key, one in fresh.items()})
    state.pages = state.sizes.tree()
    touched = sorted({*fresh, *(former.keys[at] for at in gone)})
    forms = [key for key in touched if _magnitude(former, key) != _magnitude(state.sizes, key)]
    files_now = [*_files(state.sizes, state.pages)]
    for file in files_now:
        if file not in files_before or _is_any_within(forms if file.kind == "v" else touched, file):
            index.write(file.path, _content(file, state, standing, fresh))
            changes.written.add(file.path)
    names = {(file.kind, file.first) for file in files_now}
    changes.gone |= {file.path for file in files_before if (file.kind, file.first) not in names}


def _exchanged(state: State, standing: "_Standing", went: Lists, came: Lists) -> tuple[dict[str, "_Fresh"], list[int]]:
    """Return the lists that are written anew, by key, and the indices of those that they replace."""
    fresh: dict[str, _Fresh] = {}
    gone: list[int] = []
    leaving = np.unique(went.numbers)
    of_went, of_came = dict(went.each()), dict(came.each())
    for word in sorted({*of_went, *of_came}):
        new, old = of_came.get(word, _NOTHING), of_went.get(word, _NOTHING)
        of_word = state.sizes.of_word(word)
        total = _total(state.sizes, of_word, new, old)
        before = state.shifts.pop(word, None)
        shift = shift_of(total) if total[0] else None
        touched = [*range(of_word.start, of_word.stop)]
        if shift is not None:
            state.shifts[word] = shift
            if shift == before:
                numbers = np.concatenate([new[0], old[0]]) >> shift << shift
                pieces = {f"{word}{first:06x}" for first in np.unique(numbers).tolist()}
                touched = [at for at in touched if state.sizes.keys[at] in pieces]
        gone += touched
        held = _without(_joined([standing.list_at(at) for at in touched]), leaving)
        fresh |= dict(_pieces(word, _joined([held, new]), shift))
    return fresh, gone


class _File(NamedTuple):
    """A file that holds the keys from `first` on, up to `end`."""

    kind: str
    first: str
    end: str | None
    leaves: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    """Of a page: where leaves begin in it."""

    @property
    def path(self) -> str:
        return f"{self.kind}/{files.leaf_name(self.first)}.js"


def _files(sizes: Sizes, pages: Sequence[Page]) -> Iterator[_File]:
    def between(kind: str, begin: int, end: int) -> _File:
        return _File(kind, sizes.keys[begin], sizes.keys[end] if end < len(sizes.keys) else None)

    for page in pages:
        leaves = tuple(tuple(at - page.begin for at in begins) for begins in (page.words, page.places))
        yield between("v", page.begin, page.end)._replace(leaves=leaves)  # type: ignore[arg-type]
        for kind, begins in (("w", page.words), ("p", page.places)):
            yield from (between(kind, begin, end) for begin, end in ends(begins, page.end))


def _is_any_within(keys: Sequence[str], file: _File) -> bool:
    at = bisect_left(keys, file.first)
    return at < len(keys) and (file.end is None or keys[at] < file.end)


def _magnitude(sizes: Sizes, key: str) -> int | None:
    at = sizes.index(key)
    return None if at is None else files.magnitude(int(sizes.documents[at]))


def _content(file: _File, state: State, standing: "_Standing", fresh: dict[str, "_Fresh"]) -> bytes:
    begin = bisect_left(state.sizes.keys, file.first)
    end = len(state.sizes.keys) if file.end is None else bisect_left(state.sizes.keys, file.end)
    keys, counts = state.sizes.keys[begin:end], state.sizes.documents[begin:end].tolist()
    if file.kind == "v":
        return files.forms_file(keys, counts, *file.leaves)
    if file.kind == "w":
        return files.words_file(
            keys[0], counts, b"".join(fresh[key].postings if key in fresh else standing.postings(key) for key in keys)
        )
    return files.places_file(
        keys[0], counts, b"".join(fresh[key].places if key in fresh else standing.places(key) for key in keys)
    )


class _Fresh:
    """A list that is written anew."""

    def __init__(self, of: List) -> None:
        numbers, weights, lengths, places = of
        self.size: Size = len(numbers), int(lengths.sum())
        self.postings = packed_postings(numbers, weights, np.arange(len(numbers)) == 0)[0].tobytes()
        self.places = places.tobytes()


class _Standing:
    """The lists as they stand."""

    def __init__(self, index: Index, sizes: Sizes, pages: Sequence[Page]) -> None:
        self._index = index
        self._sizes = sizes
        self._begins = {
            "w": [at for page in pages for at in page.words],
            "p": [at for page in pages for at in page.places],
        }
        self._leaves: dict[tuple[str, int], tuple[bytes, list[int]]] = {}

    def postings(self, key: str) -> bytes:
        """Return the characters of a list."""
        return self._characters("w", bisect_left(self._sizes.keys, key))

    def places(self, key: str) -> bytes:
        """Return the characters of its places."""
        return self._characters("p", bisect_left(self._sizes.keys, key))

    def list_at(self, at: int) -> List:
        """Return the list at an index."""
        numbers, weights = unpacked_postings(np.frombuffer(self._characters("w", at), "<u2"))
        places = np.frombuffer(self._characters("p", at), "<u2")
        return numbers, weights, np.diff(ends_of_places(places), prepend=0), places

    def _characters(self, kind: str, at: int) -> bytes:
        leaf = bisect_right(self._begins[kind], at) - 1
        if (kind, leaf) not in self._leaves:
            self._leaves[kind, leaf] = self._read(kind, leaf)
        content, bounds = self._leaves[kind, leaf]
        nth = at - self._begins[kind][leaf]
        return content[bounds[nth] : bounds[nth + 1]]

    def _read(self, kind: str, leaf: int) -> tuple[bytes, list[int]]:
        """Return the characters of a leaf, and where those of each list begin."""
        begins = self._begins[kind]
        begin, end = begins[leaf], begins[leaf + 1] if leaf + 1 < len(begins) else len(self._sizes.keys)
        held = characters(strings(self._index.read(f"{kind}/{files.leaf_name(self._sizes.keys[begin])}.js"))[2])
        of_documents = (ends_of_postings if kind == "w" else ends_of_places)(held)
        counts = np.cumsum(self._sizes.documents[begin:end])
        return held.tobytes(), [0, *(2 * of_documents[counts - 1]).tolist()]


def _total(sizes: Sizes, of: slice, new: List, old: List) -> Size:
    return (
        int(sizes.documents[of].sum()) + len(new[0]) - len(old[0]),
        int(sizes.places[of].sum()) + len(new[3]) - len(old[3]),
    )


def _joined(lists: Sequence[List]) -> List:
    """Return lists that share no document as one."""
    lists = [_NOTHING, *lists]
    numbers, weights, lengths = (np.concatenate([one[nth] for one in lists]) for nth in range(3))
    places = np.concatenate([one[3] for one in lists])
    order = np.argsort(numbers, kind="stable")
    at = slices(np.cumsum(lengths) - lengths, lengths, order)
    return numbers[order], weights[order], lengths[order], places[at]


def _without(of: List, leaving: Numbers) -> List:
    numbers, weights, lengths, places = of
    kept = ~np.isin(numbers, leaving)
    return numbers[kept], weights[kept], lengths[kept], places[np.repeat(kept, lengths)]


def _pieces(word: str, of: List, shift: int | None) -> Iterator[tuple[str, _Fresh]]:
    """Yield a list whole, or in pieces; nothing where no document holds the word."""
    numbers, weights, lengths, places = of
    if not len(numbers):
        return
    if shift is None:
        yield word, _Fresh(of)
        return
    firsts = numbers >> shift << shift
    for first in np.unique(firsts).tolist():
        at = firsts == first
        yield f"{word}{first:06x}", _Fresh((numbers[at], weights[at], lengths[at], places[np.repeat(at, lengths)]))
