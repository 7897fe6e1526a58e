"""Restores the paragraph breaks that a scraper lost.

    "… for war crimes.The Defense Department is …"  ->  "… for war crimes.", "The Defense Department is …"

No space stands where two paragraphs were glued: `.|The`, `”|She`, `!|¿Qué`. Headings and list items end
without a mark, `Sales in Asia|The firm`; there the document is the witness: the parts stand elsewhere as
words, the glued form does not. Nothing is inserted but breaks. Over the 98 web pages of `bench/paragraphs.py`
the averages are precision 0.998 and recall 0.883; every rule and number was set by hand. It fails on tables,
on lists in lower case, after headings that end in a name met once, and on quotations whose marks do not pair.
It hardly tries in Chinese and Japanese, where no sentence is followed by a space.
"""

import io
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple
from unicodedata import normalize

from converters.model import Block, Capture, Paragraph, Text

_LONGEST = 500_000  # characters: no scraper lost the breaks of such a text, and to look at each place takes long


def restore(capture: Capture) -> Capture:
    """The capture with its lost breaks put back. Every character stays, and a second time adds nothing."""
    text = "".join(capture.paragraphs)
    if len(text) > _LONGEST:
        return capture
    kept = [0, *accumulate(map(len, capture.paragraphs))]
    inferred = {*_find(text, kept)}
    if not inferred:
        return capture
    inferred |= {start for start, block in zip(kept, capture.body, strict=False) if _is_inferred(block)}
    places = sorted({*kept, *inferred})
    body = tuple(Paragraph((Text(text[start:end]),), inferred=start in inferred) for start, end in pairwise(places))
    return replace(capture, body=body)


