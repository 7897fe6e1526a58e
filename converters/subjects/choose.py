"""The subjects of a document, as a librarian would write them.

    gather(vocabulary, "en", "Norway weighs interest rates", ["Finance Minister Ada Bell told the Bank of Norway …"])
    -> Evidence: what may be a subject, and how often and where it is named; and what to count of it
    choose(evidence, statistics)
    -> [Subject("Norway", "place"), Subject("Ada Bell", "person"), Subject("interest rates", "topic"), …]

Candidates are forms that the vocabulary knows, which are the curated tags and the world's places (vocabulary.py), names
(names.py), nouns and pairs (topics.py) and concepts (thesaurus.py). Which of them become tags the document decides
together with the archive: whether a word is a noun and tells documents apart, what the surname or acronym stands for,
and in which form a topic is written, the archive's statistics tell.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import exp, log2
from typing import Any, NamedTuple

from converters.subjects.countries import with_countries
from converters.subjects.evidence import Candidate, Evidence, Text, read_text
from converters.subjects.names import names
from converters.subjects.statistics import Statistics, name_key, tally_of
from converters.subjects.stems import stemmer_of
from converters.subjects.tally import Tally
from converters.subjects.thesaurus import Thesaurus, read_names, read_terms, read_thesaurus
from converters.subjects.titled import LANGUAGES as LANGUAGES_BY_TITLE
from converters.subjects.titled import titled
from converters.subjects.topics import concepts, topics
from converters.subjects.vocabulary import Form, Mention, Vocabulary
from converters.subjects.words import (
    GIVEN_NAMES,
    MEDIA,
    NAMES_WITH_CASES,
    OFFICES,
    ROLES,
    SENTENCE_OPENERS,
    SOURCES,
    VAGUE,
)

MOST_TAGS = 16
MOST_OF_A_KIND = {"place": 5, "name": 6, "concept": 4, "phrase": 4, "noun": 4, "curated": 5}
MAY_BE_ALONE = ("name", "place", "curated")
"""What may be a tag of one document only."""
FEWEST = 3
"""A document has so many subjects, if need be of less evidence."""
ROLES_AND_OFFICES = ROLES | OFFICES
NOUNS_HAVE_CAPITALS = ("de", "lb")
SMALL = 50
"""Documents from which on the statistics of an archive tell something."""


class Subject(NamedTuple):
    """What a document is about."""

    name: str
    kind: str
    """`person`, `organisation`, `place`, `topic` or `event`."""


class Choice(NamedTuple):
    """A candidate with what the archive makes of it."""

    subject: Subject
    sort: str
    """What it takes up room of: a key of MOST_OF_A_KIND."""
    score: float
    firm: bool
    """Whether it is a tag even if the document has enough of others."""
    grounds: tuple[Any, ...]
    """What spoke for it, or against: the candidate, and what the archive says of it."""


def gather(vocabulary: Vocabulary, language: str, title: str, paragraphs: Iterable[str]) -> tuple[Evidence, Tally]:
    """Return what a document says for its subjects, and what the archive's statistics are to count of it."""
    code = language.partition("-")[0].lower()
    vocabulary = with_countries(vocabulary, code)
    text = read_text(code, title, paragraphs, vocabulary.lengths.keys())
    mentions = vocabulary.mentions(text.words, text.marked)
    found = _known(text, mentions, vocabulary.mentions(text.title, [*enumerate(text.title)]))
    found += concepts(text)
    named, short = names(text, vocabulary)
    if code in NOUNS_HAVE_CAPITALS:
        named = list(filter(_is_german_name, named))
    found += titled(text) if code in LANGUAGES_BY_TITLE else named
    if code == "en":
        found += topics(text, {at for mention in mentions for at in range(mention.start, mention.stop)})
    return Evidence(code, len(text.words), found), tally_of(text.tally, found, short)


def _is_german_name(seen: Candidate) -> bool:
    """Whether words with capitals are more than nouns: `Anna Weber`, `Bundestrainer Weber`."""
    return seen.announced > 0 or (len(seen.parts) > 1 and seen.parts[0] in GIVEN_NAMES)


