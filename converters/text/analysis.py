"""Text as the words by which it is found: the same for the site's search, for tables and for subjects.

    words("The Müllers' e-mail of 9/11 …", …)
    ─►  the@0  mullers@1  e@2 email@2 mail@3  of@4  9@5 9/11@5 11@6

A word has a place, counted from 0, and may have other forms at the same place: a compound is found by its parts and
joined, a word with an article without it. Everything is folded by one table (folding.py) before it is parted, so that a
page in a browser parts a question in the same way: theme/static/search.js has these rules once more, and one table of
examples in the tests holds for both.

    joined          e-mail ─► e mail, email       al-Qaeda ─► al qaeda, alqaeda      O'Brien ─► o brien, obrien
    possessives     Müller's ─► muller            students' ─► students
    elision         l'école ─► l ecole            dell'arte ─► dell arte             don't ─► dont
    numbers, signs  9/11, 1.5bn, 10:30 whole and in parts; 1,000 ─► 1000; R&D, C++, C#, .NET; U.S. ─► us
    Arabic          المحكمة ─► المحكمة, محكمة
    no spaces       法院开始 ─► 法院 院开 开始 始: pairs, each at the place of its first character

Endings are taken off by language (PyStemmer), from words as folded.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

import Stemmer

from converters.text.folding import ranges, table

LANGUAGES = {
    **{"ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english"},
    **{"es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi"},
    **{"hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali"},
    **{"nl": "dutch", "nb": "norwegian", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian"},
    **{"ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
"""Code of a language -> PyStemmer's name of it."""
Word = tuple[int, str]

_SPACELESS = ranges("spaceless")
_LETTERS = f"[{ranges('letters')}]"
_UNIT = re.compile(
    f"[{_SPACELESS}][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3\u3099\u309a]*"
)
_WORD = re.compile(
    rf"""
      (?:(?<![^\s(]) \.(?={_LETTERS}))?           # .net
      {_LETTERS}+ (?:[-'/.,:&]{_LETTERS}+)*       # court  e-mail  9/11  1.5bn  r&d  u.s
      (?:\+\+|\#)?                                # c++  c#
    | [{_SPACELESS}]+
    """,
    re.VERBOSE,
)
_ASCII_WORD = re.compile(r"(?:(?<![^\s(])\.(?=[a-z0-9]))?[a-z0-9]+(?:[-'/.,:&][a-z0-9]+)*(?:\+\+|\#)?")
_ELIDED = frozenset("dell nell sull dall coll all quell bell sant un qu jusqu lorsqu puisqu quelqu presqu".split())
_ARTICLE = re.compile("[وبفك]?ال(?=...)|لل(?=...)")
_PARTS = re.compile("[-'/.,:&]")
_NUMBER = re.compile("[0-9]+")
_FIRST_OTHER = "\u0600"  # from Arabic on, words may have articles or no spaces between them
_PLAIN_WORD = re.compile(r"\w+")
_ACCENT = re.compile("[\u0300-\u036f]")
_SPACELESS_RUN = re.compile(f"[{_SPACELESS}\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+")
_LONGEST_RUN = 6  # characters of a script without spaces that are found as one word
_LONGEST = 30  # characters of a word; what goes on is not told apart


