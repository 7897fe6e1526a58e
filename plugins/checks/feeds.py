"""Claims that feeds, sitemaps and other data can be read, and that what they name exists.

feeds/all.atom.xml: <link href="https://example.org/kept/2023/03/08/slug.html">     is a file of the site
"""

from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree

from plugins.checks.findings import Findings
from plugins.checks.jsonld import check_json
from plugins.checks.site import Site

FEEDS = "feeds, sitemaps and other data that can be read"
ADDRESSES = "addresses in feeds and sitemaps that exist"

_MOST_TOLD = 200  # characters of an address


def check_data(site: Site, name: str, findings: Findings) -> None:
    """Read a file of XML or JSON, and look for what it names."""
    raw = site.path(name).read_bytes()
    if name.endswith(".json"):
        data = check_json(site, name, raw, FEEDS, findings)
        addresses = _in_json(data) if "feed" in name else iter(())
    else:
        try:
            root = ElementTree.fromstring(raw)  # noqa: S314  # our own file; a bomb in it would be ours
        except ElementTree.ParseError as error:
            findings.fault(FEEDS, name, f"is no XML: {error}", site.build_again)
            return
        findings.held[FEEDS] += 1
        addresses = _in_xml(root)
    for address in addresses:
        _check_address(site, name, address, findings)


def _check_address(site: Site, name: str, address: str, findings: Findings) -> None:
    path, told = unquote(address.removeprefix(f"{site.address}/").partition("#")[0]), address[:_MOST_TOLD]
    if not f"{address}/".startswith(f"{site.address}/"):
        findings.fault(ADDRESSES, name, f"names {told}, which is not on this site", site.build_again)
    elif (path if path and path != address else "index.html") not in site.files:
        findings.fault(ADDRESSES, name, f"names {told}, where there is nothing", site.build_again)
    else:
        findings.held[ADDRESSES] += 1


def _in_xml(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag.endswith("}loc"):
            yield element.text or ""
        elif element.tag.endswith("}link") and element.get("rel", "alternate") in ("alternate", "self"):
            yield element.get("href", "")


def _in_json(feed: object) -> Iterator[str]:
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("url"), str):
            yield item["url"]
