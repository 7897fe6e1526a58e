"""Builds in several processes, and only what has changed: the same bytes as Pelican alone, in a fraction of its time.

Takes the place of Pelican's articles generator and shares its work out; `FAST = False` in the settings gives it back.

    content files ─ which have changed? ─► read and render these, in forks ─► a record of each: what lists show of it
    all records ─► catalogue ─ plan ─► page jobs of lists ─ which are dirty? ─► render these, in forks

A page is rendered from Pelican's own readers and templates, in whatever process; nothing but a record of a few hundred
bytes comes back, so no process ever holds all texts. The records are the *state* that one build leaves to the next
(plugins/engine/state.py); plugins/engine/changes.py tells from it which pages are dirty.

A theme that shows more than its own lists and neighbours on a page (all `articles` on every document, say) needs
`FAST = False`. Where the system cannot fork, one process does it all. The workers of a Dask cluster can take the place
of forks (plugins/engine/worker.py).
"""

import gc
import logging
import posixpath
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.writers import Writer

from converters.archive.processes import processes
from converters.archive.stamps import stamp_of
from converters.intake.seeds import file_of
from plugins.engine.changes import Changes, names_of_tags
from plugins.engine.documents import Documents
from plugins.engine.messages import LoggedLine, capture_logs
from plugins.engine.render import RenderContext, glance_at_documents, render_documents, render_lists
from plugins.engine.run import BuildRun, run_of
from plugins.engine.state import State, load_state
from plugins.engine.templates import template_digests
from plugins.site.browse import Plan, write_atom_feed
from plugins.site.catalogue import Catalogue
from plugins.site.originals import Originals
from plugins.site.overviews import weights_of
from plugins.site.reader import build_day, remember_tags
from plugins.site.reading_lists import INDEX as LISTS
from plugins.site.reading_lists import has_lists

K = TypeVar("K")
R = TypeVar("R")
Work = Callable[[RenderContext, Sequence[K]], R]
"""What is done with a batch, in whatever process: `render_documents` or `render_lists`."""
_Logged = Callable[[Sequence[K]], tuple[R, list[LoggedLine]]]

_BATCH = 64  # documents or lists handed to a process at once
_log = logging.getLogger(__name__)


class EngineGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """A generator that belongs to a run."""

    run: BuildRun

    @classmethod
    def bound_to(cls, run: BuildRun) -> type["EngineGenerator"]:
        """Return this class for one run: Pelican makes generators itself, and gives them nothing of ours."""
        return type(cls.__name__, (cls,), {"run": run})


