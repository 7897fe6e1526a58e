"""Chooses the tags of published documents again, by what the whole archive says now.

    retag(archive, Selection(), …)                  of all documents
    retag(archive, Selection(tag="Norway"), …)      this tag alone: who gains it, who loses it
                            ─► Difference(changes=[Change(document, {"WHO": "organisation"}, {"World Health …": …})], …)
    write(archive, difference)

A document that was edited by hand keeps its tags. What is compared is not written until that is asked for.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from converters.archive.layout import Archive, ArchiveError, Progress
from converters.archive.processes import batches, processes
from converters.archive.stamps import stamp_of
from converters.ledger.addresses import content_file
from converters.ledger.curation import address_of
from converters.ledger.ledger import current
from converters.subjects.choose import MAY_BE_ALONE, SMALL, Choice, Subject, choose, look_up, subjects
from converters.subjects.evidence import Evidence
from converters.subjects.index import Index, read_document
from converters.subjects.statistics import Statistics
from converters.subjects.vocabulary import Vocabulary, read_vocabulary
from converters.tags.documents import Document, documents, read, write_tags

NOT_CURATED = ("name", "noun", "concept")
"""Kinds of candidates that no line of a vocabulary has named."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents are looked at again, and for which tag."""

    since: str = ""
    """Those of this day or later."""
    tag: str = ""
    """This tag alone, as the vocabulary prefers it."""
    files: tuple[str, ...] = ()
    """These content files, below content/."""


class Change(NamedTuple):
    """A document whose tags would be others."""

    document: Document
    after: dict[str, str]

    def gained(self) -> list[str]:
        return [name for name in self.after if name not in self.document.tags]

    def lost(self) -> list[str]:
        return [name for name in self.document.tags if name not in self.after]


@dataclass(slots=True)
class Difference:
    """What would change in an archive."""

    changes: list[Change] = field(default_factory=list)
    kept: list[Document] = field(default_factory=list)
    """Documents that were edited by hand and would have other tags."""
    looked_at: int = 0
    as_edited: bool = False
    """Whether it is the curator who has chosen these tags."""


class _Seen(NamedTuple):
    """What the archive makes of a document."""

    document: Document
    choices: list[Choice]
    curated: frozenset[str]
    """Names of the vocabulary that it dwells on."""


def selection_of(archive: Archive, since: str, tag: str, named: Sequence[str]) -> Selection:
    """Return which documents are to be looked at again, as a person names them; raises ArchiveError for an unknown one.

    A tag may be named by any of its forms.
    """
    files = (content_file(archive, address_of(archive, name)) for name in named)
    below = tuple(file.relative_to(archive.content).as_posix() for file in files if _is_there(file))
    return Selection(since, read_vocabulary(archive.vocabulary).preferred(tag) if tag else "", below)


def retag(archive: Archive, selection: Selection, jobs: int, progress: Progress) -> Difference:
    """Return what the tags of documents would be; raises ArchiveError for a fault in the vocabulary."""
    vocabulary = read_vocabulary(archive.vocabulary)
    files = list(selection.files or documents(archive))
    seen: list[_Seen] = []
    with processes(jobs, "") as ordered_map:
        index = Index(archive, vocabulary)
        index.refresh(ordered_map)
        index.close()  # other processes read the statistics from the disk
        work = partial(_look_again, archive, vocabulary, selection.since)
        for done, some in enumerate(ordered_map(work, batches(files)), 1):
            seen += some
            progress("Reading documents", done, None)
    statistics = _statistics(*_place(archive))
    named = Counter(choice.subject.name for one in seen for choice in one.choices if choice.firm)
    difference = Difference(looked_at=len(seen))
    is_whole = len(seen) >= statistics.documents
    for one in seen:
        lone = _lone(one, named, statistics, is_whole)
        after = _preferred(subjects(one.choices, lone), vocabulary)
        if selection.tag:
            after = _with_tag(one, after, selection.tag, vocabulary)
        if after != one.document.tags:
            if one.document.is_sealed:
                difference.changes.append(Change(one.document, after))
            else:
                difference.kept.append(one.document)
    return difference


def write(archive: Archive, difference: Difference, progress: Progress) -> None:
    """Give the documents their other tags."""
    for done, change in enumerate(difference.changes, 1):
        write_tags(archive, change.document.file, change.after, difference.as_edited)
        progress("Writing content", done, len(difference.changes))


def told(archive: Archive, difference: Difference, most: int = 50) -> Iterator[str]:
    """Yield what would change, in lines for the person at the keyboard: the first documents one by one, then all."""
    vocabulary = read_vocabulary(archive.vocabulary)
    totals: Counter[str] = Counter()
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for number, change in enumerate(difference.changes):
        merged = {old: new for old in change.lost() if (new := vocabulary.preferred(old)) in change.gained()}
        plus = [name for name in change.gained() if name not in merged.values()]
        minus = [name for name in change.lost() if name not in merged]
        totals.update({"gained": len(plus), "lost": len(minus), "merged": len(merged)})
        gained.update(change.gained())
        lost.update(change.lost())
        if number < most:
            signs = [*(f"+ {name}" for name in plus), *(f"- {name}" for name in minus)]
            signs += [f"{old} -> {new}" for old, new in merged.items()]
            yield f"{change.document.address}: {', '.join(signs) or 'kinds or order'}"
    if len(difference.changes) > most:
        yield f"… and {len(difference.changes) - most:,} more"
    yield (
        f"{difference.looked_at:,} looked at, {len(difference.changes):,} with other tags: "
        f"{totals['gained']:,} gained, {totals['lost']:,} lost, {totals['merged']:,} merged"
    )
    if difference.kept:
        yield f"edited by hand, so they keep their tags: {len(difference.kept):,}"
    yield from _told_of_pages(archive, gained, lost)


