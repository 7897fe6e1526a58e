"""Shows the person at the keyboard what goes on: lines, and how far a long work is.

Reading seeds ━━━━━━━━━━━━━━━━━━━━━━ 1200/5000 0:00:41     on a terminal, and gone when it is done
Reading seeds: 1,200 of 5,000                             elsewhere, every ten seconds
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from converters.archive import layout

_SECONDS_BETWEEN_LINES = 10

for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a seed's name must not end a run
console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


@contextmanager
def progress_shown() -> Iterator[layout.Progress]:
    """Yield what a long work calls to say how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        stages: dict[str, TaskID] = {}
        last_line = monotonic()

        def advance(stage: str, done: int, total: int | None) -> None:
            nonlocal last_line
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)
            if not console.is_terminal and monotonic() - last_line > _SECONDS_BETWEEN_LINES:
                last_line = monotonic()
                console.print(f"{stage}: {done:,}" + (f" of {total:,}" if total else ""))

        yield advance
