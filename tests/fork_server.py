"""Runs commands in processes of their own, each at the price of a fork, not of an interpreter that imports everything.

    with ForkServer() as server:
        status, said = server.run("check", "--archive", "mine", timeout=300)

The server has imported all that the commands import, but for `tasks`, which looks at its surroundings as it is
imported; it has run nothing, and read nothing but the model for telling languages. For each order it forks, and tells
how that process ended. The command is what `invoke` would be: its own process group, environment, umask and standard
streams, and the end that Python gives to every program.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory, TemporaryFile
from types import TracebackType
from typing import Self

from invoke.main import program

import converters
import plugins
from converters.text.language import load_model

PROJECT = Path(__file__).resolve().parent.parent
NUMBER = 8


class ForkServer:
    """Runs commands; ends with its server when it is left."""

    def __enter__(self) -> Self:
        self._orders, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())]
            self._server = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.close()
        self._server.wait()

    def run(self, *arguments: str, timeout: float) -> tuple[int, str]:
        """Run `invoke` with some arguments; return its exit status, as subprocess has it, and all that it said.

        A command that takes longer is killed with all that it has started. Raises subprocess.TimeoutExpired.
        """
        os.umask(umask := os.umask(0))
        with Path(os.devnull).open() as nothing, TemporaryFile() as output, TemporaryFile() as errors:
            streams = (nothing, output, errors)
            socket.send_fds(self._orders, [b"!"], [stream.fileno() for stream in streams])
            self._orders.sendall(json.dumps([arguments, dict(os.environ), umask]).encode() + b"\n")
            process = self._number()
            self._orders.settimeout(timeout)
            try:
                status = self._number()
            except TimeoutError:
                os.killpg(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["invoke", *arguments], timeout) from None
            output.seek(0)
            errors.seek(0)
            return status, (output.read() + errors.read()).decode()

    def _number(self) -> int:
        return int.from_bytes(self._orders.recv(NUMBER), signed=True)


def _serve(orders: socket.socket) -> list[str]:
    """Fork for each order; in the process that is to be the command, return its arguments."""
    os.setsid()  # Ctrl-C is for the tests, which then close the orders
    for package in (converters, plugins):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    with TemporaryDirectory() as cache:
        load_model(Path(cache))
    gc.collect()
    gc.freeze()
    lines = orders.makefile()
    while True:
        order, streams, *_ = socket.recv_fds(orders, 1, 3)
        if not order:
            sys.exit()
        arguments, environment, umask = json.loads(lines.readline())
        if (command := os.fork()) == 0:
            lines.close()
            orders.close()
            os.setpgid(0, 0)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            os.environ.clear()
            os.environ.update(environment)
            os.umask(umask)
            return ["invoke", *arguments]
        with suppress(OSError):  # it may have done so itself, and be gone by now
            os.setpgid(command, command)
        for stream in streams:
            os.close(stream)
        orders.sendall(command.to_bytes(NUMBER))
        orders.sendall(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]).to_bytes(NUMBER, signed=True))


if __name__ == "__main__":
    sys.argv = _serve(socket.socket(fileno=int(sys.argv[1])))
    program.run()
