"""Lets the system fail under each command, a call at a time, and sees what becomes of the archive.

    convert  openat      EIO      12 tried, 12 survived
    build    write       ENOSPC   12 tried, 12 survived

A call that is about a file of the archive fails once: strace puts the error in its place. It is survived where the
command ends with status 1 and a line that is no traceback, or with the right result, and where in either case the next
plain run of the same command gives what it gives without any error. It needs strace.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
COMMANDS = (("convert",), ("build", "--no-search"), ("export",), ("bundle",))
ERRORS = {
    "openat": "EIO",
    "read": "EIO",
    "getdents64": "EIO",
    "write": "ENOSPC",
    "rename": "EIO",
    "unlink": "EIO",
    "mkdir": "EDQUOT",
    "fsync": "EIO",
}
_LONGEST = 120  # seconds after which a command hangs
_RECORD = " date 2023-03-0{day} https://example.org/{day}\n\nHarbour opens {day}\n\nThe harbour of Oslo was opened.\n\n"
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)", re.MULTILINE)


class Tried(NamedTuple):
    """How often a kind of call was made to fail under a command, and what was not survived."""

    command: str
    call: str
    tried: int
    failures: list[str]


def main(most: int, commands: Sequence[str]) -> int:
    """Try `most` calls of each kind under the commands that are named, or all; return how many failures there were."""
    if shutil.which("strace") is None:
        print("faults needs strace; install it with: apt install strace")
        return 1
    known = [command[0] for command in COMMANDS]
    if unknown := [name for name in commands if name not in known]:
        print(f"--only {unknown[0]}: expected one of {', '.join(known)}")
        return 1
    failures = 0
    for command in COMMANDS:
        if not commands or command[0] in commands:
            for tried in try_command(command, most):
                survived = tried.tried - len(tried.failures)
                print(
                    f"{tried.command:8} {tried.call:11} {ERRORS[tried.call]:7} {tried.tried} tried, {survived} survived"
                )
                for failure in tried.failures:
                    print(f"    {failure}")
                failures += len(tried.failures)
    return failures


def try_command(command: tuple[str, ...], most: int, kinds: Iterable[str] = ERRORS) -> Iterator[Tried]:
    """Yield what became of `most` calls of each kind under a command."""
    with TemporaryDirectory() as folder:
        before, after = Path(folder, "before/archive"), Path(folder, "after/archive")
        _begin(before, command)
        shutil.copytree(before, after)
        log = Path(folder, "log")
        names = ",".join(kinds)
        status, said = _run(after, command, "strace", "-f", "-y", "-qq", "-o", str(log), "-e", f"trace={names}")
        if status:
            raise RuntimeError(f"{command}: {said}")
        wanted, calls = _result(after), _calls(log, after)
        for call in kinds:
            places = calls.get(call, [])
            chosen = places[:: max(1, -(-len(places) // most))]
            failures = [
                f"call {place}: {failure}"
                for place in chosen
                if (failure := _failure(Path(folder), before, command, call, place, wanted))
            ]
            yield Tried(command[0], call, len(chosen), failures)


def _begin(archive: Path, command: tuple[str, ...]) -> None:
    """Make an archive in which all is done that has to come before a command."""
    (archive / "seeds/deep").mkdir(parents=True)
    for day in range(1, 6):
        (archive / f"seeds/deep/{day}.txt").write_text(_RECORD.format(day=day), encoding="utf-8")
    earlier: list[tuple[str, ...]] = []
    if command[0] != "convert":
        earlier = [("convert",)] if command[0] == "build" else [("site", "--no-search")]
    for step in earlier:
        status, said = _run(archive, step)
        if status:
            raise RuntimeError(f"{step}: {said}")


def _calls(log: Path, archive: Path) -> dict[str, list[int]]:
    """Return, of the first process, by which number each call was made that is about a file of the archive."""
    calls: dict[str, list[int]] = {}
    numbers: dict[str, int] = {}
    first = ""
    for process, call, arguments in _CALL.findall(log.read_text(encoding="utf-8", errors="replace")):
        first = first or process
        if process == first:
            numbers[call] = numbers.get(call, 0) + 1
            if str(archive) in arguments and "/.cache/language" not in arguments:
                calls.setdefault(call, []).append(numbers[call])
    return calls


def _failure(
    folder: Path, before: Path, command: tuple[str, ...], call: str, place: int, wanted: dict[str, bytes]
) -> str:
    """Let one call fail; return what is not as promised, or nothing."""
    archive = folder / "after/archive"
    shutil.rmtree(archive)
    shutil.copytree(before, archive)
    inject = f"inject={call}:error={ERRORS[call]}:when={place}"
    try:
        strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        status, said = _run(archive, command, *strace)
    except subprocess.TimeoutExpired:
        return "it hangs"
    if status not in (0, 1) or "Traceback" in said or (status and not said.strip()):
        return f"status {status}: {said.strip()[-200:]}"
    if status == 0 and _result(archive) != wanted:
        return "status 0, and the result is not right"
    status, said = _run(archive, command)
    if status or _result(archive) != wanted:
        return f"the next plain run does not make it good: status {status}: {said.strip()[-200:]}"
    return ""


def _run(archive: Path, command: tuple[str, ...], *under: str) -> tuple[int, str]:
    words = [*under, sys.executable, "-B", "-m", "invoke", *command, "--archive", str(archive)]
    words += ["--jobs", "1"] if command[0] in ("build", "site", "convert") else []
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=_LONGEST, check=False)
    return done.returncode, done.stdout + done.stderr


def _result(archive: Path) -> dict[str, bytes]:
    """Return what a command has made: all files but the working data."""
    return {
        path.relative_to(archive).as_posix(): path.read_bytes()
        for folder in ("content", "output", "dist")
        for path in sorted((archive / folder).rglob("*"))
        if path.is_file()
    }