def look_up(some: Iterable[Evidence], statistics: Statistics) -> None:
    """Ask the archive at once for what choosing the subjects of some documents needs to know of it."""
    words: set[str] = set()
    last_words: set[str] = set()
    forms: set[str] = set()
    for evidence in some:
        stem_of = stemmer_of(evidence.language)
        for seen in evidence.candidates:
            if seen.kind == "noun":
                words.update((seen.key, *seen.key.split(" ")))
                forms.add(seen.key)
            elif seen.kind == "name" and _may_be_firm(seen):
                last_words.add(seen.parts[-1])
                forms.add(name_key(seen.name))
                if len(seen.parts) == 1:
                    words.add(stem_of(seen.name.lower()))
    statistics.look_up(words, last_words, forms)


def choose(evidence: Evidence, statistics: Statistics) -> list[Choice]:
    """Return all that may be subjects of a document, the most telling first, and none that repeats another.

    What is not firm is left out where there is enough that is.
    """
    found = _considered(evidence, statistics, _may_be_firm)
    best = _best(found)
    if sum(choice.firm and choice.sort in MAY_BE_ALONE for choice in best) >= FEWEST:
        return [choice for choice in best if choice.firm]
    return _best(considered(evidence, statistics))


def considered(evidence: Evidence, statistics: Statistics) -> list[Choice]:
    """Return all that was thought of for the subjects of a document, in no order, and with repetitions."""
    return _considered(evidence, statistics, lambda _: True)


def _considered(evidence: Evidence, statistics: Statistics, may_be: Callable[[Candidate], bool]) -> list[Choice]:
    found = _concepts(evidence, read_thesaurus()) + _topics(evidence, statistics)
    for seen in evidence.candidates:
        if seen.kind == "name":
            found += _name(seen, statistics, evidence.language) if may_be(seen) else ()
        elif seen.kind not in ("concept", "noun"):
            found += _curated(seen)
    return found


def subjects(choices: Sequence[Choice], lone: frozenset[str] = frozenset()) -> list[Subject]:
    """Return the subjects among the choices: no topics in `lone`, unless the document had too few of others."""

    def alone(choice: Choice) -> bool:
        return choice.sort not in MAY_BE_ALONE and choice.subject.name in lone

    chosen = [choice for choice in choices if choice.firm and not alone(choice)]
    spare = sorted((choice for choice in choices if choice not in chosen), key=alone)
    return [choice.subject for choice in chosen + spare[: max(0, FEWEST - len(chosen))]][:MOST_TAGS]


def _known(text: Text, mentions: list[Mention], in_title: list[Mention]) -> list[Candidate]:
    """What the vocabulary knows and the text names twice, or in the lead, or in the title as well."""
    found: dict[str, Candidate] = {}
    before_all = Mention(0, 0, Form("", "hidden", "name"))
    for previous, mention in pairwise((before_all, *mentions)):
        form = mention.form
        if form.kind == "hidden" or (form.kind == "place" and _inside_a_name(text, previous, mention)):
            continue
        seen = found.setdefault(form.preferred, Candidate(form.preferred, form.kind, mention.start))
        seen.count += 1
        seen.lead |= mention.start < text.lead
    for mention in in_title:
        if mention.form.preferred in found:
            found[mention.form.preferred].title = True
    return [seen for seen in found.values() if seen.count > 1 or seen.lead or seen.title]


def _inside_a_name(text: Text, previous: Mention, mention: Mention) -> bool:
    """Whether a place is only part of another name: "Michael Jordan", "New Mexico", "Washington Post"."""
    before, after = text.words[mention.start - 1], text.words[mention.stop]
    if mention.form.sense == "people":
        return False
    body = text.words[mention.start - 2] if before in ("of", "for") else ""
    if body in text.capitals and body.lower() not in ROLES and mention.form.sense == "name":
        return True  # Bank of England
    if text.language != "en" and text.words[mention.start - 2] in SENTENCE_OPENERS:
        return False  # В Норвегии, En España
    if before in text.capitals and before.lower() not in ROLES and previous.stop < mention.start:
        return True
    return mention.form.sense == "capital" and after in text.capitals and after.lower() not in ROLES_AND_OFFICES


