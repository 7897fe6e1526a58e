"""The pages to browse by: home, tags, sources, years, months, days, last added, about, and what is not there.

    catalogue ─ Plan.lists ─► ("tag", "tags/norway.html"), … ─ Plan.pages ─► page jobs: tags/norway.html,
                                                                             tags/norway/2023.html, its feed, …

A page job is a value: address, template, variables, and what the page depends on. Lists are planned one by one, so that
no process holds the pages of all. Whoever writes them, Pelican's own writer or the engine's, writes the same bytes.

Each page has the template and the variables that Pelican's themes know, so that a theme made for Pelican shows the
archive: `index`, `tags`, `tag`, `categories`, `category`, `authors`, `author`, `period_archives`, with `articles`,
`dates`, `articles_page`, `tag`, `category`, `author`, `period`. `dates`, `about`, `added`, `search` and `404` are
written where the theme has them. Beyond these, templates may use the filters of `plugins/site/filters.py`, and:

    kind            what the page is: home, dates, tag, source, period, tags, sources, lists, list, added, about,
                    search, missing
    extent          Extent; on home, dates and about only, since a new document must not change every page
    listing         listings.Listing, on lists of documents; chronology.TimeListing of years, months and days
    name_index      listings.Index, on indexes of tags and sources
    style           all of its style sheets, on the page for what is not there, where no address of the site is known
    style_source    the same for its policy: `'sha256-…'`
    later, earlier  listings.Part of the neighbouring year, month or day, or None
    other_years     [listings.Part]: the same day in the years nearest to its own
    chart, decades  charts.Chart and [charts.Decade] of the years, on home and dates; undated is a listings.Part or None
    introduction    the page `content/pages/home.md`, or None
    feed            address of the Atom feed of a tag or a source, or nothing
    related         [listings.Part]: the tags that most often stand on the documents of this list; on its first page
    span, chart, decades, undated     of a tag or a source, on its first page: its years
    tag_kind, broader, narrower       of a tag: what it is, and [listings.Part]
    languages, gaps                   of a source: codes of languages, and [(first, last)] months or years without any
    sources         [listings.Part], of a tag or a year: where its documents come from
    longest, peculiar                 of a year: [Article], and [listings.Part] of the subjects peculiar to it
    by_kind, tree   of all tags: each kind -> [listings.Part], and [overviews.Branch]
    source_lines    [catalogue.SourceLine], of all sources
    reading_lists   [reading_lists.ReadingList], on home and on the index of them; reading_list, on the page of one
    editions        [editions.Edition], on about and on their index; edition, on the page of one, and documents, by sign
    top_sources     [catalogue.SourceLine], on home
    top_tags        each kind of subjects -> [listings.Part], on home
    article.later, article.earlier, article.related, …    surroundings.Around; on a document
    article.subjects                  all its tags; `article.tags` are those that have a page of their own
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import nlargest
from html import unescape
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pelican import Pelican, signals
from pelican.contents import Article, Page
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator, PelicanTemplateNotFound
from pelican.urlwrappers import URLWrapper
from pelican.writers import Writer

from converters.archive.layout import ArchiveError
from converters.archive.stamps import stamp_of
from plugins.site import dates, overviews
from plugins.site.catalogue import Catalogue, SourceLine
from plugins.site.charts import chart, decades, span_of
from plugins.site.chronology import Timeline, chronology, link, period_page
from plugins.site.dates import period_of
from plugins.site.documents import Record, glance, part_with_plain_subjects, record_of
from plugins.site.editions import INDEX as EDITIONS
from plugins.site.editions import Edition, editions
from plugins.site.filters import digest
from plugins.site.listings import NEWEST, Listing, Part, Period, index, split
from plugins.site.looks import whole_style
from plugins.site.originals import write_new
from plugins.site.reader import ContentReader, remembered_tag, tag_of
from plugins.site.reading_lists import INDEX as LISTS
from plugins.site.reading_lists import ReadingList, reading_lists
from plugins.site.resourcesync import resourcesync
from plugins.site.surroundings import Surroundings
from plugins.site.syndication import JSON_FEED, atom_entry, atom_feed, feed_of, feed_of_editions, json_feed

_MOST_ENTRIES = 50_000  # of feeds, that a process keeps; of about 400 bytes each
_ADDED = 50  # documents on the page of those that came last
_OF_A_KIND = 8  # tags, on home
_OF_A_KIND_IN_INDEX = 50
_MOST = 10  # sources on home, and related tags beside a list

ListKey = tuple[str, str]
"""A list: what it is, and the address of its first page, such as `("tag", "tags/norway.html")`."""
Dependency = tuple[str, Period | str]
"""What a page of a list depends on: the list, by its first page, and the period or the beginning of names it shows."""
_INTRODUCTION = "pages/home.md"
"""What the curator says on the home page."""
_OWN_PAGES = ("index.html", "search.html", "404.html")
ARCHIVE: Dependency = ("", ())
"""What pages depend on that tell of the archive as a whole."""


class PageJob(NamedTuple):
    """A page that is to stand in the site."""

    address: str
    template: str
    variables: Mapping[str, object]
    """What the template sees beside what it sees on every page."""
    depends_on: Dependency


class FeedJob(NamedTuple):
    """A feed that is to stand in the site."""

    address: str
    make: Callable[[], str]
    depends_on: Dependency


Job = PageJob | FeedJob


class Selection(Protocol):
    """Which jobs are to be done: a set that may know its members without holding them."""

    def lists(self, kind: str) -> Collection[str] | None:
        """Return the first pages of the lists of a kind, tag, source or year, that have jobs in it; None for all."""

    def __contains__(self, job: Job) -> bool: ...


class Everything:
    """The selection of all jobs."""

    def lists(self, _: str) -> None:
        """Return None: all lists have jobs in it."""

    def __contains__(self, _: Job) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class SinglePage:
    """What Pelican's themes call a page of a paginated list; ours are never paginated."""

    object_list: Sequence[Article]

    def has_other_pages(self) -> bool:
        return False


