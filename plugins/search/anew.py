"""Makes the lists of all words anew, in memory that does not grow with the texts.

    documents ─ batches, in several processes ─►  .cache/search/runs/0, /256, …   the lists of each, laid aside
              ─ how long each word's list is  ─►  pages and leaves
              ─ each process some pages       ─►  search/v, search/w, search/p

What stays in memory of a batch is which words it holds and how long its lists are: some 12 bytes a word.
"""

import gc
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from converters.archive.layout import Progress
from converters.archive.processes import forks
from plugins.search import files
from plugins.search.packing import Characters, Numbers, packed_postings, slices
from plugins.search.state import Index, Known, Read, State, Wanted, interned, known_of
from plugins.search.tree import Page, Sizes, ends, shift_of
from plugins.search.words import Batch

_BATCH, _MOST, _BATCHES = 128, 1024, 100  # documents of a batch, at least and at most, for about so many batches
_AT_ONCE = 150_000  # characters of lists that a process merges at once, about
Small = npt.NDArray[np.int32]
_NUMBERS, _WEIGHTS, _LENGTHS, _PLACES = np.dtype("<i8"), np.dtype("u1"), np.dtype("<i4"), np.dtype("<u2")


@dataclass(frozen=True, slots=True)
class Run:
    """The lists of a batch that are laid aside, and where in its file those of each word are."""

    path: Path
    words: Small
    """Number of each word, ascending once words have their ranks."""
    documents: Small
    """Where the documents of each word begin, and where the last ends."""
    places: Small
    """Where the characters of places begin."""

    def between(self, low: int, high: int) -> tuple[Small, Numbers, Numbers, Numbers, Characters]:
        """Return words, numbers, weights, lengths and places of the lists of the words from `low` to `high`."""
        a, b = np.searchsorted(self.words, (low, high))
        begin, end, total = int(self.documents[a]), int(self.documents[b]), int(self.documents[-1])
        first, last = int(self.places[a]), int(self.places[b])
        found, offset = [], 0
        with self.path.open("rb", buffering=0) as file:
            for kind, of, until, size in (
                (_NUMBERS, begin, end, total),
                (_WEIGHTS, begin, end, total),
                (_LENGTHS, begin, end, total),
                (_PLACES, first, last, 0),
            ):
                data = os.pread(file.fileno(), (until - of) * kind.itemsize, offset + of * kind.itemsize)
                found.append(np.frombuffer(data, kind))
                offset += size * kind.itemsize
        words = np.repeat(self.words[a:b], np.diff(self.documents[a : b + 1]))
        return words, *found  # type: ignore[return-value]


def make_lists(index: Index, state: State, wanted: Sequence[Wanted], read: Read, jobs: int, progress: Progress) -> None:
    """Write the files of all words and texts, and note in the state what they hold."""
    folder = index.cache / "runs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    size = min(_MOST, max(_BATCH, len(wanted) // _BATCHES))
    batches = [wanted[at : at + size] for at in range(0, len(wanted), size)]
    numbers: dict[str, int] = {}
    runs = []
    with _unmoved(), forks(min(jobs, len(batches))) as shared_out:
        for known, keys, run in shared_out(partial(_lay_aside, index, folder, read), batches):
            state.documents |= {number: interned(one) for number, one in known.items()}
            words = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys.split("\n") if key), np.int32)
            runs.append(Run(run.path, words, run.documents, run.places))
            progress("Indexing for search", len(state.documents), len(wanted))
    merge = _Merge(index, *_ranked(numbers, runs))
    del numbers, runs
    merge.measure(state)
    tasks = _tasks(state)
    with _unmoved(), forks(min(jobs, len(tasks))) as shared_out:
        for _ in shared_out(partial(merge.write, state), tasks):
            pass
    shutil.rmtree(folder)


