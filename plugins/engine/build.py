"""Builds an archive's site with Pelican, beside the one that stands, and puts it in its place when it is whole.

    content/ theme/ settings ─ Pelican ─► .cache/site ─ exchange ─► output/

What has not changed since the last build is not built again; `plugins/engine/changes.py` says how that is known, and
`plugins/engine/publish.py` how the changed files get among the others.
"""

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from converters.archive.inside import check_inside
from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.archive.stamps import code_fingerprint, digest_of, files_below, stamp_of, stamps_of
from converters.intake.hosts import canonical_host
from converters.ledger.ledger import append, missing_documents, tell_missing
from converters.ledger.sources import mistaken, read_sources
from converters.subjects.vocabulary import read_vocabulary
from plugins.engine.built_from import BuiltFrom, forget_built_from, read_built_from, span, write_built_from
from plugins.engine.documents import address_of
from plugins.engine.manifest import changing_site
from plugins.engine.publish import check_output, merge_into_live, prepare_staging, recover, remove, replace_live
from plugins.engine.run import BuildRun, Inputs, Search, run_pelican
from plugins.engine.search import FOLDER
from plugins.engine.settings import misspelt, settings_files, settings_of, theme_folders
from plugins.engine.state import State, fingerprints_of, save_state


class Built(NamedTuple):
    """What came of a build."""

    changed: bool
    """Whether the site differs from the one before."""
    faults: list[str]
    """What is missing on the site, which stands nevertheless; the next build looks for it again."""


def build(
    archive: Archive,
    jobs: int,
    full: bool,
    search: Search,
    say: Say,
    progress: Progress,
    scheduler: str = "",
    day: str = "",
) -> Built:
    """Build the site, unless nothing has changed since the last build.

    The work is shared out to `jobs` processes, or to the cluster of the Dask scheduler at an address. What is held back
    until later than `day`, an ISO date and today without one, is not on the site. Tells `say` of
    warnings, and `progress` how far it is. Raises ArchiveError with what is wrong; the site that stood before still
    stands then.
    """
    if scheduler and not archive.is_trusted:
        raise ArchiveError("--safe: the workers of a cluster would run the archive's settings; leave --scheduler out")
    recover(archive)
    check_output(archive)
    settings = _settings(archive, search, day, say)
    run = BuildRun(archive, settings, _inputs(archive, settings), jobs, scheduler, search, progress, True)
    if not full and _stands(run):
        return Built(False, [])
    _check_curated_files(archive)
    staging_is_made = _begin(run, full)
    run_pelican(run, say)
    _tell_of_mistaken_hosts(run, say)
    changed = _publish(run, staging_is_made, say)
    return Built(changed, _finish(run))


def _settings(archive: Archive, search: Search, day: str, say: Say) -> dict[str, Any]:
    settings = settings_of(archive, archive.cache / "site", day)
    for line in misspelt(archive):
        say(f"warning: {line}")
    settings["SEARCH"] = settings["SEARCH"] and search != "none"
    return settings


def _stands(run: BuildRun) -> bool:
    """Return whether the live site is the one that a build would make."""
    return _is_live(run.archive) and read_built_from(run.archive).stands(_digest(run.inputs), run.settings["BUILD_DAY"])


def _is_live(archive: Archive) -> bool:
    return (archive.output / "index.html").exists()


def _check_curated_files(archive: Archive) -> None:
    """Raise ArchiveError with the line of a fault in the files of a curator, before Pelican meets it."""
    read_vocabulary(archive.vocabulary)
    read_sources(archive.sources)


def _begin(run: BuildRun, full: bool) -> Callable[[], None]:
    """Make room for the new site; return what waits until the former one may be changed into it."""
    archive = run.archive
    if full or not _is_live(archive):
        run.state_path.unlink(missing_ok=True)
    remove(archive.cache / "site")
    # Where more is another, a whole new site may take the place of the live one, and need no staging.
    is_like_before = fingerprints_of(run.state_path) == (run.inputs.build, run.inputs.templates)
    return prepare_staging(archive, run.jobs) if is_like_before else lambda: None


