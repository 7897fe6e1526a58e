"""What templates may write besides Jinja's own filters.

{{ 1200|counted("document") }}          1,200 documents
{{ article.date|day }}                  8 March 2023
{{ article.published|published }}       8 March 2023, May 1998, 1998 or undated: as precisely as it is known
{{ article.published|ancestors }}       links to its year, month and day
{{ listing.period|above }}              links to the year and the month that a period lies in
{{ listing.period|period }}             March 2023
{{ listing.period|weekday }}            Wednesday
{{ articles|by_source }}                pairs of a source and its documents, if one has several; else None with all
{{ article.content|beginning }}         its first paragraphs
{{ article.title|short }}               at most 300 characters, so that no title makes a list large
{{ script|digest }}                     what lets a script that stands in the page through its policy: 'sha256-…'
{{ article|length_told }}               340 words, or characters in scripts without spaces
{{ articles|each(macro, SITEURL, without, itself) }}
                                        what `macro(article, SITEURL, part)` gives for one after another, worked out
                                        once for all lists; what it writes between `{{ part.source }}` and
                                        `{{ part.end }}` is left out where `without` names that part; from
                                        `{{ part.tag }}` on, it is repeated for the first three tags but `itself`
{{ chart.counts|columns }}              the path of a picture of columns
{{ source.counts|line }}                the points of a line
"""

import re
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from html import unescape
from secrets import token_hex
from typing import NamedTuple

from jinja2.runtime import Macro
from markupsafe import Markup
from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator
from pelican.urlwrappers import Category

from plugins.site import charts, dates
from plugins.site.chronology import link
from plugins.site.listings import Part, Period

_LONGEST_TITLE = 300  # characters, wherever a title stands but at the head of its page
_MOST_ROWS = 150_000  # of lists, that a process keeps; of about 700 bytes each
_TAGS_OF_A_ROW = 3
_PARAGRAPHS = re.compile('(?:<p id="p[1-4]">.*?</p>\\s*)*', re.DOTALL)
_TOKEN = token_hex(16)  # what is replaced in rows that are kept; a title that holds it cannot be made
_SITE, _NAME = f"[{_TOKEN}]", f"[{_TOKEN}n]"


def short(title: Markup) -> Markup:
    """Return a title of at most 300 characters, so that no title makes a list large."""
    if len(title) <= _LONGEST_TITLE:
        return title
    text = unescape(str(title))
    return title if len(text) <= _LONGEST_TITLE else Markup.escape(text[:_LONGEST_TITLE].rstrip() + "…")


@lru_cache(maxsize=10_000)
def ancestors(published: str) -> list[Part]:
    """Return links to year, month and day of a date, as far as they are known; to the undated without any."""
    year, month, day = dates.period_of(published)
    known = [(year,), *([(year, month)] if month else []), *([(year, month, day)] if day else [])]
    return [link(period, 0) for period in known]


def above(period: Period) -> list[Part]:
    """Return links to the periods that one lies in: to the year of a month, to year and month of a day."""
    known = [number for number in period[:-1] if number]
    return [link(tuple(known[:length]), 0) for length in range(1, len(known) + 1)]


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts: `1 document`, `1,200 documents`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


@lru_cache
def digest(text: str) -> str:
    """Return what a page's policy calls a style sheet or a script that stands in the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def length_told(article: Article) -> str:
    """Return how long a document is, in words or, where no spaces part them, in characters."""
    return counted(article.words, "character" if article.lang in ("ja", "zh") else "word")


def beginning(content: str) -> Markup:
    """Return the first paragraphs of a document; nothing where it begins with something else."""
    return Markup(_PARAGRAPHS.match(content)[0])  # type: ignore[index]  # noqa: S704  # it matches anything


def by_source(articles: Sequence[Article]) -> list[tuple[Category | None, Sequence[Article]]]:
    """Return documents source by source, the one with the most first; all as one where each has another."""
    groups: dict[str, list[Article]] = {}
    for article in articles:
        groups.setdefault(article.category.url if article.category else "", []).append(article)
    if len(groups) == len(articles):
        return [(None, articles)]
    ordered = sorted(groups.items(), key=lambda group: (not group[0], -len(group[1]), group[0]))
    return [(of_one[0].category, of_one) for _, of_one in ordered]


class Parts(NamedTuple):
    """What a macro writes for the beginnings of the parts of a row, for their end, and for its tags."""

    date: str = f"<{_TOKEN}date>"
    lead: str = f"<{_TOKEN}lead>"
    source: str = f"<{_TOKEN}source>"
    end: str = f"<{_TOKEN}>"
    tag: str = f"<{_TOKEN}tag>"
    name: str = _NAME


class RowCache:
    """Keeps what a macro gives for a document, which stands in a dozen lists."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, tuple[list[tuple[str, str]], list[str]]]] = {}

    def __call__(
        self, articles: Iterable[Article], macro: Macro, site: str, without: Collection[str] = (), itself: str = ""
    ) -> str:
        kept = self._kept.setdefault(macro.name, {})
        pieces: list[str] = []
        for article in articles:
            row = kept.get(article.url)
            if row is None:
                names = [tag.name for tag in article.subjects[: _TAGS_OF_A_ROW + 1]]
                row = [*_parts(str(macro(article, _SITE, Parts())))], names
                if len(kept) < _MOST_ROWS:
                    kept[article.url] = row
            for name, text in row[0]:
                if name == "tag":
                    others = [tag for tag in row[1] if tag != itself]
                    pieces += [text.replace(_NAME, tag) for tag in others[:_TAGS_OF_A_ROW]]
                elif name not in without:
                    pieces.append(text)
        return "".join(pieces).replace(_SITE, site)


def _parts(row: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a row, each with its name; what is always shown has none."""
    first, *others = row.split(f"<{_TOKEN}")
    yield "", first
    for part in others:
        name, _, text = part.partition(">")
        yield name, text


def register() -> None:
    """Offer the filters to templates."""
    signals.generator_init.connect(_add_filters)


def _add_filters(generator: Generator) -> None:
    filters: dict[str, Callable[..., object]] = {
        "counted": counted,
        "day": dates.day,
        "length_told": length_told,
        "period": dates.name,
    }
    filters |= {"published": dates.published, "ancestors": ancestors, "above": above}
    filters |= {"columns": charts.columns, "line": charts.line, "weekday": dates.weekday}
    filters |= {"beginning": beginning, "by_source": by_source}
    generator.env.filters |= filters | {"digest": digest, "short": short, "each": RowCache()}
