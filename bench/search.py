"""Measures the site's search beside Pagefind and MiniSearch: what an index costs and a question loads, how good it is.

    python bench/search.py --docs 10000              what the indexes cost, and what questions load
    python bench/search.py --eval DIR                quality, on DIR/bbc/bbc.jsonl.gz and DIR/search/queries.json
    python bench/search.py --docs 1000 --alone       without the peers

Costs: seconds, CPU seconds and memory of making the index (of ours, with all of the site) and of one added document;
size and files; of questions of one and two words the KB, the requests and the milliseconds until results stand in
Chromium, from a host on this machine, nothing cached, and for ours from the disk.

Quality: curated questions, each with a rule of what is relevant (precision within the first ten, over the smaller of
ten and all that are relevant); three words of a title find it (mean reciprocal rank), the same with a letter wrong and
with the last word cut; phrases of two to four words have the right count; words that stand nowhere find nothing.
Documents offered instead count after the results.
"""

import argparse
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter
from urllib.parse import quote

from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.make_seeds import add_seed, make_seeds
from bench.measure import Cost, measure
from bench.searchers import MiniSearch, Pagefind, Searcher, Seedbank, invoke
from converters.text.analysis import words

PROJECT = Path(__file__).resolve().parent.parent
_KNOWN, _SEED = 100, 5
Ask = Callable[[str], "Answer"]
_ABSENT = "zyzzyva qwertzuiop flibbertigibb xylotomous brobdingnag snickersnee quxification voorloper".split()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows of a question, and what it took."""

    results: list[str]
    instead: list[str]
    total: int
    loaded: int
    requests: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Text:
    """A document of the archive that questions are put to."""

    name: str
    kind: str
    title: str
    body: str


def ask(page: Page, base: str, searcher: Searcher, output: Path, question: str) -> Answer:
    """Put a question to a search, on a page that has loaded nothing yet."""
    asked: list[str] = []
    note = lambda request: asked.append(request.url)  # noqa: E731  # to be taken off again
    page.on("request", note)
    start = perf_counter()
    page.goto(f"{base}/{searcher.page}?q={quote(question)}")
    expect(page.locator("#said")).not_to_be_empty(timeout=60_000)
    took = 1000 * (perf_counter() - start)
    page.wait_for_load_state("networkidle")
    page.remove_listener("request", note)
    links = "all => all.map((link) => link.getAttribute('href'))"
    parts = [url.partition(f"/{searcher.folder}/")[2] for url in asked]
    size = sum((output / searcher.folder / part.partition("?")[0]).stat().st_size for part in parts if part)
    number = re.search(r"[\d,]+", page.locator("#said").inner_text())
    return Answer(
        page.eval_on_selector_all("#results > li a", links),
        page.eval_on_selector_all("#instead > li a", links),
        int(number[0].replace(",", "")) if number else -1,
        size,
        len([part for part in parts if part]),
        took,
    )


def searchers_of(archive: Path, work: Path, alone: bool) -> list[Searcher]:
    """Return the site's own search, and its peers unless it is measured alone."""
    return [Seedbank(archive), *([] if alone else [Pagefind(archive, work), MiniSearch(archive, work)])]