def _tell_of_mistaken_hosts(run: BuildRun, say: Say) -> None:
    if run.state:
        hosts = {canonical_host(unescape(record.source)) for record in run.state.records.values()}
        for line in mistaken(run.archive.sources, hosts):
            say(f"warning: {line}")


def _publish(run: BuildRun, staging_is_made: Callable[[], None], say: Say) -> bool:
    """Let the new site take the place of the live one; return whether they differ."""
    archive, site = run.archive, run.archive.cache / "site"
    # While the site changes, nothing speaks of what it was built from: a build that is killed now is done anew.
    forget_built_from(archive)
    run.state_path.unlink(missing_ok=True)
    if run.state:
        written = {name for name in files_below(site) if not name.startswith(f"{FOLDER}/")}
        run.state.other_files = written - run.state.addresses()
    with changing_site(archive, run.jobs) as enter:
        changed: set[str] | None = None
        if run.stale is None:
            replace_live(archive, site, say)
        else:
            staging_is_made()
            changed = merge_into_live(archive, site, run.stale, say)
        enter(changed)
    if run.state:
        save_state(run.state_path, run.state)
    return changed is None or bool(changed)


def _finish(run: BuildRun) -> list[str]:
    """Enter what was published into the ledger, and note what the site was built from; return what is missing on it."""
    archive = run.archive
    faults = [f"{fault}; pages offer no download of it" for _, fault in sorted(run.unread.items())]
    shown = {*map(address_of, run.state.records)} if run.state else {*files_below(archive.output)}
    missing = missing_documents(archive.ledger, shown)
    faults += tell_missing(missing, "on the site")
    if run.search != "kept":
        if not missing:  # else lists may be short of what is back the next time
            append(archive, run.ledger_lines)
        if not faults:  # what is missing is looked for again
            content = {**run.inputs.content, str(archive.ledger): stamp_of(archive.ledger)}
            digest = _digest(replace(run.inputs, content=content))
            write_built_from(archive, _built_from(digest, run.settings["BUILD_DAY"], run.state))
    # Last, since it may take seconds, and to be stopped there costs nothing.
    remove(archive.cache / "site")
    if run.stale is None:
        remove(archive.cache / "staging")
    return faults


def _digest(inputs: Inputs) -> str:
    return digest_of(inputs.content, inputs.build, inputs.templates)


def _built_from(digest: str, day: str, state: State | None) -> BuiltFrom:
    """Return what is to be known of a finished build; Pelican's own generator does not tell what it held back."""
    embargoes = (record.embargo for record in state.records.values()) if state else (day, f"{day}+")
    return BuiltFrom(digest, day, *span(day, filter(None, embargoes)))


def _inputs(archive: Archive, settings: dict[str, Any]) -> Inputs:
    """Return what the site is built from; raises ArchiveError for what is no file among the content."""
    values = repr(
        sorted(
            (name, value)
            for name, value in settings.items()
            if isinstance(value, str | int | float) and name != "BUILD_DAY"  # changes what has an embargo alone
        )
    )
    templates = [Path(settings["THEME"], "templates"), *map(Path, settings["THEME_TEMPLATES_OVERRIDES"])]
    looks = [archive.root / str(file) for name in ("SITELOGO", "STYLESHEET") if (file := settings.get(name))]
    unread: list[str] = []
    links: list[str] = []
    content = stamps_of([archive.content], links=links) | stamps_of([*theme_folders(settings), *looks])
    for link in sorted(links):
        check_inside(link, archive.content)
    content |= stamps_of([archive.seeds], unread) | dict.fromkeys(unread, "")
    for path, stamp in content.items():
        if not stamp and path.startswith(f"{archive.content}/"):
            check_inside(path, archive.content)
    return Inputs(
        digest_of(stamps_of([*settings_files(archive), archive.sources]), values, code_fingerprint()),
        digest_of(stamps_of(templates)),
        content,
    )
