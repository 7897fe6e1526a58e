"""The catalogue: all documents that lists show, ordered and counted.

    records ─► Catalogue ─► the documents of a tag, a source or a year; how many each has; the extent of all

Grouping costs what the groups hold: a build that is to write the lists of ten tags groups the documents of ten tags.
What is known of all documents is counted over names and days as plain strings, which costs next to nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import chain
from typing import overload

from pelican.contents import Article
from pelican.urlwrappers import Author, Category, Tag

from converters.ledger.ledger import document_numbers
from plugins.site.charts import Chart, chart, span_of
from plugins.site.dates import period_of
from plugins.site.documents import KINDS, Entry, Record
from plugins.site.listings import Part, Period
from plugins.site.published import ledger_of, tags_with_page
from plugins.site.reader import author_of, kind_in_vocabulary, source_of, tag_of

_OF_HEADS = {"tag_parts", "tag_pages", "source_parts", "periods"}
"""What is counted of a catalogue by what the heads of its documents tell."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an archive holds."""

    documents: int
    sources: int
    tags: int
    authors: int
    words: int
    first: str
    """The date of the oldest document, as precisely as it is known; nothing where none has a date."""
    last: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in a table of them."""

    link: Part
    chart: Chart | None
    """Its documents over the years in which any source has documents; None if all of its own are without a date."""
    span: str
    """Its first and its last year: `1987–2023`, or `2023`."""
    languages: tuple[str, ...]
    """Codes of the languages of its documents, the most frequent first."""


class Catalogue(Sequence[Entry]):
    """The published documents of an archive, newest first and by address within a day."""

    def __init__(
        self, records: Iterable[Record], settings: dict[str, object], read: Callable[[Record], Article]
    ) -> None:
        """Order the records of all documents; `read` returns the whole article of one."""
        listed: list[Record] = []
        self.unlisted: set[str] = set()
        """Addresses of documents that lists do not show: drafts and hidden ones."""
        for record in records:
            if record.status == "published":
                listed.append(record)
            else:
                self.unlisted.update(record.addresses[:1])
        by_address = sorted(listed, key=lambda record: record.save_as)
        self.records = sorted(by_address, key=lambda record: record.published, reverse=True)
        self._settings = settings
        self._read = read
        self._entries: list[Entry | None] = [None] * len(self.records)

    def of(self, records: Iterable[Record]) -> "Catalogue":
        """Return the catalogue of the same documents, of which more is known than their heads tell."""
        same = Catalogue(records, self._settings, self._read)
        for name in _OF_HEADS & self.__dict__.keys():
            same.__dict__[name] = self.__dict__[name]
        return same

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, at: int) -> Entry: ...

    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...

    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        entry = self._entries[at]
        if entry is None:
            entry = self._entries[at] = self.entry_of(self.records[at])
        return entry

    def tagged(self, wanted: set[str] | None = None) -> list[tuple[Tag, list[Entry]]]:
        """Return each tag, or those at the addresses that are wanted, with its documents."""
        tags: dict[str, tuple[Tag, list[Entry]]] = {}
        pages = self.tag_pages if wanted is None else self.tag_pages & wanted
        named = {name: tag for name, tag in self._tags.items() if tag and tag.url in pages}
        for at, record in enumerate(self.records):
            if wanted is None or not named.keys().isdisjoint(record.tag_names):
                of_one = {tag.url: tag for name in reversed(record.tag_names) if (tag := named.get(name))}
                for url, tag in of_one.items():
                    tags.setdefault(url, (tag, []))[1].append(self[at])
        return list(tags.values())

    def from_sources(self, wanted: set[str] | None = None) -> list[tuple[Category, list[Entry]]]:
        """Return each source, or those at the addresses that are wanted, with its documents."""
        sources: dict[str, tuple[Category, list[Entry]]] = {}
        named = {name: one for name, one in self._sources.items() if one and (wanted is None or one.url in wanted)}
        for at, record in enumerate(self.records):
            if source := named.get(record.source):
                sources.setdefault(source.slug, (source, []))[1].append(self[at])
        return [sources[slug] for slug in sorted(sources)]

    def by_authors(self, wanted: set[str] | None = None) -> list[tuple[Author, list[Entry]]]:
        """Return each author, or those at the addresses that are wanted, with the documents."""
        authors: dict[str, tuple[Author, list[Entry]]] = {}
        for at, record in enumerate(self.records):
            for url, author in self._authors_of(record).items():
                if wanted is None or url in wanted:
                    authors.setdefault(url, (author, []))[1].append(self[at])
        return [authors[url] for url in sorted(authors)]

    def _authors_of(self, record: Record) -> dict[str, Author]:
        return {author.url: author for name in record.authors for author in [author_of(name, self._settings)]}

    def in_years(self, wanted: set[int] | None = None) -> Iterator[list[Entry]]:
        """Yield the documents of each year, or of those that are wanted."""
        year: list[Entry] = []
        number = 0
        for at, record in enumerate(self.records):
            if wanted is None or record.period[0] in wanted:
                if year and number != record.period[0]:
                    yield year
                    year = []
                number = record.period[0]
                year.append(self[at])
        if year:
            yield year

    @cached_property
    def periods(self) -> dict[Period, int]:
        """How many documents each year, month and day has."""
        days = Counter(record.published[:10] for record in self.records)
        counts: Counter[Period] = Counter()
        for text, number in days.items():
            year, month, day = period_of(text)
            counts[(year,)] += number
            if year:
                counts[(year, month)] += number
            if month:
                counts[(year, month, day)] += number
        return counts

    @cached_property
    def tag_parts(self) -> list[Part]:
        """The tags that have a page, with their counts, by their addresses."""
        return tags_with_page(
            counted_tags([record.tag_names for record in self.records], self._settings),
            len(self.records),
            self._settings,
        )

    @cached_property
    def tag_pages(self) -> frozenset[str]:
        """The addresses of the first pages of tags."""
        return frozenset(part.url for part in self.tag_parts)

    @cached_property
    def source_parts(self) -> list[Part]:
        """All sources with their counts, by their addresses."""
        counts: dict[str, tuple[str, int]] = {}
        for name, number in Counter(record.source for record in self.records).items():
            if source := self._sources[name]:
                first, before = counts.get(source.url, (source.name, 0))
                counts[source.url] = first, before + number
        return [Part(name, url, number) for url, (name, number) in sorted(counts.items())]

    @cached_property
    def author_parts(self) -> list[Part]:
        """All authors with their counts, by their addresses; each is named as by the newest of the documents."""
        counts: Counter[str] = Counter()
        names: dict[str, str] = {}
        for record in self.records:
            for url, author in self._authors_of(record).items() if record.authors else ():
                counts[url] += 1
                names.setdefault(url, author.name)
        return [Part(names[url], url, counts[url]) for url in sorted(counts)]

    def source_lines(self, parts: Iterable[Part]) -> list[SourceLine]:
        """Return what a table says of sources."""
        known = self._years_and_languages
        dated = {year for years, _ in known.values() for year in years if year}
        whole = (min(dated), max(dated)) if dated else None
        return [
            SourceLine(part, chart(years, whole), span_of(years), languages)
            for part in parts
            for years, languages in [known[part.url]]
        ]

    @cached_property
    def _years_and_languages(self) -> dict[str, tuple[dict[int, int], tuple[str, ...]]]:
        found: dict[str, tuple[Counter[int], Counter[str]]] = {}
        alike = Counter((record.source, record.published[:4], record.lang) for record in self.records)
        for (name, year, lang), number in alike.items():
            if source := self._sources[name]:
                years, languages = found.setdefault(source.url, (Counter(), Counter()))
                years[int(year or 0)] += number
                languages[lang] += number
        return {
            url: (years, tuple(sorted(languages, key=lambda lang: (-languages[lang], lang))))
            for url, (years, languages) in found.items()
        }

    @cached_property
    def tags_by_kind(self) -> dict[str, list[Part]]:
        """The tags of each kind, with the most documents first; kinds without any are left out."""
        of_kind: dict[str, list[Part]] = {kind: [] for kind in KINDS}
        for part in sorted(self.tag_parts, key=lambda part: (-part.count, part.url)):
            of_kind[self.kinds[part.url]].append(part)
        return {kind: parts for kind, parts in of_kind.items() if parts}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each tag, by its address: as the vocabulary has it, else as the newest of its documents does."""
        digits: dict[str, str] = {}
        for record in reversed(self.records):
            digits.update(zip(record.tag_names, record.kinds, strict=True))
        content = str(self._settings["PATH"])
        return {
            tag.url: kind_in_vocabulary(unescape(tag.name), content) or KINDS[int(digits[name])]
            for name in reversed(self._tags)
            if (tag := self._tags[name])
        }

    def at(self, addresses: Iterable[str]) -> list[tuple[str, Entry | None]]:
        """Return for each address the document that lists show there; None where it is no more."""
        return [(address, None if (at := self.places.get(address)) is None else self[at]) for address in addresses]

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each document, by its address."""
        return {record.save_as: at for at, record in enumerate(self.records)}

    def last_arrived(self, number: int | None) -> list[Record]:
        """Return the records of the documents that came into the archive last, the very last first; None for all.

        A document that the ledger does not know, such as one written by hand, counts as there from the beginning.
        """
        return sorted(self.records, key=lambda record: -self.arrival(record.save_as))[:number]

    def arrival(self, address: str) -> int:
        """Return the place of a document in the order of arrival, from 0 on; -1 where the ledger does not know it."""
        return self._arrivals.get(address, -1)

    def entry_of(self, record: Record) -> Entry:
        """Return what lists show of a document."""
        return Entry(record, self._settings, self._read, self.tag_pages)

    @cached_property
    def _arrivals(self) -> dict[str, int]:
        return document_numbers(ledger_of(self._settings))

    def read(self, record: Record) -> Article:
        """Return the whole article of a record."""
        return self._read(record)

    @cached_property
    def sources_unlisted(self) -> set[str]:
        """Slugs of the sources that search engines are asked not to list."""
        return {source.slug for source in self._sources.values() if source and getattr(source, "noindex", False)}

    def unlisted_pages(self) -> set[str]:
        """Return the addresses of documents that search engines are not to list."""
        hidden = {
            record.save_as
            for record in self.records
            if (source := self._sources[record.source]) and source.slug in self.sources_unlisted
        }
        return hidden | self.unlisted

    @property
    def extent(self) -> Extent:
        records = self.records
        dated = [record.published for record in records[:1] + self._earliest if record.published]
        return Extent(
            len(records),
            len(self.source_parts),
            len(self.tag_parts),
            len(self.author_parts),
            sum(record.words for record in records),
            dated[-1] if dated else "",
            dated[0] if dated else "",
        )

    @property
    def _earliest(self) -> list[Record]:
        """The last of the documents that have a date: what has none comes after them."""
        return next(([record] for record in reversed(self.records) if record.published), [])

    @cached_property
    def _tags(self) -> dict[str, Tag | None]:
        names = dict.fromkeys(chain.from_iterable(record.tag_names for record in self.records))
        return {name: tag_of(name, self._settings) for name in names}

    @cached_property
    def _sources(self) -> dict[str, Category | None]:
        names = {record.source for record in self.records}
        return {name: source_of(name, self._settings) if name else None for name in names}


def counted_tags(named: Sequence[Sequence[str]], settings: dict[str, object]) -> list[Part]:
    """Return all tags with their counts, by their addresses, from the tags that each document names, newest first.

    Each tag is named as by the first of its documents.
    """
    counts = Counter(chain.from_iterable(named))
    tags = {name: tag_of(name, settings) for name in counts}
    names: dict[str, list[str]] = {}
    for name, tag in tags.items():
        if tag:
            names.setdefault(tag.url, []).append(name)
    several = {name for of_one in names.values() if len(of_one) > 1 for name in of_one}
    # Two names of one tag may stand on one document, which counts once.
    twice: Counter[str] = Counter()
    for of_document in named:
        if not several.isdisjoint(of_document):
            urls = Counter(tag.url for name in of_document if (tag := tags[name]))
            twice.update({url: number - 1 for url, number in urls.items() if number > 1})
    return [
        Part(str(tags[of_one[0]]), url, sum(counts[name] for name in of_one) - twice[url])
        for url, of_one in sorted(names.items())
    ]
