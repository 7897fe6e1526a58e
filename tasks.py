"""The commands of Seedbank: `./seedbank X`, `make X` and `.venv/bin/invoke X` are one.

Each opens an archive, hands it to the function that does the work, and says what came of it: exit status 0 if all went
well, 1 with a line for each thing that did not. `./seedbank` lists them, `./seedbank X --help` explains one.
"""

import inspect
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from invoke import Context, Exit, Task

from converters.archive.layout import Archive, ArchiveError, open_archive
from converters.archive.lock import at_work
from converters.archive.options import date_from, jobs_from, number_from
from converters.archive.terminal import console, progress_shown

if TYPE_CHECKING:
    from converters.ledger.media import PictureLimits

PROJECT = str(Path(__file__).parent)
OPTIONS = {
    "archive": "folder of the archive, with its own seeds/, content/ and output/ (default: this project)",
    "jobs": "processes that share the work (default: one a processor)",
    "scheduler": "share the work out to a Dask cluster instead: its scheduler's address, such as tcp://127.0.0.1:8786",
    "seeds": "fetch the seeds from there first, those that are not here yet: s3://bucket/folder and the like",
    "output": "put the site there afterwards, what has changed of it: s3://bucket/folder and the like",
    "date": "the day to build for, such as 2027-01-01; an embargo that ends later holds back (default: today, in UTC)",
    "no_search": "leave the search index out",
    "safe": "for an archive from a stranger: run none of its settings and templates, and none of its working data",
}
"""What is said of the options that several commands have."""
_NOT_ON_SITE = "not all is on the site, as named above; the next run looks for it again"
NAMED_TOO = "its content file, its URL or the one it was captured at will do"


def command(**options: str) -> Callable[[Callable[..., None]], "Task[Any]"]:
    """Make a function a command whose options are its parameters; `options` says what those of its own are for."""

    def made(body: Callable[..., None]) -> "Task[Any]":
        parameters = [*inspect.signature(body).parameters.values()][1:]
        return Task(
            body,
            help={flag(parameter.name): (OPTIONS | options)[parameter.name] for parameter in parameters},
            iterable=[parameter.name for parameter in parameters if parameter.annotation == list[str]],
            auto_shortflags=False,  # a letter would go to another option when a command gets one more
        )

    return made


def flag(parameter: str) -> str:
    """Return the name of the option that a parameter stands for: `no-search`, and `from` for `from_`."""
    return parameter.strip("_").replace("_", "-")


@command(
    folder="where it is to lie; it must be empty, or not there yet",
    name="what the site is called (default: asked for on a terminal, else the name of the folder)",
    github="add a workflow that builds the site on GitHub and publishes it on GitHub Pages",
)
def new(_: Context, folder: str, name: str = "", github: bool = False) -> None:
    """Begin an archive: a folder for seeds, its settings, and what git has to know."""
    from converters.archive.new import new

    with _faults_named():
        archive, left_to_do = new(folder, name or _asked("Name of the site: ") or Path(folder).name, github)
        console.print(
            f"Begun in {archive.root}; put your captures into {archive.seeds}, then: {archive.command('site')}"
        )
        if left_to_do:
            console.print(left_to_do)


@command()
def site(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    seeds: str = "",
    output: str = "",
    date: str = "",
    no_search: bool = False,
    safe: bool = False,
) -> None:
    """Convert the seeds and build the site; ends by naming the file to open."""
    with _at_work(archive, "site", may_be_empty=bool(seeds), safe=safe) as place:
        rejected = _convert(place, jobs, scheduler, seeds)
        missing = _build(place, jobs, scheduler, output, date, full=False, search=not no_search)
        if rejected:
            raise Exit(f"{rejected} rejected or differing, named above; all others are on the site", 1)
        if missing:
            raise Exit(_NOT_ON_SITE, 1)


@command(
    verify="read the seeds that seem unchanged, too, and compare them with their SHA-256",
    accept="take seeds that hold less than before as they are now",
    explain="convert nothing; tell of a seed or content file what was read, what was left out, and why it has its tags",
)
def convert(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    seeds: str = "",
    verify: bool = False,
    accept: bool = False,
    explain: str = "",
) -> None:
    """Turn seeds into content files; what a curator has edited stays as it is."""
    with _at_work(archive, "convert", may_be_empty=bool(seeds)) as place:
        if explain:
            _explain(place, explain)
            return
        if faults := _convert(place, jobs, scheduler, seeds, verify, accept):
            raise Exit(f"{faults} rejected, damaged or differing, named above; all others are converted", 1)


