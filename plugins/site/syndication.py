"""What a site on the web needs besides its pages: feeds, sitemap and robots.txt, written when SITEURL is set.

feeds/all.atom.xml                      the documents that arrived last, as the ledger has it
feeds/all.json                          the same as JSON Feed, https://jsonfeed.org/version/1.1
feeds/tags/norway.atom.xml              titles and addresses of those of a tag
feeds/sources/example.org.atom.xml      and of a source
sitemap.xml     every page that search engines may list, so none of documents withdrawn or renamed; where they are more
                than 50,000, an index of sitemap-1.xml, sitemap-2.xml, …
robots.txt      names the sitemap

The first is made by Pelican's writer. Those of tags and sources are very many, and are written by `browse.py`
together with the lists; an entry has the same id in each feed, so that a reader of several sees it once.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from feedgenerator import SyndicationFeed
from pelican import Pelican, signals
from pelican.contents import Article
from pelican.generators import Generator
from pelican.writers import Writer

from converters.archive.stamps import files_below
from plugins.site.catalogue import Catalogue
from plugins.site.editions import CAME, CHANGED, INDEX, WENT, Edition
from plugins.site.reader import strip_tags

JSON_FEED = "feeds/all.json"
_FEED = "feeds/all.atom.xml"
_MINUTE = timedelta(minutes=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_IN_SITEMAP = 50_000  # https://www.sitemaps.org/protocol.html
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Named(Protocol):
    """A list that has a feed: a tag, a source or a reading list."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...


class _Listed(NamedTuple):
    name: str
    url: str


def feed_of(page: str) -> str:
    """Return the address of the feed of a list: of `tags/norway.html`, `feeds/tags/norway.atom.xml`."""
    return f"feeds/{page.removesuffix('.html')}.atom.xml"


def atom_feed(name: Named, updated: datetime, entries: Iterable[str], settings: dict[str, object]) -> str:
    """Return the feed of a tag or a source from its entries, of which the newest is from `updated`."""
    title, page = _xml(f"{unescape(name.name)} · {settings['SITENAME']}"), _absolute(name.url, settings)
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{settings["DEFAULT_LANG"]}">\n'
        f'<title>{title}</title>\n<id>{page}</id>\n<link rel="alternate" type="text/html" href="{page}"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{_absolute(feed_of(name.url), settings)}"/>\n'
        f"<updated>{moment(updated)}</updated>\n{''.join(entries)}</feed>\n"
    )


def atom_entry(article: Article, settings: dict[str, object], said: str = "") -> str:
    """Return what feeds of tags, sources and reading lists say of a document; `said` by a curator, in HTML."""
    when, lang = moment(article.date), "" if article.lang == "und" else f' xml:lang="{article.lang}"'
    source = _xml(unescape(str(article.category or "")) or str(settings["SITENAME"]))
    summary = f'<summary type="html">{_xml(said)}</summary>\n' if said else ""
    host, path = _host_and_path(str(settings["SITEURL"]))
    identity = escape(f"tag:{host},{when[:10]}:{path}/{article.url}")  # as Pelican's feeds have it
    return (
        f"<entry{lang}>\n<title>{_xml(unescape(str(article.title)))}</title>\n<id>{identity}</id>\n"
        f'<link rel="alternate" type="text/html" href="{_absolute(article.url, settings)}"/>\n'
        f"<published>{when}</published>\n<updated>{when}</updated>\n<author><name>{source}</name></author>\n{summary}</entry>\n"
    )


def feed_of_editions(editions: Sequence[Edition], settings: dict[str, object]) -> str:
    """Return the feed of the archive's editions."""
    host, path = _host_and_path(str(settings["SITEURL"]))
    entries = []
    for edition in editions:
        when = f"{edition.date}T00:00:00+00:00"
        came, changed, went = (f"{edition.counts[sign]:,}" for sign in (CAME, CHANGED, WENT))
        entries.append(
            f"<entry>\n<title>{_xml(unescape(edition.name))}</title>\n"
            f"<id>{escape(f'tag:{host},{edition.date}:{path}/{edition.url}')}</id>\n"
            f'<link rel="alternate" type="text/html" href="{_absolute(edition.url, settings)}"/>\n'
            f"<published>{when}</published>\n<updated>{when}</updated>\n"
            f"<author><name>{_xml(str(settings['SITENAME']))}</name></author>\n"
            f"<summary>{edition.documents:,} documents: {came} came, {changed} changed, {went} went</summary>\n"
            "</entry>\n"
        )
    updated = datetime.fromisoformat(editions[0].date).replace(tzinfo=UTC)
    return atom_feed(_Listed("Editions", INDEX), updated, entries, settings)


def moment(when: datetime) -> str:
    """Return a moment as RFC 3339 has it: without the seconds of an offset, which local mean times have."""
    return in_whole_minutes(when).isoformat()


def in_whole_minutes(when: datetime) -> datetime:
    """Return a moment with the same day and time, its zone's offset in whole minutes."""
    offset = when.utcoffset() or timedelta()
    return when.replace(tzinfo=timezone(offset - offset % _MINUTE)) if offset % _MINUTE else when


