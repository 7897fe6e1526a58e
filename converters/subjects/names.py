"""The persons, organisations and things that a text names.

    "US President Joe Biden met the Food and Drug Administration (FDA). Biden said the FDA …"
    -> Joe Biden (twice, announced by a title), Food and Drug Administration (twice)

A name is a sequence of words with capitals where a sentence would have none, parted at titles. Surnames and
abbreviations are joined to the full names. A name counts if it stands twice, and in English also if it stands in
the lead or in the title, or after a title such as "Prosecutor".
"""

from collections.abc import Iterator, Sequence

from converters.subjects.evidence import Candidate, Text
from converters.subjects.lexicon import ALONE, SAYS_LITTLE, can_be_a_name
from converters.subjects.vocabulary import MOST_CHARACTERS, Vocabulary
from converters.subjects.words import (
    ARTICLES,
    ARTICLES_OF,
    BODIES,
    CONNECTORS,
    DESIGNATORS,
    EVENTS,
    FILLER,
    FUNCTION,
    GIVEN_NAMES,
    HIGH_OFFICES,
    IN_OF,
    NAME_OPENERS,
    NAMES_WITH_CASES,
    OFFICES,
    ROLES,
    ROLES_OF,
    SENTENCE_OPENERS,
)

MOST_WORDS = 20
JOINTS = CONNECTORS | ARTICLES
NO_PLACE_IN = frozenset("role part stake shares interest investment confidence star starred starring appeared".split())
"""What is "in" something that is no place."""
GENITIVE_S = ("de", "no", "nb", "nn", "da", "sv")
"""Languages in which an s without an apostrophe makes a name a genitive: Vetles."""
BODIES_AND_ROLES, BODIES_AND_EVENTS, ROLES_AND_OFFICES = BODIES | ROLES, BODIES | EVENTS, ROLES | OFFICES
JOINING = CONNECTORS | {"for", "and", "&"}


def names(text: Text, vocabulary: Vocabulary) -> tuple[list[Candidate], dict[str, str]]:
    """Return the names that the vocabulary does not know, and the acronyms that the text explains."""
    found: dict[str, Candidate] = {}
    parted: dict[tuple[str, ...], list[tuple[list[str], int, str]]] = {}
    for start, stop in _sequences(text):
        word = text.words[start]
        opens = text.words[start - 1] in SENTENCE_OPENERS
        if stop - start == 1:
            if text.lexicon[word].marks & ALONE and not _known(word, vocabulary):
                _enter(found, text, start, [word], 0, (word.isupper() and len(word) > 1) or not opens)
            continue
        if opens and _capital_of_sentence(text, start):
            start, opens = start + 1, False
        sequence = tuple(text.words[start:stop])
        within = parted.get(sequence)
        if within is None:
            within = parted[sequence] = list(_names_in(sequence, text, vocabulary))
        for parts, announced, first in within:
            abbreviation = parts[0].isupper() and len(parts[0]) > 1
            strong = len(parts) > 1 or abbreviation or (not opens and parts[0] == first)
            _enter(found, text, start, parts, announced, strong)
    long_forms: dict[str, Candidate] = {}
    short_forms: dict[str, str] = {}
    for short, parts in _abbreviations(text.words) if "(" in text.counts else ():
        name = " ".join(parts)
        if len(name) <= MOST_CHARACTERS and tuple(parts) not in vocabulary.forms:
            seen = Candidate(name, "name", len(text.words), parts=parts)
            long_forms[short] = found.setdefault(name.casefold(), seen)
            short_forms[short] = long_forms[short].name
    joined = _joined(found, long_forms, text.language)
    if text.language in NAMES_WITH_CASES:
        joined = _without_cases(joined)
    for folded, seen in joined.items():
        seen.title = f" {folded} " in text.folded_title or (len(seen.parts) > 1 and seen.parts[-1] in text.title)
    return [seen for seen in joined.values() if seen.strong or seen.count > 1 or seen.title], short_forms