class BuildGenerator(EngineGenerator):
    """Reads and writes documents in Pelican's place, and the lists of them."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self._write_lists: Callable[[Writer], None] = lambda _: None
        """What is left to do once all generators have read what they write."""

    def generate_context(self) -> None:
        """Bring the documents up to date, and give the others what they show of them."""
        gc.set_threshold(200_000, 50, 1000)  # what is made here in great numbers stays
        originals = Originals(Path(self.path).parent, self.run.unpacked)
        changes = self._changes_of_templates(originals)
        documents = self._documents(changes.before, originals)
        context = RenderContext(self, documents)
        catalogue = self._bring_up_to_date(context, changes)
        plan = context.plan_lists(catalogue, changes.selection())
        self._write_lists = partial(self._finish, context, plan, changes)

    def generate_output(self, writer: Writer) -> None:
        """Write the lists that a change touches, and leave the state for the next build."""
        self._write_lists(writer)

    def _changes_of_templates(self, originals: Originals) -> Changes:
        """Return what is other than in the last build, before any document is read."""
        run, settings = self.run, self.settings
        before = load_state(run.state_path) if run.is_incremental else State()
        now = State(
            run.inputs.build,
            [*((str(page.title), str(page.url)) for page in self.context["pages"]), ("", LISTS * has_lists(settings))],
            run.inputs.templates,
            before.template_digests,
            stamp_of(f"{self.path}/tags.toml"),
            seeds=originals.stamps,
            search=before.search,
        )
        if before.templates != now.templates:
            now.template_digests = template_digests(self.env)
        changes = Changes(before, now, settings)
        if changes.before.vocabulary == now.vocabulary:
            remember_tags(changes.before.tags)
        return changes

    def _documents(self, before: State, originals: Originals) -> Documents:
        found = self.get_files(self.run.article_paths, exclude=self.settings["ARTICLE_EXCLUDES"])
        files = sorted(map(posixpath.normpath, found))
        known = self.run.inputs.content
        stamps = [known.get(path) or stamp_of(path) for path in (f"{self.path}/{file}" for file in files)]
        day = build_day(self.settings)
        records = [
            record if (record := before.records.get(file)) and record.is_of(stamp, day) else None
            for file, stamp in zip(files, stamps, strict=True)
        ]
        unread = {number for number, record in enumerate(records) if record is None}
        return Documents(files, stamps, records, originals, unread)

    def _bring_up_to_date(self, context: RenderContext, changes: Changes) -> Catalogue:
        """Render the documents that have changed, and those that show something else that has."""
        documents, now = context.documents, changes.now
        documents.with_other_raw = _with_other_raw(context, changes.before.seeds)
        self._glance(context)
        now.records, now.tags = documents.by_file(), context.tags
        catalogue = context.catalogue()
        parts = chain(catalogue.tag_parts, catalogue.source_parts, catalogue.author_parts)
        now.labels = {part.url: part.label for part in parts}
        now.periods = list(catalogue.periods)
        now.weights = weights_of(catalogue.tag_parts, len(catalogue))
        context.tag_pages = catalogue.tag_pages
        dirty = set(documents.unread)
        if not changes.is_first:
            dirty |= changes.documents(documents, context.surroundings)
            dirty |= self._with_tags(documents, changes.tag_pages ^ catalogue.tag_pages)
        self._render(context, dirty)
        context.__dict__.pop("surroundings", None)  # which lists need no more, and which may be large
        now.records = documents.by_file()
        return catalogue.of(now.records.values())

    def _glance(self, context: RenderContext) -> None:
        """See what documents that are to be read show on the pages of others."""
        documents = context.documents
        numbers = sorted(documents.unread)
        seen = share_out(self.run, "Reading documents", context, glance_at_documents, numbers)
        for number, record in zip(numbers, chain.from_iterable(seen), strict=True):
            documents.records[number] = record and record.lean()

    def _with_tags(self, documents: Documents, urls: Collection[str]) -> set[int]:
        """Return the numbers of the documents with tags at some addresses."""
        names = names_of_tags(filter(None, documents.records), urls, self.settings)
        return {
            number
            for number, record in enumerate(documents.records)
            if names and record and not names.isdisjoint(record.tag_names)
        }

    def _render(self, context: RenderContext, numbers: set[int]) -> None:
        documents = context.documents
        if numbers:
            documents.originals.unpack()
        for rendered in share_out(self.run, "Writing documents", context, render_documents, sorted(numbers)):
            documents.originals.faults |= rendered.faults
            for number, record in rendered.records:
                documents.records[number] = record and record.lean()

    def _finish(self, context: RenderContext, plan: Plan, changes: Changes, writer: Writer) -> None:
        run, now = self.run, changes.now
        for rendered in share_out(run, "Writing lists", context, render_lists, plan.lists):
            now.lists |= rendered
        write_atom_feed(plan, self.context, writer)
        run.stale = None if changes.is_first else changes.stale(plan.selection, context.documents)
        run.unread = context.documents.originals.faults
        now.seeds = {name: stamp for name, stamp in now.seeds.items() if name not in run.unread}
        run.state = now
        self.context["standing"] = now.addresses()
        self.context["list_pages"] = now.lists


def share_out(run: BuildRun, stage: str, context: RenderContext, work: Work[K, R], keys: Sequence[K]) -> Iterator[R]:
    """Do the work on all keys, in batches and in several processes; yield the results in order."""
    # The first alone, so that templates are compiled before the forks and not in each.
    batches = [keys[:1], *(keys[at : at + _BATCH] for at in range(1, len(keys), _BATCH))] if keys else []
    here = partial(logged, work, context)
    done = 0
    gc.freeze()  # what all processes have in common is not garbage, and looking at it would copy it for each
    scheduler = run.scheduler if len(batches) > 2 else ""
    elsewhere = _on_workers(run, context, work) if scheduler else nullcontext(here)
    with elsewhere as there, processes(min(run.jobs, len(batches) - 1), scheduler) as ordered_map:
        results = chain(map(here, batches[:1]), ordered_map(there, batches[1:]))
        for batch, (result, lines) in zip(batches, results, strict=True):
            for level, line in lines:
                _log.log(level, "%s", line)
            done += len(batch)
            run.progress(stage, done, len(keys))
            yield result


def logged(work: Work[K, R], context: RenderContext, batch: Sequence[K]) -> tuple[R, list[LoggedLine]]:
    """Do the work on a batch; return its result, and what it logged."""
    return capture_logs(partial(work, context, batch))


def register() -> None:
    """Take the place of Pelican's articles generator, unless FAST is off."""
    signals.initialized.connect(_take_paths)
    signals.get_generators.connect(_give_generator)


def _on_workers(run: BuildRun, context: RenderContext, work: Work[K, R]) -> AbstractContextManager[_Logged[K, R]]:
    """Return what does the work on a batch in a process that is no fork of this one."""
    from plugins.engine.worker import snapshot

    return snapshot(run, context, work)


def _with_other_raw(context: RenderContext, seeds_before: dict[str, str]) -> set[int]:
    """Look again for the raw records of documents whose seed has changed; return who gained or lost one.

    While a seed cannot be read, its documents keep the raw records that they have.
    """
    documents, originals = context.documents, context.documents.originals
    of_seed: dict[str, list[int]] = {}
    for number, record in enumerate(documents.records):
        if record and record.seed:
            before, now = seeds_before.get(file_of(record.seed)), originals.stamp_of(record.seed)
            if now != before or (now is None and originals.unread(record.seed)):
                of_seed.setdefault(record.seed, []).append(number)
    if of_seed:
        originals.unpack()
    differing = set()
    for seed, numbers in of_seed.items():
        metadata = [context.metadata(number) for number in numbers]
        ranges = [(str(found["seed_bytes"]), str(found["seed_sha256"])) for found in metadata]
        are_there = originals.at_hand(seed, ranges)
        if seed in originals.faults:
            continue
        for number, at_hand, found in zip(numbers, are_there, metadata, strict=True):
            record, raw = documents.records[number], at_hand and not found["raw_withheld"]
            if record and record.raw != raw:
                documents.records[number] = record._replace(raw=raw)
                differing.add(number)
    return differing


def _take_paths(program: Pelican) -> None:
    if program.settings["FAST"]:
        run_of(program).article_paths, program.settings["ARTICLE_PATHS"] = program.settings["ARTICLE_PATHS"], []


def _give_generator(program: Pelican) -> type[EngineGenerator] | None:
    run = run_of(program)
    generator: type[EngineGenerator] = run.generator or BuildGenerator
    return generator.bound_to(run) if program.settings["FAST"] else None
