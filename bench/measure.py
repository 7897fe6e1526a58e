"""Measures a command as a whole process, with all the processes that it starts.

    measure(["hugo", "--source", "site"])  →  Cost(wall=1.31, cpu=2.02, memory=158_000_000)

Wall is the time until the command has ended, CPU the user's and the system's seconds of all its processes. Memory is
the most that all of them held at one moment: the sum of their proportional shares (PSS, in which a page that forked
processes share counts once), looked at every 50 ms. Where a system does not tell PSS, it is the most that any one of
the processes held.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

_INTERVAL = 0.05
_MOST_OF_A_CORE = 0.05
"""Looking at much memory takes long; the command's own time must not pay for it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds, and bytes."""

    wall: float
    cpu: float
    memory: int


class CommandError(Exception):
    """A command ended with another exit status than 0; the message names it and ends with what it said."""


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command in `folder` until its end; raises CommandError if it failed."""
    # No command is to wait for the disk because of what an earlier one wrote.
    os.sync()
    with tempfile.TemporaryFile() as said:
        start = perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        with _Watch(process.pid) as watch:
            _, status, used = os.wait4(process.pid, 0)
            wall = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            tail = said.read().decode("utf-8", "replace")[-2000:]
            raise CommandError(f"{' '.join(command)}: exit status {process.returncode}\n{tail}")
    most_of_one = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(wall, used.ru_utime + used.ru_stime, watch.most or most_of_one)


class _Watch:
    """Looks, in a thread, at the memory that a process and its descendants hold."""

    def __init__(self, pid: int) -> None:
        self.most = 0
        self._pid = pid
        self._ended = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            start = perf_counter()
            self.most = max(self.most, sum(map(_memory, _family(self._pid))))
            pause = max(_INTERVAL, (perf_counter() - start) / _MOST_OF_A_CORE)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(children).split():
            yield from _family(int(child))


def _memory(pid: int) -> int:
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    """Read what the system says of a process, which may have ended meanwhile."""
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