def untagged(archive: Archive, names: Iterable[str], jobs: int) -> dict[str, list[str]]:
    """Return the addresses of documents that dwell on a name of the vocabulary and have no such tag, by name."""
    vocabulary = read_vocabulary(archive.vocabulary)
    found: dict[str, list[str]] = {name: [] for name in names}
    with processes(jobs, "") as ordered_map:
        for some in ordered_map(partial(_look_for, archive, vocabulary), batches(documents(archive))):
            for address, lacking in some:
                for name in lacking & found.keys():
                    found[name].append(address)
    return {name: addresses for name, addresses in found.items() if addresses}


def _look_for(archive: Archive, vocabulary: Vocabulary, files: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
    lacking = []
    for file in files:
        if (found := read(archive, file)) and found[0].is_sealed:
            has = {vocabulary.preferred(name) for name in found[0].tags}
            lacking.append((found[0].address, _curated(read_document(vocabulary, found[1]).evidence) - has))
    return lacking


def _look_again(archive: Archive, vocabulary: Vocabulary, since: str, files: Sequence[str]) -> list[_Seen]:
    read_files = [found for file in files if (found := read(archive, file)) and found[0].date >= since]
    evidence = [read_document(vocabulary, text).evidence for _, text in read_files]
    statistics = _statistics(*_place(archive))
    look_up(evidence, statistics)
    return [
        _Seen(document, [choice._replace(grounds=()) for choice in choose(one, statistics)], _curated(one))
        for (document, _), one in zip(read_files, evidence, strict=True)
    ]


def _curated(evidence: Evidence) -> frozenset[str]:
    return frozenset(seen.name for seen in evidence.candidates if seen.kind not in NOT_CURATED)


def _preferred(chosen: Iterable[Subject], vocabulary: Vocabulary) -> dict[str, str]:
    """Return subjects under the names that the vocabulary prefers, without those that it hides."""
    tags: dict[str, str] = {}
    for subject in chosen:
        name = vocabulary.preferred(subject.name)
        if not vocabulary.hidden(name):
            tags.setdefault(name, vocabulary.kind(name) or subject.kind)
    return tags


def _lone(one: _Seen, named: Counter[str], statistics: Statistics, is_whole: bool) -> frozenset[str]:
    """Return the topics that would stand on this document alone."""
    if statistics.documents < SMALL:
        return frozenset()
    names = [choice.subject.name for choice in one.choices if choice.sort not in MAY_BE_ALONE]
    tagged: Callable[[str], int] = lambda name: statistics.tagged(name) - (name in one.document.tags)  # noqa: E731
    return frozenset(name for name in names if named[name] < 2 and (is_whole or tagged(name) < 1))


def _with_tag(one: _Seen, chosen: dict[str, str], tag: str, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the tags of a document with or without one, as it would be chosen now; all others stay."""
    before = one.document.tags
    others = {name: kind for name, kind in before.items() if vocabulary.preferred(name) != tag}
    if vocabulary.hidden(tag) or not (tag in one.curated or tag in chosen):
        return others
    kind = vocabulary.kind(tag) or chosen.get(tag, "topic")
    if len(others) == len(before):
        return before | {tag: kind}
    renamed = {tag if vocabulary.preferred(name) == tag else name: kind for name, kind in before.items()}
    return renamed | {tag: kind}


def _told_of_pages(archive: Archive, gained: Counter[str], lost: Counter[str]) -> Iterator[str]:
    """Tell of the pages of tags that come to have no documents, or their first ones."""
    statistics = _statistics(*_place(archive))
    pages = {line.detail: line.address for line in current(archive.ledger).values() if line.holds == "tag"}
    after = {name: statistics.tagged(name) + gained[name] - lost[name] for name in gained.keys() | lost.keys()}
    gone = sorted(pages[name] for name, number in after.items() if number <= 0 and name in pages)
    come = sorted(name for name, number in after.items() if number > 0 and not statistics.tagged(name))
    if gone:
        yield f"pages that lose their last document, and become a redirect or a notice: {', '.join(gone)}"
    if come:
        yield f"tags that are new: {', '.join(come)}"


def _place(archive: Archive) -> tuple[str, str]:
    path = archive.cache / "subjects.sqlite"
    return str(path), stamp_of(path)


@lru_cache(maxsize=1)
def _statistics(path: str, _: str) -> Statistics:
    """Return the statistics as they lie on the disk; a process keeps those of the archive it works for."""
    uri = f"{Path(path).as_uri()}?mode=ro"
    return Statistics(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False))


def _is_there(file: Path) -> bool:
    if not file.is_file():
        raise ArchiveError(f"{file}: there is no such document")
    return True
