"""The files of an index: how each is written, and read again.

leaf        search/w/court.js   seedbankWords("court","0 court en 5  - 12|5 s en…","㐁㑂…")
            search/p/court.js   seedbankPlaces("court","…")
text        search/d/2/3071.js  seedbankText(3071,"{…}",1804,"…")       as JSON; the text deflated, 15 bits a character
facets      search/f/0.js       seedbankFacets(0,{"days":…})
tags        search/t/2.js       seedbankTags(2,{"tags":[…],"of":[[0,3],[],…]})
"""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from os.path import commonpath
from typing import NamedTuple

import deflate
import numpy as np

from converters.text.analysis import stems
from plugins.search.packing import (
    Characters,
    Numbers,
    characters,
    ends_of_places,
    light_script,
    packed_bytes,
    packed_postings,
    script,
    strings,
    unpacked_bytes,
    unpacked_postings,
)
from plugins.search.words import Lists

OF_FACETS, OF_TAGS, OF_TEXTS = 4096, 1024, 1024
"""How many numbers of documents a file, or a folder, is for."""
_LEVEL = 6  # of libdeflate's twelve


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


@dataclass(frozen=True, slots=True)
class Leaf:
    """The lists of a file of words, from `first` up to the first of the next."""

    first: str

    @property
    def name(self) -> str:
        """The file's name: that of its first word in ASCII, or what stands for it."""
        form, language, piece = self.first.split("\0")
        plain = form if re.fullmatch("[a-z0-9]+", form) else f"x-{form.encode().hex()}"
        return f"{plain}-{language}{piece}"


def leaf_files(leaf: Leaf, lists: Lists) -> dict[str, bytes]:
    """Return the two files of a leaf by their paths below the index."""
    first = np.zeros(len(lists.numbers), np.bool_)
    first[np.cumsum(lists.counts) - lists.counts] = True
    postings, _ = packed_postings(lists.numbers, lists.weights, first)
    return {
        f"w/{leaf.name}.js": script("seedbankWords", leaf.name, _head(lists), postings),
        f"p/{leaf.name}.js": script("seedbankPlaces", leaf.name, lists.places),
    }


def read_leaf(words: bytes, places: bytes) -> Lists:
    """Return the lists of a leaf's two files."""
    _, head, packed = strings(words)
    _, where = strings(places)
    keys, counts = _keys(head)
    postings, marks = characters(packed), characters(where)
    numbers, weights = _per_list(postings, np.array(counts, np.int64))
    return Lists(keys, np.array(counts, np.int64), numbers, weights, np.diff(ends_of_places(marks), prepend=0), marks)


def text_file(document: Document) -> tuple[str, bytes]:
    """Return path and content of the file with a document's text."""
    number, text = document.number, document.text.encode()
    kept = {"address": document.address, "title": document.title, "language": document.language}
    head = json.dumps(kept | {"source": document.source, "date": document.date}, ensure_ascii=False)
    packed = bytes(deflate.deflate_compress(text, _LEVEL))
    return text_path(number), script("seedbankText", number, head, len(packed), characters(packed_bytes(packed)))


def text_path(number: int) -> str:
    """Return where the text of a document lies below the index."""
    return f"d/{number // OF_TEXTS}/{number}.js"


def read_text(content: bytes) -> tuple[str, str, str]:
    """Return language, title and text of a document from its file."""
    written = content[2:].decode("utf-16-le")
    decoder = json.JSONDecoder()
    head, end = decoder.raw_decode(written, written.index(",") + 1)
    length, packed = written[end + 1 :].split(",", 1)
    known = json.loads(head)
    text = zlib.decompress(unpacked_bytes(packed.strip('")'), int(length)), -15)
    return known["language"], known["title"], text.decode()


