"""The subjects of a capture, as a librarian would write them.

    Capture(title="Norway weighs interest rates", paragraphs=("Finance Minister Ada Bell told the Bank of Norway …", …))
    -> ("Norway", "interest rates", "Ada Bell", "Bank of Norway")

Three kinds of candidates are gathered, and those with enough evidence kept:

- known forms: the curated tags, and countries under their names, peoples and capitals (vocabulary.py);
- names: words with capitals where a sentence would have none, parted at titles ("US President Joe Biden" is a
  country and a person), surnames and abbreviations joined to the full names. Not in German, where all nouns have capitals;
- topics, in English: nouns and pairs of words that recur, shown as the text has them.

A document's tags come from itself alone, so they never depend on what else is archived. Where it fails: a topic is
chosen by how often it is named, so a passing word of a short text can be taken for one.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

from converters.capture import Capture
from converters.vocabulary import MOST_CHARACTERS, Form, Mention, Vocabulary, words

MOST_TAGS = 14
MOST_OF_A_KIND = {"place": 5, "name": 7, "topic": 5}
MOST_CHARACTERS_READ = 100_000
"""What a document is about, it says in its first fifty pages; a bound keeps one huge capture from holding up all others."""
LEAD_WORDS = (30, 120)
"""The lead is the first paragraphs up to the first number of words, but never more than the second."""

_lists: dict[str, str] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
FUNCTION, FILLER, VAGUE, ADJECTIVES, GERUNDS, ROLES, OFFICES, BODIES, DESIGNATORS = (
    frozenset(_lists[name].split())
    for name in (
        "function",
        "filler",
        "vague",
        "adjectives",
        "gerunds",
        "roles",
        "offices",
        "bodies",
        "designators",
    )
)
NO_TOPIC = FUNCTION | FILLER
NO_NAME = NO_TOPIC | VAGUE | ADJECTIVES | ROLES | OFFICES | BODIES
CONNECTORS = frozenset("of for de del della di da do dos du des von van der den bin ibn".split())
ARTICLES = frozenset("the la le las los el".split())
NAME_OPENERS = frozenset(
    "new north south east west great united national general international royal first".split()
)
SENTENCE_OPENERS = frozenset('.!?:-\n"“”„«»‘[(•*|…。！？')
VERB_OPENERS = frozenset(
    "to will would could can may might must should shall not t he she it they we i you who which that He She It They We I You".split()
)
NO_NOUN_ENDINGS = ("ed", "ly", "ful", "ous", "able", "ible", "less", "ial", "ical", "ional", "omic", "istic")
OBJECT_OPENERS = frozenset(
    "the a an its his her their this these those our my your it him them me us".split()
)


@dataclass(frozen=True, slots=True)
class _Text:
    words: list[str]
    lead: int
    """The lead ends before this word."""
    headings: frozenset[int]
    """Words of paragraphs in Title Case, whose capitals prove nothing."""
    title: list[str]
    counts: Counter[str]
    """How often each word stands, as it is written."""
    capitals: frozenset[str]
    """Words that can be part of a name."""

    def in_title(self, name: Sequence[str]) -> bool:
        return f" {' '.join(name)} ".casefold() in f" {' '.join(self.title)} ".casefold()


@dataclass(slots=True)
class _Candidate:
    name: str
    kind: Literal["place", "name", "topic"]
    first: int
    """The first word of the text that names it."""
    count: int = 0
    strong: int = 0
    """Mentions where a capital says something; the others stand at the start of a sentence."""
    lead: bool = False
    title: bool = False
    cued: bool = False
    """Named after a title, as in "Prosecutor Ada Bell"."""
    parts: list[str] = field(default_factory=list)

    def add(self, other: "_Candidate") -> None:
        self.first = min(self.first, other.first)
        self.count += other.count
        self.strong += other.strong
        self.lead |= other.lead
        self.title |= other.title
        self.cued |= other.cued

    @property
    def score(self) -> float:
        several_words = len(self.parts) > 1
        return (
            min(self.count, 8)
            + 3 * self.title
            + 2 * self.lead
            + self.cued
            + several_words
            - (self.kind == "topic")
        )


def subjects(capture: Capture, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Tags in the vocabulary's preferred form, the most telling first."""
    text = _text(capture)
    language = capture.language.partition("-")[0].lower()
    english = language == "en"
    mentions = vocabulary.mentions(text.words)
    found = _known(text, mentions, vocabulary)
    if language not in ("de", "lb"):
        found += _names(text, mentions, vocabulary, english)
    if english:
        found += _topics(text, vocabulary)
    return _choose(found)


