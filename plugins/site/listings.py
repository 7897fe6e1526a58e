"""Splits lists of documents into pages that stay small however large the archive grows.

    tags/ukraine.html               all documents while they are few; else the newest, and the years with their counts
    tags/ukraine/2023.html          a year's documents, or its newest and its months
    tags/ukraine/2023/03.html       … and so on to the day, and beyond it by the beginning of the address

Lists are split by date and never by page number, so a new document touches the pages of its own date only, and the
address of a list keeps its content. Indexes of names are split by their beginnings, in the same manner.

Lists of documents come newest first, and in the order of their addresses within a day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from os.path import commonprefix
from typing import TypeVar

from pelican.contents import Article

from plugins.site import dates
from plugins.site.dates import period_of

UNDATED = "undated"
"""Name of the folder of documents whose day, month or year is not known."""
FULL = 100
"""The most documents, or names, that one page lists."""
NEWEST = 20
"""How many documents a page shows where it leads to parts."""

T = TypeVar("T")
Period = tuple[int, ...]
"""A year, a month of a year, or a day: `(2023,)`, `(2023, 3)`, `(2023, 3, 8)`; all time is `()`, 0 is not known."""


@dataclass(frozen=True, slots=True)
class Part:
    """A link to a part of a list, or to its neighbour."""

    label: str
    url: str
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of documents."""

    save_as: str
    period: Period
    total: int
    """How many documents the list has, here and in its parts."""
    articles: Sequence[Article]
    """Those shown here: all, or the newest."""
    parts: tuple[Part, ...] = ()
    """Where the others are; empty if all are here."""
    beginning: str = ""
    """What the slugs of its documents begin with, where a day is split further."""


def order(article: Article) -> tuple[int, int, int, str]:
    """Return the key that sorts documents newest first, and by address within a day; undated ones come last."""
    year, month, day = period_of(article.published)
    return -year, -month, -day, article.save_as


def split(base: str, articles: Sequence[Article], period: Period = (), beginning: str = "") -> Iterator[Listing]:
    """Yield the pages of one list, the first at `base.html` and the others below `base/`."""
    if len(articles) <= FULL:
        yield Listing(f"{base}.html", period, len(articles), articles, beginning=beginning)
        return
    groups = []
    if len(period) < 3:
        for longer, group in by_period(articles, len(period) + 1):
            name = (f"{longer[-1]:02}" if period else f"{longer[0]:04}") if longer[-1] else UNDATED
            groups.append((Part(dates.name(longer), f"{base}/{name}.html", len(group)), group, longer, ""))
    else:
        # All beginnings of a day lie in one folder, however long they are.
        folder = base.removesuffix(f"/{beginning}") if beginning else base
        for longer_beginning, group in _by_beginning(articles, _stem):
            link = Part(f"{longer_beginning}…", f"{folder}/{longer_beginning}.html", len(group))
            groups.append((link, group, period, longer_beginning))
    newest = articles[:NEWEST]
    parts = tuple(link for link, *_ in groups)
    yield Listing(f"{base}.html", period, len(articles), newest, parts, beginning=beginning)
    for link, group, longer, longer_beginning in groups:
        yield from split(link.url.removesuffix(".html"), group, longer, longer_beginning)


@dataclass(frozen=True, slots=True)
class Index:
    """One page of an index of names."""

    save_as: str
    beginning: str
    total: int
    names: Sequence[Part]
    """Those shown here: all, by name, or those with the most documents."""
    parts: tuple[Part, ...] = ()


def index(base: str, names: Sequence[Part], beginning: str = "") -> Iterator[Index]:
    """Yield the pages of an index of names, which come in the order of their addresses."""
    if len(names) <= FULL:
        yield Index(f"{base}.html", beginning, len(names), names)
        return
    groups = list(_by_beginning(names, lambda name: name.url.rpartition("/")[2].removesuffix(".html")))
    folder = base.removesuffix(f"/{beginning}") if beginning else base
    parts = tuple(Part(start, f"{folder}/{start}.html", len(group)) for start, group in groups)
    most = sorted(names, key=lambda name: (-name.count, name.url))[:FULL]
    yield Index(f"{base}.html", beginning, len(names), most, parts)
    for (start, group), part in zip(groups, parts, strict=True):
        yield from index(part.url.removesuffix(".html"), group, start)


def by_period(articles: Sequence[Article], length: int) -> Iterator[tuple[Period, Sequence[Article]]]:
    """Yield each year, month or day, by how many of the three are told apart, with its articles."""
    for period, group in groupby(articles, lambda article: period_of(article.published)[:length]):
        yield period, list(group)


def _by_beginning(things: Sequence[T], stem: Callable[[T], str]) -> Iterator[tuple[str, Sequence[T]]]:
    """Group things by what these begin with: one letter more than all share."""
    things = sorted(things, key=stem)
    shared = len(commonprefix([stem(things[0]), stem(things[-1])]))  # noqa: RUF071  # letters are what is wanted
    for beginning, group in groupby(things, lambda thing: stem(thing)[: shared + 1]):
        yield beginning, list(group)


def _stem(article: Article) -> str:
    # The folder tells apart documents of one name that a curator has given the same date.
    folder, _, name = article.save_as.rpartition("/")
    return f"{name.removesuffix('.html')}-{folder.replace('/', '-')}"
