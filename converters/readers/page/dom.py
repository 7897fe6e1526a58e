"""Parses a page, and takes out of it what nobody who looks at it sees.

"<html>…<script>…</script><p>The court said …"  ->  the tree of <html>, without scripts, controls and hidden parts
"""

import re
from collections.abc import Iterator

from lxml import etree, html

_UNSEEN = frozenset(
    "script style template noscript iframe object embed svg canvas select option textarea input button audio video "
    "map datalist dialog link meta base param source track title".split()
)
_NEVER_HIDDEN = frozenset(("html", "body", "main", "article"))  # scripts show them when the page is there
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_TOO_DEEP = "Excessive depth"


class PageError(ValueError):
    """What was to be a page cannot be read as one; the message says what is wrong."""


def parse(text: str) -> html.HtmlElement:
    """Return the tree of a page; raises PageError where there is none, or one that cannot be read to its end."""
    # libxml2 takes a declared encoding for true, whatever it is given.
    without_declaration = _XML_DECLARATION.sub("", text, count=1)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(without_declaration.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise PageError(str(error) or "no element in it") from None
    if any(_TOO_DEEP in entry.message for entry in parser.error_log):
        raise PageError("its elements are nested too deeply")
    return tree


def prune(tree: html.HtmlElement) -> None:
    """Take out of a tree what is not shown."""
    for element in list(tree.iter(etree.Element)):
        if element.tag in _UNSEEN or (element.tag not in _NEVER_HIDDEN and _is_hidden(element)):
            _remove(element)


def ancestors(element: html.HtmlElement | None) -> Iterator[html.HtmlElement]:
    """Yield an element, its parent, and so on up to the root."""
    while element is not None:
        yield element
        element = element.getparent()


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return element.find(".//p") is None  # text that a script opens belongs to the page
    style = element.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def _remove(element: html.HtmlElement) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