def _text(capture: Capture) -> _Text:
    # A mark at either end, so that every word has one before it and one after.
    text = ["\n"]
    headings: set[int] = set()
    lead = 0
    left = MOST_CHARACTERS_READ
    for paragraph in capture.paragraphs:
        found = words(paragraph[:left].replace("\n", " "))
        left -= len(paragraph)
        if not lead and len(text) + len(found) >= LEAD_WORDS[0]:
            lead = min(len(text) + len(found), LEAD_WORDS[1])
        if found and found[-1] not in SENTENCE_OPENERS:
            telling = [word for word in found if word.isalpha() and word.lower() not in FUNCTION]
            if sum(map(str.islower, telling)) < len(telling) / 2 and len(telling) > 1:
                headings.update(range(len(text), len(text) + len(found)))
        if len(text) == 1:
            headings.update(range(1, 1 + _dateline(found)))
        text += found
        text.append("\n")
        if left <= 0:
            break
    counts = Counter(text)
    capitals = frozenset(word for word in counts if not word.islower() and _is_name_word(word))
    return _Text(text, lead or len(text), frozenset(headings), words(capture.title[:1000]), counts, capitals)


def _dateline(found: list[str]) -> int:
    """How many words at the start say where a report was written: `GENEVA, Switz. (AP) —`"""
    dashes = [at for at, word in enumerate(found[:16]) if word in ("-", "–", "—")]
    return dashes[0] if dashes and found[0].isupper() and len(found[0]) > 1 else 0


def _known(text: _Text, mentions: Sequence[Mention], vocabulary: Vocabulary) -> list[_Candidate]:
    """Forms of the vocabulary that stand twice, or in the lead, or also in the title."""
    found: dict[str, _Candidate] = {}
    for previous, mention in pairwise((Mention(0, 0, Form("", "hidden", "name")), *mentions)):
        start, form = mention.start, mention.form
        if form.kind == "place" and form.sense != "people" and _inside_a_name(text, previous, mention):
            continue
        kind: Literal["place", "name", "topic"] = (
            "place" if form.kind == "place" else "topic" if form.kind == "topic" else "name"
        )
        if form.kind == "hidden":
            continue
        seen = found.setdefault(form.preferred, _Candidate(form.preferred, kind, start))
        seen.count += 1
        seen.lead |= start < text.lead
    for _, _, form in vocabulary.mentions(text.title):
        if form.preferred in found:
            found[form.preferred].title = True
    return [seen for seen in found.values() if seen.count > 1 or seen.lead or seen.title]


def _inside_a_name(text: _Text, previous: Mention, mention: Mention) -> bool:
    """Whether a place is part of another name: "Michael Jordan", "New Mexico", "Washington Post"."""
    before, after = text.words[mention.start - 1], text.words[mention.stop]
    if before in text.capitals and before.lower() not in ROLES and previous.stop < mention.start:
        return True
    return mention.form.sense == "capital" and after in text.capitals and after.lower() not in ROLES | OFFICES


def _is_name_word(word: str) -> bool:
    """A capital, and neither a function word nor a word such as `London-based`."""
    if not word[0].isupper():
        return word.startswith(("al-", "el-")) and word[3:4].isupper()
    if word.lower() in FUNCTION:
        return False
    return "-" not in word or not word.rpartition("-")[2].islower()


