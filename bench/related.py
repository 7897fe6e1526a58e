"""Measures related documents against classes that people gave, beside plain TF-IDF over all words.

    python bench/related.py --eval DIR

DIR holds `*.jsonl.gz`, a document a line: `id`, `class`, `title`, `paragraphs`. For each document the five that the
archive would show as related are looked up, and the five nearest by TF-IDF (scikit-learn, which nothing else needs).
Told are the share of documents that have any related ones, and over these: the share of the five that are of the same
class, and nDCG@5 with the same class as relevance; then how many pages one added document changes.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from math import log2
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.tags import seedbank
from plugins.site.documents import Record
from plugins.site.surroundings import Surroundings

SHOWN = 5
ADDED = 40  # documents that are taken out, one at a time, to see what adding them changes


def related(records: Sequence[Record]) -> list[list[int]]:
    number = {record.save_as: at for at, record in enumerate(records)}
    surroundings = surroundings_of(records)
    return [
        [number[one.document.url] for one in surroundings.of(at).related] for at in range(len(records))
    ]  # fmt: skip


def surroundings_of(records: Sequence[Record]) -> Surroundings:
    return Surroundings(records, {name: (name, name) for record in records for name in record.tag_names})


def nearest_by_tf_idf(texts: Sequence[str]) -> list[list[int]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts)
    nearest = []
    for at in range(len(texts)):
        likeness = (weights @ weights[at].T).toarray().ravel()
        likeness[at] = -1
        nearest.append(sorted(range(len(texts)), key=lambda other: -likeness[other])[:SHOWN])
    return nearest


def figures(classes: Sequence[str], found: Sequence[Sequence[int]], only: Sequence[int]) -> str:
    """Return what is told of the related documents of some."""
    same = [[classes[other] == classes[at] for other in found[at]] for at in only]
    ideal = sum(1 / log2(place + 2) for place in range(SHOWN))
    gains = [sum(hit / log2(place + 2) for place, hit in enumerate(hits)) / ideal for hits in same]
    return f"same class {mean(mean(hits) for hits in same):.3f}, nDCG@5 {mean(gains):.3f}"


def pages_changed(records: Sequence[Record]) -> list[int]:
    """Return how many pages of others change with each of some documents, when it is added to all the others."""
    now, changed = surroundings_of(records), []
    for at in range(0, len(records), max(1, len(records) // ADDED)):
        before = surroundings_of([*records[:at], *records[at + 1 :]])
        others = (other for other in range(len(records)) if other != at)
        changed.append(sum(before.of(other - (other > at)) != now.of(other) for other in others))
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="folder of classified documents, *.jsonl.gz")
    folder = parser.parse_args().eval
    documents: list[dict[str, object]] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            documents += [{**one, "body": "\n".join(one["paragraphs"])} for one in map(json.loads, lines)]
    if not documents:
        sys.exit(f"{folder}: no *.jsonl.gz with classified documents in it")
    empty = Record(**dict.fromkeys(Record._fields, ""))  # type: ignore[arg-type]  # what matters follows
    empty = empty._replace(status="published", date="2023-03-08T00:00:00", published="2023-03-08", text=0, page=0)
    records = [
        empty._replace(save_as=f"{at:06}.html", title=str(one["title"]), tag_names=tuple(tags))
        for at, (one, tags) in enumerate(zip(documents, seedbank(documents), strict=True))
    ]
    classes, found = [str(one["class"]) for one in documents], related(records)
    with_any = [at for at, others in enumerate(found) if others]
    print(f"{len(documents):,} documents; with related ones {len(with_any) / len(documents):.1%}")
    print(f"shared subjects: {figures(classes, found, with_any)}")
    by_words = nearest_by_tf_idf([f"{one['title']}\n{one['body']}" for one in documents])
    print(f"TF-IDF:          {figures(classes, by_words, with_any)}")
    changed = pages_changed(records)
    print(f"one added changes {median(changed):.0f} pages of others (median), at most {max(changed)}")


if __name__ == "__main__":
    main()
