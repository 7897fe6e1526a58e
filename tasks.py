"""The commands of Seedbank; `invoke --list` names them, `invoke --help convert` explains one."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import Literal

from invoke import Context, Exit, task
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from converters.archive.layout import Archive, ArchiveError, Progress, open_archive
from converters.archive.lock import at_work
from converters.archive.options import date_from, jobs_from, number_from

PROJECT = str(Path(__file__).parent)
ARCHIVE_HELP = "folder of the archive, with its own seeds/, content/ and output/ (default: this project)"
JOBS_HELP = "processes that share the work (default: one a processor)"
SCHEDULER_HELP = "share the work out to a Dask cluster instead: its scheduler's address, such as tcp://127.0.0.1:8786"
SEEDS_HELP = "fetch the seeds from there first, those that are not here yet: s3://bucket/folder and the like"
OUTPUT_HELP = "put the site there afterwards, what has changed of it: s3://bucket/folder and the like"
_SECONDS_BETWEEN_LINES = 10

for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a seed's name must not end a run
console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


@task(
    help={
        "archive": ARCHIVE_HELP,
        "jobs": JOBS_HELP,
        "scheduler": SCHEDULER_HELP,
        "seeds": SEEDS_HELP,
        "output": OUTPUT_HELP,
        "no-search": "leave the search index out",
    }
)
def site(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    seeds: str = "",
    output: str = "",
    no_search: bool = False,
) -> None:
    """Convert the seeds and build the site; ends by naming the file to open."""
    with _at_work(archive, "site", may_be_empty=bool(seeds)) as place:
        rejected = _convert(place, jobs, scheduler, seeds, verify=False)
        _build(place, jobs, scheduler, output, full=False, search=not no_search)
        if rejected:
            raise Exit(f"{rejected} rejected or differing, named above; all others are on the site", 1)


@task(
    help={
        "archive": ARCHIVE_HELP,
        "jobs": JOBS_HELP,
        "scheduler": SCHEDULER_HELP,
        "seeds": SEEDS_HELP,
        "verify": "read the seeds that seem unchanged, too, and compare them with their SHA-256",
    }
)
def convert(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    seeds: str = "",
    verify: bool = False,
) -> None:
    """Turn seeds into content files; what a curator has edited stays as it is."""
    with _at_work(archive, "convert", may_be_empty=bool(seeds)) as place:
        if faults := _convert(place, jobs, scheduler, seeds, verify):
            raise Exit(f"{faults} rejected, damaged or differing, named above; all others are converted", 1)


@task(
    help={
        "archive": ARCHIVE_HELP,
        "jobs": JOBS_HELP,
        "scheduler": SCHEDULER_HELP,
        "output": OUTPUT_HELP,
        "full": "build every page anew, changed or not",
        "no-search": "leave the search index out",
    }
)
def build(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    output: str = "",
    full: bool = False,
    no_search: bool = False,
) -> None:
    """Turn content into the site in output/; the site of before stays until the new one is whole."""
    with _at_work(archive, "build") as place:
        _build(place, jobs, scheduler, output, full, search=not no_search)


@task(help={"archive": ARCHIVE_HELP, "jobs": JOBS_HELP, "port": "port on 127.0.0.1 (default: 8000)"})
def serve(_: Context, archive: str = PROJECT, jobs: str = "", port: str = "8000") -> None:
    """Build, show the site on 127.0.0.1, and again after every change."""
    from plugins.engine import serve

    with _told():
        serve.serve(open_archive(archive), number_from("--port", port, "8000"), jobs_from(jobs), console.print)


@task(help={"archive": ARCHIVE_HELP, "jobs": JOBS_HELP})
def check(_: Context, archive: str = PROJECT, jobs: str = "") -> None:
    """Verify the built site: texts, checksums, links, HTML, feeds, ledger, bundles."""
    from plugins.checks.check import check

    with _at_work(archive, "check") as place, _progress() as progress:
        if faults := check(place, jobs_from(jobs), console.print, progress):
            raise Exit(f"{faults} faults, named above", 1)


@task(
    help={
        "address": "of the document, such as 2023/03/08/slug.html; its content file or its URL will do",
        "why": "the reason, for the readers of its page",
        "on": "the day that the page gives (default: today)",
        "archive": ARCHIVE_HELP,
    }
)
def withdraw(_: Context, address: str, why: str = "", on: str = "", archive: str = PROJECT) -> None:
    """Take a document's text off the site; its page says why, and its seed stays as it is."""
    from converters.ledger.curation import withdraw

    with _at_work(archive, "withdraw") as place:
        withdrawn = withdraw(place, address, why, date_from("--on", on))
        console.print(
            f"withdrawn: {withdrawn}; the next build takes its text off the site, not out of copies made before"
        )


@task(
    help={
        "old": "address of the document, such as 2023/03/08/slug.html; its content file or its URL will do",
        "new": "address that it is to have",
        "archive": ARCHIVE_HELP,
    }
)
def rename(_: Context, old: str, new: str, archive: str = PROJECT) -> None:
    """Move a document to another address; a page at the old one leads there."""
    from converters.ledger.curation import rename

    with _at_work(archive, "rename") as place:
        renamed = rename(place, old, new)
        console.print(f"renamed: {renamed}; the next build shows it there")


