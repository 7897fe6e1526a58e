"""Why a document has its subjects, and which it nearly had.

explain(evidence, statistics, {"Ada Bell", "interest rates"})
->  Reason("Ada Bell", "person", True, "3 times, in title and lead; in full the name stands in 12 documents")
    Reason("oil", "topic", False, "2 times, by 1 of its entry terms; too little evidence")
    Reason("Old Street", "", True, "it was published with this tag, or was given it by hand: …")
"""

from collections.abc import Iterator, Set
from typing import NamedTuple

from converters.subjects.choose import Choice, choose, considered, look_up
from converters.subjects.evidence import Candidate, Evidence
from converters.subjects.statistics import Statistics

MOST_MISSES = 12


class Reason(NamedTuple):
    """What speaks for a subject, or against."""

    name: str
    kind: str
    """Empty where nothing in the text speaks for it."""
    is_tag: bool
    why: str


def explain(evidence: Evidence, statistics: Statistics, tags: Set[str]) -> Iterator[Reason]:
    """Yield a reason for each tag that a document has or would be given, and then for what nearly was one."""
    look_up([evidence], statistics)
    best = choose(evidence, statistics)
    all_of_them = sorted(considered(evidence, statistics), key=lambda one: (not one.firm, -one.score, one.subject))
    by_name = {choice.subject.name: choice for choice in reversed(all_of_them)}
    for choice in best:
        if choice.subject.name in tags:
            yield Reason(choice.subject.name, choice.subject.kind, True, grounds(choice, statistics))
    told = {choice.subject.name for choice in best} & tags
    for name in sorted(tags - told):
        known = by_name.get(name)
        why = f"{grounds(known, statistics)}; " if known else ""
        why += "it was published with this tag, or was given it by hand: of the text as it is now it would not be one"
        yield Reason(name, known.subject.kind if known else "", True, why)
    misses = [choice for name, choice in by_name.items() if name not in tags]
    misses.sort(key=lambda one: (not one.firm, -one.score, one.subject))
    for choice in misses[:MOST_MISSES]:
        why = f"{grounds(choice, statistics)}; {_against(choice, best)}"
        yield Reason(choice.subject.name, choice.subject.kind, False, why)


def grounds(choice: Choice, statistics: Statistics) -> str:
    """Return what the document and the archive say for a choice."""
    total, seen = statistics.documents, choice.grounds[0]
    if choice.sort == "top":
        return f"the broadest subject of what it dwells on, with {seen:.0f} points of evidence"
    places = " and ".join(place for place, there in (("title", seen.title), ("lead", seen.lead)) if there)
    said = f"{seen.count} time{'s' * (seen.count != 1)}" + (f", in {places}" if places else "")
    if seen.name != choice.subject.name:
        said += f", as “{seen.name}”"
    if choice.sort == "concept":
        return f"{said}, by {seen.strong} of its entry terms"
    if choice.sort == "name":
        return said + _of_name(seen, choice.subject.name, statistics)
    if choice.sort == "phrase":
        return f"{said}; a topic of {_documents(choice.grounds[1])}, and {choice.grounds[2]:.0%} of its rarer word"
    if choice.sort == "noun" and len(choice.grounds) > 1:
        word, (noun, residual, bursts) = statistics.word(seen.key), choice.grounds[1:]
        return (
            f"{said}; {word.documents:,} of {_documents(total)} have it, {bursts:.0%} of them dwell on it; "
            f"a noun in {noun:.0%}; it tells documents apart by {residual:.1f} bits"
        )
    return said


def _of_name(seen: Candidate, name: str, statistics: Statistics) -> str:
    said = ", after a title" if seen.announced else ""
    if seen.alone:
        said += f", {seen.alone} of them by surname or acronym"
    return f"{said}; in full the name stands in {_documents(statistics.documents_of(name))}"


def _documents(number: int) -> str:
    return f"{number:,} document{'s' * (number != 1)}"


def _against(choice: Choice, best: list[Choice]) -> str:
    if not choice.firm:
        return "too little evidence"
    if any(one.subject == choice.subject for one in best):
        return "another document has to have it first, or others came before it"
    return f"others of its sort ({choice.sort}) are more telling, or say the same"
