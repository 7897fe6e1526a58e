"""Documents as lists know them: what is kept of each, without its text.

content/2023/01/07/slug.md  ─►  Record     at a glance: what other pages show of it, which its head tells
                            ─►  Article    Pelican's; lives while its page is rendered
                            ─►  Record     what is kept of it: a few hundred bytes of plain values
                            ─►  Entry      what templates of lists see: a record with the attributes of an Article
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property, lru_cache
from html import escape, unescape
from sys import intern
from typing import NamedTuple

from markupsafe import Markup
from pelican.contents import Article, SkipStub
from pelican.urlwrappers import Category
from pelican.utils import SafeDatetime, set_date_tzinfo

from converters.model import KINDS_OF_TAGS
from converters.text.twins import page_key, text_key
from plugins.site.citations import citation_files
from plugins.site.dates import period_of
from plugins.site.originals import raw_address
from plugins.site.reader import HELD_BACK, ContentReader, Tag, source_of, strip_tags, tags_of

_OPENING = 140  # characters of a summary that lists show
_DATES = 10_000  # different ones that are kept with their names: those of 27 years


KINDS = ("topic", *KINDS_OF_TAGS.values())
"""What a tag may be."""
_TOPIC = KINDS[0]


class Record(NamedTuple):
    """What is known of a document without its text; plain values only, so that it can be kept."""

    stamp: str
    status: str
    save_as: str
    date: str
    published: str
    title: str
    lang: str
    dir: str
    source: str
    tag_names: tuple[str, ...]
    words: int
    seed: str
    raw: bool
    template: str
    opening: str
    kinds: str
    """A digit for each of the names of tags: its place in KINDS."""
    authors: tuple[str, ...]
    embargo: str
    """The day until which it is or was held back."""
    text: int
    """The same for the same text; see converters/text/twins.py."""
    page: int
    """The same for one page that was captured as http and as https, with `www.` and without."""

    def lean(self) -> "Record":
        """Return the same record, whose texts share their memory with those of others where these have the same."""
        return self._replace(
            status=intern(self.status),
            date=intern(self.date),
            published=intern(self.published),
            lang=intern(self.lang),
            dir=intern(self.dir),
            source=intern(self.source),
            tag_names=tuple(map(intern, self.tag_names)),
            kinds=intern(self.kinds),
            seed=intern(self.seed),
            template=intern(self.template),
        )

    def is_of(self, stamp: str, day: str) -> bool:
        """Whether this still is what is known of a file on a day."""
        return self.stamp == stamp and (not self.embargo or (self.template == HELD_BACK) == (self.embargo > day))

    @property
    def period(self) -> tuple[int, int, int]:
        """Year, month and day; 0 for what is not known."""
        return period_of(self.published)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of the files that stand for it in the site."""
        if self.status == "skip":
            return ()
        cited = citation_files(self.save_as) if self.seed else ()
        return (self.save_as, *cited, *([raw_address(self.save_as)] if self.raw else ()))

    @property
    def seen(self) -> tuple[object, ...]:
        """What the pages of other documents depend on of it."""
        return self[_STATUS : _TAG_NAMES + 1], self.text, self.page


_STATUS, _TAG_NAMES = Record._fields.index("status"), Record._fields.index("tag_names")


def glance(reader: ContentReader, path: str, stamp: str) -> Record | None:
    """Return what the head of a content file tells of a document; None for a file that cannot be read."""
    try:
        metadata, body = reader.glance(path)
    except (OSError, ValueError):
        return None  # who reads all of it tells what is wrong
    when = metadata["date"]
    assert isinstance(when, datetime)  # noqa: S101  # the reader has settled it
    return Record(
        stamp,
        str(metadata.get("status", Article.default_status)),
        str(metadata["save_as"]),
        when.isoformat(),
        str(metadata["published"]),
        str(metadata["title"]),
        str(metadata.get("lang", str(reader.settings["DEFAULT_LANG"]).lower())),
        str(metadata["dir"]),
        _host_of(metadata.get("category")),
        tuple(metadata["tag_names"]),  # type: ignore[arg-type]  # they are names
        0,
        "" if metadata["withdrawn"] else unescape(str(metadata["seed"])),
        False,
        str(metadata.get("template", Article.default_template)),
        "",
        "",
        _names_of(metadata.get("authors", ())),
        str(metadata["embargo"]),
        text_key(body),
        page_key(str(metadata["original"])),
    )