def _names(
    text: _Text, mentions: Sequence[Mention], vocabulary: Vocabulary, english: bool
) -> list[_Candidate]:
    """Names with enough evidence: two mentions, or one in the lead, in the title as well, or after a title."""
    found: dict[str, _Candidate] = {}
    for start, stop in _runs(text):
        opens = text.words[start - 1] in SENTENCE_OPENERS
        if opens and stop - start > 1 and _common(text.words[start], text.words[start + 1], text):
            start, opens = start + 1, False
        for parts, cued in _pieces(text.words[start:stop]):
            shorter = _without_abbreviation(parts, vocabulary)
            opens |= len(shorter) < len(parts)
            parts = _trimmed(shorter)
            if len(parts) > 1 and _of_people(parts[-1], vocabulary):
                parts = parts[:-1]
            if (
                not parts
                or tuple(parts) in vocabulary.forms
                or _says_little(parts)
                or _joins_known(parts, vocabulary)
            ):
                continue
            seen = _Candidate(
                " ".join(parts), "name", start, 1, parts=parts, cued=cued, lead=start < text.lead
            )
            seen.strong = int(not opens or len(parts) > 1 or (parts[0].isupper() and len(parts[0]) > 1))
            if seen.name.casefold() in found:
                found[seen.name.casefold()].add(seen)
            else:
                found[seen.name.casefold()] = seen
    long_forms = {}
    for short, long in _defined(text.words):
        name = " ".join(long)
        if len(name) <= MOST_CHARACTERS and tuple(long) not in vocabulary.forms:
            long_forms[short] = found.setdefault(
                name.casefold(), _Candidate(name, "name", len(text.words), parts=long)
            )
    joined = _joined(found, long_forms)
    for seen in joined:
        seen.title = text.in_title(seen.parts)
    return [seen for seen in joined if _proven(seen, text, english)]


def _runs(text: _Text) -> Iterator[tuple[int, int]]:
    """Words with capitals and the connectors between them: `words[start:stop]`."""
    end = 0
    for start in [at for at, word in enumerate(text.words) if word in text.capitals]:
        if start < end or start in text.headings or text.words[start - 1] == "<":
            continue
        end = start + 1
        while end < len(text.words):
            word = text.words[end]
            ahead = end
            if (
                (word in CONNECTORS and (word != "for" or text.words[end - 1].lower() in BODIES))
                or word == "&"
                or (word == "and" and _one_name(text, start, end))
            ):
                ahead += 1 + (text.words[end + 1] in ARTICLES)
            if text.words[ahead] not in text.capitals:
                break
            end = ahead + 1
        shouted = end - start > 1 and all(len(word) > 3 for word in text.words[start:end] if word.isupper())
        if not (shouted and all(word.isupper() for word in text.words[start:end])):
            yield start, end


def _one_name(text: _Text, start: int, end: int) -> bool:
    """Whether "and" joins one name: the Food *and* Drug Administration, Department of Housing *and* Urban Development."""
    before, last, *after = text.words[end - 2 : end + 3]
    if last.lower() in BODIES | ROLES or not text.capitals.issuperset(after[1:3]):
        return False
    return before in CONNECTORS or (end - start < 3 and text.words[start - 1].lower() == "the")


def _common(word: str, after: str, text: _Text) -> bool:
    """Whether the word has its capital from the sentence it opens: "Analysts John …", "Scores of Syrian …"."""
    lower = word.lower()
    if after in CONNECTORS and lower not in BODIES | ROLES:
        return True
    return lower not in NAME_OPENERS and (lower in text.counts or lower in NO_TOPIC)