def _curated(seen: Candidate) -> list[Choice]:
    sort = "place" if seen.kind == "place" else "curated"
    return [Choice(Subject(seen.name, seen.kind), sort, seen.score, True, (seen,))]


def _concepts(evidence: Evidence, thesaurus: Thesaurus) -> list[Choice]:
    """The concepts that a document dwells on, and at the top of their branches what it is about as a whole."""
    seen_of = {seen.name: seen for seen in evidence.candidates if seen.kind == "concept"}
    weight: dict[str, float] = {}
    for name, seen in seen_of.items():
        weight[name] = seen.count + 2 * seen.title + seen.lead + (seen.strong > 1)
    branches: dict[str, float] = {}
    for name, value in weight.items():
        top = thesaurus.concepts[name].top
        branches[top] = branches.get(top, 0) + value
    total = sum(branches.values()) or 1
    found: list[Choice] = []
    enough = max(3.0, evidence.length / 300)
    most = max((value for name, value in weight.items() if thesaurus.concepts[name].top != name), default=0)
    tops: set[str] = set()
    for name, value in weight.items():
        concept, seen = thesaurus.concepts[name], seen_of[name]
        if name == concept.top:
            continue
        at_home = branches[concept.top] / total
        telling = seen.count >= enough or (seen.count > 1 and (seen.title or seen.strong > 1))
        telling |= seen.title and seen.lead
        if telling and value >= 0.3 * most and value >= 4 and (at_home >= 0.15 or value >= 8):
            tops.add(concept.top)
            found.append(Choice(Subject(name, concept.kind), "concept", value, True, (seen,)))
        elif seen.title or seen.count > 1:
            found.append(Choice(Subject(name, concept.kind), "concept", value, False, (seen,)))
    largest = max(branches.values(), default=0)
    for top, value in branches.items():
        if (top in tops and value >= 0.3 * largest) or (value >= 6 and value >= 0.6 * largest):
            found.append(Choice(Subject(top, "topic"), "top", 3 + value / total * 6, True, (value,)))
        elif value == largest and value > 1:
            found.append(Choice(Subject(top, "topic"), "top", 3 + value / total * 6, False, (value,)))
    return found


def _topics(evidence: Evidence, statistics: Statistics) -> list[Choice]:
    """The pairs that the archive binds, and the nouns that are in none of them and no entry terms of a concept."""
    absorbed, stem_of = read_terms(evidence.language).absorbed, stemmer_of(evidence.language)
    nouns = [seen for seen in evidence.candidates if seen.kind == "noun"]
    found = [choice for seen in nouns if " " in seen.key for choice in _phrase(seen, statistics)]
    in_phrases = {stem_of(word) for choice in found for word in choice.subject.name.split(" ")}
    for seen in nouns:
        if " " not in seen.key and seen.key not in absorbed and seen.key not in in_phrases:
            found += _noun(seen, statistics)
    return found


def _phrase(seen: Candidate, statistics: Statistics) -> list[Choice]:
    pair = statistics.word(seen.key)
    one, two = map(statistics.word, seen.key.split(" "))
    bound = pair.occurrences / max(1, min(one.occurrences, two.occurrences))
    common = pair.occurrences / max(1, two.occurrences)
    vague = VAGUE.issuperset(seen.name.split(" "))
    small = statistics.documents < SMALL
    if not small and (pair.topics < 2 or bound < (0.2 if vague else 0.04) or common < 0.01):
        return []
    if small and vague:
        return []
    name = read_names().get(seen.key) or statistics.form(seen.key) or seen.name
    firm = seen.count > 2 or (seen.count > 1 and (seen.title or seen.lead)) or (seen.title and seen.lead)
    return [Choice(Subject(name, "topic"), "phrase", seen.score + min(2, 4 * bound), firm, (seen, pair.topics, bound))]


