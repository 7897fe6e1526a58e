"""Parses a page, and takes out of it what nobody who looks at it sees.

"<html>…<script>…</script><p>The court said …"  ->  the tree of <html>, without scripts, controls and hidden parts
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree, html

_NO_TEXT = ("script", "style", "template", "title")
_UNSEEN = frozenset(
    "noscript iframe object embed svg canvas select option textarea input button audio video "
    "map datalist dialog link meta base param source track".split()
)
# Boxes that open over a word of the text when it is pointed at.
_POPUPS = re.compile(
    r"rollover\S*-block|tooltip-?(?:text|content|body)|popover-?(?:content|body|inner)|hovercard", re.I
)
_NEVER_HIDDEN = frozenset(("html", "body", "main", "article"))  # scripts show them when the page is there
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_TOO_DEEP = "Excessive depth"
_ELEMENT = re.compile("<[a-zA-Z]")
_MOST_ELEMENTS = 40_000
"""Pages of news have some 1,500; finding a document among a million would take minutes, and gigabytes."""
_LONGEST = 16_000_000  # characters
# One class for all elements: lxml's own table of classes is asked anew, in Python, whenever an element is touched.
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)


class PageError(ValueError):
    """What was to be a page cannot be read as one; the message says what is wrong."""


def parse(text: str) -> html.HtmlElement:
    """Return the tree of a page; raises PageError where there is none, or one that cannot be read to its end."""
    if len(text) > _LONGEST:
        raise PageError(f"it is longer than {_LONGEST:,} characters")
    if sum(1 for _ in islice(_ELEMENT.finditer(text), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        raise PageError(f"it has more than {_MOST_ELEMENTS:,} elements")
    # libxml2 takes a declared encoding for true, whatever it is given.
    without_declaration = _XML_DECLARATION.sub("", text, count=1)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        tree = html.document_fromstring(without_declaration.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise PageError(str(error) or "no element in it") from None
    if any(_TOO_DEEP in entry.message for entry in parser.error_log):
        raise PageError("its elements are nested too deeply")
    return tree


def visible_text(tree: html.HtmlElement) -> str:
    """Take out of a tree what is no text for readers; return all text that is left, its pieces parted by spaces."""
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    return " ".join(tree.itertext())


def prune(tree: html.HtmlElement) -> None:
    """Take out of a tree, by which metadata was read, what is not shown."""
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
    style, names = element.get("style"), element.get("class")
    return bool((style and _HIDDEN_STYLE.search(style)) or (names and _POPUPS.search(names)))


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
