"""What an index holds, and where it stands.

The state of the last update, `.cache/search/state`, says which documents the index holds and how long each list of a
word is. It can be deleted: then the index is made anew, to the same bytes.
"""

import hashlib
import marshal
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import NamedTuple

import numpy as np

from converters.text.twins import text_key
from plugins.search.files import Document
from plugins.search.tree import Page, Sizes

_VERSION = 3


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
    twin: int
    """The same for documents of the same text; 0 for those that say too little."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where the index stands, where its changed files are to be written, and where its state is kept."""

    standing: Path
    new: Path
    cache: Path

    def write(self, path: str, content: bytes) -> None:
        """Write a changed file."""
        target = f"{self.new}/{path}"
        try:
            file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # there may be very many
            file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(file, "wb", buffering=0) as opened:
            opened.write(content)

    def read(self, path: str) -> bytes:
        """Return a file as it stands."""
        return (self.standing / path).read_bytes()


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
    sizes: Sizes = field(default_factory=Sizes)
    shifts: dict[str, int] = field(default_factory=dict)
    """Key of each word whose list is cut -> into pieces of how many numbers."""
    pages: list[Page] = field(default_factory=list)


def known_of(document: Document, version: str) -> Known:
    """Return what is to be kept of a document."""
    kept = document.language, document.date, document.source, document.tags
    return Known(version, *kept, digest_of(document), text_key(document.text))


def digest_of(document: Document) -> bytes:
    """Return a digest of all that a document's words and its row depend on."""
    row = document.address, document.title, document.language, document.source, document.date
    return _digest(f"{row!r}\n{document.text}")


def twins_of(documents: dict[int, Known]) -> dict[int, int]:
    """Return, for each document that says the same as an earlier one, the first of these."""
    firsts: dict[int, int] = {}
    twins = {}
    for number in sorted(documents):
        if twin := documents[number].twin:
            first = firsts.setdefault(twin, number)
            if first != number:
                twins[number] = first
    return twins


def interned(known: Known) -> Known:
    """Return the same with one text for all equal ones: there are few sources, dates and tags."""
    version, language, date, source, tags, text, twin = known
    return Known(version, intern(language), intern(date), intern(source), tuple(map(intern, tags)), text, twin)


def load_state(cache: Path) -> State:
    """Return what the last update left; an empty state if that is nothing that can be used."""
    try:
        version, code, documents, keys, sizes, shifts, pages = marshal.loads((cache / "state").read_bytes())  # noqa: S302  # our own file
        if version == _VERSION:
            found = {number: Known._make(known) for number, known in documents.items()}
            arrays = (np.frombuffer(of, np.int64) for of in sizes)
            return State(code, found, Sizes(keys, *arrays), shifts, [Page._make(page) for page in pages])
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return State()


def save_state(cache: Path, state: State) -> None:
    """Keep a state for the next update."""
    cache.mkdir(parents=True, exist_ok=True)
    documents = {number: tuple(known) for number, known in sorted(state.documents.items())}
    sizes = state.sizes.documents.astype(np.int64).tobytes(), state.sizes.places.astype(np.int64).tobytes()
    pages = [tuple(page) for page in state.pages]
    kept = (_VERSION, state.code, documents, state.sizes.keys, sizes, state.shifts, pages)
    (cache / "partial-state").write_bytes(marshal.dumps(kept))
    (cache / "partial-state").replace(cache / "state")


def digest_of_state(cache: Path) -> str:
    """Return a digest of the state that the last update left; nothing if there is none."""
    try:
        return hashlib.blake2b((cache / "state").read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