def facets_file(block: int, documents: Sequence[tuple[int, str, str, str]], twins: dict[int, int]) -> bytes:
    """Return the file for a block of documents: number, date, source and language of each.

    `twins` gives, for a document that says the same as an earlier one, the number of the first.
    """
    sources, languages = (sorted({row[at] for row in documents}) for at in (2, 3))
    rows = [
        [number - block * OF_FACETS, date, sources.index(source), languages.index(language)]
        for number, date, source, language in documents
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    kept = {
        "numbers": _runs(columns[0]),
        "dates": _repeated(columns[1]),
        "sources": sources,
        "source": "".join(chr(0x23 + at + (at >= 0x39)) for at in columns[2]),
        "languages": languages,
        "language": _repeated(columns[3]),
        "twins": sorted((number, twins[number]) for number, *_ in documents if number in twins),
    }
    return light_script("seedbankFacets", block, kept)


def tags_file(block: int, documents: Sequence[tuple[int, tuple[str, ...]]]) -> bytes:
    """Return the file with the tags of a block of documents, the most frequent with the lowest numbers."""
    often: dict[str, int] = {}
    for tag in chain.from_iterable(tags for _, tags in documents):
        often[tag] = often.get(tag, 0) + 1
    names = sorted(often, key=lambda tag: (-often[tag], tag))
    ranks = {tag: rank for rank, tag in enumerate(names)}
    rows: list[list[int]] = [[] for _ in range(1 + max((n for n, _ in documents), default=-1) - block * OF_TAGS)]
    for number, tags in documents:
        rows[number - block * OF_TAGS] = sorted({ranks[tag] for tag in tags})
    return light_script("seedbankTags", block, {"tags": names, "of": rows})


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending numbers as pairs: the first of a run, and how many there are."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return runs


def _repeated(values: Sequence[object]) -> list[object]:
    """Return values one after another, each with how often it is repeated if that is more than once."""
    out: list[object] = []
    for value, times in ((value, times) for value, times in _groups(values)):
        out += [value] if times == 1 else [value, [times]]
    return out


def _groups(values: Sequence[object]) -> list[tuple[object, int]]:
    groups: list[tuple[object, int]] = []
    for value in values:
        if groups and groups[-1][0] == value:
            groups[-1] = value, groups[-1][1] + 1
        else:
            groups.append((value, 1))
    return groups


def _head(lists: Lists) -> str:
    """Return the words of a leaf as text: what each shares with the one before, and its stem with it."""
    parts = [key.split("\0") for key in lists.keys]
    stem: dict[tuple[str, str], str] = {}
    for language in {language for _, language, _ in parts}:
        forms = [form for form, of, _ in parts if of == language]
        stem |= {(form, language): found for form, found in zip(forms, stems(language, forms), strict=True)}
    entries, before = [], ""
    for (form, language, piece), count in zip(parts, lists.counts.tolist(), strict=True):
        shared, with_stem = len(commonpath([before, form])), len(commonpath([form, stem[form, language]]))
        ending = stem[form, language][with_stem:]
        entries.append(
            f"{_units(form, shared)} {form[shared:]} {language} {_units(form, with_stem)} {ending} {piece} {count}"
        )
        before = form
    return "|".join(entries)


def _units(text: str, length: int) -> int:
    """Return how many characters of UTF-16 the beginning of a text has."""
    return length if text.isascii() else len(text[:length].encode("utf-16-le")) // 2


def _keys(head: str) -> tuple[list[str], list[int]]:
    keys, counts, before = [], [], ""
    for entry in head.split("|"):
        shared, rest, language, _, _, piece, count = entry.split(" ")
        kept = before[: int(shared)] if before.isascii() else _beginning(before, int(shared))
        before = kept + rest
        keys.append(f"{before}\0{language}\0{piece}")
        counts.append(int(count))
    return keys, counts


def _beginning(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le")


def _per_list(postings: Characters, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Return numbers and weights of several lists, in each of which the gaps begin anew."""
    numbers, weights = unpacked_postings(postings)
    ends = np.cumsum(counts)
    before = np.concatenate([[-1], numbers[ends[:-1] - 1]])
    return numbers - np.repeat(before + 1, counts), weights
