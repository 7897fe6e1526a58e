"""Reads blocks back from the HTML that a Markdown renderer gave for a content file.

    <h2>The inquiry</h2><ul><li>first</li></ul>  →  Heading(2, (Text("The inquiry"),)), ListBlock(False, 1, (…,))

What `converters/text/markdown.py` wrote comes back as it was; of what else a curator wrote, all words come, in order.
"""

from collections.abc import Iterable

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from converters.model import (
    Block,
    Code,
    CodeSpan,
    Emphasis,
    Figure,
    Heading,
    Inline,
    LineBreak,
    Link,
    ListBlock,
    Paragraph,
    Quote,
    Rule,
    Strong,
    Superscript,
    Table,
    Text,
    is_safe,
)

_AROUND = {"article", "aside", "body", "dd", "div", "dl", "dt", "footer", "header", "html", "main", "section"}
_WORDS = {*"a code em figcaption h2 h3 h4 h5 h6 li p pre strong sup td th".split()}
"""Where white space is as it was; elsewhere the parser makes one space or line feed of it."""
_HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}


def read_markdown(markdown: str) -> tuple[Block, ...]:
    """Return the blocks of a content file's text."""
    import pyromark  # converting seldom asks for it

    return parse(pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES).html(markdown))


def parse(html: str) -> tuple[Block, ...]:
    """Return the blocks of rendered Markdown; whether a break between paragraphs was inferred is not in it."""
    return _blocks(BeautifulSoup(html, "html.parser", preserve_whitespace_tags=_WORDS))


def _blocks(parent: Tag) -> tuple[Block, ...]:
    """Return what stands in an element; words in no block of their own, as in a tight list, are a paragraph."""
    blocks: list[Block] = []
    bare: list[PageElement] = []
    for child in parent.children:
        found = _block(child) if isinstance(child, Tag) else None
        if found is None:
            bare.append(child)
        else:
            blocks += _paragraph(bare)
            blocks += found
            bare.clear()
    return (*blocks, *_paragraph(bare))


def _paragraph(bare: Iterable[PageElement]) -> list[Block]:
    inlines = _inlines(bare)
    return [Paragraph(inlines)] if inlines else []


def _block(element: Tag) -> tuple[Block, ...] | None:
    """Return the blocks that an element is, and None for an element that stands within a line."""
    match element.name:
        case "p":
            return tuple(_paragraph(element.children))
        case "ul" | "ol":
            items = tuple(_blocks(item) for item in element.find_all("li", recursive=False))
            start = str(element.get("start", "1"))
            return (ListBlock(element.name == "ol", int(start) if start.isdecimal() else 1, items),)
        case "blockquote":
            return (Quote(_blocks(element)),)
        case "pre":
            return (Code(element.get_text()),)
        case "table":
            rows = element.find_all("tr")
            header = bool(rows) and rows[0].find("th") is not None
            return (Table(tuple(tuple(_inlines(c.children) for c in r.find_all(["th", "td"])) for r in rows), header),)
        case "figure":
            return (_figure(element),)
        case "hr":
            return (Rule(),)
        case name if level := _HEADINGS.get(name):
            return (Heading(level, _inlines(element.children)),)
        case name if name in _AROUND:
            return _blocks(element)
        case _:
            return None


def _figure(element: Tag) -> Figure:
    image, caption = element.find("img"), element.find("figcaption")
    return Figure(
        str(image.get("src", "")) if image else "",
        str(image.get("alt", "") if image else element.get("aria-label", "")),
        _inlines(caption.children) if caption else (),
    )


def _inlines(children: Iterable[PageElement]) -> tuple[Inline, ...]:
    """Return what stands in a line, without the line breaks that a renderer puts around it."""
    inlines = _inlines_within(children)
    for at, strip in ((0, str.lstrip), (-1, str.rstrip)):
        if inlines and isinstance(edge := inlines[at], Text):
            inlines[at : at + 1 or None] = [Text(text)] if (text := strip(edge.text, "\n")) else []
    return tuple(inlines)


def _inlines_within(children: Iterable[PageElement]) -> list[Inline]:
    inlines: list[Inline] = []
    for child in children:
        found = _inline(child) if isinstance(child, Tag) else _text(child)
        for inline in found:
            if isinstance(inline, Text) and inlines and isinstance(last := inlines[-1], Text):
                inlines[-1] = Text(last.text + inline.text)
            else:
                inlines.append(inline)
    return inlines


def _text(child: PageElement) -> list[Inline]:
    # A comment is a string of another kind.
    return [Text(str(child))] if type(child) is NavigableString and child else []


def _inline(element: Tag) -> list[Inline]:
    within = _inlines_within(element.children)
    match element.name:
        case "em" | "i":
            return [Emphasis(tuple(within))]
        case "strong" | "b":
            return [Strong(tuple(within))]
        case "sup":
            return [Superscript(tuple(within))]
        case "code":
            return [CodeSpan(element.get_text())]
        case "br":
            return [LineBreak()]
        case "a" if is_safe(str(element.get("href", ""))):
            return [Link(str(element["href"]), tuple(within))]
        case _:
            return within
