"""Text as words, and the lists of common words that tell subjects from the rest.

    words("The U.S.-backed plan, O'Brien said.")
    -> ["The", "U.S.-backed", "plan", ",", "O'Brien", "said", "."]

The lists lie in words.toml, each with what it is for.
"""

import re
import tomllib
import unicodedata
from itertools import chain
from pathlib import Path
from sys import intern
from typing import Any

_lists: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _list(name: str) -> frozenset[str]:
    return frozenset(_lists[name].split())


def _by_language(name: str) -> dict[str, tuple[str, ...]]:
    return {language: tuple(words.split()) for language, words in _lists[name].items()}


FUNCTION, CONNECTORS, ARTICLES = _list("function"), _list("connectors"), _list("articles")
VERB_OPENERS, OBJECT_OPENERS, NAME_OPENERS = _list("verb_openers"), _list("object_openers"), _list("name_openers")
FILLER, VAGUE, ADJECTIVES, GERUNDS = _list("filler"), _list("vague"), _list("adjectives"), _list("gerunds")
ROLES, OFFICES, BODIES, DESIGNATORS = _list("roles"), _list("offices"), _list("bodies"), _list("designators")
EVENTS, HIGH_OFFICES, NO_NAMES, CLUBS = _list("events"), _list("high_offices"), _list("no_names"), _list("clubs")
GROUNDS, TITLES, MEDIA = _list("grounds"), _list("titles"), _list("media")
GIVEN_NAMES, SOURCES = _list("given_names"), _list("sources")
ARTICLES_OF, IN_OF, ROLES_OF = map(_by_language, ("articles_of", "in_of", "roles_of"))
NAMES_WITH_CASES = frozenset(_by_language("names_with_cases")["codes"])
SENTENCE_OPENERS = frozenset('.!?:-\n"“”„«»‘[(•*|…。！？')


def words(text: str) -> list[str]:
    """Words and, one by one, punctuation marks. A line break is a word of its own, other space is dropped."""
    runs = unicodedata.normalize("NFC", text).replace("’", "'").split(" ")
    found = list(chain.from_iterable(map(_runs.__getitem__, runs)))
    return _with_initials(found) if _MAY_BE_INITIAL in found else found


class _Runs(dict[str, tuple[str, ...]]):
    """What stands between two spaces -> its words: most of it was seen before, and needs no second look."""

    def __missing__(self, run: str) -> tuple[str, ...]:
        if len(self) > _MOST_KEPT:
            self.clear()
        found: list[str] = _WORD.findall(run)
        if found[-1:] == ["."] and len(found) > 1 and _CAPITAL_ALONE.fullmatch(found[-2]):
            found.append(_MAY_BE_INITIAL)
        if len(run) > _LONGEST_KEPT:
            return tuple(found)
        parts = self[intern(run)] = tuple(map(intern, found))  # one text for a word wherever it stands
        return parts


_runs = _Runs()
_MOST_KEPT, _LONGEST_KEPT = 100_000, 30
_MAY_BE_INITIAL = ""


def _with_initials(found: list[str]) -> list[str]:
    """Join a capital with its full stop where another capital follows: `F.` in "John F. Kennedy"."""
    joined: list[str] = []
    for word, after in zip(found, [*found[1:], "\n"], strict=True):
        if word != _MAY_BE_INITIAL:
            joined.append(word)
        elif _CAPITAL_ALONE.match(after):
            joined[-2:] = [f"{joined[-2]}."]
    return joined


# Thai and Lao, Tibetan, Burmese, Khmer, kana, Han; and Hangul, where particles follow a noun without a space.
_SPACELESS = "".join(
    (
        "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff",
        "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff",
    )
)
# Accents, vowel points and vowel signs, which \w leaves out although they stand inside words.
_MARKS = "".join(
    (
        "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed",
        "\u0900-\u0963\u0966-\u0dff\u200c\u200d",
    )
)
_LETTERS = rf"[^\W_{_SPACELESS}]+(?:[{_MARKS}]+[^\W_{_SPACELESS}]*)*"
_CAPITAL = "A-ZÀ-ÖØ-ÞΑ-ΩЀ-Я"
_CAPITAL_ALONE = re.compile(f"[{_CAPITAL}]")

_WORD = re.compile(
    rf"""
      [a-z]+(?=[ ,.])                                 # court: most words, found without trying
    | [A-Z][a-z]+(?=[ ,])                             # Court: what follows
    | \n                                              # the end of a paragraph
    | (?:[{_CAPITAL}]\.){{2,}}(?:-{_LETTERS})?        # U.S.  D.C.  U.S.-backed
    | [{_CAPITAL}]\.(?=[ ]?[{_CAPITAL}])              # F. in "John F. Kennedy"
    | (?:Mr|Mrs|Ms|Dr|St|Mt|Ft|Gen|Sen|Rep|Gov|Col|Capt|Sgt|Lt|Adm|Prof|Rev|Jr|Sr|Inc|Corp|Co|Ltd|Bros)\.
    | [{_CAPITAL}]'[{_CAPITAL}]{_LETTERS}             # O'Brien  N'Djamena
    | [{_SPACELESS}]                                  # 中
    | {_LETTERS}(?:[-&]{_LETTERS})*                   # court  Jean-Claude  AT&T
    | \S                                              # punctuation, one by one
    """,
    re.VERBOSE,
)