@command(full="build every page anew, changed or not")
def build(
    _: Context,
    archive: str = PROJECT,
    jobs: str = "",
    scheduler: str = "",
    output: str = "",
    date: str = "",
    full: bool = False,
    no_search: bool = False,
    safe: bool = False,
) -> None:
    """Turn content into the site in output/; the site of before stays until the new one is whole."""
    with _at_work(archive, "build", safe=safe) as place:
        if _build(place, jobs, scheduler, output, date, full, search=not no_search):
            raise Exit(_NOT_ON_SITE, 1)


@command(port="port on 127.0.0.1 (default: 8000)")
def serve(_: Context, archive: str = PROJECT, jobs: str = "", port: str = "8000") -> None:
    """Build, show the site on 127.0.0.1, and again after every change."""
    from plugins.engine import serve

    with _faults_named():
        serve.serve(open_archive(archive), number_from("--port", port, "8000"), jobs_from(jobs), console.print)


@command()
def check(_: Context, archive: str = PROJECT, jobs: str = "", safe: bool = False) -> None:
    """Verify the built site: texts, checksums, links, HTML, feeds, ledger, bundles."""
    from plugins.checks.check import check

    with _at_work(archive, "check", safe=safe) as place, progress_shown() as progress:
        if faults := check(place, jobs_from(jobs), console.print, progress):
            raise Exit(f"{faults} fault{'' if faults == 1 else 's'}, named above", 1)


@command(
    address=f"of the document, such as 2023/03/08/slug.html; {NAMED_TOO}",
    why="the reason, for the readers of its page",
    on="the day that the page gives (default: today)",
    title_too="withhold the title as well; the words in the address stay, so rename it first",
    undo="take the withdrawal back: the next convert writes the document again",
)
def withdraw(
    _: Context,
    address: str,
    why: str = "",
    on: str = "",
    title_too: bool = False,
    undo: bool = False,
    archive: str = PROJECT,
) -> None:
    """Take a document's text off the site; its page says why, and its seed stays as it is."""
    from converters.ledger.curation import withdraw

    with _at_work(archive, "withdraw") as place:
        if undo:
            if why or on or title_too:
                raise ArchiveError("withdraw --undo: takes neither --why, --on nor --title-too")
            _take_back(place, address)
            return
        withdrawn = withdraw(place, address, why, date_from("--on", on), title_too)
        console.print(
            f"withdrawn: {withdrawn}; the next build takes its text off the site, not out of copies made before"
        )


@command(
    old=f"address of the document, such as 2023/03/08/slug.html; {NAMED_TOO}",
    new="address that it is to have",
)
def rename(_: Context, old: str, new: str, archive: str = PROJECT) -> None:
    """Move a document to another address; a page at the old one leads there."""
    from converters.ledger.curation import rename

    with _at_work(archive, "rename") as place:
        renamed = rename(place, old, new)
        console.print(f"renamed: {renamed}; the next build shows it there")


@command(from_="take names over into content/tags.toml from a vocabulary of others: .ttl, .rdf or .jsonld, or .csv")
def tags(_: Context, archive: str = PROJECT, jobs: str = "", from_: str = "") -> None:
    """List tags that may be one, stand on one document or on too many, or that documents lack."""
    from converters.tags.report import report

    with _at_work(archive, "tags") as place:
        if from_:
            from converters.tags.taking_over import take_over, told_of
            from plugins.engine.settings import settings_of

            language = str(settings_of(place, place.output)["DEFAULT_LANG"])
            for line in told_of(take_over(place, Path(from_).expanduser(), language)):
                console.print(line)
            return
        for line in report(place, jobs_from(jobs)):
            console.print(line)


@command(
    file="content file or address of a document; may be given again, and stand without --file (default: all)",
    since="those documents alone that are of this day or later, such as 2023-03-08",
    tag="this tag alone: which documents gain it, and which lose it",
    from_="take the tags from this table instead, which `export --tags` wrote and a spreadsheet has changed",
    yes="write it; without that nothing is changed",
)
def retag(
    _: Context,
    file: list[str],
    since: str = "",
    tag: str = "",
    from_: str = "",
    yes: bool = False,
    archive: str = PROJECT,
    jobs: str = "",
) -> None:
    """Choose the tags of published documents again; shows the difference, and --yes writes it."""
    from converters.tags.retag import selection_of, told, write

    with _at_work(archive, "retag") as place, progress_shown() as progress:
        if sum(map(bool, (file, since, tag, from_))) > 1:
            raise ArchiveError("retag: takes one of --since, --tag, --from and files")
        if from_:
            from converters.tags.table import read_table

            difference = read_table(place, Path(from_).expanduser())
        else:
            from converters.tags.retag import retag

            day = date_from("--since", since).isoformat() if since else ""
            difference = retag(place, selection_of(place, day, tag, file), jobs_from(jobs), progress)
        for line in told(place, difference):
            console.print(line)
        if difference.changes and yes:
            write(place, difference, progress)
            console.print(f"written; to show it: {place.command('site')}")
        elif difference.changes:
            console.print("nothing is written yet; to write it, give the same command with --yes")


