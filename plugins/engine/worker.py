"""Does the work of `plugins/engine/generator.py` in processes that are no forks of the one that builds.

    the building process   ─ snapshot ─►  .cache/snapshot    all that a fork would have inherited, once for each stage
    a worker               ◄────────────  reads it, and has Pelican make a context from the archive's settings
    batch of keys          ─ work ─────►  the same pages, the same results

A fork knows everything by inheritance. A worker is told what the building process alone can know: the documents with
their stamps and records and, for lists, which pages are dirty. Themes, settings and hand-written pages it reads itself
from the archive. It keeps its context for the following batches, and only one, since Pelican's plugins keep things in
their modules that belong to one archive.

A worker may be killed and its batch given to another. That one finds files written before, which are the same as its
own, or half of one; `originals.write_new` knows both.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from typing import Any, TypeVar

import pelican
from blinker import ANY, Signal
from pelican import signals
from pelican.log import LimitFilter

from converters.archive.atomic import atomic_output
from converters.archive.layout import Archive, ArchiveError
from plugins.engine.documents import Documents
from plugins.engine.generator import EngineGenerator, Work, logged
from plugins.engine.messages import LoggedLine
from plugins.engine.render import RenderContext
from plugins.engine.run import BuildRun, PelicanRun, StopPelican
from plugins.engine.settings import settings_of
from plugins.site.browse import Selection

K = TypeVar("K")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the building process knows when it shares its work out."""

    settings: dict[str, Any]
    """Those of plain values: they may differ from what the archive's files say."""
    documents: Documents
    tag_pages: frozenset[str]
    selection: Selection | None
    """The pages of lists that are dirty; None while documents are rendered."""


@dataclass(frozen=True, slots=True)
class SnapshotRef:
    """Where a worker finds a snapshot, and the SHA-256 of it."""

    archive: Path
    path: Path
    sha256: str


@contextmanager
def snapshot(
    run: BuildRun, context: RenderContext, work: Work[K, R]
) -> Iterator[Callable[[Sequence[K]], tuple[R, list[LoggedLine]]]]:
    """Leave a snapshot for workers; yield a function to send to them, which does the work on a batch."""
    path = run.archive.cache / "snapshot"
    plain = {name: value for name, value in context.settings.items() if isinstance(value, str | int | float | None)}
    selection = context.plan.selection if context.plan else None
    content = pickle.dumps(Snapshot(plain, context.documents, context.tag_pages, selection))
    with atomic_output(path, durable=False) as partial_path:
        partial_path.write_bytes(content)
    try:
        yield partial(_work_there, SnapshotRef(run.archive.root, path, sha256(content).hexdigest()), work)
    finally:
        path.unlink()


def _work_there(reference: SnapshotRef, work: Work[K, R], batch: Sequence[K]) -> tuple[R, list[LoggedLine]]:
    # Of what is wrong with settings, the building process tells.
    return logged(work, _context(reference), batch)


class WorkerGenerator(EngineGenerator):
    """Makes the context that the building process had when it shared its work out, and stops Pelican."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        task = self.run.task
        assert isinstance(task, WorkerTask)  # noqa: S101  # as `_context` gives it
        self._task = task

    def generate_context(self) -> None:
        known = self._task.known
        context = RenderContext(self, known.documents)
        context.tag_pages = known.tag_pages
        self._task.context = context
        if known.selection is None:
            raise StopPelican
        context.plan_lists(context.catalogue(), known.selection)

    def refresh_metadata_intersite_links(self) -> None:
        """Stop Pelican where it has asked all generators what they read, and begins to write."""
        raise StopPelican


@dataclass
class WorkerTask:
    """What a worker's generator is to make a context of, and that context."""

    known: Snapshot
    context: RenderContext | None = None


@lru_cache(maxsize=1)
def _context(reference: SnapshotRef) -> RenderContext:
    try:
        content = reference.path.read_bytes()
    except FileNotFoundError:
        content = b""
    if sha256(content).hexdigest() != reference.sha256:
        raise ArchiveError(
            f"{reference.path}: the worker on {gethostname()} does not find there what this machine has written; "
            "the archive has to be in a folder that all of them share"
        )
    known: Snapshot = pickle.loads(content)  # noqa: S301  # our own file
    _forget_former_build()
    archive = Archive(reference.archive)
    settings = settings_of(archive, Path(known.settings["OUTPUT_PATH"])) | known.settings
    task = WorkerTask(known)
    run = BuildRun(archive, settings, is_incremental=True, generator=WorkerGenerator, task=task)
    with suppress(StopPelican):
        PelicanRun(run).run()
    assert task.context  # noqa: S101  # the generator has made it
    return task.context


def _forget_former_build() -> None:
    """Part with the plugins of another archive, and let warnings that it gave be given again."""
    pelican.console.quiet = True
    LimitFilter._raised_messages.clear()
    for signal in vars(signals).values():
        if isinstance(signal, Signal):
            for receiver in list(signal.receivers_for(ANY)):
                signal.disconnect(receiver)