def _names_in(sequence: Sequence[str], text: Text, vocabulary: Vocabulary) -> Iterator[tuple[list[str], int, str]]:
    """The names in a sequence of words with capitals, whether a title announces them, and what stands first there."""
    for whole, announced in _parted(list(sequence), ROLES_OF.get(text.language, ())):
        parts = _without_people(_trimmed(whole, vocabulary), text, vocabulary)
        if text.language == "de":
            parts = _from_given_name(parts)
        if parts and tuple(parts) not in vocabulary.forms and not _no_name(parts, vocabulary):
            yield parts, announced, whole[0]


def _enter(found: dict[str, Candidate], text: Text, start: int, parts: list[str], announced: int, strong: bool) -> None:
    """Count a mention of a name in the sequence that begins at a word."""
    name = " ".join(parts)
    folded = name.casefold()
    seen = found.get(folded)
    if seen is None:
        seen = found[folded] = Candidate(name, "name", start, lead=start < text.lead, parts=parts)
    seen.count += 1
    seen.strong += strong
    if announced > seen.announced:
        seen.announced = announced
    if parts[0] == text.words[start]:
        before = text.words[start - 1].lower()
        after = text.words[start - 2].lower() if before == "'" else before  # l'Élysée
        seen.after_the += after in ARTICLES_OF.get(text.language, ())
        seen.after_in += before in IN_OF.get(text.language, ()) and text.words[start - 2].lower() not in NO_PLACE_IN


def _sequences(text: Text) -> Iterator[tuple[int, int]]:
    """Words with capitals and the connectors between them: `words[start:stop]`."""
    words, capitals, stop = text.words, text.capitals, 0
    for start in [at for at, word in text.marked if word in capitals]:
        if start < stop or start in text.no_names or words[start - 1] == "<":
            continue
        if _says_nothing(text, start):
            continue
        stop = start + 1
        while True:
            word = words[stop]
            if word in capitals:
                stop += 1
                continue
            after = stop
            if word in JOINING and _connects(text, start, stop):
                after += 2 if words[stop + 1] in ARTICLES else 1
            if words[after] not in capitals:
                break
            stop = after + 1
        shouted = stop - start > 1 and all(word.isupper() and len(word) > 3 for word in words[start:stop])
        if stop - start <= MOST_WORDS and not shouted:
            yield start, stop


def _says_nothing(text: Text, at: int) -> bool:
    """Whether a single word has its capital from the sentence that it opens, and stands nowhere else."""
    word, after = text.words[at], text.words[at + 1]
    if text.counts[word] > 1 or text.words[at - 1] not in SENTENCE_OPENERS:
        return False
    return after not in text.capitals and after not in JOINING and f" {word.casefold()} " not in text.folded_title


def _connects(text: Text, start: int, at: int) -> bool:
    """Whether a word joins the name before it to that after it: Centers *for* Disease Control, Ernst *&* Young."""
    word, before = text.words[at], text.words[at - 1]
    if word == "for":
        return before.lower() in BODIES
    if word != "and":
        return word in CONNECTORS or word == "&"
    # Food *and* Drug Administration, Department of Housing *and* Urban Development, Board for Ships *and* Harbours
    after = text.words[at + 1]
    if text.words[start + 1] == "for" and after in text.capitals and after.lower() not in BODIES_AND_ROLES:
        return text.words[start].lower() in BODIES
    if before.lower() in BODIES_AND_ROLES or not text.capitals.issuperset(text.words[at + 1 : at + 3]):
        return False
    return text.words[at - 2] in CONNECTORS or (at - start < 3 and text.words[start - 1].lower() == "the")


def _capital_of_sentence(text: Text, at: int) -> bool:
    """Whether a word has its capital from the sentence that it opens: `Analysts John …`, `Scores of Syrian …`."""
    lower = text.words[at].lower()
    if text.words[at + 1] in CONNECTORS and lower not in BODIES_AND_ROLES:
        return True
    if lower.endswith(("ed", "ing")) and text.words[at] not in GIVEN_NAMES:
        return True
    return lower not in NAME_OPENERS and (lower in text.counts or lower in FUNCTION or lower in FILLER)


