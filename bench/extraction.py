"""Scores how well the document in a page is found, beside trafilatura alone.

    python bench/extraction.py --eval DIR [--lost]

DIR, or its folder `extraction`, holds `ground-truth.json`, `{ID: {"articleBody": …, "url": …}}`, and `html/ID.html.gz`,
as in the article-extraction-benchmark of Zyte (formerly Scrapinghub; MIT licence;
https://github.com/scrapinghub/article-extraction-benchmark).

The score is the benchmark's own: precision and recall of runs of four words, averaged over the pages, and F1 of the two
averages. *Complete* are pages that keep every word of every true paragraph; *first* and *last* say on how many the
first or the last paragraph is lost. Speed is that of one process. `--lost` prints the paragraphs that are lost, and
what is kept and does not belong there.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.model import Block, Capture, Figure, texts_of
from converters.readers.reader import Origin
from converters.readers.saved_html import read_record

_WORD = re.compile(r"\w+")


class Page(NamedTuple):
    name: str
    raw: bytes
    paragraphs: list[str]
    """The true ones."""


class Score(NamedTuple):
    precision: float
    recall: float
    complete: int
    first_lost: int
    last_lost: int
    seconds: float


Method = Callable[[bytes], list[str]]
"""Returns the paragraphs of the document in a page."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR", help="folder of ground-truth.json")
    parser.add_argument("--lost", action="store_true", help="print what is lost, and what is kept by mistake")
    arguments = parser.parse_args()
    folders = (arguments.eval / "extraction", arguments.eval)
    folder = next((folder for folder in folders if (folder / "ground-truth.json").is_file()), None)
    if folder is None:
        print(
            f"{arguments.eval}: no ground-truth.json here nor in extraction/; see the head of {__file__}",
            file=sys.stderr,
        )
        return 1
    pages = list(read(folder))
    if arguments.lost:
        print("\n".join(differences(pages)))
        return 0
    table = Table("method", "precision", "recall", "F1", "complete", "first lost", "last lost", "pages a second")
    for column in table.columns[1:]:
        column.justify = "right"
    methods = {"seedbank": seedbank, "seedbank, no captions": without_captions, "trafilatura": trafilatura}
    for name, method in methods.items():
        method(pages[0].raw)  # what is loaded first takes time
        found = score(method, pages)
        f1 = 2 * found.precision * found.recall / (found.precision + found.recall)
        table.add_row(
            name, f"{found.precision:.3f}", f"{found.recall:.3f}", f"{f1:.3f}", f"{found.complete} of {len(pages)}",
            str(found.first_lost), str(found.last_lost), f"{len(pages) / found.seconds:.1f}",
        )  # fmt: skip
    Console().print(table)
    return 0


def read(folder: Path) -> Iterator[Page]:
    """Yield the pages with their true paragraphs."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for name, entry in sorted(truth.items()):
        raw = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield Page(name, raw, [line for line in entry["articleBody"].splitlines() if _WORD.search(line)])


def seedbank(raw: bytes) -> list[str]:
    found = read_record(raw, Origin("seeds/page.html"))
    return list(texts_of(found.body)) if isinstance(found, Capture) else []


def without_captions(raw: bytes) -> list[str]:
    found = read_record(raw, Origin("seeds/page.html"))
    body: tuple[Block, ...] = found.body if isinstance(found, Capture) else ()
    return list(texts_of(block for block in body if not isinstance(block, Figure)))


def trafilatura(raw: bytes) -> list[str]:
    from trafilatura import extract

    return (extract(raw, include_comments=False) or "").split("\n")


def score(method: Method, pages: list[Page]) -> Score:
    """Return how well a method does."""
    start = time.process_time()
    found = [method(page.raw) for page in pages]
    seconds = time.process_time() - start
    shares = [precision_and_recall(page.paragraphs, kept) for page, kept in zip(pages, found, strict=True)]
    lost = [lost_of(page.paragraphs, kept) for page, kept in zip(pages, found, strict=True)]
    return Score(
        sum(precision for precision, _ in shares) / len(pages),
        sum(recall for _, recall in shares) / len(pages),
        sum(not any(of_page) for of_page in lost),
        sum(of_page[0] for of_page in lost if of_page),
        sum(of_page[-1] for of_page in lost if of_page),
        seconds,
    )


def precision_and_recall(true: list[str], kept: list[str]) -> tuple[float, float]:
    """Return precision and recall of the runs of four words in a page."""
    wanted, found = runs(true), runs(kept)
    both = (wanted & found).total()
    if wanted == found:
        return 1.0, 1.0
    return both / max(1, found.total()), both / max(1, wanted.total())


def runs(paragraphs: list[str]) -> Counter[tuple[str, ...]]:
    """Return the runs of four words of a text, with their numbers."""
    words = _WORD.findall("\n".join(paragraphs))
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def lost_of(true: list[str], kept: list[str]) -> list[bool]:
    """Tell of each true paragraph whether words of it are lost."""
    whole = " ".join(_WORD.findall("\n".join(kept)))
    return [" ".join(_WORD.findall(paragraph)) not in whole for paragraph in true]


def differences(pages: list[Page]) -> Iterator[str]:
    """Yield the paragraphs that are lost, and those that are kept and do not belong there."""
    for page in pages:
        kept = seedbank(page.raw)
        whole = " ".join(_WORD.findall("\n".join(page.paragraphs)))
        lines = [
            f"  - {one[:200]}"
            for one, is_lost in zip(page.paragraphs, lost_of(page.paragraphs, kept), strict=True)
            if is_lost
        ]
        lines += [f"  + {one[:200]}" for one in kept if " ".join(_WORD.findall(one)) not in whole]
        if lines:
            yield f"{page.name}"
            yield from lines


if __name__ == "__main__":
    raise SystemExit(main())
