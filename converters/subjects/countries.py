"""The countries in the language of a text, from the Unicode CLDR.

    with_countries(vocabulary, "de")  ->  a Vocabulary that knows "Norwegen", "Vereinigte Staaten", … for our places

Only names that mean nothing else: not "Island", nor what is a person's given name. Russian names are known in their
cases too.
"""

from collections.abc import Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from converters.subjects.vocabulary import Form, Vocabulary, lengths_of
from converters.subjects.words import GIVEN_NAMES, words

AMBIGUOUS = GIVEN_NAMES | {"Island", "Man", "Maurice", "Mari", "Turks", "Dominique"}
_RUSSIAN_CASES = {"ия": "ии ию ией".split(), "ь": "и ью".split(), "а": "ы е у ой".split(), "я": "и ю е ей".split()}


@lru_cache(maxsize=16)
def with_countries(vocabulary: Vocabulary, language: str) -> Vocabulary:
    """Return the vocabulary with what the countries that it knows are called in a language; itself in English."""
    forms: dict[tuple[str, ...], Form] = {}
    for written, form in _named(language, vocabulary):
        key = tuple(words(written))
        if written not in AMBIGUOUS and key not in vocabulary.forms:
            forms.setdefault(key, form)
    return Vocabulary(vocabulary.forms | forms, lengths_of([*vocabulary.forms, *forms])) if forms else vocabulary


def _named(language: str, vocabulary: Vocabulary) -> Iterator[tuple[str, Form]]:
    try:
        there, here = Locale(language).territories, Locale("en").territories
    except (UnknownLocaleError, ValueError):
        return
    for code, name in here.items():
        form = vocabulary.forms.get(tuple(words(name)))
        local = there.get(code, "")
        if form is None or not code.isalpha() or language == "en" or len(local) < 2:
            continue
        yield local, form
        if language == "ru" and local.isalpha():
            yield from ((case, form) for case in _russian_cases(local))


def _russian_cases(name: str) -> Iterator[str]:
    for ending, others in _RUSSIAN_CASES.items():
        if name.endswith(ending):
            yield from (name.removesuffix(ending) + other for other in others)
            return
    if name[-1] not in "оеиуыэю":
        yield from (name.removesuffix("й") + ending for ending in ("а", "у", "ом", "е", "я", "ю", "ем"))