def json_feed(newest: Sequence[Article], settings: dict[str, object]) -> str:
    """Return the JSON Feed of the archive."""
    site = str(settings["SITEURL"])
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings["SITENAME"],
        "home_page_url": f"{site}/",
        "feed_url": f"{site}/{JSON_FEED}",
        "description": settings.get("SITESUBTITLE", ""),
        "language": settings["DEFAULT_LANG"],
        "items": [_item(article, site) for article in newest],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def register() -> None:
    """Switch the feed on before the build, and let Pelican know of the generator."""
    signals.initialized.connect(_ask_for_feed)
    signals.feed_generated.connect(_make_fit_for_xml)
    signals.get_generators.connect(_give_generator)


def _give_generator(_: Pelican) -> type[Generator]:
    return SyndicationGenerator


@cache
def _host_and_path(site: str) -> tuple[str, str]:
    parts = urlsplit(site)
    return parts.hostname or "", parts.path


def _absolute(address: str, settings: dict[str, object]) -> str:
    return escape(f"{settings['SITEURL']}/{quote(address)}")


def _xml(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text))


def _item(article: Article, site: str) -> dict[str, object]:
    address = f"{site}/{quote(article.url)}"
    original, source = unescape(getattr(article, "original", "")), unescape(str(getattr(article, "category", "")))
    return {
        "id": address,
        "url": address,
        **({"external_url": original} if original else {}),
        "title": unescape(str(article.title)),
        "content_html": str(article.get_content(site)),
        "summary": unescape(strip_tags(article.summary)),
        "date_published": moment(article.date),
        **({"authors": [{"name": source}]} if source else {}),
        "tags": [unescape(tag.name) for tag in article.subjects],
        **({} if article.lang == "und" else {"language": article.lang}),
    }


def _ask_for_feed(pelican: Pelican) -> None:
    if pelican.settings["SITEURL"]:
        pelican.settings["FEED_ALL_ATOM"] = _FEED
        pelican.settings["FEED_DOMAIN"] = pelican.settings["SITEURL"]


def _make_fit_for_xml(_: object, feed: SyndicationFeed) -> None:
    """Show what XML cannot hold by a stand-in, and undo the escaping of names: the feed escapes them itself."""
    if not feed.items:
        feed.latest_post_date = lambda: _LONG_AGO  # it would ask the clock
    for item in feed.items:
        for key, value in item.items():
            if isinstance(value, datetime):
                item[key] = in_whole_minutes(value)
            if isinstance(value, str):
                item[key] = _NOT_IN_XML.sub("\ufffd", value)
        source = next(iter(item["categories"] or ()), "")
        item["author_name"] = item["author_name"] or unescape(str(source))
        item["categories"] = [_NOT_IN_XML.sub("\ufffd", unescape(str(name))) for name in item["categories"] or ()]


class SyndicationGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Writes sitemap and robots.txt, after all other generators."""

    def generate_output(self, _: Writer) -> None:
        if self.settings["SITEURL"]:
            write_for_robots(Path(self.output_path), str(self.settings["SITEURL"]), self._addresses())

    def _addresses(self) -> list[str]:
        """Return the addresses of the pages that search engines may list, in order."""
        catalogue: Catalogue = self.context["catalogue"]
        written = {*files_below(self.output_path), *(file.save_as for file in self.context["staticfiles"])}
        written |= self.context.get("standing", set())  # by an earlier build
        unlisted_pages = catalogue.unlisted_pages() | self.context["moved_or_withdrawn"] | {"404.html"}
        return sorted(
            page
            for page in written - unlisted_pages
            if page.endswith(".html")
            and not (
                page.startswith("sources/") and page.split("/")[1].removesuffix(".html") in catalogue.sources_unlisted
            )
        )


def write_for_robots(output: Path, site: str, pages: Sequence[str]) -> None:
    """Write the sitemap of the pages at these addresses, and robots.txt."""
    sitemaps = [pages[at : at + _MOST_IN_SITEMAP] for at in range(0, len(pages), _MOST_IN_SITEMAP)]
    if len(sitemaps) <= 1:
        _write_sitemap(output / "sitemap.xml", "urlset", "url", site, pages)
    else:
        names = [f"sitemap-{number}.xml" for number in range(1, len(sitemaps) + 1)]
        for name, part in zip(names, sitemaps, strict=True):
            _write_sitemap(output / name, "urlset", "url", site, part)
        _write_sitemap(output / "sitemap.xml", "sitemapindex", "sitemap", site, names)
    (output / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {site}/sitemap.xml\n", encoding="utf-8")


def _write_sitemap(path: Path, root: str, entry: str, site: str, addresses: Sequence[str]) -> None:
    canonical = ("" if address == "index.html" else quote(address) for address in addresses)
    lines = (f"<{entry}><loc>{escape(site)}/{address}</loc></{entry}>\n" for address in canonical)
    path.write_text(f"{_XML}<{root} {_NAMESPACE}>\n{''.join(lines)}</{root}>\n", encoding="utf-8")
