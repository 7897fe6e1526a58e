"""Makes the body of a document of a text that says nothing of its form: a value in a table, a message, a feed's entry.

"The court said …\\n\\nIts prosecutor …"      ->  (Paragraph(…), Paragraph(…))
"<p>The <b>court</b> said …</p>"             ->  (Paragraph((Text("The "), Strong(…), Text(" said …"))),)
"""

import re

from converters.intake.visible import is_html, is_visible
from converters.model import Block, plain, texts_of

_TRIMMED = " \t\n\x85"
_LONGEST_TITLE = 80  # characters


def body_of(text: str, url: str) -> tuple[Block, ...]:
    """Return the blocks of a text, read as HTML if it is that; `url` is what its links start from."""
    if is_html(text):
        # Loaded here, since most archives have no pages and need not wait for it.
        from converters.readers.page.page import PageError, read_fragment

        try:
            return read_fragment(text, url)
        except PageError:
            pass
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    has_blank_lines = re.search(r"\S[^\S\n]*\n\s*\n\s*\S", text)
    pieces = re.split(r"\n\s*\n", text) if has_blank_lines else text.split("\n")
    paragraphs: list[str] = []
    unseen = ""
    for piece in filter(None, (piece.strip(_TRIMMED) for piece in pieces)):
        if is_visible(piece):
            paragraphs.append(f"{unseen}{piece}")
            unseen = ""
        else:  # no paragraph of its own, and nothing that may be lost
            unseen += f"{piece}\n"
    if paragraphs and unseen:
        paragraphs[-1] += f"\n{unseen.rstrip(_TRIMMED)}"
    return tuple(map(plain, paragraphs))


def beginning(body: tuple[Block, ...]) -> str:
    """Return the first words of a text, for a title of what has none."""
    line = " ".join(next(filter(str.strip, texts_of(body))).split())
    return line if len(line) <= _LONGEST_TITLE else line[:_LONGEST_TITLE].rpartition(" ")[0] or line[:_LONGEST_TITLE]
