"""Writes a capture as a content file: front-matter, a blank line, and the text as Markdown.

    Title: Snakes & ladders                          <h1>Snakes &amp; ladders</h1>
    …
                                              →
    She wrote \\*two\\* words, and `left`.            <p>She wrote *two* words …</p>

    - first                                          ListBlock(ordered=False, start=1, items=(
    - second                                             (Paragraph("first"),), (Paragraph("second"),)))

The text is escaped so that Python-Markdown (with or without its extras) and CommonMark, both with tables, give the same
blocks, letter for letter, and nothing else; `blocks.parse` reads them back from what either gives. The two disagree on
backslashes before `<`, `&`, `|`, `~`, `"`, `:` and `^`, on tabs and on control characters, which are written as
references; on `*stress*` that touches letters, which is written as HTML; and on lists and quotes that hold more than
paragraphs, which are written as HTML without a blank line. A mark that could mean nothing where it stands is left
alone, so that plain prose looks like plain prose.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

from converters.model import (
    Block,
    Capture,
    Code,
    CodeSpan,
    Columns,
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
    moment,
)
from converters.text import frontmatter

_INLINE = re.compile(
    r"""
      [\\`*_\[{]                             # a \ b, *stress*, [link], {: .class}
    | <                                      # <b>
    | &(?=\#|[0-9A-Za-z][-.0-9A-Za-z]*;)     # &#38 and &amp; but not R&D
    | [\x00-\x09\x0b-\x1f\x7f]               # tab, NUL, CR; a line feed is dealt with line by line
    """,
    re.VERBOSE,
)
_MARKS = re.compile(r"[\\`*_\[{<&\x00-\x09\x0b-\x1f\x7f]")  # all that _INLINE may begin with, found much faster
_LINE_START = re.compile(
    r"""
      [#>+=|~:-]                             # heading, quote, list, underline, table, fence, definition
    | [0-9]+(?=[.)])                         # 1. list, 2) list
    """,
    re.VERBOSE,
)
_BACKSLASHED = frozenset("\\`*_[{#>+-")
_PLAIN_HREF = re.compile("(?:https?://|mailto:)[A-Za-z0-9:/?#.,;=%~+@$_-]+")
_BRACKET = re.compile(r"[\[\]]")
_NOT_IN_CELL = re.compile(r"[|\\`]")
_IN_HTML = re.compile(r"[&<>\x00-\x1f\x7f]")
_IN_ATTRIBUTE = re.compile(r"""[&<>"'\[\]()!{}*_`\\|\x00-\x20\x7f]""")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_SUMMARY_LENGTH = 200


def write(capture: Capture, slug: str) -> str:
    """Return the content file of a capture: the same text for the same capture and slug, wherever it is made."""
    origin = capture.provenance
    keys = [
        ("Title", capture.title),
        ("Date", capture.published.isoformat() if capture.published else ""),
        ("Slug", slug),
        ("Category", capture.source),
        ("Authors", frontmatter.byline(capture.authors)),
        ("Tags", ", ".join(capture.tags)),
        *((key, ", ".join(names)) for key, names in capture.kinds),
        ("Summary", summary(next(filter(str.strip, capture.paragraphs), ""))),
        ("Lang", capture.language),
        ("Dir", capture.direction if capture.direction != "ltr" else ""),
        ("Url", capture.url),
        ("Captured", ", ".join(capture.moments or ([moment(capture.captured)] if capture.captured else []))),
        ("Seed", origin.seed),
        ("Seed-Bytes", f"{origin.start}+{origin.length}"),
        ("Seed-SHA256", origin.sha256),
        ("Reader", origin.reader),
        ("Sidecar", ", ".join(origin.described)),
        ("Columns", _columns(origin.columns)),
        ("Fields", json.dumps(dict(origin.fields), ensure_ascii=False) if origin.fields else ""),
        ("Encoding", origin.encoding if origin.encoding != "utf-8" else ""),
        ("Kept", f"{origin.kept} %" if origin.kept is not None else ""),
        ("Inferred-Breaks", str(capture.inferred_breaks)),
        ("Raw-Withheld", "a password stands in its address" if capture.withheld else ""),
        ("Missing-Pictures", " ".join(address.replace(" ", "%20") for address in capture.missing_pictures)),
        ("Stand-Ins", str(capture.stand_ins) if capture.stand_ins else ""),
    ]
    head = "".join(f"{key}: {frontmatter.encode(text)}\n" for key, text in keys if text)
    return frontmatter.seal(head + "\n" + body(capture.body))


def _columns(columns: Columns) -> str:
    return json.dumps([columns.delimiter, *columns.names], ensure_ascii=False) if columns.names else ""


def body(blocks: Sequence[Block]) -> str:
    """Return the Markdown of blocks, a blank line between them and a line feed at the end.

    A paragraph, an item, a heading and a caption must hold something to read, and neither begin nor end with a line
    break or U+0085 (next line), which no Markdown can hold there. No text is empty, none follows another.
    """
    pieces: list[str] = []
    before: Block | None = None
    for block in blocks:
        if isinstance(block, ListBlock | Quote) and type(before) is type(block):
            pieces.append("<!-- -->")  # or the two would be one
        pieces.append(_block(block))
        before = block
    return "\n\n".join(pieces) + "\n"


def summary(paragraph: str) -> str:
    """Return the beginning of a paragraph on one line, whole words, with an ellipsis where it was cut."""
    text = " ".join(paragraph[: 8 * _SUMMARY_LENGTH].split())
    if len(text) <= _SUMMARY_LENGTH:
        return text
    cut = text.rfind(" ", 0, _SUMMARY_LENGTH)
    return text[: cut if cut > _SUMMARY_LENGTH // 2 else _SUMMARY_LENGTH].rstrip(" ,;:—–-") + "…"


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines=(Text(text=text),)):
            return _plain_paragraph(text)
        case Paragraph(inlines=inlines):
            return _one_line(inlines)
        case Heading(level=level, inlines=inlines):
            text = _one_line(inlines)
            # A heading may close with the marks it opens with.
            return f"{'#' * level} {text.removesuffix('#') + '&#35;' if text.endswith('#') else text}"
        case ListBlock() if _is_plain_list(block):
            return "\n".join(_list_lines(block))
        case Quote(blocks=blocks) if blocks and all(isinstance(inner, Paragraph) for inner in blocks):
            return "\n>\n".join(f"> {_one_line(inner.inlines)}" for inner in blocks if isinstance(inner, Paragraph))
        case Table(rows=rows, header=True) if len(rows) > 1 and (lines := _table_lines(rows)):
            return "\n".join(lines)
        case Rule():
            return "* * *"
        case _:
            return _html(block, "\n")


def _one_line(inlines: Iterable[Inline]) -> str:
    return _line("".join(map(_markdown, inlines)), escaped=True)


def _markdown(inline: Inline) -> str:
    match inline:
        case Text(text=text):
            return _inline(text).replace("\n", "&#10;")
        case CodeSpan(text=text):
            return f"<code>{_inline(text).replace(chr(10), '&#10;')}</code>"
        case LineBreak():
            return "<br>"
        case Link(href=href, inlines=(Text(text=text),)) if _PLAIN_HREF.fullmatch(href) and not _BRACKET.search(text):
            return f"[{_markdown(inline.inlines[0])}]({href})"
        case _:
            begin, end = _tags(inline)
            return f"{begin}{''.join(map(_markdown, inline.inlines))}{end}"


def _tags(inline: Emphasis | Strong | Superscript | Link) -> tuple[str, str]:
    match inline:
        case Emphasis():
            return "<em>", "</em>"
        case Strong():
            return "<strong>", "</strong>"
        case Superscript():
            return "<sup>", "</sup>"
        case Link(href=href) if is_safe(href):
            return f'<a href="{_attribute(href)}">', "</a>"
        case _:
            return "", ""


def _is_plain_list(block: ListBlock) -> bool:
    """Whether each item is a paragraph, perhaps with such a list below it, so that it can be written as in a letter."""
    # "5." is no beginning for all, and what stands below "100." would have to be indented further.
    counts = block.start == 1 and len(block.items) < 100 if block.ordered else True
    return counts and bool(block.items) and all(map(_is_plain_item, block.items))


def _is_plain_item(item: tuple[Block, ...]) -> bool:
    match item:
        case (Paragraph(),):
            return True
        case (Paragraph(), ListBlock() as below):
            return _is_plain_list(below)
        case _:
            return False


def _list_lines(block: ListBlock) -> Iterator[str]:
    for number, item in enumerate(block.items, 1):
        for part in item:
            match part:
                case Paragraph(inlines=inlines):
                    yield f"{f'{number}.' if block.ordered else '-'} {_one_line(inlines)}"
                case ListBlock():
                    yield from (f"    {line}" for line in _list_lines(part))


def _table_lines(rows: Sequence[Sequence[Sequence[Inline]]]) -> list[str]:
    """Return a table with pipes; nothing where a cell holds what would part cells, or where a row is empty."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not all(map(any, cells)) or any(_NOT_IN_CELL.search(cell) for row in cells for cell in row):
        return []
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return [lines[0], "|" + " --- |" * len(cells[0]), *lines[1:]]


def _cell(inlines: Iterable[Inline]) -> str:
    return _edges("".join(map(_markdown, inlines)))


# Blocks within blocks, and all that Markdown has no mark for, as HTML without a blank line


def _html(block: Block, joint: str = "") -> str:
    """Return a block as HTML; `joint`, a line feed or nothing, stands between the parts of the outermost."""
    match block:
        case Paragraph(inlines=inlines):
            return f"<p>{_html_inlines(inlines)}</p>"
        case Heading(level=level, inlines=inlines):
            return f"<h{level}>{_html_inlines(inlines)}</h{level}>"
        case ListBlock(ordered=ordered, start=start, items=items):
            name = "ol" if ordered else "ul"
            begin = f'<ol start="{start}">' if ordered and start != 1 else f"<{name}>"
            return joint.join((begin, *(f"<li>{''.join(map(_html, item))}</li>" for item in items), f"</{name}>"))
        case Quote(blocks=blocks):
            return joint.join(("<blockquote>", *map(_html, blocks), "</blockquote>"))
        case Code(text=text):
            return f"<pre><code>{_code(text) if joint else _escaped(text)}</code></pre>"
        case Table(rows=rows, header=header):
            names = chain(["th" if header else "td"], repeat("td"))
            return joint.join(("<table>", *map(_row, rows, names), "</table>"))
        case Figure(file=file, alt=alt, caption=caption):
            begin = "<figure>" if file or not alt else f'<figure aria-label="{_attribute(alt)}">'
            image = f'<img src="{_attribute(file)}" alt="{_attribute(alt)}">' if file else ""
            return f"{begin}{image}{f'<figcaption>{_html_inlines(caption)}</figcaption>' if caption else ''}</figure>"
        case Rule():
            return "<hr>"


def _row(cells: Iterable[Iterable[Inline]], name: str) -> str:
    return f"<tr>{''.join(f'<{name}>{_html_inlines(cell)}</{name}>' for cell in cells)}</tr>"


def _html_inlines(inlines: Iterable[Inline]) -> str:
    return "".join(map(_html_inline, inlines))


def _html_inline(inline: Inline) -> str:
    match inline:
        case Text(text=text):
            return _escaped(text)
        case CodeSpan(text=text):
            return f"<code>{_escaped(text)}</code>"
        case LineBreak():
            return "<br>"
        case _:
            begin, end = _tags(inline)
            return f"{begin}{_html_inlines(inline.inlines)}{end}"


def _code(text: str) -> str:
    """Return code in its lines; a blank one, which would end the block for some, hangs on the line before it."""
    first, *lines = map(_escaped, text.split("\n"))
    return first + "".join(f"\n{line}" if line.strip() else f"&#10;{line}" for line in lines)


def _escaped(text: str) -> str:
    return _IN_HTML.sub(lambda match: _NAMED.get(match[0]) or _reference(match[0]), text)


def _attribute(text: str) -> str:
    """Return a text for an attribute, without any mark that Markdown would see in it."""
    return _IN_ATTRIBUTE.sub(lambda match: _NAMED.get(match[0]) or _reference(match[0]), text)


def _plain_paragraph(text: str) -> str:
    lines = text.split("\n")
    # A line without a visible first letter would end the paragraph, so such breaks are written as references.
    joint = "\n" if all(line.strip() for line in lines) else "&#10;"
    if joint == "\n":
        return joint.join(map(_line, lines))
    return _line(joint.join(map(_inline, lines)), escaped=True)


def _line(text: str, escaped: bool = False) -> str:
    if not escaped:
        text = _inline(text)
    text = _LINE_START.sub(_start, text, count=1) if _LINE_START.match(text) else text
    return _edges(text)


def _edges(text: str) -> str:
    # Both trim a line, Python-Markdown of every Unicode space.
    if _trimmed(text[:1]):
        text = _reference(text[0]) + text[1:]
    if _trimmed(text[-1:]):
        text = text[:-1] + _reference(text[-1])
    return text


def _trimmed(character: str) -> bool:
    # HTML reads the reference to U+0085 as an ellipsis; it survives as it is, but at a paragraph's edge.
    return character.isspace() and character != "\x85"


def _inline(text: str) -> str:
    return _INLINE.sub(_escape, text) if _MARKS.search(text) else text


def _start(match: re.Match[str]) -> str:
    mark = match[0]
    if mark.isdigit():
        return mark + "\\"
    return "\\" + mark if mark in _BACKSLASHED else _reference(mark)


def _escape(match: re.Match[str]) -> str:
    mark = match[0]
    if mark == "<":
        return "&lt;"
    if mark == "&":
        return "&amp;"
    return "\\" + mark if mark in _BACKSLASHED else _reference(mark)


def _reference(character: str) -> str:
    return f"&#{ord(character)};"