def _is_inferred(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.inferred


def breaks(text: str) -> list[int]:
    """Offsets in one glued paragraph at which a lost break is inferred, ascending."""
    return _find(text, [0])


_ENDS = ".!?…‽؟۔।॥։።៕။。！？｡"
_WIDE_ENDS = "。！？｡"
_OPENERS = "“„‘«‹([{<¿¡「『（《〈【"
_CLOSERS = "”’»›)]}>」』）》〉】*†"
_DASHES = "—–―-"
_BULLETS = "•‣▪●■◆▶►➤※©"
_REACH = 60
"""How many characters either side of a seam are looked at; without a limit, hostile input would be slow."""
_BLOCK = 1 << 20
"""In how many characters words are listed at a time; one list for a huge document would be huge."""

_SEAM = re.compile(
    r"""
    [^\t-\r\x1c-\x20\x85\xa0'’”»)\],.;:!?…%/&+=~>|\\^$@a-gi-zß-öø-ÿа-џα-ω]  # may begin a paragraph, or is `h`
    (?<![\s(\[{<“‘„«$€£,/—–−-].)             # `end.The`, not `end. The`, `(The`, `mid-March`
    (?!(?<=h)(?!ttps?://))                   # `clipshttps://example.org`, but no other `h`
    (?!(?<=-)\S)                             # `end.- The`, not `re-enter`
    (?<!\d\d)                                # not inside `2019`
    (?!(?<=[A-Z]{2})(?:[A-Z\W\d_]|\Z))       # `NATOThe`, but not inside `NATO`
    (?:(?<=[؟۔।॥։።៕။].)|(?<![\u0590-\u1dff\u3040-\ud7ff]{2}))    # `है।वह`, not inside `वह`
    """,
    re.VERBOSE,
)
_QUOTE = re.compile(r"""["“„«»'](?<![^\W_]')(?!(?<=')s\b)""")  # not the `'` of `don't`, `N.V.'s`
_PARTNER = {'"': '"', "“": "„", "«": "»", "»": "«", "'": "'"}
_WORD = re.compile(r"[^\W_\u3000-\u9fff]+")
_LETTERS = re.compile(r"[^\W\d_]*")
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{1,2}")  # `Mr`, `Dr`, `Sgt`


def _find(text: str, kept: list[int]) -> list[int]:
    """Lost breaks in paragraphs joined without a mark, given where the kept ones are.

    Of other breaks only the last one before a seam matters, so keeping an inferred one changes nothing.
    """
    marked = _marked(text, kept)
    words = _Words(text)
    inferred: list[int] = []
    for match in _SEAM.finditer(marked):
        offset = match.start()
        start = max(kept[bisect_right(kept, offset) - 1], inferred[-1] if inferred else 0)
        before = marked[max(start, offset - _REACH) : offset]
        if before and _is_break(_seam(before, marked[offset : offset + _REACH]), words):
            inferred.append(offset)
    return inferred


def _marked(text: str, kept: list[int]) -> str:
    """The text with each quotation mark that can open or close replaced by the curly one that tells which.

    The space beside a mark tells. Where there is none, a mark closes what its partner opened, unless a
    quotation of several paragraphs opens again before it closes, as the second mark of `"One."Two," he said`.
    """
    edges = set(kept)
    out = io.StringIO()
    done = 0
    opened = ""
    for quote in _QUOTE.finditer(text):
        mark, at = quote[0], quote.start()
        can_open, can_close = _sides(text, at)
        if at in edges or at + 1 in edges or mark == "„":
            opens = at in edges or mark == "„"
        elif mark in "«»" and opened == _PARTNER[mark]:
            opens = False  # `« Oui. »Elle`
        elif can_open != can_close:
            opens = can_open
        elif opened == _PARTNER[mark]:
            following = _QUOTE.search(text, at + 1) if mark == '"' else None
            opens = following is not None and _sides(text, following.start()) == (False, True)
        else:
            opens = mark != "»"
        opened = mark if opens else ""
        out.write(text[done:at])
        out.write(("’‘" if mark == "'" else "”“")[opens])
        done = at + 1
    return out.getvalue() + text[done:]


def _sides(text: str, at: int) -> tuple[bool, bool]:
    """Whether what stands before the mark lets it open, and what stands after it lets it close."""
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    can_open = not before or before.isspace() or before in _OPENERS or before in _DASHES
    return can_open, not after or after.isspace() or after in ",.;:?!)"


class _Words:
    """The words of the document, counted when first asked for: many documents can be read without."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def count(self) -> Counter[str]:
        count: Counter[str] = Counter()
        for at in range(0, len(self._text), _BLOCK):
            count.update(_WORD.findall(self._text, at, at + _BLOCK))
        return count

    @cached_property
    def glued(self) -> Counter[str]:
        """In how many different words this part follows another: `Dates|June`, `Arena|June`, `Creek|June`."""
        compounds = (word for word in self.count if not word.islower() and not word[1:].islower())
        return Counter(part for word in compounds if len(word) < _REACH for part in _parts(word)[1:])

    def know(self, word: str) -> bool:
        return word in self.count or word.lower() in self.count or self.glued[word] > 1


def _parts(word: str) -> list[str]:
    """`SpaceXThe` as `Space`, `X`, `The`; `IRAsThe` as `IRAs`, `The`."""
    cuts = [0, *(i for i in range(1, len(word)) if _begins_part(word, i)), len(word)]
    return [word[start:end] for start, end in pairwise(cuts)]


def _begins_part(word: str, i: int) -> bool:
    if not word[i].isupper() or not word[i - 1].isupper():
        return word[i].isupper()
    plural = word[i + 1 : i + 2] == "s" and not word[i + 2 : i + 3].islower()
    return word[i + 1 : i + 2].islower() and not plural


class _Seam(NamedTuple):
    """Where two characters touch: `he said` `.` `”` | `“` `We knew`."""

    before: str
    stem: str
    end: str
    closers: str
    openers: str
    rest: str

    @property
    def left(self) -> str:
        """The letters before the end: `said`."""
        letters = _LETTERS.match(self.stem[::-1])
        return letters[0][::-1] if letters else ""

    @property
    def right(self) -> str:
        """The word after the openers: `We`."""
        word = _WORD.match(self.rest)
        return word[0] if word else ""

    @property
    def chunk(self) -> str:
        """Everything since the last space."""
        return self.before.split()[-1]

    @property
    def in_address(self) -> bool:
        return any(mark in self.chunk for mark in ("://", "www.", "@", "#"))


def _seam(before: str, after: str) -> _Seam:
    core = before.rstrip(_CLOSERS)
    rest = after.lstrip(_OPENERS)
    closers, openers = before[len(core) :], after[: len(after) - len(rest)]
    if openers and rest[:1].isspace():
        rest = rest[1:]  # `« Oui`
    return _Seam(before, core[:-1], core[-1:], closers, openers, rest)


def _is_break(seam: _Seam, words: _Words) -> bool:
    end, first = seam.end, seam.rest[:1]
    if not end or not first or first.isspace() or first in _CLOSERS:
        return False
    if end in _WIDE_ENDS or "\u3000" <= first <= "\u9fff":
        return end in _ENDS and (first in _BULLETS or bool(seam.closers and seam.openers))
    if not seam.openers:
        if not first.isalpha():
            return _begins_item(seam)
        if first.islower() and not "ა" <= first <= "ჿ":  # Georgian sentences begin with these
            return seam.rest.startswith(("http://", "https://")) and (end.isalnum() or seam.closers != "")
    elif first.isdigit():
        return False  # `end.[3] The` has a footnote's mark
    if end in _ENDS:
        return _ends_sentence(seam, words)
    if not seam.openers and not first.isupper():
        return False
    if seam.closers:
        return seam.closers[-1] in ")]>”" and seam.openers[:1] in "“‘«"
    if end == ":":
        return len(seam.right) > 2 and not seam.in_address
    if seam.openers:
        return False
    return seam.before.endswith("___") or _joins_words(seam, words)


def _begins_item(seam: _Seam) -> bool:
    """Whether a bullet, a dash, a number or a rule begins a paragraph."""
    end, first, rest = seam.end, seam.rest[0], seam.rest
    if end in _OPENERS or end in _DASHES:
        return False
    if first in _BULLETS:
        return True
    if first in _DASHES:
        spaced = rest[1:2].isspace() or (end in _ENDS and first != "-")
        return spaced and ("/" in seam.chunk or not rest[1:].lstrip()[:1].islower())
    if first.isdigit() and end == "." and not seam.closers:
        return len(seam.left) > 3 and seam.left.islower()  # `end.2019`, not `v.2`, `No.5`, `3.5`
    return end in _ENDS and (first.isdigit() or first == "#" or rest.startswith("___"))


def _ends_sentence(seam: _Seam, words: _Words) -> bool:
    end, first, left, right = seam.end, seam.rest[0], seam.left, seam.right
    if end in ".…" and not left:
        lead = seam.stem.rstrip(".…")
        if not lead or lead[-1] in _OPENERS or lead.isdigit():
            return False  # `“…and`, `…And`, `1.Bread`
        if lead[-1].isspace():
            return end == "." and lead == seam.stem and right.lower() in words.count
    if seam.openers or not first.isalpha():
        return seam.openers != ""
    if end != "." or seam.closers:
        return True
    if not first.isupper():
        # Abbreviations are short, Arabic `د.`, Hindi `डॉ.`; Thai and Lao have the point for nothing else.
        last = re.split(r"[\s.]", seam.stem)[-1]
        return len(normalize("NFD", last)) > 2 and not "\u0e00" <= first <= "\u0eff"
    if left == "www" or (seam.chunk[0] in "(<[" and not any(mark in seam.chunk for mark in ")>]")):
        return False  # `www.Example.org`, `(BA.N)`
    if len(right) == 1 and seam.rest[1:2] == "." and (len(left) < 3 or left[-1].isupper()):
        return False  # `U.S.`, `Ph.D.`
    if (len(left) == 1 and left.isupper()) or _NO_VOWEL.fullmatch(left):
        return len(right) > 1 and right.lower() in words.count  # `the U.S.The`, not `J.Smith`
    return True


def _joins_words(seam: _Seam, words: _Words) -> bool:
    """Whether one word is the end of a paragraph and the beginning of the next: `AsiaThe`, not `YouTube`."""
    reversed_head = _WORD.match(seam.before[::-1])
    head = reversed_head[0][::-1] if reversed_head else ""
    word = head + seam.right
    if not head or len(word) >= _REACH or not _begins_part(word, len(head)):
        return False
    if seam.in_address or seam.rest.startswith("://", len(seam.right)):
        return False
    left, right = _parts(head)[-1], _parts(word[len(head) :])[0]
    if len(right) > 2 and right.istitle() and words.glued[right] > 2:
        return True
    if len(right) < 2 or right.isupper() or words.count[word] > 1:
        return False
    known = words.know(right)
    if left.isdigit():
        return len(left) == 4 or (known and len(right) > 2)
    if left.islower():
        return len(left) > 2 and (known or words.know(left))
    if left.isupper() and len(left) > 1:
        return known or seam.before[: -len(head)].rstrip()[-2:].isupper()
    if not seam.rest[len(right) : len(right) + 1].isspace():
        return False
    begins_sentences = right in words.count and words.count[right.lower()] > 1
    return begins_sentences or (known and len(head) > 3 and head in words.count)
