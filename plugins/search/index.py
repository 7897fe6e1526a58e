"""Brings the index of the search up to date: what changed is read again, and the files that it touches are written.

    update(Index(standing, new, cache), code, wanted, read, jobs)  ─►  Changes(written, gone)

What a document said before it changed is read from the index itself.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from converters.archive.layout import Progress
from converters.text.analysis import shapes
from converters.text.endings import ENDINGS
from converters.text.folding import table
from plugins.search import files
from plugins.search.anew import make_lists
from plugins.search.exchange import exchange
from plugins.search.files import OF_FACETS, OF_TAGS, Row
from plugins.search.packing import light_script
from plugins.search.state import (
    Changes,
    Index,
    Read,
    State,
    Wanted,
    digest_of,
    known_of,
    load_state,
    save_state,
    twins_of,
)
from plugins.search.words import Batch, coded

_ANEW = 8  # where one document in so many has changed, all are read anew


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
    save_state(index.cache, now)
    return changes


def paths(state: State) -> set[str]:
    """Return the paths of all files of an index, below it."""
    found = {"index.js", *_FOLDS}
    for page in state.pages:
        for kind, begins in (("v", [page.begin]), ("w", page.words), ("p", page.places)):
            found |= {f"{kind}/{files.leaf_name(state.sizes.keys[at])}.js" for at in begins}
    for number in state.documents:
        found.add(files.text_path(number))
        found |= {f"{kind}/{number // size}.js" for kind, size in _BLOCKS.items()}
    return found


def _version(state: State, number: int) -> str | None:
    known = state.documents.get(number)
    return known and known.version


def _made_anew(
    index: Index, state: State, wanted: Sequence[Wanted], read: Read, jobs: int, progress: Progress
) -> State:
    make_lists(index, state, wanted, read, jobs, progress)
    tags = _frequent_tags(state)
    _write_blocks(index, state, twins_of(state.documents), tags, state.documents)
    _write_manifest(index, state, tags)
    for path, content in _folds():
        index.write(path, content)
    return state


def _changed(
    index: Index, state: State, changed: Sequence[Wanted], gone: Sequence[int], read: Read, changes: Changes
) -> State:
    came, went = Batch(), Batch()
    leaving, rows = set(gone), set(gone)
    former_twins, former_tags = twins_of(state.documents), _frequent_tags(state)
    for one, document in zip(changed, read(changed), strict=True):
        before = state.documents.get(document.number)
        if before is None or before.text != digest_of(document):
            came.add(document.number, document.language, document.title, document.text)
            known = known_of(document, one.version)
            if before:
                leaving.add(document.number)
            for path, content in files.text_files([document]):
                index.write(path, content)
                changes.written.add(path)
        else:
            known = before._replace(version=one.version, tags=document.tags)
        if before is None or before[1:5] != known[1:5]:
            rows.add(document.number)
        state.documents[document.number] = known
    for number in sorted(leaving):
        went.add(number, *files.read_text(index.read(files.text_path(number))))
    for number in gone:
        del state.documents[number]
        changes.gone.add(files.text_path(number))
    exchange(index, state, went.lists(), came.lists(), changes)
    twins, tags = twins_of(state.documents), _frequent_tags(state)
    rows |= {number for number, _ in former_twins.items() ^ twins.items()}
    _write_blocks(index, state, twins, tags, rows, changes, tags != former_tags)
    _write_manifest(index, state, tags)
    changes.written.add("index.js")
    return state


# Facets, and where things are

_BLOCKS = {"f": OF_FACETS, "g": OF_FACETS, "s": OF_FACETS, "t": OF_TAGS}
"""Kind of block -> of how many numbers it tells."""


def _write_blocks(
    index: Index,
    state: State,
    twins: Mapping[int, int],
    frequent: Sequence[str],
    numbers: Collection[int],
    changes: Changes | None = None,
    tags_differ: bool = False,
) -> None:
    """Write the blocks that hold any of these numbers; all of frequent tags where these are others now."""
    rows: dict[tuple[str, int], list[Row]] = {}
    hit = {(kind, number // size) for kind, size in _BLOCKS.items() for number in numbers}
    if tags_differ:
        hit |= {("g", number // OF_FACETS) for number in state.documents}
    for number in sorted(state.documents):
        for kind, size in _BLOCKS.items():
            if (kind, number // size) in hit:
                known = state.documents[number]
                rows.setdefault((kind, number // size), []).append(
                    Row(number, known.date, known.source, known.language, known.tags)
                )
    for (kind, block), of in rows.items():
        match kind:
            case "f":
                content = files.facets_file(block, of, twins)
            case "g":
                content = files.frequent_file(block, of, frequent)
            case "s":
                content = files.days_file(block, of)
            case _:
                content = files.tags_file(block, of)
        index.write(f"{kind}/{block}.js", content)
        if changes:
            changes.written.add(f"{kind}/{block}.js")
    if changes:
        changes.gone |= {f"{kind}/{block}.js" for kind, block in hit - rows.keys()}


def _frequent_tags(state: State) -> list[str]:
    return files.frequent_tags(Counter(chain.from_iterable(known.tags for known in state.documents.values())))


def _write_manifest(index: Index, state: State, frequent: Sequence[str]) -> None:
    """Write the file that a page loads first."""
    languages = sorted(map(coded, {known.language for known in state.documents.values()}))
    numbers = sorted(state.documents)
    told = {
        "documents": len(numbers),
        "facets": sorted({number // OF_FACETS for number in numbers}),
        "tags": frequent,
        "endings": {language: ENDINGS[language] for language in languages if language in ENDINGS},
        "pages": [state.sizes.keys[page.begin].replace("\0", " ") for page in state.pages],
    }
    index.write("index.js", light_script("seedbankIndex", told))


_FOLDS = ("fold/0.js", "fold/1.js")
_FOLDED_APART = 0x3000  # most questions need none of the characters from here on


def _folds() -> Iterator[tuple[str, bytes]]:
    """Yield the table by which words are compared, in two files."""
    for path, (low, high) in zip(_FOLDS, ((0, _FOLDED_APART), (_FOLDED_APART, 0x110000)), strict=True):
        codes = [(code, text) for code, text in sorted(table().items()) if low <= code < high]
        told = "".join(chr(code) for code, _ in codes), " ".join(text for _, text in codes)
        yield path, light_script("seedbankFolding", *told, *(shapes() if low == 0 else ()))
