"""One run of Pelican: what it is for, what it may use, and what it leaves. Pelican's settings hold settings alone.

    run = BuildRun(archive, settings, inputs, jobs=4, …)
    run_pelican(run, say)
    run.state, run.stale            what is known now; which addresses are no more

Pelican makes generators itself, so ours are bound to the run that they belong to. `pelican -s pelicanconf.py` alone has
a run of its own: everything is built, by one process.
"""

import logging
import os
import posixpath
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

import pelican
from jinja2 import TemplateSyntaxError
from pelican import Pelican
from pelican.generators import Generator

from converters.archive.inside import reraise
from converters.archive.junk import is_junk
from converters.archive.layout import Archive, ArchiveError, Progress, Say
from converters.ledger.ledger import Line
from plugins.engine.messages import Messages
from plugins.engine.state import State

Search = Literal["new", "kept", "none"]
"""Whether the search index is brought up to date, left as it is until the next build, or left out."""


class StopPelican(Exception):  # noqa: N818  # nothing is wrong
    """Stops Pelican when a generator has all that it was made for."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a site is built from, each as one digest."""

    build: str = ""
    """Settings and code: what every page depends on."""
    templates: str = ""
    """The stamps of all files of templates."""
    content: Mapping[str, str] = field(default_factory=dict)
    """The stamps of all files below content/ and seeds/ and of the theme, by path."""


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """Tell nobody how far a work is."""


@dataclass
class BuildRun:
    """What one run of Pelican is for, what it may use, and what it leaves."""

    archive: Archive
    settings: dict[str, Any]
    inputs: Inputs = field(default_factory=Inputs)
    jobs: int = 1
    scheduler: str = ""
    """Address of the scheduler of a Dask cluster, whose workers share the work in the place of forks."""
    search: Search = "new"
    progress: Progress = silent
    is_incremental: bool = False
    """Whether what the last build left may be used, and a state is left to the next one."""
    generator: type[Generator] | None = None
    """What reads and writes documents and lists; the whole build's where there is none."""
    task: object = None
    """What that generator is made for, beside the build."""
    article_paths: list[str] = field(default_factory=list)
    """Where content files lie, below content/."""
    state: State | None = None
    """What is known when the site is built."""
    ledger_lines: list[Line] = field(default_factory=list)
    """What the site adds to the ledger once it is published."""
    unread: dict[str, str] = field(default_factory=dict)
    """Each seed that could not be read when the raw record of a document was asked for -> what is wrong with it."""
    stale: set[str] | None = None
    """Addresses that stood before and are no more; None after a build of everything."""

    @property
    def state_path(self) -> Path:
        return self.archive.cache / "state"

    @property
    def unpacked(self) -> Path | None:
        """The folder for seeds that are unpacked once for all builds."""
        return self.archive.cache / "unpacked" if self.is_incremental else None


class PelicanRun(Pelican):  # type: ignore[misc]  # Pelican has no types
    """Pelican, and the run that it is started for."""

    def __init__(self, run: BuildRun) -> None:
        self.build_run = run
        self.ledger_lines: list[Line] = []
        """What the site adds to the ledger: the pages of lists that are new, and those that are no more."""
        super().__init__(run.settings)

    def _get_generator_classes(self) -> list[type[Generator]]:
        return [type(kind.__name__, (_Listing, kind), {}) for kind in super()._get_generator_classes()]


class _Listing(Generator):  # type: ignore[misc]
    """Lists content as Pelican does, but never passes over a folder that cannot be read, and follows links to none."""

    def get_files(
        self, paths: Iterable[str] | str, exclude: Iterable[str] | None = None, extensions: object = None
    ) -> set[str]:
        """Return the paths below content/ of the files in some folders. Raises OSError."""
        left_out = {posixpath.normpath(f"{self.path}/{path}") for path in exclude or ()}
        files = set()
        for path in [paths] if isinstance(paths, str) else paths:
            top = posixpath.normpath(f"{self.path}/{path}")
            if os.path.isfile(top):  # noqa: PTH113
                files |= {path} if self._include_path(path, extensions) else set()
            elif os.path.isdir(top):  # noqa: PTH112
                for folder, below, names in os.walk(top, onerror=reraise):
                    below[:] = [name for name in below if not (is_junk(name) or f"{folder}/{name}" in left_out)]
                    from_content = os.path.relpath(folder, self.path)
                    found = (os.path.join(from_content, name) for name in names)  # noqa: PTH118
                    files.update(file for file in found if self._include_path(file, extensions))
        return files


def run_of(program: Pelican) -> BuildRun:
    """Return the run that Pelican was started for; one that builds everything where it was started alone."""
    if not hasattr(program, "build_run"):
        program.build_run = BuildRun(Archive(Path(program.path).resolve().parent), program.settings)
    run: BuildRun = program.build_run
    return run


def run_pelican(run: BuildRun, say: Say) -> None:
    """Run Pelican, until it ends or a generator stops it; tell `say` of warnings, raise ArchiveError with errors."""
    listener = Messages()
    pelican.console.quiet = True
    logging.getLogger().addHandler(listener)
    try:
        with suppress(StopPelican):
            program = PelicanRun(run)
            program.run()
            run.ledger_lines = program.ledger_lines
    except Exception as error:  # themes and settings are programs: anything may come out of them
        raise ArchiveError("\n".join([*listener.of(errors=True), _explain(error)])) from error
    finally:
        logging.getLogger().removeHandler(listener)
    for warning in listener.of(errors=False):
        say(f"warning: {warning}")
    if errors := listener.of(errors=True):
        raise ArchiveError("\n".join(errors))


def _explain(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}: {error.message}"
    if isinstance(error, ArchiveError):
        return str(error)
    reason = f"{type(error).__name__}: {error}"
    lines = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
    return f"{lines[-1].filename}:{lines[-1].lineno}: {reason}" if lines else reason
