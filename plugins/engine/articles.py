"""Makes Pelican's Article of a content file in a quarter of the time, where the file is one such as converters write.

content, metadata = reader.read("content/2023/01/07/slug.md")
fits_fast_path(content, metadata)   ─►  FastArticle(content, metadata, …), the same to templates as an Article
"""

from functools import lru_cache
from zoneinfo import ZoneInfo

from pelican import signals
from pelican.contents import Article
from pelican.settings import DEFAULT_CONFIG

from plugins.site.documents import localised
from plugins.site.reader import PLAIN_KEYS

_ADDING = "DATE_FORMATS DEFAULT_METADATA EXTRA_PATH_METADATA FILENAME_METADATA PATH_METADATA TYPOGRIFY".split()
"""Settings by which Pelican adds to what a file says; FastArticle knows of none but their defaults."""


class FastArticle(Article):  # type: ignore[misc]  # Pelican has no types
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
        if "authors" in metadata:
            self.author = self.authors[0]
        self.override_save_as = self.override_url = str(metadata["save_as"])
        self.relative_source_path = f"{self.override_url.removesuffix('.html')}.md"
        self.template, self.status, self._summary = self.default_template, self.default_status, metadata["summary"]
        self.in_default_lang = metadata["lang"] == str(settings["DEFAULT_LANG"]).lower()
        self.date_format, self.timezone = settings["DEFAULT_DATE_FORMAT"], _zone(str(settings["TIMEZONE"]))
        self.date, self.locale_date = localised(metadata["date"], settings["TIMEZONE"], self.date_format)
        signals.content_object_init.send(self)

    url = property(lambda self: self.override_url)
    save_as = property(lambda self: self.override_save_as)
    content = property(lambda self: self._content)
    summary = property(lambda self: self._summary)


def fits_fast_path(content: str, metadata: dict[str, object]) -> bool:
    """Return whether a file has nothing that only Article itself would see to: keys, links and pictures."""
    return metadata.keys() - {"authors"} == PLAIN_KEYS and not (
        "{" in content or "|" in content or content.count("<img") != content.count('<img src="../')
    )


def settings_fit_fast_path(settings: dict[str, object]) -> bool:
    """Return whether the settings ask for nothing that only Article itself would see to."""
    return (
        all(settings[name] == DEFAULT_CONFIG[name] for name in _ADDING)
        and "AUTHOR" not in settings
        and bool(settings["WITH_FUTURE_DATES"])
        and isinstance(settings["DEFAULT_DATE_FORMAT"], str)
        and not signals.article_generator_preread.receivers
        and not signals.article_generator_context.receivers
    )


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