class Plan:
    """The pages to browse by, of the documents of a catalogue, as jobs."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: dict[str, Any],
        hand_written: Mapping[str, str],
        has_template: Callable[[str], bool],
        selection: Selection,
    ) -> None:
        """Plan the lists with jobs in the selection; `hand_written` has the file of each page by hand, by address."""
        self._catalogue, self._settings, self._hand_written = catalogue, settings, hand_written
        self._has_template, self.selection = has_template, selection
        self._entries: dict[str, str] = {}
        """Entries of feeds, by the address of the document: it stands in a dozen of them."""

    @cached_property
    def lists(self) -> list[ListKey]:
        """All lists with jobs in the selection, of which none needs another to be written before."""
        years = (("year", url) for url in self._in_years)
        sources = (("source", url) for url in self._from_sources)
        authors = (("author", url) for url in self._by_authors)
        tags = (("tag", url) for url in self._tagged)
        rest = [
            ("dates", "dates/index.html"),
            ("tags", "tags/index.html"),
            ("sources", "sources/index.html"),
            ("authors", "authors/index.html"),
            ("extras", "about.html"),
        ]
        if self.reading_lists:
            rest.append(("lists", LISTS))
        if self.editions:
            rest.append(("editions", EDITIONS))
        feeds = [("feed", JSON_FEED)] if self._settings["SITEURL"] else []
        return [("home", "index.html"), *years, *sources, *authors, *tags, *rest, *feeds]

    def pages(self, key: ListKey) -> Iterator[Job]:
        """Yield the jobs of a list, in the selection or not; raises ArchiveError where a page by hand has its place."""
        for job in self._jobs(*key):
            check_maker(job.address, self._hand_written, "a page of the archive's own")
            yield job

    def _jobs(self, kind: str, url: str) -> Iterator[Job]:
        if kind == "home":
            yield self._home()
        elif kind == "year":
            yield from self._year(url, self._in_years[url])
        elif kind == "source":
            yield from self._list("source", *self._from_sources[url])
        elif kind == "author":
            yield from self._list("author", *self._by_authors[url])
        elif kind == "tag":
            yield from self._list("tag", *self._tagged[url])
        elif kind == "tags":
            yield from self._names("tags", url, self._catalogue.tag_parts)
        elif kind == "sources":
            yield from self._names("sources", url, self._catalogue.source_parts)
        elif kind == "authors":
            if parts := self._catalogue.author_parts:
                yield from self._names("authors", url, parts)
        elif kind == "extras":
            yield from self._extras()
        elif kind == "editions":
            yield from self._editions()
        elif kind == "lists":
            yield from self._reading_lists()
        elif kind == "dates":
            yield from self._dates(url)
        else:
            yield FeedJob(url, lambda: json_feed(self.newest, self._settings), ARCHIVE)

    @cached_property
    def newest(self) -> list[Article]:
        """The documents that arrived last, which feeds show whole."""
        arrived = self._catalogue.last_arrived(self._settings["FEED_MAX_ITEMS"])
        return [self._catalogue.read(record) for record in arrived]

    @cached_property
    def reading_lists(self) -> list[ReadingList]:
        """What curators have chosen, where the theme can show it."""
        if not self._has_template("reading_list"):
            return []
        return reading_lists(Path(str(self._settings["PATH"])), self._catalogue)

    @cached_property
    def editions(self) -> list[Edition]:
        """The archive's editions, the newest first, where the theme can show them."""
        return editions(Path(str(self._settings["PATH"]))) if self._has_template("edition") else []

    # Which documents a list shows

    @cached_property
    def _in_years(self) -> dict[str, Sequence[Article]]:
        urls = self.selection.lists("year")
        years = None if urls is None else {_year(url) for url in urls}
        return {
            period_page(period_of(articles[0].published)[:1]): articles for articles in self._catalogue.in_years(years)
        }

    @cached_property
    def _from_sources(self) -> dict[str, tuple[URLWrapper, Sequence[Article]]]:
        urls = self.selection.lists("source")
        return {
            source.url: (source, articles)
            for source, articles in self._catalogue.from_sources(None if urls is None else {*urls})
        }

    @cached_property
    def _by_authors(self) -> dict[str, tuple[URLWrapper, Sequence[Article]]]:
        if not self._has_template("author"):
            return {}
        urls = self.selection.lists("author")
        return {
            author.url: (author, articles)
            for author, articles in self._catalogue.by_authors(None if urls is None else {*urls})
        }

    @cached_property
    def _tagged(self) -> dict[str, tuple[URLWrapper, Sequence[Article]]]:
        urls = self.selection.lists("tag")
        return {tag.url: (tag, articles) for tag, articles in self._catalogue.tagged(None if urls is None else {*urls})}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {part.url: part.label for part in self._catalogue.tag_parts}

    @cached_property
    def _tag_parts(self) -> dict[str, Part]:
        return {part.url: part for part in self._catalogue.tag_parts}

    @cached_property
    def _weights(self) -> dict[str, int]:
        return overviews.weights_of(self._catalogue.tag_parts, len(self._catalogue))

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline(self._catalogue.periods)

    # The pages

    def _home(self) -> PageJob:
        catalogue = self._catalogue
        return _page(
            "index.html",
            "index",
            "home",
            ARCHIVE,
            listing=Listing("index.html", (), len(catalogue), catalogue[:NEWEST]),
            extent=catalogue.extent,
            **self._years(),
            top_sources=self._source_lines(_most(catalogue.source_parts)),
            reading_lists=self.reading_lists,
            top_tags={kind: parts[:_OF_A_KIND] for kind, parts in catalogue.tags_by_kind.items()},
        )

    def _dates(self, url: str) -> Iterator[PageJob]:
        if self._has_template("dates"):
            yield _page(url, "dates", "dates", ARCHIVE, extent=self._catalogue.extent, **self._years())

    def _years(self) -> dict[str, object]:
        periods = self._catalogue.periods
        years = [link(period, number) for period, number in sorted(periods.items()) if len(period) == 1 and period[0]]
        return {
            "chart": chart({int(year.label): year.count for year in years}),
            "decades": decades(years),
            "undated": link((0,), periods[(0,)]) if (0,) in periods else None,
        }

    def _source_lines(self, parts: Sequence[Part]) -> list[SourceLine]:
        return self._catalogue.source_lines(parts)

    def _list(self, kind: str, name: URLWrapper, articles: Sequence[Article]) -> Iterator[Job]:
        template = {"tag": "tag", "source": "category", "author": "author"}[kind]
        feed = feed_of(name.url) if self._settings["SITEURL"] else ""
        for listing in split(name.url.removesuffix(".html"), articles):
            overview = self._overview(kind, name, listing, articles) if listing.save_as == name.url else {}
            variables = {template: name, "listing": listing, "feed": feed, **overview}
            yield _page(listing.save_as, template, kind, (name.url, listing.period), **variables)
        if feed:
            yield FeedJob(feed, partial(self._feed_of, name, articles), (name.url, ()))

    def _overview(
        self, kind: str, name: URLWrapper, listing: Listing, articles: Sequence[Article]
    ) -> dict[str, object]:
        """Return what the first page of a list says of all its documents."""
        years = Counter(period_of(article.published)[0] for article in articles)
        is_long = len(articles) > NEWEST
        overview: dict[str, object] = {
            "span": span_of(years),
            "related": self._related_tags(articles, name) if len(articles) > 1 else [],
            "chart": chart(years) if is_long and len(years) > 2 else None,
            "decades": decades(part for part in reversed(listing.parts) if part.label.isdecimal()),
            "undated": next((part for part in listing.parts if not part.label.isdecimal()), None),
        }
        if kind == "tag":
            broader, narrower = overviews.relations_of(unescape(name.name), self._part_of)
            overview |= {"tag_kind": self._catalogue.kinds[name.url], "broader": broader, "narrower": narrower}
        if kind != "source":
            return overview | {"sources": overviews.sources_of(articles) if is_long else []}
        return overview | {"languages": overviews.languages_of(articles), "gaps": overviews.gaps_of(articles)}

    def _part_of(self, name: str) -> Part | None:
        """Return the link to the subject of a name, if it has a page."""
        tag = tag_of(name, self._settings)
        return self._tag_parts.get(tag.url) if tag else None

    def _feed_of(self, name: URLWrapper, articles: Sequence[Article]) -> str:
        entries = []
        arrived = sorted(articles, key=lambda article: -self._catalogue.arrival(article.save_as))
        newest = arrived[: self._settings["FEED_MAX_ITEMS"]][:NEWEST]
        for article in newest:
            if article.url not in self._entries:
                if len(self._entries) >= _MOST_ENTRIES:
                    self._entries.clear()
                self._entries[article.url] = atom_entry(article, self._settings)
            entries.append(self._entries[article.url])
        return atom_feed(name, max(article.date for article in newest), entries, self._settings)

    def _year(self, url: str, articles: Sequence[Article]) -> Iterator[Job]:
        for listing in chronology(articles):
            overview = self._overview_of_year(articles) if len(listing.period) == 1 and listing.months else {}
            yield _page(
                listing.save_as,
                "period_archives",
                "period",
                (url, listing.period),
                listing=listing,
                period=tuple(dates.name(listing.period).split())[::-1],
                **self._beside(listing),
                **overview,
            )

    def _overview_of_year(self, articles: Sequence[Article]) -> dict[str, object]:
        return {
            "sources": overviews.sources_of(articles),
            "longest": overviews.longest_of(articles),
            "peculiar": overviews.peculiar_to(articles, self._weights, self._labels),
        }

    def _beside(self, listing: Listing) -> dict[str, object]:
        """Return what the page of a year, month or day leads to; nothing without a date, or for a part of a day."""
        if listing.beginning or not listing.period[0] or listing.period[1:2] == (0,):
            return {}
        later, earlier = self._timeline.beside(listing.period)
        is_day = len(listing.period) == 3 and listing.period[2]
        return {
            "later": later,
            "earlier": earlier,
            "other_years": self._timeline.other_years(listing.period) if is_day else [],
        }

    def _names(self, kind: str, url: str, parts: Sequence[Part]) -> Iterator[Job]:
        template = {"tags": "tags", "sources": "categories", "authors": "authors"}[kind]
        for names in index(f"{kind}/index", parts):
            overview = self._overview_of_names(kind, names.names) if names.save_as == url else {}
            yield _page(names.save_as, template, kind, (url, names.beginning), name_index=names, **overview)

    def _overview_of_names(self, kind: str, names: Sequence[Part]) -> dict[str, object]:
        if kind == "authors":
            return {}
        if kind == "tags":
            of_kinds = self._catalogue.tags_by_kind
            by_kind = {kind: parts[:_OF_A_KIND_IN_INDEX] for kind, parts in of_kinds.items()}
            return {"by_kind": by_kind, "tree": overviews.tree_of(self._part_of) if names else ()}
        return {"source_lines": self._source_lines(sorted(names, key=lambda part: (-part.count, part.url)))}

    def _reading_lists(self) -> Iterator[Job]:
        yield _page(LISTS, "reading_lists", "lists", ARCHIVE, reading_lists=self.reading_lists)
        for chosen in self.reading_lists:
            feed = feed_of(chosen.url) if self._settings["SITEURL"] and chosen.entries else ""
            yield _page(chosen.url, "reading_list", "list", ARCHIVE, reading_list=chosen, feed=feed)
            if feed:
                entries = [atom_entry(one.article, self._settings, one.sentence) for one in chosen.entries]
                updated = max(one.article.date for one in chosen.entries)
                yield FeedJob(feed, partial(atom_feed, chosen, updated, entries, self._settings), ARCHIVE)

    def _editions(self) -> Iterator[Job]:
        feed = feed_of(EDITIONS) if self._settings["SITEURL"] else ""
        yield _page(EDITIONS, "editions", "editions", ARCHIVE, editions=self.editions, feed=feed)
        for edition in self.editions:
            documents = {sign: self._catalogue.at(addresses) for sign, addresses in edition.shown.items()}
            yield _page(edition.url, "edition", "edition", ARCHIVE, edition=edition, documents=documents)
            file = Path(str(self._settings["PATH"]), edition.file)
            yield FeedJob(edition.file, partial(file.read_text, encoding="utf-8"), ARCHIVE)
        if feed:
            yield FeedJob(feed, lambda: feed_of_editions(self.editions, self._settings), ARCHIVE)
            content, site = Path(str(self._settings["PATH"])), str(self._settings["SITEURL"])
            for address, make in resourcesync(content, self.editions, site):
                yield FeedJob(address, make, ARCHIVE)

    def _added(self) -> PageJob:
        arrived = [self._catalogue.entry_of(record) for record in self._catalogue.last_arrived(_ADDED)]
        listing = Listing("added.html", (), len(self._catalogue), arrived)
        return _page("added.html", "added", "added", ARCHIVE, listing=listing)

    def _extras(self) -> Iterator[Job]:
        if self._has_template("added"):
            yield self._added()
        extent = self._catalogue.extent
        extras = [("about.html", "about", "about"), ("404.html", "404", "missing")]
        if self._settings["SEARCH"]:
            extras.append(("search.html", "search", "search"))
        for address, template, kind in extras:
            if self._has_template(template) and not (kind == "about" and address in self._hand_written):
                further = self._from_any_depth() if kind == "missing" else {}
                yield _page(address, template, kind, ARCHIVE, page=None, extent=extent, **further)

    def _from_any_depth(self) -> dict[str, object]:
        """Return what the page for what is not there needs, since a host shows it at any address.

        Where the archive's address is known, its links are absolute. Else it has none, and its style in itself.
        """
        if site := site_address(self._settings):
            return {"SITEURL": site}
        style = whole_style(self._settings)
        return {"style": style, "style_source": digest(f"\n{style}")} if style else {}

    def _related_tags(self, articles: Sequence[Article], itself: URLWrapper) -> list[Part]:
        counts = Counter(chain.from_iterable(article.tag_urls for article in articles))
        counts = Counter({url: number for url, number in counts.items() if url in self._labels and url != itself.url})
        # Of the thousands that may stand beside a tag, only those that can be among the most are worth sorting.
        least = min(nlargest(_MOST, counts.values()), default=0)
        most = sorted((-count, url) for url, count in counts.items() if count >= least)[:_MOST]
        return [Part(self._labels[url], url, -count) for count, url in most]


class BrowsingGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes the pages to browse by with Pelican's writer, of the articles that its own generator has read."""

    def generate_output(self, writer: Writer) -> None:
        plan = plan_of(self, Everything())
        lists: dict[str, list[str]] = {}
        self.context["list_pages"] = lists
        for key in plan.lists:
            for job in plan.pages(key):
                lists.setdefault(key[1], []).append(job.address)
                if isinstance(job, FeedJob):
                    write_feed(job, self.output_path)
                else:
                    template, relative = self.get_template(job.template), has_relative_links(job, self.settings)
                    writer.write_file(job.address, template, self.context, relative, url=job.address, **job.variables)
        write_atom_feed(plan, self.context, writer)


def plan_of(generator: Generator, selection: Selection) -> Plan:
    """Return the plan for the catalogue of a generator's context."""
    context = generator.context
    hand_written = hand_written_pages(context["pages"])
    return Plan(context["catalogue"], generator.settings, hand_written, partial(_has, generator), selection)


def write_atom_feed(plan: Plan, context: dict[str, Any], writer: Writer) -> None:
    """Write the Atom feed of the archive with Pelican's writer, in the place of the one of its own generator."""
    if feed := context["FEED_ALL_ATOM"]:
        writer.write_feed(plan.newest, context, feed, feed, override_output=True)