def _noun(seen: Candidate, statistics: Statistics) -> list[Choice]:
    word, total = statistics.word(seen.key), statistics.documents
    noun = word.nouns / max(1, word.recurring)
    if noun < 0.15:
        return []
    name = statistics.form(seen.key) or seen.name
    if total < SMALL:
        firm = seen.count + 2 * seen.title > 2
        return [Choice(Subject(name, "topic"), "noun", seen.score - 2, firm, (seen,))]
    if word.topics < 2 or word.documents > 0.1 * total or word.capitals > word.occurrences:
        return []
    residual = log2(total / max(1, word.documents)) + log2(1 - exp(-word.occurrences / total))
    bursts = word.topics / max(1, word.documents)
    enough = 2 if residual > 1 and bursts > 0.3 else 3
    firm = seen.count + 2 * seen.title >= enough and residual > 0.7 and bursts > 0.25 and word.topics > 2
    if not firm and noun < 0.4:
        return []
    score = seen.score - 3 + min(residual, 2)
    return [Choice(Subject(name, "topic"), "noun", score, firm, (seen, noun, residual, bursts))]


def _may_be_firm(seen: Candidate) -> bool:
    """Whether a name is more than said once in passing."""
    return seen.count > 1 or seen.title or seen.lead or seen.announced > 1


def _name(seen: Candidate, statistics: Statistics, language: str) -> list[Choice]:
    name = seen.name
    if SOURCES.issuperset(seen.parts) or (seen.parts[-1] in MEDIA and seen.count < 3 and not seen.title):
        return []
    if len(seen.parts) == 1:
        name = _register(name, statistics)
        if name == seen.name:
            stem = stemmer_of(language)(name.lower())
            word = statistics.word(stem)
            if stem in read_terms(language).absorbed:
                return []
            if not seen.strong or word.occurrences > 0.25 * (word.occurrences + word.capitals):
                return []
            if language != "en" and not _stands_alone(seen, language):
                return []
    name = statistics.form(name_key(name)) or name
    kind = statistics.kind(name) or "organisation"
    firm = seen.count > 1 or seen.title or (seen.lead and " " in name)
    firm |= seen.announced > 1 and statistics.documents < SMALL
    if language != "en":
        firm = seen.count > 1 or (" " in name and (seen.title or seen.lead))
    spare = seen.strong > 0 and language == "en"
    score = seen.score - (3 if seen.count < 2 and not seen.title else 0)
    return [Choice(Subject(name, kind), "name", score, firm, (seen,))] if firm or spare else []


def _stands_alone(seen: Candidate, language: str) -> bool:
    """Whether a single word of another language is surely a name: no case of one, and nothing that has an article."""
    if seen.announced or (seen.name.isupper() and seen.count > 1):
        return True
    if language in NAMES_WITH_CASES or language in NOUNS_HAVE_CAPITALS or 3 * seen.after_the >= seen.count:
        return False
    return seen.strong > 2 and len(seen.name) > 3


def _register(name: str, statistics: Statistics) -> str:
    """What a surname or an acronym stands for, if the archive leaves no doubt; else itself."""
    if name.isupper():
        candidates, least = statistics.long_forms(name), 1
    else:
        # A surname that stands alone more often than in full is somebody else's, or no surname: Houston, Islam.
        candidates = [one for one in statistics.full_names(name) if statistics.kind(one[0]) == "person"]
        least = 1 if statistics.documents < SMALL else 2
        if statistics.kind(name) != "person":
            least = max(least, statistics.documents_of(name))
    alike: Counter[str] = Counter()
    for full, number in candidates:
        alike[name_key(full)] += number
    if candidates and alike[name_key(candidates[0][0])] >= max(least, 0.8 * alike.total()):
        return candidates[0][0]
    return name


def _best(found: list[Choice]) -> list[Choice]:
    """The best of each sort, the most telling first, and none that repeats another."""
    chosen: dict[str, Choice] = {}
    room = Counter(MOST_OF_A_KIND | {"top": 2})
    for choice in sorted(found, key=lambda choice: (not choice.firm, -choice.score, choice.subject)):
        key = choice.subject.name.casefold()
        if key in chosen or room[choice.sort] <= 0 or any(_nested(choice, other) for other in chosen.values()):
            continue
        room[choice.sort] -= 1
        chosen[key] = choice
    return list(chosen.values())


def _nested(one: Choice, other: Choice) -> bool:
    """Sudan and South Sudan are two places; oil and oil prices are one topic, unless a concept is one of them."""
    if one.sort != other.sort or one.sort == "place":
        return False
    first, second = f" {one.subject.name} ".casefold(), f" {other.subject.name} ".casefold()
    return first in second or second in first