def record_of(article: Article | SkipStub | None, seen: Record | None) -> Record | None:
    """Return what is to be kept of an article that was seen at a glance; None for a file that could not be read."""
    if article is None or seen is None:
        return None
    if isinstance(article, SkipStub):
        return seen._replace(status="skip")
    return Record(
        seen.stamp,
        article.status,
        article.save_as,
        article.date.replace(tzinfo=None).isoformat(),
        article.published,
        str(article.title),
        article.lang,
        str(article.dir),
        _host_of(getattr(article, "category", None)),
        tuple(article.tag_names),
        article.words,
        "" if article.withdrawn else unescape(str(article.seed)),
        bool(getattr(article, "raw", "")),
        article.template,
        "" if article.withdrawn else _opening_of(article),
        "".join([str(KINDS.index(article.kinds.get(name, _TOPIC))) for name in article.tag_names]),
        _names_of(getattr(article, "authors", ())),
        getattr(article, "embargo", ""),
        seen.text,
        seen.page,
    )


def _host_of(source: object) -> str:
    """Return what a document's file calls its source, whatever the curator calls it; "" where it names none."""
    return unescape(str(getattr(source, "host", source or "")))


def _names_of(authors: object) -> tuple[str, ...]:
    return tuple(unescape(str(author)) for author in authors)  # type: ignore[attr-defined]  # a list of Pelican's


def part_with_plain_subjects(article: Article, tag_pages: Collection[str]) -> None:
    """Leave those of an article's tags among `tags` that have a page to link to; all of them are its `subjects`."""
    article.subjects = article.tags
    article.tags = [tag for tag in article.subjects if tag.url in tag_pages]


def _opening_of(article: Article) -> str:
    """Return what lists show of a document's words: the beginning of its summary, or of its text where it has none."""
    summary = str(article.metadata.get("summary") or strip_tags(article._content[: 20 * _OPENING]))
    text = unescape(summary)
    if len(text) <= _OPENING:
        return summary
    words = text[:_OPENING].rpartition(" ")[0] or text[: _OPENING - 1]
    return escape(f"{words.rstrip(' ,;:.…')}…")


class Entry:
    """A document as lists know it.

    It has the attributes that lists show; for any other, as a theme of another kind may ask for, its file is read.
    """

    __slots__ = (
        *("__dict__", "_read", "_record", "_settings", "_tag_pages"),
        *("date", "locale_date", "save_as", "tag_urls", "url"),
    )

    def __init__(
        self,
        record: Record,
        settings: dict[str, object],
        read: Callable[[Record], Article],
        tag_pages: Collection[str],
    ) -> None:
        self._record, self._settings, self._read, self._tag_pages = record, settings, read, tag_pages
        self.url = self.save_as = record.save_as
        when = datetime.fromisoformat(record.date)
        self.date, self.locale_date = localised(when, settings["TIMEZONE"], settings["DEFAULT_DATE_FORMAT"])
        self.tag_urls = [tag.url for tag in self.subjects]

    published = property(lambda self: self._record.published)
    lang = property(lambda self: self._record.lang)
    dir = property(lambda self: self._record.dir)
    words = property(lambda self: self._record.words)
    opening = property(lambda self: Markup(self._record.opening))  # noqa: S704  # escaped by the reader
    title = property(lambda self: Markup(self._record.title))  # noqa: S704  # escaped by the reader

    @property
    def category(self) -> Category | None:
        return source_of(self._record.source, self._settings) if self._record.source else None

    @property
    def subjects(self) -> list[Tag]:
        return tags_of(self._record.tag_names, self._settings)

    @property
    def tags(self) -> list[Tag]:
        return [tag for tag in self.subjects if tag.url in self._tag_pages]

    @cached_property
    def _article(self) -> Article:
        return self._read(self._record)

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._article, name)


@lru_cache(maxsize=_DATES)
def localised(when: datetime, timezone: str, date_format: str) -> tuple[SafeDatetime, str]:
    """Return a moment in a time zone, and its date in words."""
    date = set_date_tzinfo(when, timezone)
    return date, date.strftime(date_format)
