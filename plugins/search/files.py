"""The files of an index: how each is written, and read again.

forms       search/v/court-en.js  seedbankForms("court-en","0 court en   5wp|5 s en 5  3|…")
words       search/w/court-en.js  seedbankWords("court-en","㐃㐁…","㐁㑂…")        how many documents, and which
places      search/p/court-en.js  seedbankPlaces("court-en","㐃㐁…","…")           where in these
text        search/d/2/3071.js    seedbankText(3071,1804,"…")       the rest is deflated, 15 bits a character
facets      search/f/0.js         seedbankFacets(0,612,"…")
days        search/s/0.js         seedbankDays(0,1200,"…")
frequent    search/g/0.js         seedbankFrequent(0,900,"…")
tags        search/t/2.js         seedbankTags(2,3011,"…")
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from converters.text.analysis import stems
from plugins.search.packing import characters, deflated, inflated, packed_counts, script, strings

OF_FACETS, OF_TAGS, OF_TEXTS = 4096, 1024, 1024
"""How many numbers of documents a file, or a folder, is for."""
_MOST_FREQUENT = 32  # tags that are told of in few bytes, at most
_FIRST = 0x23  # of the characters that stand for sources and tags; U+005C is left out


class Document(NamedTuple):
    """What is to be found of a document."""

    number: int
    address: str
    title: str
    language: str
    """A code; `und` where it is not known."""
    source: str
    date: str
    """Such as `2023-03-08`; the month or the year alone, or nothing, where less is known."""
    tags: tuple[str, ...]
    text: str
    """Its paragraphs, a line each."""


class Row(NamedTuple):
    """A document in a block."""

    number: int
    date: str
    source: str
    language: str
    tags: tuple[str, ...]


def leaf_name(key: str) -> str:
    """Return the name of the file that begins with a key: its word in ASCII, or what stands for it."""
    form, language, piece = key.split("\0")
    plain = form if re.fullmatch("[a-z0-9]+", form) else f"x-{form.encode().hex()}"
    return f"{plain}-{language}{piece}"


def words_file(first: str, counts: Sequence[int], postings: bytes) -> bytes:
    """Return the leaf that begins with a key, from the characters of its lists one after another."""
    return script("seedbankWords", leaf_name(first), packed_counts(counts), postings)


def places_file(first: str, counts: Sequence[int], places: bytes) -> bytes:
    """Return the leaf of places that begins with a key."""
    return script("seedbankPlaces", leaf_name(first), packed_counts(counts), places)


def forms_file(keys: Sequence[str], counts: Sequence[int], words: Iterable[int], places: Iterable[int]) -> bytes:
    """Return a page of forms; leaves begin at the indices `words` and `places`.

    Each form is told by how many characters it shares with the one before and by the rest; its stem in the same way.
    """
    parts = [key.split("\0") for key in keys]
    stem: dict[tuple[str, str], str] = {}
    for language in {language for _, language, _ in parts}:
        forms = list({form for form, of, _ in parts if of == language})
        stem |= {(form, language): found for form, found in zip(forms, stems(language, forms), strict=True)}
    marks: dict[int, str] = dict.fromkeys(words, "w")
    for at in places:
        marks[at] = marks.get(at, "") + "p"
    entries, before = [], ""
    for at, ((form, language, piece), count) in enumerate(zip(parts, counts, strict=True)):
        shared = _shared(before, form)
        of = stem[form, language]
        alike = len(of) if form.startswith(of) else _shared(form, of)
        with_stem = "" if of == form else _units(form, alike)
        ending = "" if of == form else of[alike:]
        rest = f"{language} {with_stem} {ending} {piece} {magnitude(count)}{marks.get(at, '')}"
        entries.append(f"{_units(form, shared)} {form[shared:]} {rest}")
        before = form
    name, told = json.dumps(leaf_name(keys[0])), json.dumps("|".join(entries), ensure_ascii=False)
    return f"seedbankForms({name},{told})".encode()


def magnitude(count: int) -> int:
    """Return how many there are in steps: twice the logarithm to base 2, rounded down."""
    power = count.bit_length() - 1
    return 2 * power + (count * count >> 2 * power + 1 > 0)


def text_files(documents: Sequence[Document]) -> list[tuple[str, bytes]]:
    """Return path and content of each file with a document's text."""
    told = []
    for one in documents:
        head = json.dumps((one.address, one.title, one.language, one.source, one.date), ensure_ascii=False)
        told.append(f"{head}\n{one.text}".encode())
    return [
        (text_path(one.number), script("seedbankText", one.number, *packed))
        for one, packed in zip(documents, deflated(told), strict=True)
    ]


