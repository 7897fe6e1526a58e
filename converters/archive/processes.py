"""Shares work out to processes that end when the one that started them does, however it ends.

    with forks(4) as ordered_map:
        for result in ordered_map(work, batches): …      results in the order of the batches

The process that starts the others is one of them: rather than wait, it does a piece of the work itself. The others have
the work, and all that it holds, from their fork: only batches and results are sent.

A process that is killed cannot tell its children. They notice by a pipe: they wait to read from it, nobody ever writes,
and when the last writer is gone, so is the parent.
"""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Thread
from typing import Any, NoReturn, Protocol, TypeVar

from converters.archive.layout import ArchiveError

A = TypeVar("A")
R = TypeVar("R")
AHEAD = 2
"""How many pieces of work wait or are under way for each process; more would pile up in memory."""
BATCH = 64
"""How many documents are handed to a process at once."""

_MOST_KEPT = 100  # results that wait for an earlier one


class OrderedMap(Protocol):
    """A `map` whose work is done elsewhere, and whose arguments are taken only as it gets to them."""

    def __call__(self, work: Callable[[A], R], arguments: Iterable[A], /) -> Iterator[R]: ...


def batches(items: Iterable[A], weight: Callable[[A], int] = lambda _: 1) -> Iterator[list[A]]:
    """Yield the items in lists that weigh BATCH or a little more, as they are asked for; the last may be lighter."""
    batch: list[A] = []
    for item in items:
        batch.append(item)
        if len(batch) >= BATCH or sum(map(weight, batch)) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def processes(jobs: int, scheduler: str) -> AbstractContextManager[OrderedMap]:
    """Return a `map` over the workers of a Dask cluster if the address of its scheduler is given, else over forks."""
    if scheduler:
        from converters.archive.cluster import workers

        return workers(scheduler)
    return forks(jobs)


@contextmanager
def forks(jobs: int, ahead: int = AHEAD) -> Iterator[OrderedMap]:
    """Return a `map` over `jobs` processes, this one among them, and the only one where the system cannot fork.

    `ahead` pieces of work are given to each of the others at once: 1 is best for a few large ones. Raises ArchiveError
    if one of them dies.
    """
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield map
        return
    reading, writing = os.pipe()
    try:
        context = multiprocessing.get_context("fork")

        def ordered_map(work: Callable[[A], R], arguments: Iterable[A], /) -> Iterator[R]:
            with ProcessPoolExecutor(jobs - 1, context, _begin, (reading, writing, work)) as pool:
                yield from map_with_parent(pool, ahead * (jobs - 1), work, arguments)

        yield ordered_map
    except BrokenProcessPool:
        raise ArchiveError("a process was killed, for lack of memory perhaps; try again with --jobs 1") from None
    finally:
        os.close(reading)
        os.close(writing)


class Started:
    """A process that does some work; it ends when the one that started it does, however that one ends."""

    def __init__(self, work: Callable[[], int]) -> None:
        """Start a process whose exit status is what the work gives. Raises ValueError where the system cannot fork."""
        reading, self._writing = os.pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_work_alone, args=(work, reading, self._writing))
        self._process.start()
        os.close(reading)

    def wait(self) -> int | None:
        """Wait for its end; return its exit status, less than 0 if it was stopped."""
        self._process.join()
        os.close(self._writing)
        return self._process.exitcode

    def stop(self) -> None:
        """End it now, and all that it has started itself."""
        self._process.kill()  # in case it has no group of its own yet
        if self._process.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _work_alone(work: Callable[[], int], reading: int, writing: int) -> NoReturn:
    os.setpgid(0, 0)  # Ctrl-C is for the one that started it, which ends it with all that it starts itself
    _end_with_parent(reading, writing)
    sys.exit(work())


def in_order(submit: Callable[[A], Callable[[], R]], arguments: Iterable[A], ahead: int) -> Iterator[R]:
    """Submit work on each argument, with so many under way at once; yield the results in the order of the arguments.

    `submit` returns what waits for the result.
    """
    under_way: deque[Callable[[], R]] = deque()
    for argument in arguments:
        under_way.append(submit(argument))
        if len(under_way) >= ahead:
            yield under_way.popleft()()
    while under_way:
        yield under_way.popleft()()


def map_with_parent(
    pool: ProcessPoolExecutor, ahead: int, work: Callable[[A], R], arguments: Iterable[A]
) -> Iterator[R]:
    """Let the pool, which began with the work, have `ahead` pieces at once, and do others here; yield in order."""
    under_way: deque[Future[R]] = deque()
    for argument in arguments:
        while under_way and (under_way[0].done() or len(under_way) > _MOST_KEPT):
            yield under_way.popleft().result()
        if sum(not future.done() for future in under_way) < ahead:
            under_way.append(pool.submit(_work_on, argument))
        else:
            done_here: Future[R] = Future()
            done_here.set_result(work(argument))
            under_way.append(done_here)
    while under_way:
        yield under_way.popleft().result()


_inherited: dict[str, Callable[[Any], Any]] = {}
"""The work of a forked process: it cannot be sent, and stands here from its fork to its end."""


def _begin(reading: int, writing: int, work: Callable[[Any], Any]) -> None:
    _inherited["work"] = work
    _end_with_parent(reading, writing)


def _work_on(argument: Any) -> Any:
    return _inherited["work"](argument)


def _end_with_parent(reading: int, writing: int) -> None:
    os.close(writing)
    Thread(target=_wait_for_end, args=(reading,), daemon=True).start()


def _wait_for_end(reading: int) -> None:
    os.read(reading, 1)
    os._exit(1)
