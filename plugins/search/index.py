"""Brings the index of the search up to date: what changed is read again, and the files that it touches are written.

    update(Index(standing, new, cache), wanted, read, jobs)  ─►  Changes(written, gone)

The state of the last update, `.cache/search/state`, says which documents the index holds and how long each list of a
word is. It can be deleted: then the index is made anew, to the same bytes. What a document said before it changed is
read from the index itself.

Made anew, documents are read in batches by several processes, and the lists of each batch are laid aside in
`.cache/search/`; then every process merges a range of words from all batches. So memory does not grow with the archive,
but for a few bytes a word and a document.
"""

import hashlib
import marshal
import os
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from converters.archive.layout import Progress
from converters.archive.processes import forks
from converters.text.analysis import LANGUAGES, folded, shapes
from converters.text.endings import ENDINGS
from converters.text.folding import table
from plugins.search import files
from plugins.search.files import OF_FACETS, OF_TAGS, Document, Leaf
from plugins.search.packing import light_script
from plugins.search.words import Batch, Lists, cost, cut, leaves, merged, shift_of

_VERSION = 1
_BATCH = 400  # documents; Batch takes up to 1,024
_ANEW = 8  # where one document in so many has changed, all are read anew
_LEAVES = 24  # that a process merges at once
_AFTER_PIECES = "g"  # no piece of a list has a key from here on: hexadecimal digits end before it
_WORDS_OF_TWINS = 8  # that a text has at least to be called the same as another
Size = tuple[int, int]


class Wanted(NamedTuple):
    """A document that the index is to hold."""

    number: int
    address: str
    version: str
    """Differs when its file or the names of its tags differ."""


Read = Callable[[Sequence[Wanted]], Iterator[Document]]


class Known(NamedTuple):
    """A document that the index holds."""

    version: str
    language: str
    date: str
    source: str
    tags: tuple[str, ...]
    text: bytes
    """A digest of all that its words and its row depend on."""
    twin: bytes
    """The same for documents that say the same; nothing for those that say too little."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where the index stands, where its changed files are to be written, and where its state is kept."""

    standing: Path
    new: Path
    cache: Path


@dataclass
class Changes:
    """The files that an update has written, and those that are no more; paths below the index."""

    written: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


@dataclass
class State:
    """What an index holds."""

    code: str = ""
    documents: dict[int, Known] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    """Key of each list -> its numbers of documents and of characters of places; of a long one, those of its pieces."""
    shifts: dict[str, int] = field(default_factory=dict)
    """Key of each word whose list is cut -> into pieces of how many numbers."""
    leaves: list[str] = field(default_factory=list)
    """The first keys of the leaves."""


def update(index: Index, code: str, wanted: Sequence[Wanted], read: Read, jobs: int, progress: Progress) -> Changes:
    """Bring the index up to date with the documents wanted, which are in the order of their numbers.

    `code` differs when words would be told otherwise. Raises what `read` raises.
    """
    before = load_state(index.cache)
    if before.code != code or not (index.standing / "index.js").exists():
        before = State(code)
    changed = [one for one in wanted if _version(before, one.number) != one.version]
    gone = sorted(before.documents.keys() - {one.number for one in wanted})
    changes = Changes()
    if not wanted or not before.documents or _ANEW * (len(changed) + len(gone)) > len(wanted):
        now = _made_anew(index, State(code), wanted, read, jobs, progress)
        changes.gone = paths(before) if before.documents else set()
        changes.written = paths(now)
    elif changed or gone:
        now = _changed(index, before, changed, gone, read, changes)
    else:
        return changes
    changes.gone -= changes.written
    _save_state(index.cache, now)
    return changes


def paths(state: State) -> set[str]:
    """Return the paths of all files of an index, below it."""
    found = {"index.js", *_FOLDS}
    for key in state.leaves:
        found |= {f"w/{Leaf(key).name}.js", f"p/{Leaf(key).name}.js"}
    for number in state.documents:
        found |= {files.text_path(number), f"f/{number // OF_FACETS}.js", f"t/{number // OF_TAGS}.js"}
    return found


def load_state(cache: Path) -> State:
    """Return what the last update left; an empty state if that is nothing that can be used."""
    try:
        version, code, documents, *rest = marshal.loads((cache / "state").read_bytes())  # noqa: S302  # our own file
        if version == _VERSION:
            return State(code, {number: Known._make(known) for number, known in documents.items()}, *rest)
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return State()


