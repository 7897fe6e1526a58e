"""The topics of an English text: nouns and pairs of words that recur.

    "… war crimes in the region … evidence of war crimes …"  -> war crimes (twice)

A noun counts if it is named three times, a pair if it is named twice, and either twice less if the title has it as
well. Without a tagger a word is taken for a noun where no verb would stand. Topics are shown as the text has them.
Where it fails: it goes by how often a word stands, so a passing word of a short text can be taken for a topic.
"""

from collections import Counter
from itertools import pairwise

from converters.subjects.evidence import Candidate, Text
from converters.subjects.vocabulary import MOST_CHARACTERS, Vocabulary
from converters.subjects.words import ADJECTIVES, FILLER, FUNCTION, GERUNDS, OBJECT_OPENERS, VAGUE, VERB_OPENERS

NO_NOUN_ENDINGS = ("ed", "ly", "ful", "ous", "able", "ible", "less", "ial", "ical", "ional", "omic", "istic")
NO_TOPIC = FUNCTION | FILLER


def topics(text: Text, vocabulary: Vocabulary) -> list[Candidate]:
    """Topics with enough evidence that the vocabulary does not know."""
    title = [_stem(word.lower()) for word in text.title]
    in_title = {*zip(title, strict=True), *pairwise(title)}
    found: dict[tuple[str, ...], Candidate] = {}
    in_pairs: Counter[str] = Counter()
    for key, places in _recurring(_stems(text), in_title, text).items():
        # Plural and singular are one topic: the plural, as in a library's catalogue, where the text has it.
        parts = max((text.words[at : at + len(key)] for at in places), key=lambda parts: len(parts[-1]))
        name = " ".join(parts)
        known = tuple(parts) in vocabulary.forms
        if len(name) > MOST_CHARACTERS or not (known or _makes_a_topic(parts)):
            continue
        if len(key) > 1:
            in_pairs.update(dict.fromkeys(key, len(places)))
        if known:
            continue
        lead = places[0] < text.lead
        found[key] = Candidate(name, "topic", places[0], len(places), 0, lead, key in in_title, False, parts)
    return [seen for key, seen in found.items() if len(key) > 1 or seen.count > in_pairs[key[0]]]


def _stems(text: Text) -> list[str]:
    """For each word of the text its stem, or nothing where it cannot be part of a topic."""
    stem_of = {
        word: _stem(word)
        for word in text.counts
        if word not in NO_TOPIC and len(word) > 2 and word.islower() and word.isascii()
    }
    stems = [stem_of.get(word, "") for word in text.words]
    for at in [at for at, word in enumerate(text.words) if word in VERB_OPENERS]:
        stems[at + 1] = ""
    return stems


def _stem(word: str) -> str:
    """Singular and plural alike, only ever to compare: countries -> country, boxes -> box, crimes -> crime."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _recurring(stems: list[str], in_title: set[tuple[str, ...]], text: Text) -> dict[tuple[str, ...], list[int]]:
    """Stems and pairs of stems that stand often enough, with their places in the text."""
    singles, pairs = Counter(stems), Counter([pair for pair in pairwise(stems) if pair[0] and pair[1]])
    often: set[tuple[str, ...]] = {(one,) for one, count in singles.items() if count + 2 * ((one,) in in_title) > 2}
    often |= {pair for pair, count in pairs.items() if count > 1 or pair in in_title}
    last_words = {key[-1] for key in often if key[-1]}
    nouns = {
        stem
        for stem, after, word in zip(stems, stems[1:], text.words[1:], strict=False)
        if stem in last_words and not after and word not in OBJECT_OPENERS
    }
    often = {key for key in often if key[-1] in nouns}
    first_words = {key[0] for key in often}
    places: dict[tuple[str, ...], list[int]] = {}
    for at in [at for at, stem in enumerate(stems) if stem in first_words]:
        for key in (tuple(stems[at : at + 1]), tuple(stems[at : at + 2])):
            if key in often:
                places.setdefault(key, []).append(at)
    return places


def _makes_a_topic(parts: list[str]) -> bool:
    """Neither `largely`, `economic`, `rising prices` nor `market system`; `interest rates` does."""
    first, last = parts[0], parts[-1]
    if last in ADJECTIVES or last.endswith(NO_NOUN_ENDINGS) or first[0].isdigit() or VAGUE.issuperset(parts):
        return False
    return not any(word.endswith("ing") and word not in GERUNDS for word in (first, last))
