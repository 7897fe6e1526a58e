"""Measures the subject index against labels that human indexers gave, beside YAKE and TF-IDF.

    python bench/tags.py --eval DIR

DIR holds `*.jsonl.gz`, a document a line: `id`, `title`, `body`, and lists of labels under any other names. For each
label of at least five documents it is asked how well the best single tag finds them (F1 of the two sets; names need not
match), for each list the mean is told; besides, the share of tags, and of topics, on one document, of documents with a
tag inside another or with fewer than three, of groups that differ by plural or case, and documents a second. A tag
inside another is one of the same kind, a phrase beside its concept none. The score does not see junk: read the tags as
well.
"""

import argparse
import gzip
import json
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from math import log
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from converters.archive.processes import batches
from converters.subjects import choose
from converters.subjects.choose import Subject
from converters.subjects.statistics import Statistics
from converters.subjects.thesaurus import read_thesaurus
from converters.subjects.vocabulary import read_vocabulary
from converters.subjects.words import FUNCTION, words

FEWEST = 5  # documents of a label that is asked for
KEYWORDS = 8  # that a peer gives a document
Document = dict[str, object]
Tags = list[list[Subject]]


def seedbank(documents: list[Document]) -> Tags:
    vocabulary = read_vocabulary(Path("no such file"))
    statistics = Statistics(sqlite3.connect(":memory:"))
    evidence = []
    for one in documents:
        said, tally = choose.gather(vocabulary, "en", str(one["title"]), str(one["body"]).split("\n"))
        statistics.add(tally)
        evidence.append(said)
    choices: list[list[choose.Choice]] = []
    for some in batches(evidence):
        choose.look_up(some, statistics)
        choices += [choose.choose(one, statistics) for one in some]
    named = Counter(choice.subject.name for some in choices for choice in some if choice.firm)
    lone = frozenset(one.subject.name for some in choices for one in some if named[one.subject.name] < 2)
    return [choose.subjects(some, lone) for some in choices]


def tf_idf(documents: list[Document]) -> Tags:
    counts = [
        Counter(word for word in words(f"{one['title']}\n{one['body']}".lower()) if word.isalpha() and len(word) > 2)
        for one in documents
    ]
    spread = Counter(word for one in counts for word in one if word not in FUNCTION)
    weigh = [
        {word: n * log(len(documents) / spread[word]) for word, n in one.items() if word in spread} for one in counts
    ]
    best = [sorted(one, key=lambda word: (-one[word], word))[:KEYWORDS] for one in weigh]
    return [[Subject(word, "topic") for word in words_of_one] for words_of_one in best]


def yake(documents: list[Document]) -> Tags:
    from yake import KeywordExtractor

    extractor = KeywordExtractor(lan="en", n=3, top=KEYWORDS)
    return [
        [Subject(name.casefold(), "topic") for name, _ in extractor.extract_keywords(f"{one['title']}. {one['body']}")]
        for one in documents
    ]


def figures(documents: list[Document], tags: Tags) -> dict[str, float]:
    """Return what is told of an index."""
    holds: dict[str, set[int]] = defaultdict(set)
    for at, subjects in enumerate(tags):
        for subject in subjects:
            holds[subject.name].add(at)
    told: dict[str, float] = {}
    for kind in sorted(key for key, value in documents[0].items() if isinstance(value, list)):
        labelled: dict[str, set[int]] = defaultdict(set)
        for at, one in enumerate(documents):
            for label in one[kind]:  # type: ignore[attr-defined]
                labelled[label].add(at)
        best = [
            max((2 * len(wanted & found) / (len(wanted) + len(found)) for found in holds.values()), default=0)
            for wanted in labelled.values()
            if len(wanted) >= FEWEST
        ]
        told[kind] = sum(best) / len(best) if best else 0
    told["mean"] = sum(told.values()) / max(1, len(told))
    told["tags a document"] = sum(map(len, tags)) / len(tags)
    told["on one document"] = sum(len(found) == 1 for found in holds.values()) / max(1, len(holds))
    topics = {subject.name for subjects in tags for subject in subjects if subject.kind == "topic"}
    told["topics on one document"] = sum(len(holds[name]) == 1 for name in topics) / max(1, len(topics))
    told["nested"] = sum(map(is_nested, tags)) / len(tags)
    told["under three"] = sum(len(subjects) < 3 for subjects in tags) / len(tags)
    alike = Counter("".join(filter(str.isalnum, name.casefold())).rstrip("s") for name in holds)
    told["groups alike"] = sum(number > 1 for number in alike.values())
    return told


def is_nested(subjects: list[Subject]) -> bool:
    concepts = read_thesaurus().concepts
    padded = [(f" {one.name} ".casefold(), one.kind) for one in subjects if one.name not in concepts]
    return any(kind == its and one != other and one in other for one, kind in padded for other, its in padded)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="folder of labelled documents, *.jsonl.gz")
    folder = parser.parse_args().eval
    documents: list[Document] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            documents += map(json.loads, lines)
    if not documents:
        sys.exit(f"{folder}: no *.jsonl.gz with labelled documents in it")
    indexers: list[Callable[[list[Document]], Tags]] = [seedbank, tf_idf, yake]
    for indexer in indexers:
        start = process_time()
        try:
            tags = indexer(documents)
        except ImportError:
            print(f"{indexer.__name__}: not installed; pip install {indexer.__name__}")
            continue
        speed = len(documents) / (process_time() - start)
        told = "  ".join(f"{name} {value:.3g}" for name, value in figures(documents, tags).items())
        print(f"{indexer.__name__}: {told}  documents a CPU second {speed:.0f}")


if __name__ == "__main__":
    main()
