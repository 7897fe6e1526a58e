"""Scores the restoring of lost paragraph breaks beside a plain regular expression.

    python bench/paragraphs.py --eval DIR

DIR, or its folder `paragraphs`, holds `paragraphs.jsonl`, one object a line: `{"id": …, "paragraphs": […]}`.
Such data can be made from the article-extraction-benchmark of Zyte (formerly Scrapinghub; MIT licence;
https://github.com/scrapinghub/article-extraction-benchmark): the `articleBody` of each page in its file
`ground-truth.json`, split at blank lines. The paragraphs are joined with nothing between them, as a scraper
leaves them, and the positions of the breaks that are found are compared with those of the true ones.

Precision and recall are those of each document, averaged over the documents; F1 is that of the two averages.
A document without true breaks has recall 1, one without any found has precision 1.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.text.paragraphs import breaks

Method = Callable[[str], list[int]]
Document = tuple[str, frozenset[int]]
"""The glued text and the offsets of its true breaks."""

PLAIN = re.compile(r"(?<=[.!?…])(?=[A-ZÀ-ÞА-Я\"“«])")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR", help="folder of paragraphs.jsonl")
    folder: Path = parser.parse_args().eval
    files = [folder / "paragraphs" / "paragraphs.jsonl", folder / "paragraphs.jsonl"]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        print(
            f"{folder}: no paragraphs.jsonl here nor in paragraphs/; see the head of {__file__}",
            file=sys.stderr,
        )
        return 1
    documents = list(read(file))
    if not documents:
        print(f"{file}: holds no document; see the head of {__file__}", file=sys.stderr)
        return 1
    table = Table("method", *("precision", "recall", "F1", "documents", "seconds"))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, method in (("converters.text.paragraphs", breaks), ("plain regular expression", plain)):
        start = time.perf_counter()
        precision, recall = score(method, documents)
        seconds = time.perf_counter() - start
        f1 = 2 * precision * recall / ((precision + recall) or 1)
        figures = (f"{figure:.3f}" for figure in (precision, recall, f1))
        table.add_row(name, *figures, str(len(documents)), f"{seconds:.2f}")
    Console().print(table)
    return 0


def read(file: Path) -> Iterator[Document]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            paragraphs: list[str] = json.loads(line)["paragraphs"]
            yield "".join(paragraphs), frozenset(accumulate(map(len, paragraphs[:-1])))


def score(method: Method, documents: list[Document]) -> tuple[float, float]:
    """Precision and recall of the breaks that a method finds, averaged over the documents."""
    precision = recall = 0.0
    for text, true in documents:
        found = set(method(text))
        right = len(found & true)
        precision += right / len(found) if found else 1.0
        recall += right / len(true) if true else 1.0
    return precision / len(documents), recall / len(documents)


def plain(text: str) -> list[int]:
    """A sentence's end, then an upper-case letter or an opening quotation mark."""
    return [match.start() for match in PLAIN.finditer(text)]


if __name__ == "__main__":
    sys.exit(main())
