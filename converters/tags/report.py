"""What a curator of many documents wants to know of their tags, those first that most documents have.

report(archive, jobs)  ─►  # Tags that may be one: paste what is right into content/tags.toml
                           [person]
                           "Hamid Karzai" = ["Karzai"]  # surname; 41 + 7 documents
                           …
                           # Names of content/tags.toml that stand in documents without the tag
                           # Tags on more than 15 % of the documents
                           # Tags on one document
                           # Frequent words without a tag
"""

import json
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from typing import NamedTuple

from converters.archive.layout import Archive
from converters.archive.processes import batches, processes
from converters.subjects.index import Index
from converters.subjects.stems import stemmer_of
from converters.subjects.thesaurus import read_names, read_terms
from converters.subjects.vocabulary import read_vocabulary
from converters.subjects.words import words
from converters.tags.documents import documents, read
from converters.tags.retag import untagged
from converters.text.folding import table

MOST = 50
"""Lines of a section, and names on a line of them."""
_TOO_MANY = 0.15
_FREQUENT = 0.02
_SECTIONS = ("person", "organisation", "place", "topic")


class Merge(NamedTuple):
    """Two tags that may be one."""

    preferred: str
    other: str
    why: str


def report(archive: Archive, jobs: int) -> Iterator[str]:
    """Yield the report, line by line; raises ArchiveError for a fault in the vocabulary."""
    counts, kinds, total = counted(archive, jobs)
    yield f"{total:,} documents with {len(counts):,} tags"
    yield from _merges(archive, counts, kinds)
    yield from _untagged(archive, jobs)
    yield from _section(
        "Tags on more than 15 % of the documents",
        [
            f"{name}: {number:,} ({number / total:.0%})"
            for name, number in counts.most_common()
            if number > max(2, _TOO_MANY * total)
        ],
    )
    lone = sorted(name for name, number in counts.items() if number == 1)
    yield from _section(f"Tags on one document: {len(lone):,}", [", ".join(some) for some in batches(lone)][:MOST])
    yield from _section("Frequent words without a tag or a concept", _frequent(archive, counts, jobs))


def curated_names(archive: Archive) -> dict[str, tuple[str, list[str]]]:
    """Return the names of `content/tags.toml`, each with its kind and its other forms."""
    read_vocabulary(archive.vocabulary)
    if not archive.vocabulary.is_file():
        return {}
    sections = tomllib.loads(archive.vocabulary.read_text(encoding="utf-8-sig"))
    return {name: (kind, list(forms)) for kind, lines in sections.items() for name, forms in lines.items()}


def merges(counts: Mapping[str, int], kinds: Mapping[str, str]) -> list[Merge]:
    """Return the pairs of tags that may be one, those with most documents first."""
    found = [*_alike(counts), *_surnames(counts, kinds), *_acronyms(counts, kinds)]
    unique = {(merge.preferred, merge.other): merge for merge in reversed(found)}
    return sorted(unique.values(), key=lambda one: (-counts[one.preferred] - counts[one.other], one))


def counted(archive: Archive, jobs: int) -> tuple[Counter[str], dict[str, str], int]:
    """Return the number of documents of each tag, by the names that the vocabulary prefers, its kind, and of all."""
    counts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = {}
    total = 0
    with processes(jobs, "") as ordered_map:
        for some in ordered_map(partial(_tags_of, archive), batches(documents(archive))):
            total += len(some)
            for tags in some:
                counts.update(tags.keys())
                for name, kind in tags.items():
                    by_kind.setdefault(name, Counter())[kind] += 1
    return counts, {name: kinds.most_common(1)[0][0] for name, kinds in by_kind.items()}, total


def _tags_of(archive: Archive, files: Sequence[str]) -> list[dict[str, str]]:
    vocabulary = read_vocabulary(archive.vocabulary)
    return [
        {
            vocabulary.preferred(name): kind
            for name, kind in found[0].tags.items()
            if not vocabulary.hidden(vocabulary.preferred(name))
        }
        for file in files
        if (found := read(archive, file))
    ]


