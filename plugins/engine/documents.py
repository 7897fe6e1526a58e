"""Documents as the fast build knows them, on their way from content files to pages and lists.

content/2003/01/07/slug.md  ─►  Document   Pelican's Article, made quickly; lives while its page is rendered
                            ─►  Record     what is kept of it, without its text: a few hundred bytes
                            ─►  Entry      what templates of lists see: a record with the attributes of an Article
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, lru_cache
from html import unescape
from sys import intern
from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup
from pelican import signals
from pelican.contents import Article, SkipStub
from pelican.settings import DEFAULT_CONFIG
from pelican.urlwrappers import Category
from pelican.utils import SafeDatetime, set_date_tzinfo

from plugins.site.originals import raw_address
from plugins.site.reader import PLAIN_KEYS, Tag, source_of, tags_of

_ADDING = "DATE_FORMATS DEFAULT_METADATA EXTRA_PATH_METADATA FILENAME_METADATA PATH_METADATA TYPOGRIFY".split()
"""Settings by which Pelican adds to what a file says; Document knows of none but their defaults."""
_DATES = 10_000  # different ones that are kept with their names: those of 27 years
_Date = tuple[SafeDatetime, str]


class Document(Article):  # type: ignore[misc]  # Pelican has no types
    """The Article of a file such as the converter writes, made without a look at what such a file never has."""

    def __init__(
        self,
        content: str,
        metadata: dict[str, object],
        settings: dict[str, object],
        source_path: str,
        context: dict[str, object],
    ) -> None:
        # Not Article's own, which takes four times as long, most of it for what is the same for all documents.
        metadata["reader"] = "content"
        self.__dict__ |= metadata
        self.settings, self.metadata, self._context, self._content = settings, metadata, context, content
        self.source_path = source_path
        self.translations: list[Article] = []
        self.override_save_as = self.override_url = str(metadata["save_as"])
        self.relative_source_path = f"{self.override_url.removesuffix('.html')}.md"
        self.template, self.status, self._summary = self.default_template, self.default_status, metadata["summary"]
        self.in_default_lang = metadata["lang"] == str(settings["DEFAULT_LANG"]).lower()
        self.date_format, self.timezone = settings["DEFAULT_DATE_FORMAT"], _zone(str(settings["TIMEZONE"]))
        self.date, self.locale_date = _localised(metadata["date"], settings["TIMEZONE"], self.date_format)
        signals.content_object_init.send(self)

    url = property(lambda self: self.override_url)
    save_as = property(lambda self: self.override_save_as)
    content = property(lambda self: self._content)
    summary = property(lambda self: self._summary)


def is_plain(content: str, metadata: dict[str, object]) -> bool:
    """Whether a file that was read has nothing that only Article itself would see to: keys, links and pictures."""
    return metadata.keys() == PLAIN_KEYS and not ("{" in content or "|" in content or "<img" in content)


def are_plain(settings: dict[str, object]) -> bool:
    """Whether the settings ask for nothing that only Article itself would see to."""
    return (
        all(settings[name] == DEFAULT_CONFIG[name] for name in _ADDING)
        and "AUTHOR" not in settings
        and bool(settings["WITH_FUTURE_DATES"])
        and isinstance(settings["DEFAULT_DATE_FORMAT"], str)
        and not signals.article_generator_preread.receivers
        and not signals.article_generator_context.receivers
    )


class Record(NamedTuple):
    """What is known of a document without its text; plain values only, so that it can be kept."""

    stamp: str
    status: str
    save_as: str
    date: str
    title: str
    lang: str
    dir: str
    source: str
    tag_names: tuple[str, ...]
    words: int
    seed: str
    raw: bool
    template: str

    def lean(self) -> "Record":
        """Give the same record, whose texts share their memory with those of others where these have the same."""
        return self._replace(
            status=intern(self.status),
            date=intern(self.date),
            lang=intern(self.lang),
            dir=intern(self.dir),
            source=intern(self.source),
            tag_names=tuple(map(intern, self.tag_names)),
            seed=intern(self.seed),
            template=intern(self.template),
        )

    @property
    def day(self) -> str:
        return self.date[:10]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of the files that stand for it in the site."""
        if self.status == "skip":
            return ()
        return (self.save_as, raw_address(self.save_as)) if self.raw else (self.save_as,)

    @property
    def beside(self) -> tuple[str, ...]:
        """What the pages of its neighbours show of it."""
        return self.status, self.save_as, self.title, self.lang


def record_of(article: Article | SkipStub | None, stamp: str) -> Record | None:
    """Give what is to be kept of an article; None for a file that could not be read."""
    if article is None:
        return None
    if isinstance(article, SkipStub):
        return Record(stamp, "skip", "", "", "", "", "", "", (), 0, "", False, "")
    return Record(
        stamp,
        article.status,
        article.save_as,
        article.date.replace(tzinfo=None).isoformat(),
        str(article.title),
        article.lang,
        str(article.dir),
        unescape(str(article.category.name)) if hasattr(article, "category") else "",
        tuple(article.tag_names),
        article.words,
        "" if article.withdrawn else unescape(str(article.seed)),
        bool(getattr(article, "raw", "")),
        article.template,
    )


class Entry:
    """A document as lists know it.

    It has the attributes that lists show; for any other, as a theme of another kind may ask for, its file is read.
    """

    __slots__ = ("__dict__", "_read", "_record", "_settings", "date", "locale_date", "save_as", "tag_urls", "url")

    def __init__(self, record: Record, settings: dict[str, object], read: Callable[[Record], Article]) -> None:
        self._record, self._settings, self._read = record, settings, read
        self.url = self.save_as = record.save_as
        when = datetime.fromisoformat(record.date)
        self.date, self.locale_date = _localised(when, settings["TIMEZONE"], settings["DEFAULT_DATE_FORMAT"])
        self.tag_urls = [tag.url for tag in self.tags]

    lang = property(lambda self: self._record.lang)
    dir = property(lambda self: self._record.dir)
    words = property(lambda self: self._record.words)
    title = property(lambda self: Markup(self._record.title))  # noqa: S704  # escaped by the reader

    @property
    def category(self) -> Category | None:
        return source_of(self._record.source, self._settings) if self._record.source else None

    @property
    def tags(self) -> list[Tag]:
        return tags_of(self._record.tag_names, self._settings)

    @cached_property
    def _article(self) -> Article:
        return self._read(self._record)

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._article, name)


@lru_cache(maxsize=_DATES)
def _localised(when: datetime, timezone: str, date_format: str) -> _Date:
    date = set_date_tzinfo(when, timezone)
    return date, date.strftime(date_format)


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
