"""What the first page of a list says of all its documents.

    the documents of a year     ─►  its sources, its five longest, the subjects that were peculiar to it
    the documents of a source   ─►  its span, its languages, the gaps in it: ("March 2009", "May 2009")
    a subject's name            ─►  its broader and narrower subjects that have a page
    all subjects                ─►  the tree of those that the thesaurus knows: Branch(sport, (Branch(tennis, ()), …))

What depends on the whole archive counts in powers of two, so that a document more hardly ever changes it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import log2

from pelican.contents import Article

from converters.subjects.thesaurus import read_thesaurus
from plugins.site import dates
from plugins.site.dates import period_of
from plugins.site.listings import Part

_MOST = 10  # sources and related subjects named beside a list
_LONGEST = 5
_PECULIAR = 5
_LEAST = 3  # documents that make a subject peculiar to a year
_SMALLEST_WEIGHT = 4  # up to 15 documents all subjects weigh the same
_GAPS = 5


@dataclass(frozen=True, slots=True)
class Branch:
    """A subject in the tree, with those below it."""

    link: Part
    branches: tuple["Branch", ...]


def sources_of(articles: Iterable[Article]) -> list[Part]:
    """Return the sources with the most of the documents, with how many of these each has; none if all are of one."""
    sources = [article.category for article in articles if article.category]
    counts = Counter(source.url for source in sources)
    names = {source.url: str(source) for source in sources}
    most = sorted(counts, key=lambda url: (-counts[url], url))[:_MOST]
    return [Part(names[url], url, counts[url]) for url in most] if len(counts) > 1 else []


def longest_of(articles: Iterable[Article]) -> list[Article]:
    """Return the five documents with the most words, the longest first."""
    return sorted(articles, key=lambda article: (-article.words, article.save_as))[:_LONGEST]


def languages_of(articles: Iterable[Article]) -> list[str]:
    """Return the codes of the languages of documents, the most frequent first."""
    counts = Counter(article.lang for article in articles)
    return sorted(counts, key=lambda lang: (-counts[lang], lang))


def gaps_of(articles: Iterable[Article]) -> list[tuple[str, str]]:
    """Return the first and the last month, or year, of the longest times without a document, in their order.

    Months are looked at where most of them have a document, else years; where most of these have none either, nothing
    is a gap.
    """
    dated = [period_of(article.published) for article in articles if article.published]
    months = sorted({12 * year + month - 1 for year, month, _ in dated if month})
    if _are_most(months):
        return [
            tuple(dates.name((at // 12, at % 12 + 1)) for at in gap)  # type: ignore[misc]
            for gap in _longest_gaps(months)
        ]
    years = sorted({year for year, *_ in dated})
    return [tuple(f"{year:04}" for year in gap) for gap in _longest_gaps(years)] if _are_most(years) else []  # type: ignore[misc]


def weight(count: int) -> int:
    """Return how much a number of documents counts for, as a power of two."""
    return max(_SMALLEST_WEIGHT, count.bit_length())


def weights_of(parts: Iterable[Part], documents: int) -> dict[str, int]:
    """Return the weights of subjects that are not the least, by address, and that of the archive by ""."""
    weights = {part.url: weight(part.count) for part in parts}
    return {url: some for url, some in weights.items() if some > _SMALLEST_WEIGHT} | {"": weight(documents)}


def peculiar_to(articles: Sequence[Article], weights: Mapping[str, int], labels: Mapping[str, str]) -> list[Part]:
    """Return the subjects of which these documents tell more than others do, the most peculiar first.

    A subject's residual: how much more frequent it is here than twice its frequency in the whole archive, as a power
    of two, times the documents that have it here; so what powers of two cannot tell apart is none. Of `weights`, see
    `weights_of`; `labels` are the subjects that have a page.
    """
    counts = Counter(chain.from_iterable(article.tag_urls for article in articles))
    size = log2(len(articles))
    scores = {
        url: round(count * (log2(count) - size - weights.get(url, _SMALLEST_WEIGHT) + weights[""] - 1), 6)
        for url, count in counts.items()
        if count >= _LEAST and url in labels
    }
    most = sorted((url for url, score in scores.items() if score > 0), key=lambda url: (-scores[url], url))
    return [Part(labels[url], url, counts[url]) for url in most[:_PECULIAR]]


def relations_of(name: str, part_of: Callable[[str], Part | None]) -> tuple[list[Part], list[Part]]:
    """Return the broader and the narrower subjects of one, of those that have a page."""
    thesaurus = read_thesaurus()
    broader = part_of(above) if (above := thesaurus.broader(name)) else None
    narrower = [part for below in thesaurus.narrower(name) if (part := part_of(below))]
    return [broader] if broader else [], narrower


def related_concepts(name: str) -> list[str]:
    """Return the names of the subjects whose pages name this one as broader or narrower."""
    thesaurus = read_thesaurus()
    return [other for other in (thesaurus.broader(name), *thesaurus.narrower(name)) if other]


def tree_of(part_of: Callable[[str], Part | None], name: str = "") -> tuple[Branch, ...]:
    """Return the tree of the thesaurus below a concept; what has no page leaves its place to what is below it."""
    branches: list[Branch] = []
    for below in read_thesaurus().narrower(name):
        further, part = tree_of(part_of, below), part_of(below)
        branches += [Branch(part, further)] if part else further
    return tuple(branches)


def _are_most(numbers: Sequence[int]) -> bool:
    return len(numbers) > 1 and 2 * len(numbers) > numbers[-1] - numbers[0] + 1


def _longest_gaps(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and the last number of the longest runs that are missing, in their order."""
    found = [(one + 1, other - 1) for one, other in pairwise(numbers) if other > one + 1]
    return sorted(sorted(found, key=lambda gap: (gap[0] - gap[1], gap))[:_GAPS])