def hand_written_pages(pages: Iterable[Page]) -> dict[str, str]:
    """Return the content file of each page that is written by hand, by its address."""
    return {page.save_as: page.relative_source_path for page in pages}


def check_maker(address: str, hand_written: Mapping[str, str], other: str) -> None:
    """Raise ArchiveError where a page that is written by hand has the address of another one."""
    if address in hand_written:
        raise ArchiveError(
            f"content/{hand_written[address]}: would be {address}, which is {other}; "
            "give it another file name, or a line `Slug: …`"
        )


def write_feed(job: FeedJob, output: str) -> None:
    """Write a feed, unless a file has its place."""
    with suppress(FileExistsError):
        write_new(f"{output}/{job.address}", job.make().encode())


def has_relative_links(job: PageJob, settings: dict[str, object]) -> bool:
    """Return whether the links of a page are relative: not where it brings the site's address with it."""
    return bool(settings["RELATIVE_URLS"]) and "SITEURL" not in job.variables


def site_address(settings: Mapping[str, Any]) -> str:
    """Return where the site is to be published, as far as the settings say it; "" where they do not."""
    return str(settings["SITEURL"] or (f"https://{cname}" if (cname := settings.get("CNAME")) else ""))


def register() -> None:
    """Let Pelican know of the generator, and take its own lists out of its hands."""
    signals.article_generator_finalized.connect(_take_over)
    signals.page_generator_finalized.connect(_take_pages)
    signals.get_generators.connect(_give_generator)


