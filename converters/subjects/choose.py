"""The subjects of a capture, as a librarian would write them.

    Capture(title="Norway weighs interest rates", paragraphs=("Finance Minister Ada Bell told the Bank of Norway …",))
    -> ("Norway", "Ada Bell", "Bank of Norway", "interest rates")

Three kinds of candidates are gathered: forms that the vocabulary knows, which are the curated tags and the world's
places (vocabulary.py); names (names.py), though not in German, where all nouns have capitals; and in English topics
(topics.py). The best of each kind become tags. They come from the document itself, whatever else is archived.
"""

from collections import Counter
from itertools import pairwise

from converters.model import Capture
from converters.subjects.evidence import Candidate, Text, read_text
from converters.subjects.names import names
from converters.subjects.topics import topics
from converters.subjects.vocabulary import Form, Mention, Vocabulary
from converters.subjects.words import OFFICES, ROLES

MOST_TAGS = 14
MOST_OF_A_KIND = {"place": 5, "name": 7, "topic": 5}
NOUNS_HAVE_CAPITALS = ("de", "lb")


def subjects(capture: Capture, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Tags in the vocabulary's preferred form, the most telling first."""
    text = read_text(capture)
    language = capture.language.partition("-")[0].lower()
    found = _known(text, vocabulary)
    if language not in NOUNS_HAVE_CAPITALS:
        found += names(text, vocabulary, language == "en")
    if language == "en":
        found += topics(text, vocabulary)
    return _best(found)


def _known(text: Text, vocabulary: Vocabulary) -> list[Candidate]:
    """What the vocabulary knows and the text names twice, or in the lead, or in the title as well."""
    found: dict[str, Candidate] = {}
    before_all = Mention(0, 0, Form("", "hidden", "name"))
    for previous, mention in pairwise((before_all, *vocabulary.mentions(text.words))):
        form = mention.form
        if form.kind == "hidden" or (form.kind == "place" and _inside_a_name(text, previous, mention)):
            continue
        kind = form.kind if form.kind in ("place", "topic") else "name"
        seen = found.setdefault(form.preferred, Candidate(form.preferred, kind, mention.start))
        seen.count += 1
        seen.lead |= mention.start < text.lead
    for mention in vocabulary.mentions(text.title):
        if mention.form.preferred in found:
            found[mention.form.preferred].title = True
    return [seen for seen in found.values() if seen.count > 1 or seen.lead or seen.title]


def _inside_a_name(text: Text, previous: Mention, mention: Mention) -> bool:
    """Whether a place is only part of another name: "Michael Jordan", "New Mexico", "Washington Post"."""
    before, after = text.words[mention.start - 1], text.words[mention.stop]
    if mention.form.sense == "people":
        return False
    if before in text.capitals and before.lower() not in ROLES and previous.stop < mention.start:
        return True
    return mention.form.sense == "capital" and after in text.capitals and after.lower() not in ROLES | OFFICES


def _best(found: list[Candidate]) -> tuple[str, ...]:
    """The best of each kind, the most telling first, and none that repeats another."""
    chosen: list[Candidate] = []
    room = Counter(MOST_OF_A_KIND)
    for seen in sorted(found, key=lambda seen: (-seen.score, seen.first, seen.name)):
        if room[seen.kind] and not any(_repeats(seen, other) for other in chosen):
            room[seen.kind] -= 1
            chosen.append(seen)
    return tuple(seen.name for seen in chosen[:MOST_TAGS])


def _repeats(seen: Candidate, other: Candidate) -> bool:
    """Sudan and South Sudan are two places, oil and oil prices are one topic."""
    one, two = f" {seen.name} ".casefold(), f" {other.name} ".casefold()
    return one == two or (seen.kind == other.kind != "place" and (one in two or two in one))
