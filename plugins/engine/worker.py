"""Does the work of `plugins/engine/fast.py` in processes that are no forks of the one that builds: a cluster's workers.

    the building process   ─ told ─►   .cache/told     all that a fork would have inherited, once for each stage
    a worker               ◄─────────  reads it, and has Pelican make the same generator from the archive's settings
    batch of places        ─ work ─►   the same pages, the same results

A fork knows everything by inheritance. A worker is told what the building process alone can know: the files and their
stamps, the records of documents and, for lists, which of them a change touches. Themes, settings and hand-written pages
it reads itself from the archive, and the generator it makes stops where the other one stood when it shared its work
out. It keeps that generator for the following batches, and only one, since Pelican's plugins keep things in their
modules that belong to one archive.

A worker may be killed and its batch given to another. That one finds files written before, which are the same as its
own, or half of one; `originals.write_new` knows both.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from typing import NoReturn

import pelican
from blinker import ANY, Signal
from pelican import Pelican, signals
from pelican.log import LimitFilter

from converters.archive.layout import Archive, ArchiveError
from plugins.engine.build import Enough, settings_of
from plugins.engine.fast import FastGenerator, listened

_TOLD = ("_files", "_stamps", "_records", "_originals", "_now", "_touched", "_anew", "_with_other_raw")
_Messages = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Telling:
    """Where a worker finds what it is told, and the SHA-256 of it."""

    path: Path
    sha256: str


@contextmanager
def told(generator: FastGenerator, work: str) -> Iterator[Callable[[Sequence[int]], tuple[object, _Messages]]]:
    """Tell workers; give a function to send to them, which does a generator's `work` (a method's name) on a batch."""
    root = Path(generator.path).parent
    path, partial_path = (root / ".cache" / name for name in ("told", "partial-told"))
    simple = {
        name: value
        for name, value in generator.settings.items()
        if isinstance(value, str | int | float | Path | None) and name not in ("SCHEDULER", "STATE_PATH")
    }
    known = {name: value for name, value in vars(generator).items() if name in _TOLD}
    content = pickle.dumps((simple, known))
    partial_path.write_bytes(content)
    partial_path.replace(path)
    try:
        yield partial(_do, root, _Telling(path, sha256(content).hexdigest()), work)
    finally:
        path.unlink()


def _do(root: Path, telling: _Telling, work: str, batch: Sequence[int]) -> tuple[object, _Messages]:
    generator = _generator(root, telling, work)  # of what is wrong with settings, the building process tells
    return listened(lambda: getattr(generator, work)(batch))


class _Worker(FastGenerator):
    """A generator that knows what the one in the building process knew when it shared its work out."""

    def generate_context(self) -> None:
        self.__dict__ |= self.settings["TOLD"]
        self._get_ready()
        if self.settings["WORK"] == FastGenerator._render_at.__name__:
            self._read_here = {}
            raise Enough(self)
        self._make_catalogue()


_kept: tuple[_Telling, _Worker] | None = None
"""The generator of the last batch, and what it was told."""


def _generator(root: Path, telling: _Telling, work: str) -> _Worker:
    global _kept
    if _kept is None or _kept[0] != telling:
        _kept = None  # before another takes its place in memory
        _kept = telling, _make(Archive(root), telling, work)
    return _kept[1]


def _make(archive: Archive, telling: _Telling, work: str) -> _Worker:
    try:
        content = telling.path.read_bytes()
    except FileNotFoundError:
        content = b""
    if sha256(content).hexdigest() != telling.sha256:
        raise ArchiveError(
            f"{telling.path}: the worker on {gethostname()} does not find there what this machine has written; "
            "the archive has to be in a folder that all of them share"
        )
    simple, known = pickle.loads(content)  # noqa: S301  # our own file
    _forget_former_build()
    settings = settings_of(archive, Path(simple["OUTPUT_PATH"]))
    settings |= simple
    settings |= {"TOLD": known, "WORK": work, "GENERATOR": _Worker}
    building = Pelican(settings)
    signals.all_generators_finalized.connect(_stop)
    try:
        building.run()
    except Enough as stopped:
        generator: _Worker = stopped.generator
    finally:
        signals.all_generators_finalized.disconnect(_stop)
    if work != FastGenerator._render_at.__name__:
        generator._look_for_pieces()
    return generator


def _stop(generators: Sequence[object]) -> NoReturn:
    raise Enough(next(generator for generator in generators if isinstance(generator, _Worker)))


def _forget_former_build() -> None:
    """Part with the plugins of another archive, and let warnings that it gave be given again."""
    pelican.console.quiet = True
    LimitFilter._raised_messages.clear()
    for signal in vars(signals).values():
        if isinstance(signal, Signal):
            for receiver in list(signal.receivers_for(ANY)):
                signal.disconnect(receiver)
