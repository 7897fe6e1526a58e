"""Stems: what the forms of one word have in common, only ever to compare.

    stems_of("en")["Countries"]  ->  "country"          singular and plural alike, and no more: policy is not police
    stems_of("ru")["войны"]      ->  "войн"             by Snowball's algorithm, where there is one for the language

A language without an algorithm has each word as its own stem, in lower case.
"""

from functools import cache

import Stemmer

_ALGORITHMS = {
    **{"ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "es": "spanish"},
    **{"fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian"},
    **{"nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian"},
    **{"sv": "swedish", "tr": "turkish"},
}
_MOST_KEPT = 200_000


class Stems(dict[str, str]):
    """Word -> stem, worked out once."""

    def __init__(self, language: str) -> None:
        super().__init__()
        algorithm = _ALGORITHMS.get(language)
        self._stem = _singular if language == "en" else Stemmer.Stemmer(algorithm).stemWord if algorithm else str

    def __missing__(self, word: str) -> str:
        if len(self) > _MOST_KEPT:
            self.clear()
        stem = self[word] = self._stem(word.lower())
        return stem


@cache
def stems_of(language: str) -> Stems:
    """Return the stems of a language, by its code of two letters."""
    return Stems(language)


def _singular(word: str) -> str:
    """Return singular and plural alike: countries -> country, boxes -> box, crimes -> crime."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) else word
