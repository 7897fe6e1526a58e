"""Writes a capture as a content file: front-matter, a blank line, and the text as Markdown.

    Title: Snakes & ladders                          <h1>Snakes &amp; ladders</h1>
    …
                                              →
    She wrote \\*two\\* words, and `left`.            <p>She wrote *two* words …</p>

The text is escaped so that Python-Markdown (with or without its extras) and CommonMark give the same paragraphs, letter
for letter, and nothing else: no markup, no link, no list. The two disagree on backslashes before `<`, `&`, `|`, `~`,
`"`, `:` and `^`, on tabs and on control characters; those are written as references. A mark that could mean nothing
where it stands is left alone, so that plain prose looks like plain prose.
"""

import re

from converters.model import Capture
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
_SUMMARY_LENGTH = 200


def write(capture: Capture, slug: str) -> str:
    """Give the content file of a capture: the same text for the same capture and slug, wherever it is made."""
    origin = capture.provenance
    keys = [
        ("Title", capture.title),
        ("Date", capture.published.isoformat() if capture.published else ""),
        ("Slug", slug),
        ("Category", capture.source),
        ("Tags", ", ".join(capture.tags)),
        ("Summary", summary(capture.paragraphs[0])),
        ("Lang", capture.language),
        ("Dir", capture.direction if capture.direction != "ltr" else ""),
        ("Url", capture.url),
        ("Seed", origin.seed),
        ("Seed-Bytes", f"{origin.start}+{origin.length}"),
        ("Seed-SHA256", origin.sha256),
        ("Reader", origin.reader),
        ("Encoding", origin.encoding if origin.encoding != "utf-8" else ""),
        ("Kept", f"{origin.kept} %" if origin.kept is not None else ""),
        ("Inferred-Breaks", str(capture.inferred_breaks)),
        ("Stand-Ins", str(capture.stand_ins) if capture.stand_ins else ""),
    ]
    head = "".join(f"{key}: {frontmatter.encode(text)}\n" for key, text in keys if text)
    return frontmatter.seal(head + "\n" + body(capture.paragraphs))


def body(paragraphs: tuple[str, ...]) -> str:
    """Give the Markdown of the paragraphs, a blank line between them and a line feed at the end.

    A paragraph must hold something to read, and neither begin nor end with U+0085 (next line), which no Markdown
    can hold there.
    """
    return "\n\n".join(map(_paragraph, paragraphs)) + "\n"


def summary(paragraph: str) -> str:
    """Give the beginning of a paragraph on one line, whole words, with an ellipsis where it was cut."""
    text = " ".join(paragraph[: 8 * _SUMMARY_LENGTH].split())
    if len(text) <= _SUMMARY_LENGTH:
        return text
    cut = text.rfind(" ", 0, _SUMMARY_LENGTH)
    return text[: cut if cut > _SUMMARY_LENGTH // 2 else _SUMMARY_LENGTH].rstrip(" ,;:—–-") + "…"


def _paragraph(text: str) -> str:
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