@command(
    parquet="write Apache Parquet as well, for data frames; needs pyarrow",
    tags="write the tags of all documents into this file instead, to be changed in a spreadsheet: tags.csv",
    skos="write the subjects as SKOS, in Turtle and JSON-LD, instead",
)
def export(
    _: Context, archive: str = PROJECT, parquet: bool = False, tags: str = "", skos: bool = False, safe: bool = False
) -> None:
    """Write all documents into dist/ as tables: JSON Lines, CSV for spreadsheets, and SQLite with full text."""
    from plugins.outputs.tables import export

    with _at_work(archive, "export", safe=safe) as place:
        if tags:
            from converters.tags.table import write_table

            number = write_table(place, Path(tags).expanduser())
            back = place.command(f"retag --from {shlex.quote(tags)}")
            console.print(f"{tags}: {number:,} document{'' if number == 1 else 's'}; to take the changes over: {back}")
            return
        if skos:
            from plugins.outputs.skos import export_skos

            for path, number in export_skos(place, jobs_from("")).items():
                console.print(f"{path}: {number:,} subject{'' if number == 1 else 's'}")
            return
        with progress_shown() as progress:
            tables = export(place, parquet, progress)
        for path, number in tables.items():
            console.print(f"{path}: {number:,} document{'' if number == 1 else 's'}, {path.stat().st_size:,} bytes")


@command(
    no_seeds="leave the seeds out",
    zim="write a .zim instead, for Kiwix: pages, raw records and an index for searching",
)
def bundle(_: Context, archive: str = PROJECT, no_seeds: bool = False, zim: bool = False, safe: bool = False) -> None:
    """Pack the built site and its seeds into one file in dist/, which opens without a network."""
    from plugins.outputs.bag import write_bag
    from plugins.outputs.zim import write_zim

    with _at_work(archive, "bundle", safe=safe) as place, progress_shown() as progress:
        written = write_zim(place, progress) if zim else write_bag(place, not no_seeds, console.print, progress)
    console.print(f"Packed {written}, {written.stat().st_size / 1e6:,.1f} MB")


@command(
    name="what it is called, such as 'Autumn 2026'",
    date="the day that it is of (default: today)",
    no_seeds="leave the seeds out of its bag",
)
def edition(_: Context, name: str, date: str = "", archive: str = PROJECT, no_seeds: bool = False) -> None:
    """Freeze what the archive holds: its list, what came and went, a bag, a tag of git."""
    from plugins.outputs.freeze import freeze

    with _at_work(archive, "edition") as place:
        day = date_from("--date", date)

        def build() -> None:
            if _build(place, "", "", "", day.isoformat(), full=False, search=True):
                raise ArchiveError("not all is on the site, as named above; an edition holds nothing that is missing")

        with progress_shown() as progress:
            bag = freeze(place, name, day, not no_seeds, build, console.print, progress)
    console.print(f"Edition {name}: packed {bag}, {bag.stat().st_size / 1e6:,.1f} MB")


@command(
    bundle="a bundle that was packed by `bundle`, such as dist/archive.zip",
    folder="where the archive is to lie; it must be empty, or not there yet",
)
def restore(_: Context, bundle: str, folder: str) -> None:
    """Make an archive again from its own bundle: seeds, content, ledger, settings and site."""
    from plugins.outputs.restore import restore

    with _faults_named(), progress_shown() as progress:
        archive = restore(bundle, folder, progress)
    console.print(f"Restored in {archive.root}; to verify it: {archive.command('check')}")


@command(
    remote="git remote to push to (default: origin)",
    branch="branch to push to (default: gh-pages)",
)
def deploy(
    _: Context, archive: str = PROJECT, remote: str = "origin", branch: str = "gh-pages", jobs: str = ""
) -> None:
    """Push the built site to the branch that GitHub Pages shows, if it differs from what stands there."""
    from plugins.outputs.deploy import deploy

    with _at_work(archive, "deploy") as place, progress_shown() as progress:
        console.print(deploy(place, remote, branch, jobs_from(jobs), console.print, progress))


@command(
    docs="documents; may be given again (default: 1000)",
    runs="runs of each contestant (default: 3)",
    hugo="Hugo's program (default: hugo)",
)
def bench(_: Context, docs: list[str], runs: str = "3", hugo: str = "hugo") -> None:
    """Measure building and converting beside Hugo and Pelican alone."""
    from bench.speed import main

    with _faults_named():
        sizes = [number_from("--docs", size, "10000") for size in docs or ["1000"]]
        if main(sizes, number_from("--runs", runs, "3"), hugo):
            raise Exit("", 1)