def _pieces(run: list[str]) -> Iterator[tuple[list[str], bool]]:
    """A run parted at titles; True with a name that a title announces.

    US President Joe Biden -> [US], [Joe Biden] True; Secretary of State Ada Bell -> [Ada Bell] True
    """
    roles = [at for at, word in enumerate(run) if word.lower() in ROLES]
    if not roles:
        yield run, False
        joints = [at for at, word in enumerate(run) if word in CONNECTORS or word in ARTICLES]
        if joints and len(run) - joints[-1] > 2:
            yield run[joints[-1] + 1 :], False
        return
    role = roles[-1]
    rest = run[role + 1 :]
    if rest and rest[-1].lower() in BODIES and rest[0] not in CONNECTORS:
        yield run, False
        return
    held = next(
        (at for at, word in enumerate(rest) if word not in CONNECTORS and word not in ARTICLES), len(rest)
    )
    named = next(
        (at for at, word in enumerate(rest) if at >= held and word.lower() not in OFFICES), len(rest)
    )
    yield rest[named:], held == 0 or named > held
    first = role
    while first and run[first - 1].lower() in ROLES | OFFICES:
        first -= 1
    if first:
        yield from _pieces(run[:first])


def _trimmed(parts: list[str]) -> list[str]:
    """Without what a company adds to its name, and connectors at the ends."""
    first, last = 0, len(parts)
    while last and (parts[last - 1].lower() in DESIGNATORS or parts[last - 1] in CONNECTORS | ARTICLES):
        last -= 1
    while first < last and parts[first] in CONNECTORS | ARTICLES:
        first += 1
    return parts[first:last]


def _without_abbreviation(parts: list[str], vocabulary: Vocabulary) -> list[str]:
    """U.S. House of Representatives -> House of Representatives: the country is a tag of its own."""
    known = vocabulary.forms.get((parts[0],)) if len(parts) > 1 and parts[0].isupper() else None
    return parts[1:] if known and known.kind == "place" else parts


def _of_people(word: str, vocabulary: Vocabulary) -> bool:
    form = vocabulary.forms.get((word,))
    return form is not None and form.sense == "people"


def _joins_known(parts: list[str], vocabulary: Vocabulary) -> bool:
    """`US-China`, whose halves are tags."""
    return (
        len(parts) == 1
        and "-" in parts[0]
        and any((half,) in vocabulary.forms for half in parts[0].split("-"))
    )


def _says_little(parts: list[str]) -> bool:
    """`Company`, `Foreign Minister`, `A.`, and names too long to be one."""
    if len(" ".join(parts)) > MOST_CHARACTERS or (len(parts) == 1 and len(parts[0].strip(".")) < 2):
        return True
    lower = [word.lower() for word in parts]
    return all(word in NO_NAME for word in lower) and (
        len(parts) == 1 or not any(word in BODIES for word in lower)
    )