def digest_of_state(cache: Path) -> str:
    """Return a digest of the state that the last update left; nothing if there is none."""
    try:
        return hashlib.blake2b((cache / "state").read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def _save_state(cache: Path, state: State) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    documents = {number: tuple(known) for number, known in sorted(state.documents.items())}
    kept = (_VERSION, state.code, documents, state.sizes, state.shifts, state.leaves)
    (cache / "partial-state").write_bytes(marshal.dumps(kept))
    (cache / "partial-state").replace(cache / "state")


def _version(state: State, number: int) -> str | None:
    known = state.documents.get(number)
    return known and known.version


# All anew


def _made_anew(
    index: Index, state: State, wanted: Sequence[Wanted], read: Read, jobs: int, progress: Progress
) -> State:
    runs = index.cache / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir(parents=True)
    batches = [wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH)]
    with forks(min(jobs, len(batches)), ahead=1) as shared_out:
        for known in shared_out(partial(_lay_aside, index, runs, read), batches):
            state.documents |= known
            progress("Indexing for search", len(state.documents), len(wanted))
    paths_of = [runs / str(batch[0].number) for batch in batches]
    laid = [_laid_aside(path) for path in paths_of]
    totals: dict[str, Size] = {}
    for part in laid:
        for key, size in part.sizes():
            totals[key] = _sum(totals.get(key, (0, 0)), size)
    state.shifts = {key: shift for key, size in totals.items() if (shift := shift_of(size)) is not None}
    for key in state.shifts:
        whole = [part.between(key, f"{key}\1") for part in laid]
        totals |= cut(merged(whole), state.shifts).sizes()
        del totals[key]
    state.sizes = {key: totals[key] for key in sorted(totals)}
    keys = [*state.sizes]
    state.leaves = [keys[at] for at in _leaves_of(state.sizes, keys)]
    tasks = [[*state.leaves[at : at + _LEAVES + 1], None][: _LEAVES + 1] for at in range(0, len(state.leaves), _LEAVES)]
    with forks(min(jobs, len(tasks))) as shared_out:
        for _ in shared_out(partial(_merge, index, paths_of, state.shifts), tasks):
            pass
    _laid_aside.cache_clear()
    shutil.rmtree(runs)
    _write_facets(index, state, None)
    _write_manifest(index, state)
    for path, content in _folds():
        _write(index, path, content)
    return state


def _lay_aside(index: Index, runs: Path, read: Read, batch: Sequence[Wanted]) -> dict[int, Known]:
    """Read documents, write their texts, and lay the lists of their words aside."""
    gathered, known = Batch(), {}
    for document, one in zip(read(batch), batch, strict=True):
        gathered.add(document.number, document.language, document.title, document.text)
        known[document.number] = _known(document, one.version)
        _write(index, *files.text_file(document))
    lists = gathered.lists()
    path = runs / str(batch[0].number)
    for name in _ARRAYS:
        np.save(f"{path}.{name}", getattr(lists, name))
    path.write_text("\n".join(lists.keys), encoding="utf-8")
    return known


_ARRAYS = ("counts", "numbers", "weights", "lengths", "places")


@cache
def _laid_aside(path: Path) -> Lists:
    text = path.read_text(encoding="utf-8")
    keys = text.split("\n") if text else []
    return Lists(keys, *(np.load(f"{path}.{name}.npy", mmap_mode="r") for name in _ARRAYS))


def _merge(index: Index, laid: Sequence[Path], shifts: dict[str, int], firsts: Sequence[str | None]) -> None:
    """Write some leaves from the lists laid aside: those that begin at `firsts`, up to the last of these."""
    begin, last = _word(firsts[0] or ""), firsts[-1]
    end = None if last is None else f"{_word(last)}\1"
    lists = cut(merged([_laid_aside(path).between(begin, end) for path in laid]), shifts)
    for first, next_first in pairwise(firsts):
        for path, content in files.leaf_files(Leaf(first or ""), lists.between(first or "", next_first)).items():
            _write(index, path, content)


def _word(key: str) -> str:
    """Return the key of the whole list that a key stands for, or for a piece of."""
    return key[: key.rindex("\0") + 1]


# What changed