def folded(text: str) -> str:
    """Return a text as it is compared: without case, accents and what is not seen."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFC", text).split(" ")
    # What is ASCII between spaces, nearly all, is folded in a fraction of the time; there the table has one mark more.
    each = [part.lower() if part.isascii() and "`" not in part else part.translate(table()) for part in parts]
    return unicodedata.normalize("NFC", " ".join(each))


def words(text: str) -> tuple[list[str], list[Word]]:
    """Return the words of a text in their order, and the further forms of some with the places of these."""
    text = folded(text)
    is_ascii = text.isascii()
    expression = _ASCII_WORD if is_ascii else _WORD
    # No word holds a space, or a mark before one. Nearly all that stands between spaces is a word that stands for
    # nothing but itself; the rest is looked at one by one.
    found = text.replace(", ", " ").replace(". ", " ").split()
    plain: list[str] = []
    further: list[Word] = []
    begin = 0
    for at in [at for at, word in enumerate(found) if not word.isalnum() or not (is_ascii or word.isascii())]:
        plain += found[begin:at]
        begin = at + 1
        for word in expression.findall(found[at]):
            if _is_plain(word):
                plain.append(word)
                continue
            place = len(plain)
            plain += _parts(word)
            further += [(place, form) for form in _other_forms(word) if form != plain[place]]
            if article := _ARTICLE.match(word):
                further.append((place, word[article.end() :]))
    plain += found[begin:]
    if max(map(len, plain), default=0) > _LONGEST:
        return [form[:_LONGEST] for form in plain], [(place, form[:_LONGEST]) for place, form in further]
    return plain, further


def beside_plain_words(text: str) -> str:
    """Return what an index that parts words by spaces alone would miss of a text, with single spaces between.

    These are words as they are compared where they are written otherwise (with soft hyphens, ligatures, wide letters),
    and of scripts without spaces all runs of up to six characters: `港口办` ─► `港 港口 港口办 口 口办 办`.
    """
    plain, further = words(text)
    there = {*_PLAIN_WORD.findall(_without_accents(text.lower()))}
    forms = dict.fromkeys(word for word in [*plain, *(form for _, form in further)] if word not in there)
    for run in _SPACELESS_RUN.findall(folded(text)):
        for at in range(len(run)):
            forms |= dict.fromkeys(run[at:end] for end in range(at + 1, min(at + _LONGEST_RUN, len(run)) + 1))
    return " ".join(forms)


def _without_accents(text: str) -> str:
    return text if text.isascii() else _ACCENT.sub("", unicodedata.normalize("NFD", text))


def shapes() -> tuple[str, str]:
    """Return the ranges of letters and of scripts without spaces, as the page for searching needs them."""
    return tuple(re.sub(r"\\U0*([0-9a-f]+)", r"\\u{\1}", ranges(name)) for name in ("letters", "spaceless"))  # type: ignore[return-value]


def stems(language: str, forms: Sequence[str]) -> Sequence[str]:
    """Return the stem of each word; the word itself in a language without a stemmer."""
    stemmer = _stemmer(language)
    return forms if stemmer is None else stemmer.stemWords(forms)


def _is_plain(word: str) -> bool:
    """Whether a word stands for nothing but itself."""
    return word.isalnum() and (word.isascii() or word[0] < _FIRST_OTHER)


def _parts(word: str) -> Iterator[str]:
    """Yield the words that stand at places of their own."""
    if _UNIT.match(word):
        units = _UNIT.findall(word)
        yield from (a + b for a, b in zip(units, [*units[1:], ""], strict=True))
        return
    yield from _PARTS.split(_apart(word.lstrip(".").rstrip("+#")))


def _apart(word: str) -> str:
    """Return a word with its apostrophes kept where they part two words, and taken out elsewhere."""
    before, *rest = word.split("'")
    for part in rest:
        last = _PARTS.split(before)[-1]
        if part == "s":
            continue
        before += f"'{part}" if len(last) <= 2 or last in _ELIDED else part
    return before


def _other_forms(word: str) -> Iterator[str]:
    """Yield the forms beside its parts by which a compound is found."""
    core = word.removesuffix("'s")
    parts = _PARTS.split(core.lstrip(".").rstrip("+#"))
    if core[0] == "." or core[-1] in "+#":
        yield core
    if len(parts) < 2:
        return
    if "&" in core:
        yield core
    elif re.search("[0-9]", core):
        if re.search("[/.,:]", core):
            yield re.sub(r"(?<=[0-9]),(?=[0-9][0-9][0-9])", "", core)
        elif not all(map(_NUMBER.fullmatch, parts)):
            yield "".join(parts)
    elif not re.search("[/.,:]", core) or max(map(len, parts)) == 1:
        yield "".join(parts)


@cache
def _stemmer(language: str) -> "Stemmer.Stemmer | None":
    name = LANGUAGES.get(language)
    return None if name is None else Stemmer.Stemmer(name, 0)
