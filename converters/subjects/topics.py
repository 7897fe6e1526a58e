"""What a text speaks of: nouns and pairs of words that recur, and the concepts of the thesaurus.

    "… interest rates rose … as the bank kept interest rates …"
    -> topic "interest rates" (twice), concept "interest rates" (twice, by one entry term)

Whether a word is a noun the archive tells (choose.py): here it is only counted how often it stands where a noun would,
before a word that can neither follow an adjective nor a verb, in a document that has it more than once. Topics are
taken in English; concepts in every language that the thesaurus knows.
"""

from collections import Counter
from collections.abc import Set
from itertools import pairwise

from converters.subjects.evidence import Candidate, Text
from converters.subjects.lexicon import ENTRY, NO_TOPIC, OPENS_VERB, TOPIC
from converters.subjects.tally import NOUNS, ONCE, TOPICS, packed
from converters.subjects.thesaurus import read_terms
from converters.subjects.vocabulary import MOST_CHARACTERS
from converters.subjects.words import ADJECTIVES, GERUNDS, OBJECT_OPENERS, ROLES, VAGUE

NO_NOUN_ENDINGS = ("ed", "ly", "ful", "ous", "able", "ible", "less", "ial", "ical", "ional", "omic", "istic")
TITLE_COUNTS = 2
"""A word of the title counts so many times more."""


def concepts(text: Text) -> list[Candidate]:
    """Return the concepts that a text names, each with all its entry terms counted."""
    found: dict[str, Candidate] = {}
    terms: dict[str, set[tuple[str, ...]]] = {}
    lexicon, last, known = text.lexicon, len(text.words), read_terms(text.language)
    starts = [at for at, word in text.marked if lexicon[word].marks & ENTRY]
    for start, stop, concept in known.mentions(text.stems, starts):
        if stop - start == 1 and _inside_a_name(text, start):
            continue
        seen = found.get(concept)
        if seen is None:
            seen = found[concept] = Candidate(concept, "concept", start)
            terms[concept] = set()
        seen.count += 1
        seen.lead |= start < text.lead
        terms[concept].add(text.stems(start, stop))
    starts = [at for at, word in enumerate(text.title) if lexicon[word].marks & ENTRY]
    for start, stop, concept in known.mentions(text.title_stems, starts):
        found.setdefault(concept, Candidate(concept, "concept", last)).title = True
        terms.setdefault(concept, set()).add(text.title_stems(start, stop))
    for name, seen in found.items():
        seen.strong = len(terms[name])
    return list(found.values())


def _inside_a_name(text: Text, at: int) -> bool:
    """Whether a word is but a part of a name: `Agriculture Department`, `British Sugar`."""
    words, capitals = text.words, text.capitals
    return words[at] in capitals and (words[at - 1] in capitals or words[at + 1] in capitals)


def topics(text: Text, inside: Set[int]) -> list[Candidate]:
    """Return the nouns and pairs that recur in an English text, and count them in its tally.

    Words at the places `inside` are those of forms that the vocabulary knows, and no topics.
    """
    stems = _stems(text)
    in_title = _title(text)
    singles = Counter(stems)
    del singles[""]
    pairs = Counter(pairwise(stems))
    nouns = Counter(
        [
            stem
            for stem, after, word in zip(stems, stems[1:], text.words[1:], strict=False)
            if stem and not after and word not in OBJECT_OPENERS
        ]
    )
    often = {f"{one} {two}": count for (one, two), count in pairs.items() if count > 1 and one and two}
    often |= {f"{one} {two}": pairs[one, two] for one, two in pairwise(in_title) if pairs[one, two] and one and two}
    tally = text.tally
    for pair, count in often.items():
        tally[pair] = packed(1, count, 0, nouns[pair.rpartition(" ")[2]], 1)
    recurring = set(often)
    for stem, count in singles.items():
        if count > 1 or stem in in_title:
            recurring.add(stem)
            if count + TITLE_COUNTS * (stem in in_title) > 2:
                tally[stem] += TOPICS
    for stem, count in nouns.items():
        if tally[stem] != ONCE:
            tally[stem] += count * NOUNS
    return _candidates(text, inside, stems, recurring, {*in_title, *map(" ".join, pairwise(in_title))})


def _title(text: Text) -> list[str]:
    """For each word of the title its stem, or nothing where it cannot be part of a topic."""
    return [text.lexicon[word].stem if word.lower() not in NO_TOPIC else "" for word in text.title]


def _stems(text: Text) -> list[str]:
    """For each word of the text its stem, or nothing where it cannot be part of a topic."""
    lexicon = text.lexicon
    good = {word: lexicon[word].stem for word in text.counts if lexicon[word].marks & TOPIC}
    stems = [good.get(word, "") for word in text.words]
    for at, word in text.marked:
        if lexicon[word].marks & OPENS_VERB:
            stems[at + 1] = ""
    return stems


def _candidates(text: Text, inside: Set[int], stems: list[str], often: set[str], in_title: set[str]) -> list[Candidate]:
    first_words = {key.partition(" ")[0] for key in often}
    found: dict[str, Candidate | None] = {}
    for at in [at for at, stem in enumerate(stems) if stem in first_words and at not in inside]:
        for length in (1, 2) if stems[at + 1] else (1,):
            key = stems[at] if length == 1 else f"{stems[at]} {stems[at + 1]}"
            if key not in often:
                continue
            parts = text.words[at : at + length]
            if key not in found:
                name = " ".join(parts)
                fits = len(name) <= MOST_CHARACTERS and makes_a_topic(parts)
                found[key] = Candidate(name, "noun", at, title=key in in_title, key=key, parts=parts) if fits else None
            seen = found[key]
            if seen is None:
                continue
            seen.count += 1
            seen.lead |= at < text.lead
            # Plural and singular are one topic: the plural, as in a library's catalogue, where the text has it.
            if len(parts[-1]) > len(seen.parts[-1]):
                seen.name, seen.parts = " ".join(parts), parts
    return [seen for seen in found.values() if seen]


def makes_a_topic(parts: list[str]) -> bool:
    """Neither `largely`, `economic`, nor `rising prices`; `interest rates` does, if the archive has it often."""
    first, last = parts[0], parts[-1]
    if (
        first[0].isdigit()
        or last in ADJECTIVES
        or last in ROLES
        or last.removesuffix("s") in ROLES
        or last.endswith(NO_NOUN_ENDINGS)
        or (len(parts) == 1 and last in VAGUE)
    ):
        return False
    return not any(word.endswith("ing") and word not in GERUNDS for word in (first, last))
