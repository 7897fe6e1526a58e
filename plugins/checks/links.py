"""Claims that links within the site lead to a file, and that what leads to another host says so.

    <a href="../sources/example.org.html">                          leads to a file of the site
    <a rel="original external" href="https://example.org/court">    leads to another host, and says so
    <img src="https://cdn.example/a.png">                           asks another host for something: a fault

What was captured is elsewhere, even where the archive is published on the domain that it captured.
"""

import posixpath
import re
from functools import lru_cache
from urllib.parse import unquote

from plugins.checks.anchors import ANCHORS
from plugins.checks.findings import Findings
from plugins.checks.page import Link, Page
from plugins.checks.site import Site

LINKS = "links within the site that lead to a file"
ELSEWHERE = "links to other hosts, all declared"

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_WEB = re.compile(r"(?:https?:)?//|mailto:", re.IGNORECASE)
_DECLARED = {"original", "external", "license", "author", "me"}  # values of `rel` that own up to another host
_CSS_REFERENCE = re.compile(r"""(?:url\(|@import)\s*["']?\s*(?:[a-z]+:)?//""", re.IGNORECASE)
_MOST_TOLD = 200  # characters of an address


def check_link(site: Site, name: str, page: Page, link: Link, findings: Findings) -> None:
    """Look where a link of a page leads."""
    address = link.address.strip()
    told = address[:_MOST_TOLD]
    if address.startswith("/") and not address.startswith("//"):
        findings.fault(LINKS, name, f"leads to {told}, which depends on where the site lies", "make it relative")
    elif not _SCHEME.match(address):
        _check_target(site, name, page, link, _resolved(posixpath.dirname(name), address), findings)
    elif _is_own(site, page, link, address):
        path = address[len(site.address) + 1 :]
        _check_target(site, name, page, link, _resolved("", path or "index.html"), findings)
    elif _is_declared(link):
        findings.held[ELSEWHERE] += 1
    elif link.element == "a":
        findings.fault(ELSEWHERE, name, f"leads to {told}", 'if that is meant, declare it: rel="external"')
    else:
        findings.fault(ELSEWHERE, name, f"asks for {told} ({link.element})", "keep a copy in the site")


def check_style(site: Site, name: str, findings: Findings) -> None:
    """Look for what a style sheet asks another host for."""
    if _CSS_REFERENCE.search(site.path(name).read_text(encoding="utf-8", errors="replace")):
        findings.fault(ELSEWHERE, name, "asks another host for something", "keep a copy in the theme")


def _is_own(site: Site, page: Page, link: Link, address: str) -> bool:
    """Whether an absolute address is one of this site, rather than one of the same domain that was captured."""
    if not site.address or not f"{address}/".startswith(f"{site.address}/"):
        return False
    is_captured = link.in_text and page.kind == "document"
    return not is_captured and _DECLARED.isdisjoint(link.rel.split())


def _is_declared(link: Link) -> bool:
    """Whether a link to another host says that it is one, or stands in a text: of a capture, or of a curator."""
    if not _WEB.match(link.address.strip()):
        return False
    is_link = link.element in ("a", "area")
    return (is_link and link.in_text) or (
        (is_link or link.element == "link") and not _DECLARED.isdisjoint(link.rel.split())
    )


def _check_target(site: Site, name: str, page: Page, link: Link, found: tuple[str, str], findings: Findings) -> None:
    target, anchor = found[0] or name, found[1]
    if target not in site.files:
        remedy = f"{site.build_again}; or mend the link where it is written"
        findings.fault(LINKS, name, f"leads to {link.address[:_MOST_TOLD]}, where there is nothing", remedy)
        return
    findings.held[LINKS] += 1
    if link.element == "meta":
        findings.redirects[name] = target
    if not anchor or anchor == "top":
        return
    if target != name:
        if target.endswith(".html"):
            findings.anchors.add((name, target, anchor))
    elif anchor in page.ids:
        findings.held[ANCHORS] += 1
    else:
        findings.fault(ANCHORS, name, f"leads to #{anchor}, which is not on it", site.build_again)


@lru_cache(maxsize=100_000)
def _resolved(folder: str, address: str) -> tuple[str, str]:
    """Return the file, nothing for the page itself, and the anchor that an address leads to from a folder."""
    path, _, anchor = address.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return "", unquote(anchor)
    return posixpath.normpath(posixpath.join(folder, path)) + ("/" if path.endswith("/") else ""), unquote(anchor)