def _merges(archive: Archive, counts: Mapping[str, int], kinds: Mapping[str, str]) -> Iterator[str]:
    known = curated_names(archive)
    groups: dict[str, list[Merge]] = {}
    for merge in merges(counts, kinds):
        groups.setdefault(merge.preferred, []).append(merge)
    first = list(groups.items())[:MOST]
    yield from _section("Tags that may be one: paste what is right into content/tags.toml, each below its section", [])
    lines = []
    for preferred, some in first:
        kind, forms = known.get(preferred, (kinds[preferred], []))
        others = [*forms, *(merge.other for merge in some if merge.other not in forms)]
        numbers = " + ".join(f"{counts[name]:,}" for name in (preferred, *(merge.other for merge in some)))
        instead = "; in place of its line" if preferred in known else ""
        why = ", ".join(dict.fromkeys(merge.why for merge in some))
        line = f"{json.dumps(preferred, ensure_ascii=False)} = {json.dumps(others, ensure_ascii=False)}"
        lines.append((kind if kind in _SECTIONS else "topic", f"{line}  # {why}; {numbers} documents{instead}"))
    for kind, of_kind in groupby(sorted(lines, key=lambda one: _SECTIONS.index(one[0])), key=lambda one: one[0]):
        yield f"[{kind}]"
        yield from (line for _, line in of_kind)
    if len(groups) > MOST:
        yield f"# … and {len(groups) - MOST:,} more"


def _untagged(archive: Archive, jobs: int) -> Iterator[str]:
    names = [name for name, (kind, _) in curated_names(archive).items() if kind != "hidden"]
    found = sorted(untagged(archive, names, jobs).items(), key=lambda one: (-len(one[1]), one[0]))
    yield from _section(
        "Names of content/tags.toml that stand in documents without the tag", told_of_untagged(archive, dict(found))
    )


def told_of_untagged(archive: Archive, found: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each name that documents dwell on and are not tagged with, and what command tags them."""
    lines = []
    for name, addresses in found.items():
        some = ", ".join(addresses[:3]) + (", …" if len(addresses) > 3 else "")
        command = archive.command(f"retag --tag {json.dumps(name, ensure_ascii=False)}")
        lines.append(f"{name}: {len(addresses):,} ({some}); to tag them: {command}")
    return lines


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    yield ""
    yield f"# {title}"
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield f"… and {len(lines) - MOST:,} more"


def _alike(counts: Mapping[str, int]) -> Iterator[Merge]:
    """Yield tags that differ by case, accents, punctuation or the plural."""
    stem_of = stemmer_of("en")
    same: dict[str, list[str]] = {}
    plural: dict[str, list[str]] = {}
    for name in counts:
        folded = words(name.translate(table()))
        same.setdefault(" ".join(folded), []).append(name)
        plural.setdefault(" ".join(map(stem_of, folded)), []).append(name)
    for why, groups in (("spelling", same), ("plural", plural)):
        for group in groups.values():
            preferred, *others = sorted(group, key=lambda name: (-counts[name], name))
            yield from (Merge(preferred, other, why) for other in others)


def _surnames(counts: Mapping[str, int], kinds: Mapping[str, str]) -> Iterator[Merge]:
    """Yield surnames that stand alone, where one person alone has them."""
    full: dict[str, list[str]] = {}
    for name in counts:
        if " " in name and kinds.get(name) == "person":
            full.setdefault(name.rpartition(" ")[2], []).append(name)
    for last, names in full.items():
        if last in counts and len(names) == 1 and kinds.get(last) != "place":
            yield Merge(names[0], last, "surname")


def _acronyms(counts: Mapping[str, int], kinds: Mapping[str, str]) -> Iterator[Merge]:
    """Yield acronyms, where one tag alone has these initials."""
    long: dict[str, list[str]] = {}
    for name in counts:
        initials = "".join(word[0] for word in name.split() if word[0].isupper())
        if len(initials) > 1 and " " in name and kinds.get(name) != "person":
            long.setdefault(initials, []).append(name)
    for short, names in long.items():
        if short in counts and len(names) == 1:
            yield Merge(names[0], short, "acronym")


def _frequent(archive: Archive, counts: Mapping[str, int], jobs: int) -> list[str]:
    """Return the nouns and pairs that many documents dwell on, though none has them for a tag."""
    with processes(jobs, "") as ordered_map:
        index = Index(archive, read_vocabulary(archive.vocabulary))
        index.refresh(ordered_map)
        least = max(3, int(_FREQUENT * index.statistics.documents))
        index.close()
    stem_of = stemmer_of("en")
    known = {" ".join(map(stem_of, words(name.lower()))) for name in counts} | {*read_names()}
    known |= read_terms("en").absorbed
    with closing(sqlite3.connect(archive.cache / "subjects.sqlite")) as database:
        rows = database.execute(
            "SELECT words.key, form, topics FROM words JOIN forms ON forms.key = words.key "
            "WHERE topics >= ? AND nouns >= 0.4 * occurrences "
            "ORDER BY topics DESC, words.key, forms.documents DESC, form",
            (least,),
        )
        first = {key: (form, topics) for key, form, topics in reversed(rows.fetchall())}
    found = sorted(((topics, form) for key, (form, topics) in first.items() if key not in known), reverse=True)
    return [f"{form}: {topics:,}" for topics, form in found]
