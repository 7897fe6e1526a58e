"""What a site on the web needs besides its pages: Atom feed, sitemap and robots.txt, written when SITEURL is set.

feeds/all.atom.xml      the newest documents
sitemap.xml             every page but those of documents that are withdrawn or renamed; where they are more than
                        50,000, an index of sitemap-1.xml, sitemap-2.xml, …
robots.txt              names the sitemap
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from feedgenerator import SyndicationFeed
from pelican import Pelican, signals

from plugins.redirects import unlisted

_FEED = "feeds/all.atom.xml"
_MOST_IN_SITEMAP = 50_000  # https://www.sitemaps.org/protocol.html
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def register() -> None:
    """Switch the feed on before the build, and write sitemap and robots.txt after it."""
    signals.initialized.connect(_ask_for_feed)
    signals.feed_generated.connect(_make_fit_for_xml)
    signals.finalized.connect(_write_for_robots)


def _ask_for_feed(pelican: Pelican) -> None:
    if pelican.settings["SITEURL"]:
        pelican.settings["FEED_ALL_ATOM"] = _FEED
        pelican.settings["FEED_DOMAIN"] = pelican.settings["SITEURL"]


def _make_fit_for_xml(_: object, feed: SyndicationFeed) -> None:
    """Show what XML cannot hold by a stand-in, and undo the escaping of names: the feed escapes them itself."""
    for item in feed.items:
        for key, value in item.items():
            if isinstance(value, str):
                item[key] = _NOT_IN_XML.sub("\ufffd", value)
        source = next(iter(item["categories"] or ()), "")
        item["author_name"] = item["author_name"] or unescape(str(source))
        item["categories"] = [_NOT_IN_XML.sub("\ufffd", unescape(str(name))) for name in item["categories"] or ()]


def _write_for_robots(pelican: Pelican) -> None:
    site = pelican.settings["SITEURL"]
    if not site:
        return
    output = Path(pelican.output_path)
    written = {path.relative_to(output).as_posix() for path in output.rglob("*.html")}
    state = pelican.settings.get("STATE")
    standing = {address for address in state.addresses() if address.endswith(".html")} if state else set()
    pages = sorted((written | standing) - {"404.html"} - unlisted(pelican.settings))
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
