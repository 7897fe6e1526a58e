"""Shares work out to processes that end when the one that started them does, however it ends.

    with forks(4) as shared_out:
        for result in shared_out(work, batches): …      results in the order of the batches

A process that is killed cannot tell its children. They notice by a pipe: they wait to read from it, nobody ever writes,
and when the last writer is gone, so is the parent.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Thread
from typing import Protocol, TypeVar

from converters.archive import ArchiveError

A = TypeVar("A")
R = TypeVar("R")
_AHEAD = 4  # pieces of work under way for each process; more would pile up in memory


class SharedOut(Protocol):
    """A `map` whose work is done elsewhere, and whose arguments are taken only as it gets to them."""

    def __call__(self, work: Callable[[A], R], arguments: Iterable[A], /) -> Iterator[R]: ...


@contextmanager
def forks(jobs: int) -> Iterator[SharedOut]:
    """Give a `map` over `jobs` processes; over this one alone where one is enough or the system cannot fork.

    Raises ArchiveError if one of them dies.
    """
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield map
        return
    reading, writing = os.pipe()
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(jobs, context, _end_with_parent, (reading, writing)) as processes:

            def shared_out(work: Callable[[A], R], arguments: Iterable[A], /) -> Iterator[R]:
                under_way: deque[Future[R]] = deque()
                for argument in arguments:
                    under_way.append(processes.submit(work, argument))
                    if len(under_way) >= _AHEAD * jobs:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()

            yield shared_out
    except BrokenProcessPool:
        raise ArchiveError("a process was killed, for lack of memory perhaps; try again with --jobs 1") from None
    finally:
        os.close(reading)
        os.close(writing)


def _end_with_parent(reading: int, writing: int) -> None:
    os.close(writing)
    Thread(target=_wait_for_end, args=(reading,), daemon=True).start()


def _wait_for_end(reading: int) -> None:
    os.read(reading, 1)
    os._exit(1)