@task(
    help={
        "archive": ARCHIVE_HELP,
        "parquet": "write Apache Parquet as well, for data frames; needs pyarrow",
    }
)
def export(_: Context, archive: str = PROJECT, parquet: bool = False) -> None:
    """Write all documents into dist/ as tables: JSON Lines, CSV for spreadsheets, and SQLite with full text."""
    from plugins.outputs.tables import export

    with _at_work(archive, "export") as place:
        with _progress() as progress:
            tables = export(place, parquet, progress)
        for path, number in tables.items():
            console.print(f"{path}: {number:,} document{'' if number == 1 else 's'}, {path.stat().st_size:,} bytes")


@task(
    help={
        "archive": ARCHIVE_HELP,
        "no-seeds": "leave the seeds out",
        "zim": "write a .zim instead, for Kiwix: pages, raw records and an index for searching",
    }
)
def bundle(_: Context, archive: str = PROJECT, no_seeds: bool = False, zim: bool = False) -> None:
    """Pack the built site and its seeds into one file in dist/, which opens without a network."""
    from plugins.outputs.bag import write_bag
    from plugins.outputs.zim import write_zim

    with _at_work(archive, "bundle") as place, _progress() as progress:
        written = write_zim(place, progress) if zim else write_bag(place, not no_seeds, console.print, progress)
    console.print(f"Packed {written}, {written.stat().st_size / 1e6:,.1f} MB")


@task(
    help={
        "archive": ARCHIVE_HELP,
        "remote": "git remote to push to (default: origin)",
        "branch": "branch to push to (default: gh-pages)",
        "jobs": JOBS_HELP,
    }
)
def deploy(
    _: Context, archive: str = PROJECT, remote: str = "origin", branch: str = "gh-pages", jobs: str = ""
) -> None:
    """Push the built site to the branch that GitHub Pages shows, if it differs from what stands there."""
    from plugins.outputs.deploy import deploy

    with _at_work(archive, "deploy") as place, _progress() as progress:
        console.print(deploy(place, remote, branch, jobs_from(jobs), console.print, progress))


@task(
    iterable=["docs"],
    help={
        "docs": "documents; may be given again (default: 1000)",
        "runs": "runs of each contestant (default: 3)",
        "hugo": "Hugo's program (default: hugo)",
    },
)
def bench(_: Context, docs: list[str], runs: str = "3", hugo: str = "hugo") -> None:
    """Measure building and converting beside Hugo and Pelican alone."""
    from bench.speed import main

    with _told():
        sizes = [number_from("--docs", size, "10000") for size in docs or ["1000"]]
        if main(sizes, number_from("--runs", runs, "3"), hugo):
            raise Exit("", 1)


@task(help={"archive": ARCHIVE_HELP})
def clean(_: Context, archive: str = PROJECT) -> None:
    """Remove what can be made again: output/, dist/ and .cache/."""
    with _at_work(archive, "clean") as place:
        for folder in (place.output, place.bundles, place.cache):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)
                console.print(f"removed {folder}")


def _convert(archive: Archive, jobs: str, scheduler: str, seeds: str, verify: bool) -> int:
    from converters.pipeline import convert

    differing = 0
    with _progress() as progress:
        if seeds:
            from converters.archive.remote import fetch_seeds

            differing = fetch_seeds(archive, seeds, console.print, progress)
        counts = convert(archive, jobs_from(jobs), verify, console.print, progress, _scheduler(scheduler))
    console.print(", ".join(f"{counts[outcome]} {outcome}" for outcome in counts))
    return counts["rejected"] + counts["damaged"] + differing


def _build(archive: Archive, jobs: str, scheduler: str, output: str, full: bool, search: bool) -> None:
    from plugins.engine.build import build

    index: Literal["new", "none"] = "new" if search else "none"
    with _progress() as progress:
        built = build(archive, jobs_from(jobs), full, index, console.print, progress, _scheduler(scheduler))
    console.print(f"{'Built' if built else 'Nothing changed'}: open {archive.output / 'index.html'}")
    if output:
        from converters.archive.remote import put_site

        with _progress() as progress:
            changed = put_site(archive, output, progress)
        console.print(f"{output}: {changed} files changed")


def _scheduler(text: str) -> str:
    if not text:
        return ""
    from converters.archive.cluster import scheduler_from

    return scheduler_from(text)


@contextmanager
def _at_work(folder: str, name: str, may_be_empty: bool = False) -> Iterator[Archive]:
    """Hold the archive for a task."""
    with _told():
        archive = open_archive(folder, may_be_empty)
        with at_work(archive, name):
            yield archive


@contextmanager
def _told() -> Iterator[None]:
    """Turn what went wrong into a line for the person at the keyboard."""
    try:
        yield
    except ArchiveError as error:
        raise Exit(str(error), 1) from None
    except sqlite3.Error as error:
        raise Exit(f"{error}; is there room on the disk that holds the archive?", 1) from None
    except OSError as error:
        raise Exit(f"{error.filename or 'the system says'}: {error.strerror or error}", 1) from None
    except KeyboardInterrupt:
        raise Exit("stopped; what was done so far is whole, and the next run goes on from there", 130) from None


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show how far a stage is: a bar on a terminal, a plain line now and then elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        stages: dict[str, TaskID] = {}
        told = monotonic()

        def advance(stage: str, done: int, total: int | None) -> None:
            nonlocal told
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)
            if not console.is_terminal and monotonic() - told > _SECONDS_BETWEEN_LINES:
                told = monotonic()
                console.print(f"{stage}: {done:,}" + (f" of {total:,}" if total else ""))

        yield advance
