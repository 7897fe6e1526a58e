"""Stems: what the forms of one word have in common, only ever to compare.

    stemmer_of("en")("countries")  ->  "country"        singular and plural alike, and no more: policy is not police
    stemmer_of("ru")("войны")      ->  "войн"           by Snowball's algorithm, where there is one for the language

Words are given in lower case. A language without an algorithm has each word as its own stem.
"""

from collections.abc import Callable
from functools import cache

import Stemmer

STEMMED = {
    **{"en": "", "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "es": "spanish"},
    **{"fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian"},
    **{"nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian"},
    **{"sv": "swedish", "tr": "turkish"},
}
"""Code of a language -> its algorithm; English has one of its own."""


SHORTEST = 4
"""Letters of a stem, but for Arabic, whose roots have three."""


@cache
def stemmer_of(language: str) -> Callable[[str], str]:
    """Return what gives the stem of a word in lower case, for a language by its code of two letters."""
    if language == "en":
        return _singular
    algorithm = STEMMED.get(language)
    if not algorithm:
        return str
    stem_word = Stemmer.Stemmer(algorithm).stemWord
    return stem_word if language == "ar" else lambda word: _unless_short(stem_word(word), word)


def _unless_short(stem: str, word: str) -> str:
    """Return the word itself where so little is left of it that it may be any: `par` of "paro" and of "para"."""
    return stem if len(stem) >= SHORTEST else word


def _singular(word: str) -> str:
    """Return singular and plural alike: countries -> country, boxes -> box, crimes -> crime."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) else word