def _parted(sequence: list[str], role_ends: tuple[str, ...] = ()) -> Iterator[tuple[list[str], int]]:
    """A sequence parted at titles; with 2 where an office announces the name, 1 where another title does.

    US President Joe Biden -> [Joe Biden] 2, [US] 0; Secretary of State Ada Bell -> [Ada Bell] 2; spokesman Jo Hill ->
    [Jo Hill] 1
    """
    roles = [at for at, word in enumerate(sequence) if word.lower() in ROLES]
    if role_ends:
        roles = [at for at, word in enumerate(sequence) if at in roles or word.lower().endswith(role_ends)]
    role = roles[-1] if roles else -1
    rest = sequence[role + 1 :]
    if not roles or (rest and rest[-1].lower() in BODIES and rest[0] not in CONNECTORS):
        yield sequence, 0
        joints = [at for at, word in enumerate(sequence) if word in JOINTS]
        if joints and not roles and len(sequence) - joints[-1] > 2 and sequence[0].lower() not in BODIES:
            yield sequence[joints[-1] + 1 :], 0
        return
    office = next((at for at, word in enumerate(rest) if word not in JOINTS), len(rest))
    name = next((at for at, word in enumerate(rest) if at >= office and word.lower() not in OFFICES), len(rest))
    offices = [word.lower() for word in sequence[: role + 1]]
    yield rest[name:], 0 if office and name <= office else 1 if HIGH_OFFICES.isdisjoint(offices) else 2
    while role and sequence[role - 1].lower() in ROLES_AND_OFFICES:
        role -= 1
    if role:
        yield from _parted(sequence[:role], role_ends)


def _trimmed(parts: list[str], vocabulary: Vocabulary) -> list[str]:
    """A name without what only stands beside it.

    U.S. House of Representatives -> House of Representatives; Alpine Motor Co -> Alpine Motor
    """
    first, last = 0, len(parts)
    place = vocabulary.forms.get((parts[0],)) if last > 2 else None
    if place and place.kind == "place" and (parts[1] in GIVEN_NAMES or not parts[0].isascii()):
        first = 1  # Малайзии Анваром Ибрагимом
    country = vocabulary.forms.get((parts[0],)) if last > 1 and parts[0].isupper() else None
    if country and country.kind == "place":
        first = 1
    while first < last and parts[first] in JOINTS:
        first += 1
    while first < last and (parts[last - 1].lower() in DESIGNATORS or parts[last - 1] in JOINTS):
        last -= 1
    if last - first > 3 and parts[first] in GIVEN_NAMES and "of" in parts[first + 2 : last]:
        last = parts.index("of", first + 2)  # Ana Gil of Spain
    people = vocabulary.forms.get((parts[first],)) if last - first > 2 else None
    if people and people.sense == "people" and parts[first + 1] in GIVEN_NAMES:
        first += 1  # Spaniard Ana Gil
    people = vocabulary.forms.get((parts[last - 1],)) if last - first > 1 else None
    return parts[first : last - 1 if people and people.sense == "people" else last]


def _without_people(parts: list[str], text: Text, vocabulary: Vocabulary) -> list[str]:
    """A name without the people before it, if it also stands without: `Swedish Bell`, but `Irish Sea`."""
    people = vocabulary.forms.get((parts[0],)) if len(parts) in (2, 3) else None
    if not people or people.sense != "people" or parts[-1].isupper() or parts[-1].lower() in BODIES_AND_EVENTS:
        return parts
    if all(text.words[at - 1] == parts[-2] for at, word in text.marked if word == parts[-1]):
        return parts
    return parts[1:]


def _from_given_name(parts: list[str]) -> list[str]:
    """A German name without the noun before it: `Generaldirektor Anna Weber`."""
    given = next((at for at, word in enumerate(parts[:-1]) if word in GIVEN_NAMES), 0)
    return parts[given:]