@command(most="calls of each kind that are made to fail (default: 3)", only="one of these commands alone")
def faults(_: Context, most: str = "3", only: str = "") -> None:
    """Let the system fail under each command; see what is survived."""
    from bench.faults.faults import main

    with _faults_named():
        if main(number_from("--most", most, "3"), [only] if only else []):
            raise Exit("", 1)


@command()
def clean(_: Context, archive: str = PROJECT) -> None:
    """Remove what can be made again: output/, dist/ and .cache/."""
    from plugins.engine.settings import settings_of
    from plugins.outputs.edition import name_of

    with _at_work(archive, "clean") as place:
        name = name_of(place, settings_of(place, place.output))
        for file in sorted(place.bundles.iterdir()) if place.bundles.is_dir() else ():
            if not file.name.startswith(f"{name}."):  # a bundle of before, or somebody's own: nothing makes it again
                console.print(f"kept {file}: is not made by the commands as things stand")
            else:
                file.unlink()
                console.print(f"removed {file}")
        for folder in (place.output, place.cache):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)
                console.print(f"removed {folder}")


def _asked(question: str) -> str:
    """Return what the person at the keyboard answers; nothing where there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _convert(
    archive: Archive, jobs: str, scheduler: str, seeds: str, verify: bool = False, accept: bool = False
) -> int:
    from converters.intake.seeds import find_seeds
    from converters.pipeline import convert

    processes, cluster, differing = jobs_from(jobs), _scheduler(scheduler), 0
    with progress_shown() as progress:
        if seeds:
            from converters.archive.remote import fetch_seeds

            differing = fetch_seeds(archive, seeds, console.print, progress)
        if not archive.seeds.is_dir() or next(find_seeds(archive.seeds), None) is None:
            raise ArchiveError(
                f"{archive.seeds}: holds no seeds; put captures into it, then run {archive.command('site')}"
            )
        limits = partial(_picture_limits, archive)
        counts = convert(archive, processes, verify, console.print, progress, cluster, accept, limits)
    console.print(", ".join(f"{counts[outcome]} {outcome}" for outcome in counts))
    return counts["rejected"] + counts["damaged"] + differing


def _explain(archive: Archive, file: str) -> None:
    from converters.explain import explain

    for line in explain(archive, file):
        console.print(line)


def _picture_limits(archive: Archive) -> "PictureLimits":
    """Return how much of pictures an archive takes: its settings take long to load, and are asked for them alone."""
    from converters.ledger.media import PictureLimits
    from plugins.engine.settings import settings_of

    settings = settings_of(archive, archive.output)
    return PictureLimits(*(round(float(settings[name]) * 1e6) for name in ("PICTURE_LIMIT", "PICTURES_LIMIT")))


def _build(archive: Archive, jobs: str, scheduler: str, output: str, day: str, full: bool, search: bool) -> int:
    """Build the site, and return how many things are missing on it, each of which is named."""
    from plugins.engine.build import build

    index: Literal["new", "none"] = "new" if search else "none"
    day = date_from("--date", day).isoformat() if day else ""
    with progress_shown() as progress:
        built = build(archive, jobs_from(jobs), full, index, console.print, progress, _scheduler(scheduler), day)
    for fault in built.faults:
        console.print(fault)
    console.print(f"{'Built' if built.changed else 'Nothing changed'}: open {archive.output / 'index.html'}")
    if output:
        from converters.archive.remote import put_site

        with progress_shown() as progress:
            changed = put_site(archive, output, progress)
        console.print(f"{output}: {changed} files changed")
    return len(built.faults)


def _take_back(archive: Archive, address: str) -> None:
    from converters.ledger.curation import take_back
    from converters.pipeline import seeds_with

    taken_back = take_back(archive, address, lambda identity: bool(seeds_with(archive, [identity])))
    console.print(f"taken back: {taken_back}; its text is written again by: {archive.command('convert')}")


def _scheduler(text: str) -> str:
    if not text:
        return ""
    from converters.archive.cluster import scheduler_from

    return scheduler_from(text)


@contextmanager
def _at_work(folder: str, name: str, may_be_empty: bool = False, safe: bool = False) -> Iterator[Archive]:
    """Hold the archive for a command."""
    with _faults_named():
        archive = open_archive(folder, may_be_empty, is_trusted=not safe)
        with at_work(archive, name):
            yield archive


@contextmanager
def _faults_named() -> Iterator[None]:
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
