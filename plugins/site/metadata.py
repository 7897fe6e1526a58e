"""What the page of a document says of it to programs: search engines, previews of links, and Zotero.

    <meta name="citation_title" property="og:title" content="Harbour opens to visitors">
    <meta name="citation_author" content="Ada Bell">
    <meta name="citation_publication_date" content="2023/03/08">
    <meta name="DC.source" content="https://example.org/harbour">
    <link rel="cite-as" href="https://example.net/2023/03/08/harbour-opens.html">
    <link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
    …
    <script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",…}</script>

The last is a block of data, which no browser runs; the policy of the pages stays as it is. Addresses of the archive's
own are there only where SITEURL is set, since they have to be absolute.

Templates write `{{ article|metadata }}`: all of it comes from one function in plain operations on text, since there may
be very many documents.
"""

import json
import re
from functools import lru_cache, partial
from html import unescape
from urllib.parse import quote

from markupsafe import Markup, escape
from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator

from plugins.site.filters import short
from plugins.site.reader import kind_of, strip_tags

_KEPT = 50_000  # names of sources and tags, in the form in which they stand here
_TYPES = {"person": "Person", "organisation": "Organization", "place": "Place", "event": "Event", "topic": "Thing"}
_LICENCE = re.compile(r'<a rel="[a-z ]*" href="(https?://[^"]*)"')
_in_quotes = json.JSONEncoder(ensure_ascii=False).encode


def metadata(article: Article, site: str) -> Markup:
    """Return what the head of a document's page says of it; `site` is the archive's own address, or nothing."""
    title, day, lang = short(escape(article.title)), article.published, article.lang
    original, source = getattr(article, "original", ""), getattr(article, "category", None)
    source_tags, source_data = _of_source(source.name, getattr(source, "rights", "")) if source else ("", "")
    summary = _on_one_line(article.summary)
    tags = ['<meta name="robots" content="noindex">\n'] if getattr(source, "noindex", False) else []
    if summary:
        tags.append(f'<meta name="description" property="og:description" content="{summary}">\n')
    tags.append(
        f'<meta property="og:type" content="article">\n'
        f'<meta name="citation_title" property="og:title" content="{title}">\n'
        f'<meta name="DC.title" content="{title}">\n'
        f"{_of_day(day)}"
        f'<meta name="DC.type" content="webpage">\n{source_tags}'
    )
    data = [f'"@context":"https://schema.org","@type":"NewsArticle","headline":{_in_quotes(unescape(title))}']
    data.append(f',"datePublished":"{day}"{source_data}' if day else source_data)
    if authors := [str(author) for author in getattr(article, "authors", ())]:
        tags += [
            f'<meta name="citation_author" content="{name}">\n<meta name="DC.creator" content="{name}">\n'
            for name in authors
        ]
        people = [f'{{"@type":"Person","name":{_quoted(name)}}}' for name in authors]
        data.append(f',"author":[{",".join(people)}]')
    if lang != "und":
        tags.append(f'<meta name="citation_language" content="{lang}">\n<meta name="DC.language" content="{lang}">\n')
        data.append(f',"inLanguage":"{lang}"')
    if article.subjects:
        data.append(f',"keywords":[{",".join([_quoted(tag.name) for tag in article.subjects])}]')
        about = [
            f'{{"@type":"{_TYPES[kind_of(tag, article)]}","name":{_quoted(tag.name)}}}' for tag in article.subjects
        ]
        data.append(f',"about":[{",".join(about)}]')
    if original:
        tags.append(f'<meta name="DC.source" content="{original}">\n')
        data.append(f',"isBasedOn":{_in_quotes(unescape(original))}')
    if site:
        address = f"{site}/{quote(article.save_as)}"
        tags.append(f'<meta name="citation_public_url" property="og:url" content="{escape(address)}">\n')
        tags.append(f'<link rel="cite-as" href="{escape(address)}">\n')
        data.append(f',"archivedAt":{_in_quotes(address)}')
    tags.append(f'<script type="application/ld+json">{{{_harmless("".join(data))}}}</script>\n')
    return Markup("".join(tags))  # noqa: S704  # every value is escaped


def _of_day(day: str) -> str:
    """Return what tags say of a date that may be known in part; nothing where it is not known."""
    return day and (
        f'<meta name="citation_publication_date" content="{day.replace("-", "/")}">\n'
        f'<meta name="DC.date" property="article:published_time" content="{day}">\n'
    )


def register() -> None:
    """Offer the filter to templates."""
    signals.generator_init.connect(_add_filter)


def _add_filter(generator: Generator) -> None:
    generator.env.filters["metadata"] = partial(metadata, site=generator.settings["SITEURL"])


def _harmless(data: str) -> str:
    """Write JSON so that nothing in it can end its element, or a line of a script."""
    data = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return data.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _on_one_line(summary: str) -> str:
    """Return a summary without the markup that Pelican puts into those that it makes itself."""
    return strip_tags(summary) if "<" in summary or '"' in summary else summary


@lru_cache(maxsize=_KEPT)
def _quoted(name: str) -> str:
    return _in_quotes(unescape(name))


@lru_cache(maxsize=_KEPT)
def _of_source(name: str, rights: str) -> tuple[str, str]:
    """Return what tags and data say of a source, from its name and rights in HTML."""
    tags = f'<meta name="citation_journal_title" content="{name}">\n<meta name="DC.publisher" content="{name}">\n'
    if rights:
        tags += f'<meta name="DC.rights" content="{strip_tags(rights)}">\n'
        if licence := _LICENCE.search(rights):
            tags += f'<link rel="license" href="{licence[1]}">\n'
    return tags, f',"publisher":{{"@type":"Organization","name":{_quoted(name)}}}'