@contextmanager
def _unmoved() -> Iterator[None]:
    """Let forked processes share what there is now: looking for garbage in it would give each its own copy."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _lay_aside(index: Index, folder: Path, read: Read, batch: Sequence[Wanted]) -> tuple[dict[int, Known], str, Run]:
    """Read documents, write their texts, and lay the lists of their words aside."""
    gathered, known = Batch(), {}
    documents = []
    for document, one in zip(read(batch), batch, strict=True):
        gathered.add(document.number, document.language, document.title, document.text)
        known[document.number] = known_of(document, one.version)
        documents.append(document)
    for address, content in files.text_files(documents):
        index.write(address, content)
    lists = gathered.lists()
    path = folder / str(batch[0].number)
    with path.open("wb") as file:
        for kind, of in ((_NUMBERS, lists.numbers), (_WEIGHTS, lists.weights), (_LENGTHS, lists.lengths)):
            file.write(of.astype(kind).tobytes())
        file.write(lists.places.astype(_PLACES).tobytes())
    begins, begins_of_places = (of.astype(np.int32) for of in lists.bounds)
    return known, "\n".join(lists.keys), Run(path, np.empty(0, np.int32), begins, begins_of_places)


def _ranked(numbers: dict[str, int], runs: Sequence[Run]) -> tuple[list[str], list[Run]]:
    """Return all words sorted, and the runs with their words' ranks among these."""
    words = sorted(numbers)
    rank = np.empty(len(words), np.int32)
    rank[[numbers[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    return words, [Run(run.path, rank[run.words], run.documents, run.places) for run in runs]


def _tasks(state: State) -> list[list[Page]]:
    """Return the pages in groups, each as much as a process merges at once."""
    tasks: list[list[Page]] = []
    room = 0
    for page in state.pages:
        of = slice(page.begin, page.end)
        cost = int(state.sizes.documents[of].sum() + state.sizes.places[of].sum())
        if room < cost:
            tasks.append([])
            room = _AT_ONCE
        tasks[-1].append(page)
        room -= cost
    return tasks


class _Merge:
    """Merges the lists that were laid aside."""

    def __init__(self, index: Index, words: Sequence[str], runs: Sequence[Run]) -> None:
        self._index = index
        self._words = words
        self._runs = runs
        self._shifts = np.zeros(len(words), np.int64)
        """Of each word: into pieces of how many numbers its list is cut; 0 for one that is whole."""
        self._codes = np.empty(0, np.int64)
        """Of each key: rank of its word, and first number of its piece."""

    def measure(self, state: State) -> None:
        """Note how long the list of each key is, and how they are shared out to files."""
        documents, places = (np.zeros(len(self._words), np.int64) for _ in range(2))
        for run in self._runs:
            documents[run.words] += np.diff(run.documents)
            places[run.words] += np.diff(run.places)
        for rank in np.flatnonzero(documents + places > 0).tolist():
            if shift := shift_of((int(documents[rank]), int(places[rank]))):
                self._shifts[rank] = shift
                state.shifts[self._words[rank]] = shift
        whole = self._shifts == 0
        codes, sizes = [np.flatnonzero(whole) << 32], [np.stack([documents, places], axis=1)[whole]]
        for of, size in self._pieces() if state.shifts else ():
            codes.append(of)
            sizes.append(size)
        self._codes, of_key = np.unique(np.concatenate(codes), return_inverse=True)
        total = np.zeros((len(self._codes), 2), np.int64)
        np.add.at(total, of_key, np.concatenate(sizes))
        keys = [
            f"{self._words[code >> 32]}{code & 0xFFFFFFFF:06x}" if is_cut else self._words[code >> 32]
            for code, is_cut in zip(self._codes.tolist(), (self._shifts[self._codes >> 32] > 0).tolist(), strict=True)
        ]
        state.sizes = Sizes(keys, total[:, 0], total[:, 1])
        state.pages = state.sizes.tree()

    def _pieces(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield, run by run, the codes of pieces of long lists, and how long these are there."""
        for run in self._runs:
            words, numbers, _, lengths, _ = run.between(0, len(self._words))
            shifts = self._shifts[words]
            is_cut = shifts > 0
            codes = (words.astype(np.int64) << 32 | numbers >> shifts << shifts)[is_cut]
            first = np.flatnonzero(np.diff(codes, prepend=-1))
            counts = np.diff(np.append(first, len(codes)))
            yield codes[first], np.stack([counts, np.add.reduceat(lengths[is_cut], first, dtype=np.int64)], axis=1)

    def write(self, state: State, pages: Sequence[Page]) -> None:
        """Write the files of some pages that follow one another."""
        begin, end = pages[0].begin, pages[-1].end
        ranks = self._codes[[begin, end - 1]] >> 32
        found = [run.between(int(ranks[0]), int(ranks[1]) + 1) for run in self._runs]
        words, numbers, weights, lengths, places = (np.concatenate(of) for of in zip(*found, strict=True))
        del found
        shifts = self._shifts[words]
        keys = np.searchsorted(
            self._codes, words.astype(np.int64) << 32 | np.where(shifts, numbers >> shifts << shifts, 0)
        )
        order = np.argsort(keys, kind="stable")
        order = order[(keys[order] >= begin) & (keys[order] < end)]
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        where = places[slices(starts, lengths.astype(np.int64), order)].tobytes()
        keys, numbers, weights, lengths = keys[order], numbers[order], weights[order].astype(np.int64), lengths[order]
        postings, of_postings = packed_postings(numbers, weights, np.diff(keys, prepend=-1) > 0)
        at = np.searchsorted(keys, np.arange(begin, end + 1))
        told = postings.tobytes()
        of_postings, of_places = (2 * np.concatenate([[0], of])[at] for of in (of_postings, np.cumsum(lengths)))
        all_keys, counts = state.sizes.keys, state.sizes.documents[begin:end].tolist()
        for page in pages:
            of, first = slice(page.begin, page.end), files.leaf_name(all_keys[page.begin])
            leaves = ([at - page.begin for at in begins] for begins in (page.words, page.places))
            self._index.write(
                f"v/{first}.js", files.forms_file(all_keys[of], counts[page.begin - begin : page.end - begin], *leaves)
            )
            for kind, begins, to_file, held, of_keys in (
                ("w", page.words, files.words_file, told, of_postings),
                ("p", page.places, files.places_file, where, of_places),
            ):
                for a, b in ends(begins, page.end):
                    content = to_file(
                        all_keys[a], counts[a - begin : b - begin], held[of_keys[a - begin] : of_keys[b - begin]]
                    )
                    self._index.write(f"{kind}/{files.leaf_name(all_keys[a])}.js", content)
