"""The names an archive knows: its curated tags and the world's places, found in text under any of their forms.

Takes `content/tags.toml`, a section for each kind, in it a line for each tag with its other forms:

    [organisation]
    "World Health Organization" = ["WHO"]
    [hidden]
    "Reuters" = []

and `places.toml`, which lies beside this module. Gives a Vocabulary:

    vocabulary.preferred("U.S.")                     -> "United States"
    vocabulary.mentions(words("The U.S. told us."))  -> [Mention(1, 2, Form("United States", "place", "name"))]

A form in lower case is found in any case: `war crimes` also finds "War Crimes". A form with capitals is found as it
is written, and all in capitals if it is long enough not to be taken for another word: `US` never finds "us". Forms
are whole words, except in scripts that set no spaces between words.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from converters.archive.layout import ArchiveError
from converters.archive.stamps import stamp_of
from converters.subjects.words import words

Kind = Literal["person", "organisation", "place", "topic", "hidden"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_CHARACTERS = 80

PLACES = Path(__file__).with_name("places.toml")


class VocabularyError(ArchiveError):
    """The curated file cannot be used: which file and entry, what was expected, and what to do."""


class Form(NamedTuple):
    """What one form stands for."""

    preferred: str
    kind: Kind
    sense: Literal["name", "people", "capital"]
    """A country can be meant by its name, by its people ("Ukrainian") or by its seat of government ("Kyiv");
    a city is like the last."""


class Mention(NamedTuple):
    """A form found in a list of words: `words[start:stop]`."""

    start: int
    stop: int
    form: Form


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Known forms, as tuples of words so that spacing and line breaks do not matter."""

    forms: dict[tuple[str, ...], Form]
    lengths: dict[str, tuple[int, ...]]
    """First word of a form -> how many words such forms have, the longest first."""

    def preferred(self, name: str) -> str:
        """The preferred form of a name; an unknown name is its own, and so is a people or a capital."""
        form = self.forms.get(tuple(words(name)))
        return form.preferred if form and form.sense == "name" else name

    def kind(self, name: str) -> Kind | None:
        """The kind of a name, None for an unknown one."""
        form = self.forms.get(tuple(words(name)))
        return form.kind if form else None

    def hidden(self, name: str) -> bool:
        """Whether curators want no tag of this name."""
        return self.kind(name) == "hidden"

    def mentions(self, text: Sequence[str], marked: Iterable[tuple[int, str]]) -> list[Mention]:
        """All known forms in a text, in order; of those that overlap, the first and there the longest.

        `marked` are places and words in order, those among them that begin a form or have a hyphen.
        """
        found: list[Mention] = []
        lengths, end = self.lengths, 0
        for start, word in marked:
            if start < end or not (word in lengths or "-" in word):
                continue
            for length in lengths.get(word, ()):
                form = self.forms.get(tuple(text[start : start + length]))
                if form:
                    end = start + length
                    found.append(Mention(start, end, form))
                    break
            else:
                parts = word.split("-") if "-" in word else ()
                known = [self.forms[(part,)] for part in parts if (part,) in self.forms]
                found += [Mention(start, start + 1, form) for form in known]
        return found


def read_vocabulary(path: Path) -> Vocabulary:
    """The curated vocabulary in `path`, where there is one, over the built-in places."""
    return _read(path, stamp_of(path))


@lru_cache(maxsize=1)
def _read(path: Path, _: str) -> Vocabulary:
    """Read a vocabulary, or give the one that was read last if its file is as it was."""
    forms = dict(_curated(path)) if path.is_file() else {}
    for key, form in _places():
        # Whoever claims a place's own name, to call it otherwise or to hide it, claims all its forms.
        claimed = forms.get(tuple(words(form.preferred)))
        if claimed and claimed.kind in ("hidden", form.kind):
            form = form._replace(preferred=claimed.preferred, kind=claimed.kind)
        forms.setdefault(key, form)
    return Vocabulary(forms, lengths_of(forms))