def _changed(
    index: Index,
    state: State,
    changed: Sequence[Wanted],
    gone: Sequence[int],
    read: Read,
    changes: Changes,
) -> State:
    came, went = Batch(), Batch()
    leaving = set(gone)
    blocks = set(gone)
    former_twins = _first_twins(state)
    for one, document in zip(changed, read(changed), strict=True):
        known = _known(document, one.version)
        before = state.documents.get(document.number)
        state.documents[document.number] = known
        if before is None or before[1:5] != known[1:5]:
            blocks.add(document.number)
        if before is None or before.text != known.text:
            came.add(document.number, document.language, document.title, document.text)
            if before:
                leaving.add(document.number)
            path, content = files.text_file(document)
            _write(index, path, content)
            changes.written.add(path)
    for number in sorted(leaving):
        went.add(number, *files.read_text((index.standing / files.text_path(number)).read_bytes()))
    for number in gone:
        del state.documents[number]
        changes.gone.add(files.text_path(number))
    twins = _first_twins(state)
    blocks |= {number for number, _ in former_twins.items() ^ twins.items()}
    _exchange(index, state, went.lists(), came.lists(), changes)
    _write_facets(index, state, blocks, changes)
    _write_manifest(index, state)
    changes.written.add("index.js")
    return state


def _exchange(index: Index, state: State, went: Lists, came: Lists, changes: Changes) -> None:
    """Take documents out of the lists of their words, put others in, and write the leaves that this touches."""
    numbers = np.unique(went.numbers)
    keys = [*state.sizes]
    bounds = state.leaves
    touched = sorted({*went.keys, *came.keys})
    pieces = {word: keys[bisect_left(keys, word) : bisect_left(keys, word + _AFTER_PIECES)] for word in touched}
    total = {word: _all(state.sizes[key] for key in of) for word, of in pieces.items()}
    for lists, sign in ((went, -1), (came, 1)):
        for word, (documents, places) in lists.sizes():
            total[word] = _sum(total[word], (sign * documents, sign * places))
    loaded: set[str] = set()
    held = dict.fromkeys(touched, np.empty(0, np.int64))
    for lists in (went, came):
        begins, _ = lists.bounds
        for at, word in enumerate(lists.keys):
            held[word] = np.append(held[word], lists.numbers[begins[at] : begins[at + 1]])
    for word in touched:
        shift = shift_of(total[word]) if total[word][0] else None
        if word in state.shifts and shift == state.shifts[word]:
            loaded |= {f"{word}{number >> shift << shift:06x}" for number in held[word].tolist()} & {*pieces[word]}
        else:
            loaded.update(pieces[word])
        state.shifts.pop(word, None)
        if shift is not None:
            state.shifts[word] = shift
    shelf: dict[int, Lists] = {}

    def old_leaf(at: int) -> Lists:
        if at not in shelf:
            name = Leaf(bounds[at]).name
            shelf[at] = files.read_leaf(*((index.standing / f"{kind}/{name}.js").read_bytes() for kind in "wp"))
        return shelf[at]

    parts = [came]
    for at in sorted({bisect_right(bounds, key) - 1 for key in loaded}):
        lists = old_leaf(at)
        part = lists.only(np.repeat([key in loaded for key in lists.keys], lists.counts))
        going = np.isin(part.numbers, numbers)
        parts.append(_whole(part.only(~going) if going.any() else part))
    fresh = cut(merged(parts), state.shifts)
    for key in loaded:
        del state.sizes[key]
    state.sizes |= fresh.sizes()
    state.sizes = {key: state.sizes[key] for key in sorted(state.sizes)}
    keys = [*state.sizes]
    state.leaves = [keys[at] for at in _leaves_of(state.sizes, keys)]
    former = dict(zip(bounds, [*bounds[1:], None], strict=False))
    hit = {bisect_right(state.leaves, key) - 1 for key in (*fresh.keys, *loaded)}
    for at, (first, end) in enumerate(zip(state.leaves, [*state.leaves[1:], None], strict=False)):
        if at in hit or first not in former or former[first] != end:
            _rewrite(index, Leaf(first), end, bounds, old_leaf, loaded, fresh, changes)
    changes.gone |= {f"{kind}/{Leaf(key).name}.js" for key in bounds for kind in "wp"} - {
        f"{kind}/{Leaf(key).name}.js" for key in state.leaves for kind in "wp"
    }


def _rewrite(
    index: Index,
    leaf: Leaf,
    end: str | None,
    bounds: Sequence[str],
    old_leaf: Callable[[int], Lists],
    loaded: set[str],
    fresh: Lists,
    changes: Changes,
) -> None:
    """Write a leaf from those that held its lists before, and from lists that are new."""
    first_old = max(0, bisect_right(bounds, leaf.first) - 1)
    end_old = len(bounds) if end is None else bisect_left(bounds, end)
    parts = [fresh.between(leaf.first, end)]
    for at in range(first_old, end_old):
        lists = old_leaf(at).between(leaf.first, end)
        kept = np.repeat([key not in loaded for key in lists.keys], lists.counts)
        parts.append(lists if kept.all() else lists.only(kept.astype(np.bool_)))
    for path, content in files.leaf_files(leaf, merged([part for part in parts if part.keys])).items():
        _write(index, path, content)
        changes.written.add(path)