def text_path(number: int) -> str:
    """Return where the text of a document lies below the index."""
    return f"d/{number // OF_TEXTS}/{number}.js"


def read_text(content: bytes) -> tuple[str, str, str]:
    """Return language, title and text of a document from its file."""
    written = content.decode("utf-16")
    length = int(written[written.index(",") + 1 :].partition(",")[0])
    head, _, text = inflated(characters(strings(content)[0]), length).decode().partition("\n")
    _, title, language, _, _ = json.loads(head)
    return language, title, text


def frequent_tags(counts: Mapping[str, int]) -> list[str]:
    """Return the tags that are told of in few bytes, sorted: those of at least 2^k documents, with the least k."""
    for least in range(64):
        names = [tag for tag, count in counts.items() if count >> least]
        if len(names) <= _MOST_FREQUENT:
            return sorted(names)
    return []


def facets_file(block: int, rows: Sequence[Row], twins: Mapping[int, int]) -> bytes:
    """Return the file for a block of documents.

    `twins` gives, for a document that says the same as an earlier one, the number of the first.
    """
    sources, languages = (sorted(set(of)) for of in ([row.source for row in rows], [row.language for row in rows]))
    of = {source: _character(rank) for rank, source in enumerate(sources)}
    kept = {
        "numbers": _runs([row.number - block * OF_FACETS for row in rows]),
        "years": _repeated([row.date[:4] for row in rows]),
        "sources": sources,
        "source": "".join(of[row.source] for row in rows),
        "languages": languages,
        "language": _repeated([languages.index(row.language) for row in rows]),
        "twins": sorted((row.number, twins[row.number]) for row in rows if row.number in twins),
    }
    return _packed("seedbankFacets", block, kept)


def frequent_file(block: int, rows: Sequence[Row], frequent: Sequence[str]) -> bytes:
    """Return the file that says which of the frequent tags a block of documents has."""
    ranks = {tag: _character(rank) for rank, tag in enumerate(frequent)}
    of = ("".join(sorted({ranks[tag] for tag in row.tags if tag in ranks})) for row in rows)
    return _packed("seedbankFrequent", block, " ".join(of))


def days_file(block: int, rows: Sequence[Row]) -> bytes:
    """Return the file with the rest of the dates of a block of documents."""
    return _packed("seedbankDays", block, _repeated([row.date[5:] for row in rows]))


def tags_file(block: int, rows: Sequence[Row]) -> bytes:
    """Return the file with the tags of a block of documents, the most frequent with the lowest numbers."""
    often: dict[str, int] = {}
    for tag in chain.from_iterable(row.tags for row in rows):
        often[tag] = often.get(tag, 0) + 1
    names = sorted(often, key=lambda tag: (-often[tag], tag))
    ranks = {tag: rank for rank, tag in enumerate(names)}
    of: list[list[int]] = [[] for _ in range(1 + max((row.number for row in rows), default=-1) - block * OF_TAGS)]
    for row in rows:
        of[row.number - block * OF_TAGS] = sorted({ranks[tag] for tag in row.tags})
    return _packed("seedbankTags", block, {"tags": names, "of": of})


def _packed(function: str, block: int, kept: object) -> bytes:
    written = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    return script(function, block, *deflated([written])[0])


def _character(rank: int) -> str:
    return chr(_FIRST + rank + (rank >= 0x5C - _FIRST))


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending numbers as pairs: the first of a run, and how many there are."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return runs


def _repeated(values: Sequence[str | int]) -> list[str | int | list[int]]:
    """Return values one after another, each with how often it is repeated if that is more than once."""
    out: list[str | int | list[int]] = []
    for at, value in enumerate(values):
        if not at or value != values[at - 1]:
            out.append(value)
        elif isinstance(out[-1], list):
            out[-1][0] += 1
        else:
            out.append([2])
    return out


def _shared(a: str, b: str) -> int:
    """Return how many characters two texts begin with alike."""
    if b.startswith(a):
        return len(a)
    at = 0
    for at, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return at
    return min(len(a), len(b))


def _units(text: str, length: int) -> int:
    """Return how many characters of UTF-16 the beginning of a text has."""
    return length if text.isascii() else len(text[:length].encode("utf-16-le")) // 2