def _known(word: str, vocabulary: Vocabulary) -> bool:
    """Whether the vocabulary knows a word, or half of it: `US-China`."""
    if (word,) in vocabulary.forms:
        return True
    return "-" in word and any((half,) in vocabulary.forms for half in word.split("-"))


def _no_name(parts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """`Company`, `Foreign Minister`, `A.`, and what is too long to be a name."""
    if len(parts) > 1:
        lower = {word.lower() for word in parts}
        return (lower <= SAYS_LITTLE and BODIES.isdisjoint(lower)) or len(" ".join(parts)) > MOST_CHARACTERS
    return not can_be_a_name(parts[0]) or _known(parts[0], vocabulary)


def _abbreviations(text: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Abbreviations in brackets and their long forms, after Schwartz and Hearst: `Bank of North Asia (BNA)`."""
    for at in [at for at, word in enumerate(text[:-2]) if word == "(" and text[at + 2] == ")"]:
        short = text[at + 1]
        if not (short.isalpha() and short.isupper() and 2 <= len(short) <= 8):
            continue
        first = at
        while at - first < 2 * len(short) and text[first - 1][0].isalpha():
            first -= 1
        before = " " + " ".join(text[first:at]).lower()
        place = len(before)
        for letter in short[:0:-1].lower():
            place = before.rfind(letter, 0, max(place, 0))
        place = before.rfind(" " + short[0].lower(), 0, max(place, 0))
        long = list(text[at - len(before[place:].split()) : at]) if place >= 0 else []
        telling = [word for word in long if word not in FUNCTION]
        if len(telling) > 1 and not long[0].islower() and all(word[0].lower() in short.lower() for word in telling):
            yield short, long


def _without_cases(found: dict[str, Candidate]) -> dict[str, Candidate]:
    """The cases of a name joined under the one that stands most often: Michal Redl, Michala Redla."""
    kept: dict[str, Candidate] = {}
    for folded, seen in sorted(found.items(), key=lambda item: (-item[1].count, len(item[0]), item[1].first)):
        same = next((one for one in kept.values() if _is_case(seen.parts, one.parts)), None)
        if same:
            same.add(seen)
        else:
            kept[folded] = seen
    return kept


def _is_case(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) == len(other) and all(map(_has_one_stem, one, other))


def _has_one_stem(one: str, other: str) -> bool:
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared > 2 and shared >= min(len(one), len(other)) - 2 and max(len(one), len(other)) - shared < 4


def _joined(found: dict[str, Candidate], long_forms: dict[str, Candidate], language: str) -> dict[str, Candidate]:
    """Surnames joined to the first of the full names, those after a title first; abbreviations to long forms."""
    full = dict(long_forms)
    for seen in sorted(found.values(), key=lambda seen: (not seen.announced, -seen.count, seen.first)):
        if len(seen.parts) > 1:
            full.setdefault("".join(word[0] for word in seen.parts if word[0].isupper()), seen)
            full.setdefault("".join(word[0] for word in seen.parts).upper(), seen)
            if len(seen.parts) < 4 and seen.parts[-1].lower() not in BODIES:
                full.setdefault(seen.parts[-1], seen)
            if len(seen.parts) > 2 and seen.parts[0] in GIVEN_NAMES:
                full.setdefault(" ".join(seen.parts[1:]), seen)  # Robert De Niro
            if seen.announced or (language != "en" and len(seen.parts) < 4):
                full.setdefault(seen.parts[0], seen)
    kept = {}
    for folded, seen in found.items():
        whole = full.get(seen.parts[0].replace(".", "") if len(seen.parts) == 1 else seen.name)
        if language in GENITIVE_S and len(seen.parts) == 1 and seen.name.endswith("s"):
            whole = whole or full.get(seen.name[:-1]) or found.get(folded[:-1])
        if whole and whole is not seen:
            seen.alone, seen.after_the, seen.after_in = seen.count, 0, 0
            whole.add(seen)
        else:
            kept[folded] = seen
    return kept
