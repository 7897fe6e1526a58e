"""Takes a page apart into leaves: the runs of text that its block elements part from each other.

    <div>Home <p>The <b>court</b> said …<p>Its prosecutor …</div>
    ->  Leaf(<div>, "Home"), Leaf(<p>, "The court said …"), Leaf(<p>, "Its prosecutor …")

Inline elements may span blocks, as a link around a whole box does. So a leaf is first a list of pieces of text, each
with the marks that hold there; `inlines` nests them again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urljoin

from lxml import html

from converters.model import CodeSpan, Emphasis, Inline, LineBreak, Link, Strong, Superscript, Text

BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul "
    "caption".split()
)
_MARKS = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "emphasis"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "sup": "superscript",
}
_WEB = re.compile("https?://[^/]|mailto:.", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_BREAK = "\x00"  # stands for <br> in a piece; a page cannot hold it

Mark = tuple[str, str]
"""What holds for a piece of text: its kind and, of a link, where it leads as the page has it."""
_Step = tuple[str, html.HtmlElement, html.HtmlElement, tuple[Mark, ...]]
"""Where the walk is: what is to be done with an element, the block around it, and the marks that hold there."""
_ENTER, _TAIL, _LEAVE = "enter", "tail", "leave"


class Piece(NamedTuple):
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A run of text between two borders of blocks."""

    element: html.HtmlElement
    """The block element that it lies in."""
    pieces: tuple[Piece, ...]
    text: str
    """Its words, with single spaces between them."""
    linked: int
    """Characters of it that are links."""

    @property
    def is_picture(self) -> bool:
        return not self.pieces

    @property
    def link_share(self) -> float:
        """How much of it is links, from 0 to 1."""
        return self.linked / max(1, len(self.text))


def leaves_of(tree: html.HtmlElement) -> list[Leaf]:
    """Return the leaves of a page in its order; pictures are leaves without text, after the text of their block."""
    leaves: list[Leaf] = []
    pieces: list[Piece] = []

    pictures: list[html.HtmlElement] = []

    def flush(block: html.HtmlElement) -> None:
        if pieces:
            if any(not text.isspace() and text != _BREAK for text, _ in pieces):
                leaves.append(_leaf(block, tuple(pieces)))
            pieces.clear()
        if pictures:
            leaves.extend(Leaf(picture, (), "", 0) for picture in pictures)
            pictures.clear()

    # A stack in place of recursion, since pages may be nested as deeply as the parser lets them.
    stack: list[_Step] = [(_ENTER, tree, tree, ())]
    while stack:
        step, element, block, marks = stack.pop()
        if step is _LEAVE:
            flush(element)
        elif step is _TAIL:
            if element.tail:
                pieces.append(Piece(element.tail, marks))
        else:
            if element.tag in BLOCKS:
                flush(block)
                block = element
                stack.append((_LEAVE, element, block, marks))
            elif element.tag == "img":
                pictures.append(element)
            elif element.tag == "br":
                if pieces and pieces[-1].text.rstrip(" \t\n\r\f").endswith(_BREAK):
                    flush(block)
                else:
                    pieces.append(Piece(_BREAK, marks))
            else:
                marks = _marks_of(element, marks)
            if element.text:
                pieces.append(Piece(element.text, marks))
            for child in reversed(element):
                if isinstance(child.tag, str):
                    stack.append((_TAIL, child, block, marks))
                    stack.append((_ENTER, child, block, marks))
    flush(tree)
    return leaves


def inlines(leaf: Leaf, base: str) -> tuple[Inline, ...]:
    """Return the text of a leaf with its emphasis, links and line breaks; `base` is where relative links start from."""
    return tuple(_nested(_trimmed(leaf.pieces), base))


def preformatted(leaf: Leaf) -> str:
    """Return the text of a leaf with all its spaces and line feeds."""
    return "".join(piece.text.replace(_BREAK, "\n") for piece in leaf.pieces)


def _leaf(block: html.HtmlElement, pieces: tuple[Piece, ...]) -> Leaf:
    text = " ".join("".join([text for text, _ in pieces]).replace(_BREAK, " ").split())
    linked = sum(len(text.strip()) for text, marks in pieces if marks and any(kind == "link" for kind, _ in marks))
    return Leaf(block, pieces, text, linked)


def _marks_of(element: html.HtmlElement, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    if element.tag == "a":
        mark = ("link", element.get("href") or "")
    elif element.tag in _MARKS:
        mark = (_MARKS[element.tag], "")
    else:
        return marks
    return (*marks, mark) if mark not in marks else marks


def _address(href: str, base: str) -> str:
    """Return the absolute address of a link; nothing where it leads to no other page."""
    href = href.strip()
    if not href or href.startswith("#"):
        return ""
    try:
        address = urljoin(base, href)
    except ValueError:
        return ""
    return address if _WEB.match(address) and not any(c.isspace() or not c.isprintable() for c in address) else ""


def _trimmed(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces with single spaces, none at the ends and beside line breaks."""
    trimmed: list[Piece] = []
    after_space = True
    for text, marks in pieces:
        text = _SPACE.sub(" ", text)
        if after_space:
            text = text.lstrip(" ")
        if text == _BREAK and trimmed:
            trimmed[-1] = trimmed[-1]._replace(text=trimmed[-1].text.rstrip(" "))
        if text:
            trimmed.append(Piece(text, marks))
            after_space = text.endswith((" ", _BREAK))
    while trimmed and not trimmed[-1].text.strip(f" {_BREAK}"):
        trimmed.pop()
    while trimmed and not trimmed[0].text.strip(f" {_BREAK}"):
        del trimmed[0]
    if trimmed:
        trimmed[-1] = trimmed[-1]._replace(text=trimmed[-1].text.rstrip(" "))
    return [piece for piece in trimmed if piece.text]


def _nested(pieces: Sequence[Piece], base: str) -> Iterator[Inline]:
    for mark, group in groupby(pieces, lambda piece: piece.marks[0] if piece.marks else None):
        inner = [Piece(text, marks[1:]) for text, marks in group]
        if mark is None:
            yield from _texts("".join(piece.text for piece in inner))
            continue
        kind, href = mark
        content = tuple(_nested(inner, base))
        match kind:
            case "emphasis":
                yield Emphasis(content)
            case "strong":
                yield Strong(content)
            case "superscript":
                yield Superscript(content)
            case "code":
                yield CodeSpan("".join(piece.text.replace(_BREAK, " ") for piece in inner))
            case "link" if address := _address(href, base):
                yield Link(address, content)
            case _:
                yield from content


def _texts(text: str) -> Iterator[Inline]:
    for number, part in enumerate(text.split(_BREAK)):
        if number:
            yield LineBreak()
        if part:
            yield Text(part)