def costs(docs: int, archive: Path, alone: bool) -> None:
    """Print what the indexes cost, and what questions load."""
    make_seeds(archive, docs)
    subprocess.run(invoke(archive, "convert"), cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    _print("site without search", measure(invoke(archive, "build", "--full", "--no-search"), PROJECT, os.environ))
    searchers = searchers_of(archive, archive.parent, alone)
    output = archive / "output"
    for searcher in searchers:
        _print(f"{searcher.name}: all", searcher.make())
        files = [path for path in (output / searcher.folder).rglob("*") if path.is_file()]
        print(f"{searcher.name}: {sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {len(files):,} files")
    texts = [
        path.read_text(encoding="utf-8") for path in sorted((archive / "content").glob("2*/**/*.md"))[:: docs // 20]
    ]
    with _served(output) as host:
        for searcher in searchers:
            _ask_all(host, searcher, output, texts)
        _ask_all(output.as_uri(), searchers[0], output, texts)
    for number in range(3):
        add_seed(archive, docs, number)
        for searcher in searchers:
            _print(f"{searcher.name}: one added", searcher.add())


def _ask_all(base: str, searcher: Searcher, output: Path, texts: Sequence[str]) -> None:
    chance = random.Random(_SEED)
    for many in (1, 2):
        answers = []
        for text in texts:
            of_text = [word for word in text.split("\n\n", 1)[1].split() if word.isalpha() and word.islower()]
            with _browser() as page:
                answers.append(ask(page, base, searcher, output, " ".join(chance.sample(of_text, many))))
        kilobytes = [answer.loaded / 1000 for answer in answers]
        print(
            f"{searcher.name}, {base[:4]}, {many} words: {median(kilobytes):.0f} KB (most {max(kilobytes):.0f}), "
            f"{median(answer.requests for answer in answers):.0f} requests, "
            f"{median(answer.milliseconds for answer in answers):.0f} ms",
            flush=True,
        )


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _print(what: str, cost: Cost) -> None:
    print(f"{what}: {cost.wall:.2f} s, {cost.cpu:.2f} CPU s, {cost.memory / 1e6:.0f} MB", flush=True)


def quality(folder: Path, work: Path, alone: bool) -> None:
    """Print how good the answers of each search are."""
    with gzip.open(folder / "bbc" / "bbc.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = list(map(json.loads, lines))
    texts = {}
    archive = work / "archive"
    (archive / "seeds").mkdir(parents=True)
    with (archive / "seeds" / "news.txt").open("w", encoding="utf-8") as seeds:
        for at, one in enumerate(found):
            body = "\n\n".join(one["paragraphs"])
            day = f"{2004 + at % 2}-{at % 12 + 1:02}-{at % 28 + 1:02}"
            seeds.write(f" date {day} https://news.example/{one['id']}\n\n{one['title']}\n\n{body}\n\n")
    if not (archive / "output").exists():
        subprocess.run(invoke(archive, "site"), cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    by_url = {f"https://news.example/{one['id']}": one for one in found}
    for path in (archive / "content").glob("[0-9]*/**/*.md"):
        head = path.read_text(encoding="utf-8")
        one = by_url[re.search("^Url: (.*)$", head, re.M)[1]]  # type: ignore[index]
        address = path.relative_to(archive / "content").with_suffix(".html").as_posix()
        texts[address] = Text(address, one["class"], one["title"], "\n".join(one["paragraphs"]))
    questions = json.loads((folder / "search" / "queries.json").read_text())
    for searcher in searchers_of(archive, work, alone):
        if searcher.name != "Seedbank":
            searcher.make()
        print(f"{searcher.name}:")
        with _served(archive / "output") as host, _browser() as page:
            put = partial(ask, page, host, searcher, archive / "output")
            _curated(put, questions, texts)
            _known(put, list(texts.values()))


def _curated(put: Ask, queries: Sequence[tuple[str, str, dict[str, object]]], texts: dict[str, Text]) -> None:
    scores = []
    for kind, question, rule in queries:
        relevant = {address for address, text in texts.items() if _is_relevant(text, rule)}
        answer = put(question)
        first = [*answer.results, *answer.instead][:10]
        scores.append(len(relevant.intersection(first)) / max(1, min(10, len(relevant))))
        print(f"  {scores[-1]:.2f}  {kind}: {question} ({answer.total} of {len(relevant)})")
    print(f"  curated: {mean(scores):.3f}")


def _is_relevant(text: Text, rule: dict[str, object]) -> bool:
    whole = f"{text.title}\n{text.body}"
    named = "title" in rule and re.search(str(rule["title"]), text.title, re.I)
    told = "body" in rule and len(re.findall(str(rule["body"]), whole, re.I)) >= int(str(rule.get("n", 1)))
    return bool(
        (named or told)
        and ("cat" not in rule or text.kind in list(rule["cat"]))  # type: ignore[call-overload]
        and ("also" not in rule or re.search(str(rule["also"]), whole, re.I))
        and ("no" not in rule or not re.search(str(rule["no"]), whole, re.I))
    )


def _known(put: Ask, texts: list[Text]) -> None:
    chance = random.Random(_SEED)
    texts.sort(key=lambda text: text.name)
    ranks: dict[str, list[float]] = {"known": [], "one typo": [], "cut": []}
    for text in chance.sample(texts, _KNOWN):
        of_title = [word for word in words(text.title)[0] if len(word) > 3]
        if len(of_title) < 3:
            continue
        three = chance.sample(of_title, 3)
        at = max(range(3), key=lambda n: len(three[n]))
        place = chance.randrange(1, len(three[at]) - 1)
        wrong = list(three)
        wrong[at] = three[at][:place] + chance.choice("abcdefghijklmnopqrstuvwxyz") + three[at][place + 1 :]
        cut = [*three[:2], three[2][: max(3, len(three[2]) - 2)]]
        for kind, asked in (("known", three), ("one typo", wrong), ("cut", cut)):
            answer = put(" ".join(asked))
            shown = [*answer.results, *answer.instead]
            ranks[kind].append(1 / (shown.index(text.name) + 1) if text.name in shown else 0)
    for kind, found in ranks.items():
        print(f"  {kind}: MRR {mean(found):.3f} of {len(found)}")
    held = {text.name: f" {' '.join(words(text.title)[0])} | {' '.join(words(text.body)[0])} " for text in texts}
    right = []
    for text in chance.sample(texts, _KNOWN):
        of_text = re.findall(r"[A-Za-z]+(?: [A-Za-z]+){1,3}", text.body)
        phrase = chance.choice(of_text)
        wanted = sum(f" {' '.join(words(phrase)[0])} " in whole for whole in held.values())
        answer = put(f'"{phrase}"')
        right.append(answer.total == wanted)
    print(f"  phrases with the right count: {mean(right):.3f}")
    false = sum(put(word).total > 0 for word in _ABSENT)
    print(f"  absent words that find documents: {false} of {len(_ABSENT)}")


class _browser:  # noqa: N801  # used as a function
    def __enter__(self) -> Page:
        self._playwright = sync_playwright().start()
        self._running = self._playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        return self._running.new_page(viewport={"width": 1280, "height": 800})

    def __exit__(self, *_: object) -> None:
        self._running.close()
        self._playwright.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docs", type=int, help="how many documents")
    parser.add_argument("--eval", type=Path, metavar="DIR", help="folder with questions and their documents")
    parser.add_argument("--alone", action="store_true", help="leave Pagefind and MiniSearch out")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="seedbank-search-") as name:
        if chosen.eval:
            quality(chosen.eval, Path(name), chosen.alone)
        if chosen.docs:
            costs(chosen.docs, Path(name) / "archive", chosen.alone)
