"""The table by which words are compared: what every character becomes, and which characters words are made of.

    Größe  ─► grosse      İstanbul ─► istanbul      ﬁn­ance ─► finance      ٣ ─► 3      Дрёма ─► дрема      l’ ─► l'

It lies in folding.txt, as made once from Unicode 14: interpreters and browsers know different versions, and an index
has to be the same whoever makes it, and to be asked by whoever reads it. The same table goes to the page for searching.
Beside compatibility forms and case it takes away accents, vowel points and what is not seen. Letters that only look
accented stay: й is another letter than и.

    letters 30-39 61-7a …           ranges of what other words are made of: letters, marks, digits
    spaceless e00-e7f …             ranges of the scripts that put no spaces between words, or glue particles to them
    41-5a 20 1                      these characters become the one so many further on; every one of them
    100-12e 1 2                     every second of them
    df ss                           this character becomes these
    ad                              nothing is left of this one

`python -m converters.text.folding` writes the table anew; it is done when the project moves to another Unicode.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDING = Path(__file__).with_name("folding.txt")
_LAST = 0x110000
_SPACELESS = (
    "e00-e7f e80-eff 1000-109f 1100-11ff 1780-17ff 3005-3007 3040-30ff 3130-318f 31f0-31ff 3400-4dbf 4e00-9fff "
    "a960-a97f a9e0-a9ff aa60-aa7f ac00-d7ff f900-faff 1b000-1b16f 20000-3ffff"
)
_DROPPED = (
    "300-36f 483-487 591-5bd 5bf-5c7 610-61a 640-640 64b-65f 670-670 6d6-6dc 6df-6e4 6e7-6e8 6ea-6ed 1ab0-1aff "
    "1dc0-1dff 20d0-20ff fe00-fe0f fe20-fe2f ad-ad 34f-34f 61c-61c 180b-180f 200b-200f 202a-202e 2060-206f feff-feff"
)
_KEPT = dict.fromkeys("йїўґ")
_OWN = {
    **{"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"},
    **{"ى": "ي", "ی": "ي", "ک": "ك"},
    **dict.fromkeys("’‘ʼʹ′‛`´＇", "'"),
    **dict.fromkeys("‐‑‒–−－﹣", "-"),
}


@cache
def table() -> dict[int, str]:
    """Return what each character becomes, by code point, for `str.translate`."""
    found: dict[int, str] = {}
    for span, *rest in _lines():
        if span in ("letters", "spaceless"):
            continue
        first, _, last = span.partition("-")
        if last:
            shift, step = int(rest[0], 16), int(rest[1])
            found |= {code: chr(code + shift) for code in range(int(first, 16), int(last, 16) + 1, step)}
        else:
            found[int(first, 16)] = rest[0] if rest else ""
    return found


@cache
def ranges(name: str) -> str:
    """Return the ranges called `letters` or `spaceless` as they stand between the brackets of an expression."""
    spans = next(rest for first, *rest in _lines() if first == name)
    return "".join(rf"\U{int(a, 16):08x}-\U{int(b, 16):08x}" for a, _, b in (span.partition("-") for span in spans))


def _lines() -> Iterator[list[str]]:
    return (line.split() for line in FOLDING.read_text(encoding="utf-8").splitlines())


# Making the table


def _made() -> Iterator[str]:
    apart = {
        code
        for a, _, b in (span.partition("-") for span in _SPACELESS.split())
        for code in range(int(a, 16), int(b, 16) + 1)
    }
    letters = [code for code in range(_LAST) if unicodedata.category(chr(code))[0] in "LMN" and code not in apart]
    becomes = {code: _folded(chr(code)) for code in range(_LAST) if not 0xD800 <= code < 0xE000}
    becomes = {code: text for code, text in becomes.items() if text != chr(code)}
    yield "letters " + " ".join(f"{a:x}-{b:x}" for a, b in _spans(code for code in letters if code not in becomes))
    yield f"spaceless {_SPACELESS}"
    shifted = {code: ord(text) - code for code, text in becomes.items() if len(text) == 1 and ord(text) > code}
    codes = sorted(becomes)
    done: set[int] = set()
    for code in codes:
        if code in done:
            continue
        step, last = 0, code
        for step in (1, 2):
            last = code
            while last + step in shifted and shifted[last + step] == shifted.get(code):
                last += step
            if last > code:
                break
        if last > code:
            done.update(range(code, last + 1, step))
            yield f"{code:x}-{last:x} {shifted[code]:x} {step}"
        else:
            yield f"{code:x} {becomes[code]}".rstrip()


def _folded(character: str) -> str:
    if any(a <= character <= b for a, b in _dropped()):
        return ""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    text = unicodedata.normalize("NFKC", character).casefold()
    if text in _KEPT or text in _OWN:
        return _OWN.get(text, text)
    apart = unicodedata.normalize("NFKD", text)
    left = "".join(_OWN.get(one, one) for one in apart if not any(a <= one <= b for a, b in _dropped()))
    whole = unicodedata.normalize("NFC", left).casefold()
    return whole if whole.strip() == whole and not any(map(str.isspace, whole)) else character


@cache
def _dropped() -> list[tuple[str, str]]:
    return [(chr(int(a, 16)), chr(int(b, 16))) for a, _, b in (span.partition("-") for span in _DROPPED.split())]


def _spans(codes: Iterator[int]) -> Iterator[tuple[int, int]]:
    first = last = next(codes)
    for code in codes:
        if code != last + 1:
            yield first, last
            first = code
        last = code
    yield first, last


if __name__ == "__main__":
    FOLDING.write_text("\n".join(_made()) + "\n", encoding="utf-8")
