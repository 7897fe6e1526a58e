"""Counts of what documents say, to be added up: of one document, of a batch of them, of all that was read so far.

    tally.words["interest rate"] = packed(1, 4, 0, 3, 1)   in 1 document, 4 times, never in capitals, a topic there
    tally.add(other), tally.add(other, -1)                 sums up, takes out again

The numbers counted of a word lie side by side in one integer, 32 bits each, so that adding all of them up is one
addition. Sums are the same in whatever order, and by however many processes, documents were read.
"""

import marshal
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import zstandard

Key = TypeVar("Key")
_packer = zstandard.ZstdCompressor(level=1)

DOCUMENTS, OCCURRENCES, CAPITALS, NOUNS, TOPICS = (1 << 32 * place for place in range(5))
"""What each number counts in steps of; CAPITALS where a capital says something, NOUNS where it stands as a noun would,
TOPICS in documents that have it often enough to be a topic of theirs."""
ONCE = DOCUMENTS + OCCURRENCES
MOST_DOCUMENTS = 40_000
"""Documents of 50,000 words each, whose sums fit into 32 bits."""
_HALF, _MASK = 1 << 31, (1 << 32) - 1


def packed(*numbers: int) -> int:
    """Return numbers as one."""
    return sum(number << 32 * place for place, number in enumerate(numbers))


def unpacked(number: int, length: int) -> tuple[int, ...]:
    """Return so many numbers that were packed into one, or sums of such, which may be negative."""
    number += packed(*[_HALF] * length)
    return tuple((number >> 32 * place & _MASK) - _HALF for place in range(length))


@dataclass(slots=True)
class Tally:
    """Sums over documents."""

    documents: int = 0
    once: Counter[str] = field(default_factory=Counter)
    """Stem -> documents that have it once, in lower case: most stems, and most documents."""
    words: dict[str, int] = field(default_factory=dict)
    """Stem, or two stems with a space between -> of all others documents, occurrences, capitals, nouns, topics."""
    forms: dict[tuple[str, str], int] = field(default_factory=dict)
    """What the ways to write a topic or name have in common, and one of them -> documents."""
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    """Last word of a name of several, and the name -> documents, and what speaks for each of its kinds."""
    short: dict[tuple[str, str], int] = field(default_factory=dict)
    """Acronym and long form -> documents."""
    tags: dict[str, int] = field(default_factory=dict)
    """Tag -> documents."""

    def add(self, other: "Tally", sign: int = 1) -> None:
        """Sum up, or take out again with -1 as `sign`."""
        self.documents += sign * other.documents
        if other.documents == sign == 1:
            self.once.update(other.once.keys())  # the same, in C
        else:
            _add(self.once, other.once, sign)
        _add(self.words, other.words, sign)
        _add(self.forms, other.forms, sign)
        _add(self.names, other.names, sign)
        _add(self.short, other.short, sign)
        _add(self.tags, other.tags, sign)

    def add_tags(self, names: Iterable[str], sign: int = 1) -> None:
        """Count the tags of a document."""
        _add(self.tags, dict.fromkeys(names, 1), sign)

    def __len__(self) -> int:
        return len(self.once) + len(self.words) + len(self.forms) + len(self.names) + len(self.short) + len(self.tags)

    def to_bytes(self) -> bytes:
        """Return the tally of one document, without its tags, as `from_bytes` reads it by the same Python."""
        return _packer.compress(marshal.dumps((" ".join(self.once), self.words, self.forms, self.names, self.short)))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Tally":
        once, *rest = marshal.loads(zstandard.decompress(data))  # noqa: S302  # our own, of this Python
        return cls(1, Counter(once.split()), *rest)


def _add(sums: dict[Key, int], numbers: Mapping[Key, int], sign: int) -> None:
    known = sums.get
    if sign > 0:
        for key, number in numbers.items():
            sums[key] = known(key, 0) + number
    else:
        for key, number in numbers.items():
            sums[key] = known(key, 0) - number