def lengths_of(forms: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """Return for each first word of a form how many words such forms have, the longest first."""
    lengths: dict[str, set[int]] = {}
    for key in forms:
        lengths.setdefault(key[0], set()).add(len(key))
    return {first: tuple(sorted(some, reverse=True)) for first, some in lengths.items()}


def _curated(path: Path) -> Iterator[tuple[tuple[str, ...], Form]]:
    """Every form of the curated file, checked: what is wrong there would be wrong on many pages."""
    claims: dict[tuple[str, ...], str] = {}
    names: dict[str, str] = {}
    for kind, name, others in _entries(path):
        entry = f'{path}: [{kind}] "{name}"'
        if name.casefold() in names:
            raise VocabularyError(
                f"{entry}: expected each name once, but {names[name.casefold()]} has it too; "
                "remove one of the two lines"
            )
        names[name.casefold()] = f'[{kind}] "{name}"'
        variants = [variant for written in (name, *others) for variant in _variants(written)]
        if kind == "hidden":
            variants += [variant.lower() for variant in variants if len(variant) > 3]
        for variant in variants:
            key = tuple(words(variant))
            if claims.setdefault(key, name) != name:
                raise VocabularyError(
                    f'{entry}: expected forms that mean one tag, but "{variant}" also means "{claims[key]}"; '
                    "take it out of one of the two lines"
                )
            yield key, Form(name, kind, "name")


def _entries(path: Path) -> Iterator[tuple[Kind, str, list[str]]]:
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path}: expected TOML in UTF-8, but {error}; correct that place") from error
    for section, lines in sections.items():
        kind = next((kind for kind in KINDS if kind == section), None)
        if kind is None:
            raise VocabularyError(
                f"{path}: [{section}]: expected one of the kinds {', '.join(KINDS)}; move its lines to one of them"
            )
        if not isinstance(lines, dict):
            raise VocabularyError(f"{path}: {section}: expected a section; write [{section}] on a line of its own")
        for name, others in lines.items():
            if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
                raise VocabularyError(
                    f'{path}: [{section}] "{name}": expected a list of other forms; '
                    'write = ["one form", "another"], or = [] for none'
                )
            for written in (name, *others):
                _check(written, f'{path}: [{section}] "{name}"')
            yield kind, name, others


def _check(written: str, entry: str) -> None:
    """Tags are separated by commas in the documents, and slugs and matching need something to read."""
    unfit = [char for char in written if char in ",;" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    if unfit:
        raise VocabularyError(
            f"{entry}: expected a form without comma, semicolon, line break or control character, "
            f"but {written!r} has {unfit[0]!r}; write it without"
        )
    if written != written.strip() or not any(map(str.isalnum, written)) or len(written) > MOST_CHARACTERS:
        raise VocabularyError(
            f"{entry}: expected 1 to {MOST_CHARACTERS} characters with a letter or digit and no space "
            f"at either end, but found {written!r}; correct it"
        )


def _places() -> Iterator[tuple[tuple[str, ...], Form]]:
    sections: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(PLACES.read_text(encoding="utf-8"))
    for section, lines in sections.items():
        kind: Kind = "organisation" if section == "unions" else "place"
        for name, known in lines.items():
            people = known.get("people", [])
            sense: Literal["name", "capital"] = "capital" if section == "cities" else "name"
            plurals = [word + "s" for word in people if not word.endswith(("s", "sh", "ch", "ese", "hman", "men"))]
            for written in (name, *known.get("names", ())):
                yield from ((tuple(words(variant)), Form(name, kind, sense)) for variant in _variants(written))
            for written in (*people, *plurals):
                yield from ((tuple(words(variant)), Form(name, kind, "people")) for variant in _variants(written))
            for written in known.get("capitals", ()):
                yield from ((tuple(words(variant)), Form(name, kind, "capital")) for variant in _variants(written))


def _variants(written: str) -> tuple[str, ...]:
    """The ways to write a form that are found as well: `war crimes` -> War crimes, War Crimes, WAR CRIMES."""
    if written == written.lower():
        return written, written[0].upper() + written[1:], written.title(), written.upper()
    return (written, written.upper()) if len(written) > 3 else (written,)
