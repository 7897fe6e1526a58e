"""Shares work out to the workers of a Dask cluster, on this machine or on many.

    with workers("tcp://10.0.0.5:8786") as ordered_map:
        for result in ordered_map(work, batches): …      results in the order of the batches

Tasks and results travel as bytes that nobody on the way looks into, so the scheduler needs nothing of Seedbank. Workers
need the same Python packages as this process, and see the project and the archive at the same paths.

What a worker had under way, or had done and not handed over, when it was killed is given to another. So any work may be
done twice, and has to come to the same the second time.
"""

import logging
import pickle
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

from converters.archive.layout import PROJECT, ArchiveError
from converters.archive.processes import AHEAD, OrderedMap, in_order
from converters.archive.stamps import code_fingerprint

A = TypeVar("A")
R = TypeVar("R")

_PATIENCE = 5  # seconds in which a scheduler has to answer
_WITHOUT_WORKERS = 60  # seconds after which nobody can be expected to do what is under way
_LONGEST_GREETING = 1 << 16  # bytes
_RETRIES = 2  # of a task that failed: file systems shared by many machines have their moments

_LIBRARIES = "Jinja2 Markdown MarkupSafe pelican py3langid pyromark python-slugify".split()


def scheduler_from(text: str) -> str:
    """Return the address of the scheduler that `--scheduler` names; nothing means none.

    Raises ArchiveError where it is no address, where nobody answers there, and where Dask is not installed. It is not
    imported yet: small work does not need it.
    """
    if not text:
        return ""
    if find_spec("distributed") is None:
        raise ArchiveError("--scheduler: Dask is not installed; install it with: pip install distributed fsspec")
    try:
        place = urlsplit(text)
        host, port = place.hostname, place.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise ArchiveError(f"--scheduler {text}: takes an address, such as --scheduler tcp://127.0.0.1:8786")
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            if place.scheme == "tcp":
                connection.settimeout(_PATIENCE)
                _check_greeting(connection.recv(8))
    except OSError as error:
        raise _no_answer(text, error) from None
    return text


@contextmanager
def workers(scheduler: str) -> Iterator[OrderedMap]:
    """Return a `map` over the workers of a cluster.

    Raises ArchiveError where the scheduler does not answer, or no longer, where there are no workers, and where a piece
    of work kills every worker that takes it up.
    """
    import dask
    from distributed import CancelledError, Client, KilledWorker

    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what went wrong is told below, and once
    client: Any  # Dask has no types
    carried = _carried(str(PROJECT), CODE)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}):  # a batch is as large as it is
        try:
            client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise _no_answer(scheduler, error) from None
        try:
            _wait_for_workers(client, scheduler)

            def ordered_map(work: Callable[[A], R], arguments: Iterable[A], /) -> Iterator[R]:
                def submit(argument: A) -> Callable[[], R]:
                    task = pickle.dumps(partial(work, argument))
                    future = client.submit(carried, task, pure=False, retries=_RETRIES)
                    return partial(_result, client, scheduler, future)

                yield from in_order(submit, arguments, AHEAD * len(client.nthreads()))

            yield ordered_map
        except CancelledError:
            raise ArchiveError(f"--scheduler {scheduler}: it answers no more; start it anew, and try again") from None
        except KilledWorker:
            raise ArchiveError(
                "one piece of the work killed all workers that took it up, for lack of memory perhaps; "
                "give workers more, or try without --scheduler"
            ) from None
        finally:
            client.close(timeout=_PATIENCE)


def perform(task: bytes, code: str) -> bytes:
    """Do a task in a worker; raises ArchiveError if the worker has other code than the process that sent it."""
    if code != CODE:
        raise ArchiveError(
            f"the worker on {socket.gethostname()} has other code or packages than this machine, and would write other "
            "pages; install the same, and start the workers anew"
        )
    with _one_at_a_time:
        return pickle.dumps(pickle.loads(task)())  # noqa: S301  # from our own process


_one_at_a_time = Lock()
"""A worker may have several threads, and the work is not made for them; it would be no faster either."""


def _carried(project: str, code: str) -> Callable[[bytes], bytes]:
    """Return what is sent to workers: a function that needs nothing of the project until it runs there.

    Dask sends a function that was made inside another by what it says, not by where it is to be imported from.
    """

    def carried(task: bytes) -> bytes:

        if project not in sys.path:
            sys.path.insert(0, project)
        from converters.archive.cluster import perform

        return perform(task, code)

    return carried


def _check_greeting(beginning: bytes) -> None:
    """Raise OSError unless a scheduler greets: Dask itself would wait for ever for what something else does not say.

    A greeting begins with its length, in eight bytes.
    """
    if len(beginning) < 8 or int.from_bytes(beginning, "little") > _LONGEST_GREETING:
        raise OSError("something else does")


def _wait_for_workers(client: Any, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise _no_workers(scheduler) from None


def _result(client: Any, scheduler: str, future: Any) -> Any:
    """Wait for a result; raises ArchiveError if there have been no workers for a while."""
    without_workers = 0
    while True:
        try:
            return pickle.loads(future.result(timeout=_PATIENCE))  # noqa: S301  # from our own workers
        except TimeoutError:
            if future.done():
                raise
            without_workers = 0 if client.nthreads() else without_workers + _PATIENCE
            if without_workers >= _WITHOUT_WORKERS:
                raise _no_workers(scheduler) from None


def _no_workers(scheduler: str) -> ArchiveError:
    return ArchiveError(f"--scheduler {scheduler}: it has no workers; start some: dask worker {scheduler}")


def _no_answer(scheduler: str, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"--scheduler {scheduler}: no Dask scheduler answers there ({error}); start one: dask scheduler"
    )


def _code_and_packages() -> str:
    """Return what decides, beside the archive, what is written: this program, and the packages that it runs with."""
    return f"{code_fingerprint()} {[version(library) for library in _LIBRARIES]}"


CODE = _code_and_packages()
"""As this process runs it: a worker may live longer than its code stays the same."""
