"""What a text speaks of: nouns and pairs of words that recur, and the concepts of the thesaurus.

    "… interest rates rose … as the bank kept interest rates …"
    -> topic "interest rates" (twice), concept "interest rates" (twice, by one entry term)

Whether a word is a noun the archive tells (choose.py): here it is only counted how often it stands where a noun would,
before a word that can neither follow an adjective nor a verb. Topics are taken in English; concepts in every language
that the thesaurus knows.
"""

from collections import Counter
from collections.abc import Set
from itertools import pairwise

from converters.subjects.evidence import Candidate, Text
from converters.subjects.thesaurus import Thesaurus
from converters.subjects.vocabulary import MOST_CHARACTERS
from converters.subjects.words import ADJECTIVES, FILLER, FUNCTION, GERUNDS, OBJECT_OPENERS, VAGUE, VERB_OPENERS

NO_NOUN_ENDINGS = ("ed", "ly", "ful", "ous", "able", "ible", "less", "ial", "ical", "ional", "omic", "istic")
NO_TOPIC = FUNCTION | FILLER
TITLE_COUNTS = 2
"""A word of the title counts so many times more."""


def concepts(text: Text, thesaurus: Thesaurus) -> list[Candidate]:
    """Return the concepts that a text names, each with all its entry terms counted."""
    found: dict[str, Candidate] = {}
    terms: dict[str, set[tuple[str, ...]]] = {}
    for start, stop, concept in thesaurus.mentions(text.language, text.stems):
        seen = found.setdefault(concept, Candidate(concept, "concept", start))
        seen.count += 1
        seen.lead |= start < text.lead
        terms.setdefault(concept, set()).add(tuple(text.stems[start:stop]))
    for start, stop, concept in thesaurus.mentions(text.language, text.title_stems):
        seen = found.setdefault(concept, Candidate(concept, "concept", len(text.words)))
        seen.title = True
        terms.setdefault(concept, set()).add(tuple(text.title_stems[start:stop]))
    for name, seen in found.items():
        seen.strong = len(terms[name])
    return list(found.values())


def topics(text: Text, inside: Set[int]) -> tuple[list[Candidate], dict[str, tuple[int, int, int, int]]]:
    """Return the nouns and pairs that recur in an English text, and what there is to count of its words.

    Words at the places `inside` are those of forms that the vocabulary knows, and no topics.
    """
    stems = _stems(text)
    title = [
        stem if word.lower() not in NO_TOPIC else "" for stem, word in zip(text.title_stems, text.title, strict=True)
    ]
    in_title = {*title, *map(" ".join, pairwise(title))}
    singles = Counter(stems)
    del singles[""]
    pairs = Counter([f"{one} {two}" for one, two in pairwise(stems) if one and two])
    nouns = Counter(
        stem
        for stem, after, word in zip(stems, stems[1:], text.words[1:], strict=False)
        if stem and not after and word not in OBJECT_OPENERS
    )
    often = {key for key, count in singles.items() if count + TITLE_COUNTS * (key in in_title) > 2}
    often |= {key for key, count in pairs.items() if count > 1 or key in in_title}
    counted = {stem: (count, 0, nouns[stem], int(stem in often)) for stem, count in singles.items()}
    counted |= {key: (pairs[key], 0, nouns[key.rpartition(" ")[2]], 1) for key in often if " " in key}
    often |= {key for key, count in singles.items() if count > 1}
    return _candidates(text, inside, stems, often, in_title), counted


def capitals(text: Text) -> dict[str, tuple[int, int, int, int]]:
    """Return for each word how often it stands in lower case, and with a capital where that says something."""
    stem_of = dict(zip(text.words, text.stems, strict=True))
    lower: dict[str, int] = {}
    upper: dict[str, int] = {}
    for word, count in text.counts.items():
        if len(word) > 2 and word.isalpha():
            is_lower = word.islower()
            if (word if is_lower else word.lower()) not in NO_TOPIC:
                stem = stem_of[word]
                lower[stem] = lower.get(stem, 0) + (count if is_lower else 0)
                if not is_lower and word in text.capitals:
                    upper[stem] = upper.get(stem, 0) + count
    return {stem: (count, upper.get(stem, 0), 0, 0) for stem, count in lower.items()}


def _stems(text: Text) -> list[str]:
    """For each word of the text its stem, or nothing where it cannot be part of a topic."""
    good = {
        word for word in text.counts if word not in NO_TOPIC and len(word) > 2 and word.islower() and word.isascii()
    }
    stems = [stem if word in good else "" for word, stem in zip(text.words, text.stems, strict=True)]
    for at in [at for at, word in enumerate(text.words) if word in VERB_OPENERS]:
        stems[at + 1] = ""
    return stems


def _candidates(text: Text, inside: Set[int], stems: list[str], often: set[str], in_title: set[str]) -> list[Candidate]:
    first_words = {key.partition(" ")[0] for key in often}
    found: dict[str, Candidate] = {}
    last = len(stems) - 1
    for at in [at for at, stem in enumerate(stems) if stem in first_words and at not in inside]:
        for length in (1, 2):
            key = stems[at] if length == 1 or at == last else f"{stems[at]} {stems[at + 1]}"
            if key not in often or (length == 2 and key == stems[at]):
                continue
            parts = text.words[at : at + length]
            seen = found.get(key)
            if seen is None:
                name = " ".join(parts)
                if len(name) > MOST_CHARACTERS or not makes_a_topic(parts):
                    continue
                seen = found[key] = Candidate(name, "noun", at, title=key in in_title, key=key, parts=parts)
            seen.count += 1
            seen.lead |= at < text.lead
            # Plural and singular are one topic: the plural, as in a library's catalogue, where the text has it.
            if len(parts[-1]) > len(seen.parts[-1]):
                seen.name, seen.parts = " ".join(parts), parts
    return list(found.values())


def makes_a_topic(parts: list[str]) -> bool:
    """Neither `largely`, `economic`, nor `rising prices`; `interest rates` does, if the archive has it often."""
    first, last = parts[0], parts[-1]
    if (
        first[0].isdigit()
        or last in ADJECTIVES
        or last.endswith(NO_NOUN_ENDINGS)
        or (len(parts) == 1 and last in VAGUE)
    ):
        return False
    return not any(word.endswith("ing") and word not in GERUNDS for word in (first, last))
