"""The pages to browse by: home, tags, sources, years, months, days, about, and the page for what is not there.

Each has the template and the variables that Pelican's themes know, so that a theme made for Pelican shows the archive:
`index`, `tags`, `tag`, `categories`, `category`, `period_archives`, with `articles`, `dates`, `articles_page`, `tag`,
`category`, `period`. `about`, `search` and `404` are written where the theme has them. Beyond these, templates may use:

    kind            what the page is: home, tag, source, period, tags, sources, about, search, missing
    extent          Extent; on home and about only, since a new document must not change every page
    listing         listings.Listing, on lists of documents
    name_index      listings.Index, on indexes of tags and sources
    indexes         how many search indexes there are, on the page for searching
    later, earlier  listings.Part of the neighbouring year or month, or None
    years           [listings.Part], on home
    feed            address of the Atom feed of a tag or a source, or nothing
    related         [listings.Part]: the tags that most often stand on the documents of this list; on its first page
    top_sources, top_tags             [listings.Part], on home
    article.later, article.earlier    Neighbour in the order of addresses, or None
    day, period     filters of a date and of a listing's period: `8 March 2023`
    short           a filter: a title of at most 300 characters, so that no title makes a list large
    counted         a filter: `1 document`, `1,200 documents`
    each            a filter: `articles|each(macro, SITEURL, …)` is `macro(article, SITEURL, …)` of one after another,
                    worked out once for all lists with the same other values; it may put SITEURL into its text, no more
    length_told     a filter of an article: `340 words`, or characters in scripts without spaces
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from heapq import nlargest
from html import unescape
from itertools import chain, groupby
from secrets import token_hex
from typing import NamedTuple, cast

from jinja2.runtime import Macro
from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator, PelicanTemplateNotFound
from pelican.urlwrappers import URLWrapper
from pelican.writers import Writer

from plugins.engine.search import number_of_indexes
from plugins.site import dates
from plugins.site.listings import NEWEST, Listing, Part, Period, chronology, index, neighbours, period_page, split
from plugins.site.originals import write_new
from plugins.site.syndication import JSON_FEED, atom_entry, atom_feed, feed_of, json_feed

_LONGEST_TITLE = 300  # characters, wherever a title stands but at the head of its page
_MOST_ROWS, _MOST_ENTRIES = 200_000, 50_000  # of lists and of feeds, that a process keeps; of about 400 bytes each
_SITE = f"[{token_hex(16)}]"  # stands for SITEURL in rows that are kept; a title that holds it cannot be made
_MOST = 10  # sources, tags and related tags shown beside a list


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an archive holds."""

    documents: int
    sources: int
    tags: int
    words: int
    first: date | None
    last: date | None


class Neighbour(NamedTuple):
    """What a document shows of the one before or after it."""

    url: str
    title: Markup
    lang: str


@dataclass(frozen=True, slots=True)
class _Whole:
    """What Pelican's themes call a page of a paginated list; ours are never paginated."""

    object_list: Sequence[Article]

    def has_other_pages(self) -> bool:
        return False


class BrowsingGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes the browsing pages from the articles that Pelican's generator has read."""

    def generate_output(self, writer: Writer) -> None:
        self._look_around(writer)
        for write in self._pieces():
            write()

    def _look_around(self, writer: Writer) -> None:
        """Make ready what all pages need."""
        self._writer = writer
        self._labels = {part.url: part.label for part in self._tag_parts()}
        self._around = self._neighbours_in_time()

    def _pieces(self) -> Iterator[Callable[[], None]]:
        """Give the pieces of the work, of which none needs another to be done before."""
        yield self._write_home
        for articles in self._in_years():
            yield partial(self._write_year, articles)
        for source, articles in self._from_sources():
            yield partial(self._write_list, "source", source, articles)
        for tag, articles in self._tagged():
            yield partial(self._write_list, "tag", tag, articles)
        yield partial(self._write_index, "tags", self._tag_parts())
        yield partial(self._write_index, "sources", self._source_parts())
        yield self._write_extras
        if self.settings["SITEURL"]:
            yield self._write_json_feed

    # What the pages are made from

    def _tagged(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        """Give the tags whose lists are to be written, with their documents."""
        return cast(Iterable[tuple[URLWrapper, Sequence[Article]]], self.context["tags"])

    def _from_sources(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        """Give the sources whose lists are to be written, with their documents."""
        return cast(Iterable[tuple[URLWrapper, Sequence[Article]]], self.context["categories"])

    def _in_years(self) -> Iterable[Sequence[Article]]:
        """Give the documents of each year whose pages are to be written."""
        for _, articles in groupby(self.context["articles"], lambda article: article.date.year):
            yield list(articles)

    def _tag_parts(self) -> Sequence[Part]:
        """Give all tags, by address, with how many documents each has."""
        return _counts(self.context["tags"])

    def _source_parts(self) -> Sequence[Part]:
        """Give all sources, by address, with how many documents each has."""
        return _counts(self.context["categories"])

    @cached_property
    def _newest(self) -> list[Article]:
        """The newest documents, which feeds show whole."""
        return list(self.context["articles"][: self.settings["FEED_MAX_ITEMS"]])

    def _periods(self) -> dict[Period, int]:
        """Give all years and months, newest first, with how many documents each has."""
        days = [article.date for article in self.context["articles"]]
        return Counter(period for day in days for period in ((day.year,), (day.year, day.month)))

    # The pages

    def _write_home(self) -> None:
        articles = self.context["articles"]
        self._write(
            "index.html",
            "index",
            "home",
            listing=Listing("index.html", (), len(articles), articles[:NEWEST]),
            extent=self.context["extent"],
            years=[_link(period, number) for period, number in self._periods().items() if len(period) == 1],
            top_sources=_most(self._source_parts()),
            top_tags=_most(self._tag_parts()),
        )

    def _neighbours_in_time(self) -> dict[str, tuple[Part | None, Part | None]]:
        """Give the later and the earlier neighbour of each page of a year or a month."""
        return {
            part.url: (later, earlier)
            for length in (1, 2)
            for later, part, earlier in neighbours(
                [_link(period, number) for period, number in self._periods().items() if len(period) == length]
            )
        }

    def _write_list(self, kind: str, name: URLWrapper, articles: Sequence[Article]) -> None:
        template = {"tag": "tag", "source": "category"}[kind]
        related = self._together(articles, name) if len(articles) > 1 else []
        feed = feed_of(name.url) if self.settings["SITEURL"] else ""
        for page in split(name.url.removesuffix(".html"), articles):
            beside = related if page.save_as == name.url else []
            self._write(page.save_as, template, kind, listing=page, related=beside, feed=feed, **{template: name})
        if feed:
            self._write_feed_of(name, articles[: self.settings["FEED_MAX_ITEMS"]][:NEWEST])

    def _write_feed_of(self, name: URLWrapper, newest: Sequence[Article]) -> None:
        """Write the feed of a tag or a source."""
        entries = []
        for article in newest:
            if article.url not in self._entries:
                if len(self._entries) >= _MOST_ENTRIES:
                    self._entries.clear()
                self._entries[article.url] = atom_entry(article, self.settings)
            entries.append(self._entries[article.url])
        self._write_text(feed_of(name.url), atom_feed(name, newest[0].date, entries, self.settings))

    @cached_property
    def _entries(self) -> dict[str, str]:
        """Entries of feeds, by the address of the document: it stands in a dozen of them."""
        return {}

    def _write_json_feed(self) -> None:
        self._write_text(JSON_FEED, json_feed(self._newest, self.settings))

    def _write_text(self, save_as: str, text: str) -> None:
        with suppress(FileExistsError):
            write_new(f"{self.output_path}/{save_as}", text.encode())

    def _write_year(self, articles: Sequence[Article]) -> None:
        for page in chronology(articles):
            later, earlier = self._around.get(page.save_as, (None, None))
            self._write(
                page.save_as,
                "period_archives",
                "period",
                listing=page,
                period=tuple(dates.name(page.period).split())[::-1],
                later=later,
                earlier=earlier,
            )

    def _write_index(self, kind: str, parts: Sequence[Part]) -> None:
        template = {"tags": "tags", "sources": "categories"}[kind]
        for page in index(f"{kind}/index", parts):
            self._write(page.save_as, template, kind, name_index=page)

    def _together(self, articles: Sequence[Article], itself: URLWrapper) -> list[Part]:
        counts = Counter(chain.from_iterable(article.tag_urls for article in articles))
        del counts[itself.url]
        # Of the thousands that may stand beside a tag, only those that can be among the most are worth sorting.
        least = min(nlargest(_MOST, counts.values()), default=0)
        most = sorted((-count, url) for url, count in counts.items() if count >= least)[:_MOST]
        return [Part(self._labels[url], url, -count) for count, url in most]

    def _write_extras(self) -> None:
        written = {page.save_as for page in self.context["pages"]}
        indexes = number_of_indexes(len(self.context["articles"]))
        extras = [("about.html", "about", "about"), ("404.html", "404", "missing")]
        if self.settings["SEARCH"]:
            extras.append(("search.html", "search", "search"))
        for save_as, template, kind in extras:
            if save_as not in written and _has(self, template):
                self._write(save_as, template, kind, page=None, extent=self.context["extent"], indexes=indexes)

    def _write(self, save_as: str, template: str, kind: str, **variables: object) -> None:
        listing = variables.get("listing")
        articles = listing.articles if isinstance(listing, Listing) else ()
        self._writer.write_file(
            save_as,
            self.get_template(template),
            self.context,
            # A host shows the page for what is not there at any address, where only absolute links lead somewhere.
            relative_urls=self.settings["RELATIVE_URLS"] and not (kind == "missing" and self.settings["SITEURL"]),
            url=save_as,
            kind=kind,
            articles=articles,
            dates=articles,
            articles_page=_Whole(articles),
            page_name=save_as.removesuffix(".html"),
            **variables,
        )


def register() -> None:
    """Let Pelican know of the generator, and take its own lists out of its hands."""
    signals.generator_init.connect(_add_filters)
    signals.article_generator_finalized.connect(_take_over)
    signals.page_generator_finalized.connect(_dress_about)
    signals.get_generators.connect(_give_generator)


def extent_of(articles: Sequence[Article], sources: int, tags: int) -> Extent:
    """Give how much an archive holds, from its documents in the order of the lists."""
    return Extent(
        len(articles),
        sources,
        tags,
        sum(article.words for article in articles),
        articles[-1].date.date() if articles else None,
        articles[0].date.date() if articles else None,
    )


def short(title: Markup) -> Markup:
    """Give a title of at most 300 characters, so that no title makes a list large."""
    if len(title) <= _LONGEST_TITLE:
        return title
    text = unescape(str(title))
    return title if len(text) <= _LONGEST_TITLE else Markup.escape(text[:_LONGEST_TITLE].rstrip() + "…")


def _take_over(generator: ArticlesGenerator) -> None:
    by_address: list[Article] = sorted(generator.articles, key=lambda article: str(article.save_as))
    known = [Neighbour(article.url, article.title, article.lang) for article in by_address]
    for earlier, article, later in zip([None, *known], by_address, [*known[1:], None], strict=False):
        article.later, article.earlier = later, earlier
        article.tag_urls = [tag.url for tag in article.tags]
    generator.context["extent"] = extent_of(generator.articles, len(generator.categories), len(generator.tags))
    # The context keeps them. Pelican would compare every article with every tag's, only to write nothing.
    generator.tags, generator.categories, generator.authors, generator.period_archives = {}, [], [], {}


def _dress_about(generator: PagesGenerator) -> None:
    for page in generator.pages:
        if page.save_as == "about.html" and _has(generator, "about"):
            page.template = "about"


def _add_filters(generator: Generator) -> None:
    filters = {"counted": _counted, "day": dates.day, "length_told": _length_told, "period": dates.name}
    generator.env.filters |= filters | {"short": short, "each": _Each()}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _length_told(article: Article) -> str:
    return _counted(article.words, "character" if article.lang in ("ja", "zh") else "word")


class _Each:
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


def _give_generator(pelican: Pelican) -> type[BrowsingGenerator] | None:
    return None if pelican.settings["FAST"] else BrowsingGenerator


def _has(generator: Generator, template: str) -> bool:
    try:
        generator.get_template(template)
    except PelicanTemplateNotFound:
        return False
    return True


def _link(period: Period, number: int) -> Part:
    return Part(dates.name(period), period_page(period), number)


def _counts(taxonomy: Iterable[tuple[URLWrapper, list[Article]]]) -> list[Part]:
    return sorted((Part(name.name, name.url, len(articles)) for name, articles in taxonomy), key=lambda part: part.url)


def _most(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.count, part.url))[:_MOST]
