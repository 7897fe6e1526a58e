"""What templates may write besides Jinja's own filters.

{{ 1200|counted("document") }}          1,200 documents
{{ article.date|day }}                  8 March 2023
{{ article.published|published }}       8 March 2023, May 1998, 1998 or undated: as precisely as it is known
{{ article.published|ancestors }}       links to its year and its month
{{ listing.period|above }}              links to the year and the month that a period lies in
{{ listing.period|period }}             March 2023
{{ article.title|short }}               at most 300 characters, so that no title makes a list large
{{ script|digest }}                     what lets a script that stands in the page through its policy: 'sha256-…'
{{ article|length_told }}               340 words, or characters in scripts without spaces
{{ articles|each(macro, SITEURL, …) }}  what `macro(article, SITEURL, …)` gives for one after another, worked out
                                        once for all lists with the same other values; the macro may put SITEURL
                                        into its text, no more
"""

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from html import unescape
from secrets import token_hex

from jinja2.runtime import Macro
from markupsafe import Markup
from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator

from plugins.site import dates
from plugins.site.listings import Part, Period, period_page

_LONGEST_TITLE = 300  # characters, wherever a title stands but at the head of its page
_MOST_ROWS = 200_000  # of lists, that a process keeps; of about 400 bytes each
_SITE = f"[{token_hex(16)}]"  # stands for SITEURL in rows that are kept; a title that holds it cannot be made


def short(title: Markup) -> Markup:
    """Return a title of at most 300 characters, so that no title makes a list large."""
    if len(title) <= _LONGEST_TITLE:
        return title
    text = unescape(str(title))
    return title if len(text) <= _LONGEST_TITLE else Markup.escape(text[:_LONGEST_TITLE].rstrip() + "…")


def ancestors(published: str) -> list[Part]:
    """Return links to the year and the month of a date, as far as they are known; to the undated without either."""
    year, month, _ = dates.period_of(published)
    return [_link((year,)), *([_link((year, month))] if month else [])]


def above(period: Period) -> list[Part]:
    """Return links to the periods that one lies in: to the year of a month, to year and month of a day."""
    known = [number for number in period[:-1] if number]
    return [_link(tuple(known[:length])) for length in range(1, len(known) + 1)]


def _link(period: Period) -> Part:
    return Part(dates.name(period), period_page(period), 0)


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


class RowCache:
    """Keeps what a macro gives for a document, which stands in a dozen lists."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], dict[str, str]] = {}

    def __call__(self, articles: Iterable[Article], macro: Macro, site: str, *given: object) -> str:
        kept = self._kept.setdefault((macro.name, *given), {})
        pieces = []
        for article in articles:
            piece = kept.get(article.url)
            if piece is None:
                piece = str(macro(article, _SITE, *given))
                if sum(map(len, self._kept.values())) < _MOST_ROWS:
                    kept[article.url] = piece
            pieces.append(piece)
        return "".join(pieces).replace(_SITE, site)


def register() -> None:
    """Offer the filters to templates."""
    signals.generator_init.connect(_add_filters)


def _add_filters(generator: Generator) -> None:
    filters = {"counted": counted, "day": dates.day, "length_told": length_told, "period": dates.name}
    filters |= {"published": dates.published, "ancestors": ancestors, "above": above}
    generator.env.filters |= filters | {"digest": digest, "short": short, "each": RowCache()}