def _defined(text: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Abbreviations in brackets with their long forms, after Schwartz and Hearst: `Bank of North Asia (BNA)`."""
    for at in [at for at, word in enumerate(text[:-2]) if word == "(" and text[at + 2] == ")"]:
        short = text[at + 1]
        if not (short.isalpha() and short.isupper() and 2 <= len(short) <= 8):
            continue
        first = at
        while first and at - first < 2 * len(short) and text[first - 1][0].isalpha():
            first -= 1
        joined = " ".join(text[first:at]).lower()
        place = len(joined)
        for letter in reversed(short.lower()[1:]):
            place = joined.rfind(letter, 0, max(place, 0))
        place = f" {joined}".rfind(" " + short[0].lower(), 0, max(place, 0) + 1)
        long = text[at - len(joined[place:].split()) : at] if place >= 0 else []
        telling = [word for word in long if word not in FUNCTION]
        if len(telling) > 1 and all(word[0].lower() in short.lower() for word in telling):
            yield short, list(long)


def _joined(found: dict[str, _Candidate], long_forms: dict[str, _Candidate]) -> list[_Candidate]:
    """Surnames joined to the one full name, and abbreviations to their long forms."""
    full = dict(long_forms)
    for seen in sorted(found.values(), key=lambda seen: (not seen.cued, -seen.count, seen.first)):
        if len(seen.parts) > 1:
            capitals = [word for word in seen.parts if word[0].isupper()]
            full.setdefault("".join(word[0] for word in capitals), seen)
            full.setdefault("".join(word[0] for word in seen.parts).upper(), seen)
            if len(seen.parts) < 4 and seen.parts[-1].lower() not in BODIES:
                full.setdefault(seen.parts[-1], seen)
            if seen.cued:
                full.setdefault(seen.parts[0], seen)
    kept = []
    for seen in found.values():
        whole = full.get(seen.parts[0].replace(".", "")) if len(seen.parts) == 1 else None
        if whole:
            whole.add(seen)
        else:
            kept.append(seen)
    return kept


def _proven(seen: _Candidate, text: _Text, english: bool) -> bool:
    single = len(seen.parts) == 1
    if single and (not seen.strong or text.counts[seen.name.lower()] >= seen.count):
        return seen.cued
    return (seen.count if english else seen.strong) > 1 or (
        english and (seen.lead or seen.title or seen.cued)
    )


def _topics(text: _Text, vocabulary: Vocabulary) -> list[_Candidate]:
    """Nouns named three times, pairs named twice, and either twice less where the title has them as well."""
    stems = _stems(text)
    nouns = {
        stem
        for stem, after, word in zip(stems, stems[1:], text.words[1:], strict=False)
        if stem and not after and word not in OBJECT_OPENERS
    }
    title = [_stem(word.lower()) for word in text.title]
    in_title = {*zip(title, strict=True), *pairwise(title)}
    counts = Counter[tuple[str, ...]](zip(stems, strict=True))
    counts.update(pairwise(stems))
    likely = {
        key
        for key, count in counts.items()
        if count + 2 * (key in in_title) >= 4 - len(key) and all(key) and key[-1] in nouns
    }
    first_words = {key[0] for key in likely}
    places: dict[tuple[str, ...], list[int]] = {}
    for at in [at for at, stem in enumerate(stems) if stem in first_words]:
        for key in (tuple(stems[at : at + 1]), tuple(stems[at : at + 2])):
            if key in likely:
                places.setdefault(key, []).append(at)
    found: dict[tuple[str, ...], _Candidate] = {}
    within_pairs: Counter[str] = Counter()
    for key, stands in places.items():
        # Plural and singular are one topic: the plural, as in a library's catalogue, where the text has it.
        parts = max((text.words[at : at + len(key)] for at in stands), key=lambda parts: len(parts[-1]))
        if (
            _no_noun(parts[-1])
            or parts[0][0].isdigit()
            or VAGUE.issuperset(parts)
            or tuple(parts) in vocabulary.forms
        ):
            continue
        if parts[0].endswith("ing") and parts[0] not in GERUNDS:
            continue
        found[key] = _Candidate(
            " ".join(parts),
            "topic",
            stands[0],
            len(stands),
            parts=parts,
            lead=stands[0] < text.lead,
            title=key in in_title,
        )
        if len(key) > 1:
            within_pairs.update(dict.fromkeys(key, len(stands)))
    return [seen for key, seen in found.items() if len(key) > 1 or seen.count > within_pairs[key[0]]]


def _no_noun(word: str) -> bool:
    return (
        word in ADJECTIVES or word.endswith(NO_NOUN_ENDINGS) or (word.endswith("ing") and word not in GERUNDS)
    )


def _stems(text: _Text) -> list[str]:
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
    """Singular and plural alike, only ever to compare."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _choose(found: list[_Candidate]) -> tuple[str, ...]:
    """The best of each kind, no tag twice, and no name or topic that is part of another chosen before."""
    chosen: list[_Candidate] = []
    room = Counter(MOST_OF_A_KIND)
    for seen in sorted(found, key=lambda seen: (-seen.score, seen.first, seen.name)):
        if room[seen.kind] and not any(_repeats(seen, other) for other in chosen):
            room[seen.kind] -= 1
            chosen.append(seen)
    return tuple(seen.name for seen in chosen[:MOST_TAGS])


def _repeats(seen: _Candidate, other: _Candidate) -> bool:
    """Sudan and South Sudan are two places, oil and oil prices are one topic."""
    one, two = f" {seen.name} ".casefold(), f" {other.name} ".casefold()
    return one == two or (seen.kind == other.kind != "place" and (one in two or two in one))
