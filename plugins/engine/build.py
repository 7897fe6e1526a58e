"""Builds an archive's site with Pelican, beside the one that stands, and puts it in its place when it is whole.

    content/ theme/ settings ─ Pelican ─► .cache/site ─ exchange ─► output/

What has not changed since the last build is not built again; `plugins/engine/changes.py` says how that is known, and
`plugins/engine/publish.py` how the changed files get among the others.
"""

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
    site = archive.cache / "site"
    settings = settings_of(archive, site, day)
    for line in misspelt(archive):
        say(f"warning: {line}")
    settings["SEARCH"] = settings["SEARCH"] and search != "none"
    inputs = _inputs(archive, settings)
    digest = digest_of(inputs.content, inputs.build, inputs.templates)
    is_live = (archive.output / "index.html").exists()
    if not full and is_live and read_built_from(archive).stands(digest, settings["BUILD_DAY"]):
        return Built(False, [])
    # Faults of the curated files are told by their line, before Pelican meets them.
    read_vocabulary(archive.vocabulary)
    read_sources(archive.sources)
    run = BuildRun(archive, settings, inputs, jobs, scheduler, search, progress, is_incremental=True)
    if full or not is_live:
        run.state_path.unlink(missing_ok=True)
    remove(site)
    # Where more is another, a whole new site may take the place of the live one, and need no staging.
    is_like_before = fingerprints_of(run.state_path) == (inputs.build, inputs.templates)
    staging_is_made = prepare_staging(archive, jobs) if is_like_before else lambda: None
    run_pelican(run, say)
    if run.state:
        hosts = {canonical_host(unescape(record.source)) for record in run.state.records.values()}
        for line in mistaken(archive.sources, hosts):
            say(f"warning: {line}")
    # While the site changes, nothing speaks of what it was built from: a build that is killed now is done anew.
    forget_built_from(archive)
    run.state_path.unlink(missing_ok=True)
    if run.state:
        written = {name for name in files_below(site) if not name.startswith(f"{FOLDER}/")}
        run.state.other_files = written - run.state.addresses()
    with changing_site(archive, jobs) as enter:
        changed: set[str] | None = None
        if run.stale is None:
            replace_live(archive, site, say)
        else:
            staging_is_made()
            changed = merge_into_live(archive, site, run.stale, say)
        enter(changed)
    if run.state:
        save_state(run.state_path, run.state)
    faults = [f"{fault}; pages offer no download of it" for _, fault in sorted(run.unread.items())]
    shown = {*map(address_of, run.state.records)} if run.state else {*files_below(archive.output)}
    missing = missing_documents(archive.ledger, shown)
    faults += tell_missing(missing, "on the site")
    if search != "kept" and not missing:  # else lists may be short of what is back the next time
        append(archive, run.ledger_lines)
    if search != "kept" and not faults:  # what is missing is looked for again
        content = {**inputs.content, str(archive.ledger): stamp_of(archive.ledger)}
        digest = digest_of(content, inputs.build, inputs.templates)
        write_built_from(archive, _built_from(digest, settings["BUILD_DAY"], run.state))
    # Last, since it may take seconds, and to be stopped there costs nothing.
    remove(site)
    if run.stale is None:
        remove(archive.cache / "staging")
    return Built(changed is None or bool(changed), faults)


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