def _whole(pieces: Lists) -> Lists:
    """Return lists under the keys of their words, pieces joined again."""
    counts: dict[str, int] = {}
    for key, count in zip(pieces.keys, pieces.counts.tolist(), strict=True):
        counts[_word(key)] = counts.get(_word(key), 0) + count
    return Lists(
        [*counts], np.array([*counts.values()], np.int64), pieces.numbers, pieces.weights, pieces.lengths, pieces.places
    )


def _leaves_of(sizes: Mapping[str, Size], keys: Sequence[str]) -> list[int]:
    return leaves(keys, [cost(key, size) for key, size in sizes.items()])


def _sum(a: Size, b: Size) -> Size:
    return a[0] + b[0], a[1] + b[1]


def _all(sizes: Iterable[Size]) -> Size:
    total = (0, 0)
    for size in sizes:
        total = _sum(total, size)
    return total


# Documents, facets, and where things are


def _known(document: Document, version: str) -> Known:
    row = repr((document.address, document.title, document.language, document.source, document.date, document.text))
    said = folded(f"{document.title}\n{document.text}").split()
    twin = _digest(" ".join(said)) if len(said) >= _WORDS_OF_TWINS else b""
    tags = tuple(document.tags)
    return Known(version, document.language, document.date, document.source, tags, _digest(row), twin)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _first_twins(state: State) -> dict[int, int]:
    """Return, for each document that says the same as an earlier one, the first of these."""
    firsts: dict[bytes, int] = {}
    twins = {}
    for number in sorted(state.documents):
        if twin := state.documents[number].twin:
            first = firsts.setdefault(twin, number)
            if first != number:
                twins[number] = first
    return twins


def _write_facets(index: Index, state: State, numbers: set[int] | None, changes: Changes | None = None) -> None:
    """Write the blocks of all documents, or those that hold any of these numbers."""
    twins = _first_twins(state)
    for kind, size in (("f", OF_FACETS), ("t", OF_TAGS)):
        blocks: dict[int, list[int]] = {}
        hit = None if numbers is None else {number // size for number in numbers}
        for number in sorted(state.documents):
            if hit is None or number // size in hit:
                blocks.setdefault(number // size, []).append(number)
        for block, of in blocks.items():
            found = [(number, state.documents[number]) for number in of]
            if kind == "f":
                rows = [(number, one.date, one.source, one.language) for number, one in found]
                content = files.facets_file(block, rows, twins)
            else:
                content = files.tags_file(block, [(number, one.tags) for number, one in found])
            _write(index, f"{kind}/{block}.js", content)
            if changes:
                changes.written.add(f"{kind}/{block}.js")
        if changes and hit:
            changes.gone |= {f"{kind}/{block}.js" for block in hit - blocks.keys()}


def _write_manifest(index: Index, state: State) -> None:
    """Write the file that a page loads first."""
    languages = sorted({key.split("\0")[1] for key in state.leaves} | {_coded(one) for one in state.documents.values()})
    numbers = sorted(state.documents)
    told = {
        "documents": len(numbers),
        "facets": sorted({number // OF_FACETS for number in numbers}),
        "tags": sorted({number // OF_TAGS for number in numbers}),
        "endings": {language: ENDINGS[language] for language in languages if language in ENDINGS},
        "leaves": [key.replace("\0", " ") for key in state.leaves],
    }
    _write(index, "index.js", light_script("seedbankIndex", told))


def _coded(known: Known) -> str:
    language = known.language.partition("-")[0]
    return language if language in LANGUAGES else ""


_FOLDS = ("fold/0.js", "fold/1.js")
_FOLDED_APART = 0x3000  # most questions need none of the characters from here on


def _folds() -> Iterator[tuple[str, bytes]]:
    """Yield the table by which words are compared, in two files."""
    for path, (low, high) in zip(_FOLDS, ((0, _FOLDED_APART), (_FOLDED_APART, 0x110000)), strict=True):
        codes = [(code, text) for code, text in sorted(table().items()) if low <= code < high]
        told = "".join(chr(code) for code, _ in codes), " ".join(text for _, text in codes)
        yield path, light_script("seedbankFolding", *told, *(shapes() if low == 0 else ()))


def _write(index: Index, path: str, content: bytes) -> None:
    target = f"{index.new}/{path}"
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # there may be very many
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(file, "wb") as opened:
        opened.write(content)
