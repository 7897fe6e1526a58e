"""Puts the leaves of a page that are of the document together again, as blocks.

Leaf(<p> in <li> in <ul>, "Cranes"), Leaf(<p> in <li> in <ul>, "Quays"), Leaf(<figcaption>, "The harbour")
->  ListBlock(items=((Paragraph("Cranes"),), (Paragraph("Quays"),))), Figure(caption="The harbour")
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from lxml import html

from converters.model import (
    Block,
    Code,
    Figure,
    Heading,
    Inline,
    LineBreak,
    ListBlock,
    Paragraph,
    Quote,
    Table,
    text_of,
)
from converters.readers.page.dom import ancestors
from converters.readers.page.leaves import Leaf, inlines, preformatted

_FRAMES = frozenset(("ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "pre", "figure", "dl"))
_LISTS = {"ul": False, "ol": True}
_CELLS = ("td", "th")
_HEADINGS = {f"h{level}": max(2, level) for level in range(1, 7)}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MOST_NESTED = 8  # lists in lists and quotes in quotes; what lies deeper is shown as if it lay there

Picture = Callable[..., str]
"""Returns the name of the file that a picture has among the capture's media, by its addresses; nothing if none."""


class Surroundings(NamedTuple):
    """What the leaves of a page are seen in."""

    captions: set[Leaf]
    """Those that belong to pictures."""
    base: str
    """The address that relative links start from."""
    picture: Picture


_Framed = tuple[tuple[html.HtmlElement, ...], Leaf]
"""The elements that give a leaf its form, from the outside in, and the leaf."""


def blocks_of(leaves: Iterable[Leaf], around: Surroundings) -> tuple[Block, ...]:
    """Return the blocks that leaves make up, in their order."""
    framed = [(_frames(leaf, leaf in around.captions), leaf) for leaf in leaves]
    return tuple(_blocks(framed, around))


def _frames(leaf: Leaf, is_caption: bool) -> tuple[html.HtmlElement, ...]:
    frames = [above for above in ancestors(leaf.element) if above.tag in _FRAMES]
    frames = [above for above in frames if above.tag != "figure" or is_caption]
    return tuple(reversed(frames))[:_MOST_NESTED]


def _blocks(framed: Sequence[_Framed], around: Surroundings) -> list[Block]:
    blocks: list[Block] = []
    for frame, group in groupby(framed, lambda one: one[0][0] if one[0] else None):
        inside = [(frames[1:], leaf) for frames, leaf in group]
        if frame is None:
            blocks += [block for _, leaf in inside if (block := _plain(leaf, around))]
        else:
            blocks += _framed(frame, inside, around)
    return blocks


def _framed(frame: html.HtmlElement, inside: Sequence[_Framed], around: Surroundings) -> Sequence[Block]:
    match frame.tag:
        case "ul" | "ol":
            items = _parted(inside, "li")
            start = frame.get("start") or ""
            number = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
            return [
                ListBlock(
                    _LISTS[frame.tag],
                    number if _LISTS[frame.tag] else 1,
                    tuple(tuple(_blocks(item, around)) for item in items),
                )
            ]
        case "blockquote":
            return [Quote(tuple(_blocks(inside, around)))]
        case "pre":
            text = "".join(preformatted(leaf) for _, leaf in inside).strip("\n")
            return [Code(text)] if text.strip() else []
        case "table" if _is_of_data(frame):
            return _table(frame, inside, around.base)
        case "figure":
            caption = _joined([inlines(leaf, around.base) for _, leaf in inside if not leaf.is_picture])
            return [Figure(*_picture_in(frame, around.picture), caption)]
        case _:
            return _blocks(inside, around)


def _parted(inside: Sequence[_Framed], tag: str) -> list[list[_Framed]]:
    """Return the leaves of each element of a tag, without it; leaves outside of any make parts of their own."""
    parts = []
    for element, group in groupby(inside, lambda one: one[0][0] if one[0] else None):
        is_part = element is not None and element.tag == tag
        part = [(frames[1:] if is_part else frames, leaf) for frames, leaf in group]
        parts += [part] if is_part else [[one] for one in part]
    return parts


def _is_of_data(table: html.HtmlElement) -> bool:
    """Whether a table is one of data and no frame for a page's columns."""
    rows = table.findall(".//tr")
    widths = {len(row.findall("td")) + len(row.findall("th")) for row in rows}
    nested = table.find(".//table") is not None or table.find(".//p/following-sibling::p") is not None
    return not nested and len(rows) > 0 and max(widths, default=0) > 1


def _table(table: html.HtmlElement, inside: Sequence[_Framed], base: str) -> Sequence[Block]:
    """Return a table of the rows that hold a leaf, with their empty cells."""
    of_cell: dict[html.HtmlElement, list[tuple[Inline, ...]]] = {}
    for _, leaf in inside:
        if leaf.is_picture:
            continue
        cell = next((above for above in ancestors(leaf.element) if above.tag in _CELLS), table)
        of_cell.setdefault(cell, []).append(inlines(leaf, base))
    found = [[cell for cell in row if cell.tag in _CELLS] for row in table.iter("tr")]
    shown = [cells for cells in found if any(cell in of_cell for cell in cells)]
    width = max(map(len, shown), default=0)
    rows = [tuple(_joined(of_cell.get(cell, ())) for cell in cells) + ((),) * (width - len(cells)) for cells in shown]
    header = bool(shown) and all(cell.tag == "th" for cell in shown[0])
    beside = _joined(of_cell.get(table, ()))  # its caption
    return [*([Paragraph(beside)] if beside else []), *([Table(tuple(rows), header)] if rows else [])]


def _joined(parts: Sequence[tuple[Inline, ...]]) -> tuple[Inline, ...]:
    joined: list[Inline] = []
    for part in parts:
        joined += [LineBreak(), *part] if joined and part else part
    return tuple(joined)


def _plain(leaf: Leaf, around: Surroundings) -> Block | None:
    if leaf.is_picture:
        file, alt = _picture(leaf.element, around.picture)
        return Figure(file, alt, ()) if file else None
    content = inlines(leaf, around.base)
    if not text_of(content).strip():
        return None
    if leaf in around.captions:
        return Figure(*_picture_in(leaf.element.getparent(), around.picture), content)
    level = next((_HEADINGS[above.tag] for above in ancestors(leaf.element) if above.tag in _HEADINGS), 0)
    return Heading(level, content) if level else Paragraph(content)


def _picture_in(element: html.HtmlElement | None, picture: Picture) -> tuple[str, str]:
    """Return file and alternative text of the first picture in an element."""
    image = None if element is None else element.find(".//img")
    return ("", "") if image is None else _picture(image, picture)


def _picture(image: html.HtmlElement, picture: Picture) -> tuple[str, str]:
    sources = (image.get(name) for name in ("src", "data-src", "data-original", "data-lazy-src"))
    wide = (image.get("srcset") or image.get("data-srcset") or "").split()
    addresses = dict.fromkeys(address.strip() for address in (*sources, *wide[:1]) if address and address.strip())
    return picture(*addresses), " ".join(_CONTROL.sub(" ", image.get("alt") or "").split())