def _take_over(generator: ArticlesGenerator) -> None:
    """Make the catalogue of what Pelican's own generator has read, and leave it nothing to write but documents."""
    if not generator.settings["ARTICLE_PATHS"]:  # another generator reads them
        return
    listed = {article.save_as: article for article in generator.articles}
    records = [_record(article) for article in generator.articles]
    hidden = [_record(article) for article in chain(generator.hidden_articles, generator.drafts)]
    in_order = sorted(chain(records, hidden), key=lambda record: record.save_as)
    names = {name for record in in_order for name in record.tag_names}
    surroundings = Surroundings(in_order, {name: remembered_tag(name, generator.settings) for name in names})
    for number, record in enumerate(in_order):
        if article := listed.get(record.save_as):
            article.__dict__ |= surroundings.of(number)._asdict()
    catalogue = Catalogue(chain(records, hidden), generator.settings, lambda record: listed[record.save_as])
    for article in chain(generator.articles, generator.hidden_articles, generator.drafts):
        part_with_plain_subjects(article, catalogue.tag_pages)
    known = editions(Path(str(generator.settings["PATH"])))
    generator.context |= {"catalogue": catalogue, "extent": catalogue.extent, "editions": known}
    # The context keeps them. Pelican would compare every article with every tag's, only to write nothing.
    generator.tags, generator.categories, generator.authors, generator.period_archives = {}, [], [], {}


