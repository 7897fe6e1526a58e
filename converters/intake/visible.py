"""What a person sees of a raw record, found without its reader: what a document is held against.

    plain(b" date 2023-03-08 …\\n\\nCourt opens …", "utf-8")             " date 2023-03-08 …\\n\\nCourt opens …"
    html(b"<p>The <b>court</b> said</p>", "utf-8")                      "\\n\\nThe  court  said\\n\\n"

    share_kept(["The court said"], "Home\\n\\nThe court said")          75, of a hundred: 12 of 16 characters
    first_missing(["The", "judge"], "Home\\n\\nThe court said")         "judge"

Words are compared by their characters, and may be parted otherwise: a reader may put a space between two cells or none.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice

from lxml import etree
from lxml import html as lxml_html

STAND_IN = "\ufffd"

_STAND_INS = re.compile("[\0\u2400\ufffd]+")
_BEFORE_TEXT = re.compile(r"^[\s\ufeff]+")  # the byte order mark among them
_ENCODED_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_UNSEEN = ("script", "style", "template", "title", etree.Comment, etree.ProcessingInstruction)
_BLOCKS = frozenset(
    """
    address article aside blockquote body button caption dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol option p pre section select summary table tbody td
    textarea tfoot th thead tr ul
    """.split()
)
_HTML = re.compile(
    r"</(?:p|div|article|section|span|h[1-6]|ul|ol|blockquote|a|table|em|strong|b|i|body|html)\s*>", re.I
)
_BETWEEN_FIELDS = "\x1e"
_PROSE = 80  # characters of a block that is more than a label


def plain(raw: bytes, encoding: str) -> str:
    """Return the text of a record that is nothing but text."""
    if encoding == "utf-8":  # characters beyond 16 bits whose halves were encoded apart
        raw = _ENCODED_PAIR.sub(_joined, raw)
    try:
        text = raw.decode(encoding, "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return _BEFORE_TEXT.sub("", text)


def html(raw: bytes, encoding: str) -> str:
    """Return what a page shows, and what it would show if it were unfolded; blocks stand apart by blank lines.

    All other elements stand apart by spaces, since a reader may leave out any of them.
    """
    source = plain(raw, encoding).replace("\0", STAND_IN).encode("utf-8", "replace")
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = lxml_html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # there is nothing in it
        return ""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return "".join(_pieces(root))


def is_html(text: str) -> bool:
    """Whether a text is written in HTML, as a value in a table or an entry of a feed may be."""
    return _HTML.search(text) is not None


def joined_fields(values: Iterable[str]) -> str:
    """Return the values of a record as one text, for `fields`."""
    return _BETWEEN_FIELDS.join(value.replace(_BETWEEN_FIELDS, " ") for value in values)


def fields(raw: bytes, encoding: str) -> str:
    """Return what a record of joined fields shows, of which any may be HTML."""
    parts = plain(raw, encoding).split(_BETWEEN_FIELDS)
    return "\n\n".join(html(part.encode("utf-8", "replace"), "utf-8") if is_html(part) else part for part in parts)


def is_visible(text: str) -> bool:
    """Whether some character leaves a trace: none of space, control, format or filling."""
    return any(
        not unicodedata.category(c).startswith(("Cc", "Cf", "Z")) and c not in "\u115f\u1160\u2800\u3164\uffa0"
        for c in text
    )


def comparable(text: str) -> str:
    """Return a text in which every run of characters that no page can hold is one stand-in."""
    return _STAND_INS.sub(STAND_IN, text)


def share_kept(kept: Iterable[str], visible: str) -> int:
    """Return how many of a hundred characters of a visible text are kept, rounded down; spaces do not count."""
    whole = _length(comparable(visible))
    return min(100, 100 * sum(_length(comparable(text)) for text in kept) // whole) if whole else 100


def first_missing(words: Sequence[str], visible: str) -> str:
    """Return the first word that does not stand behind the one before it in a visible text; "" where all do."""
    there = comparable(visible).split()
    text, edges = "".join(there), {0, *accumulate(map(len, there))}
    end = at = 0
    while at < len(words):
        start = text.find(words[at], end)
        while start >= 0 and (start not in edges or not (taken := _words_taken(words, at, text, start, edges))):
            start = text.find(words[at], start + 1)
        if start < 0:
            return words[at]
        end = start + sum(map(len, words[at : at + taken]))
        at += taken
    return ""


def keeps_prose(kept: Sequence[str], visible: str) -> bool:
    """Whether any of the longer paragraphs of a visible text is kept, or there are none."""
    whole = "".join("".join(comparable(text).split()) for text in kept)
    blocks = ("".join(comparable(block).split()) for block in visible.split("\n\n"))
    prose = [block for block in blocks if len(block) >= _PROSE]
    return not prose or any(block in whole for block in prose)


def _words_taken(words: Sequence[str], at: int, text: str, start: int, edges: set[int]) -> int:
    """Return how many words fill the text from one edge of its own words to another; 0 if they do not."""
    for taken, word in enumerate(islice(words, at, None), 1):
        if not text.startswith(word, start):
            return 0
        start += len(word)
        if start in edges:
            return taken
    return 0


def _pieces(root: lxml_html.HtmlElement) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in _BLOCKS:
            yield "\n\n"
        else:
            yield " "
        yield (element.text if event == "start" else element.tail) or ""


def _joined(pair: re.Match[bytes]) -> bytes:
    return pair[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _length(text: str) -> int:
    return sum(map(len, text.split()))