def _record(article: Article) -> Record:
    path = article.source_path
    record = record_of(article, glance(ContentReader(article.settings), path, stamp_of(path)))
    assert record is not None  # noqa: S101  # there is an article
    return record


def _take_pages(generator: PagesGenerator) -> None:
    """Return the page about the archive its template; raise ArchiveError where two pages have one address."""
    known: dict[str, str] = {}
    for page in chain(generator.pages, generator.hidden_pages, generator.draft_pages):
        file = page.relative_source_path
        check_maker(page.save_as, known, f"content/{file} too")
        check_maker(page.save_as, dict.fromkeys(_OWN_PAGES, file), "a page of the archive's own")
        known[page.save_as] = file
        if page.save_as == "about.html" and _has(generator, "about"):
            page.template = "about"
    introduction = next((page for page in generator.pages if page.relative_source_path == _INTRODUCTION), None)
    if introduction:
        generator.pages.remove(introduction)
    generator.context["introduction"] = introduction


def _page(address: str, template: str, kind: str, depends_on: Dependency, **variables: object) -> PageJob:
    listing = variables.get("listing")
    articles = listing.articles if isinstance(listing, Listing) else ()
    shown = {"articles": articles, "dates": articles, "articles_page": SinglePage(articles)}
    return PageJob(
        address,
        template,
        {"kind": kind, "page_name": address.removesuffix(".html"), **shown, **variables},
        depends_on,
    )


def _give_generator(pelican: Pelican) -> type[BrowsingGenerator] | None:
    return None if pelican.settings["FAST"] else BrowsingGenerator


def _has(generator: Generator, template: str) -> bool:
    try:
        generator.get_template(template)
    except PelicanTemplateNotFound:
        return False
    return True


def _year(url: str) -> int:
    """Return the year of a page of its documents; 0 of that of the undated."""
    year = url.partition("/")[0]
    return int(year) if year.isdecimal() else 0


def _most(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.count, part.url))[:_MOST]
