"""What `./seedbank` runs in .venv: it takes the words from the command line to the commands of `tasks.py`.

./seedbank                      lists the commands
./seedbank convert --help       explains one
./seedbank covert               covert: no such command; do you mean convert? …
"""

import difflib
import inspect
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from invoke import Collection, ParseError, Program

import tasks
from converters.archive.terminal import console


class Launcher(Program):
    """Invoke's program in the words of `./seedbank`: its list, its help, and what it says of a mistyped word."""

    def print_help(self) -> None:
        console.print("Usage: ./seedbank COMMAND [OPTIONS]\n")
        for name, task in self.collection.tasks.items():
            console.print(f"  {name:<10}{inspect.getdoc(task)}")
        console.print("\n./seedbank COMMAND --help explains the options of a command.")

    def print_task_help(self, name: str) -> None:
        context = self.parser.contexts[name]
        values = "".join(f" {argument.name.upper()}" for argument in context.positional_args)
        console.print(f"Usage: ./seedbank {name}{values} [OPTIONS]\n\n{inspect.getdoc(self.collection[name])}\n")
        self.print_columns(context.help_tuples())

    def print_version(self) -> None:
        project = tomllib.loads(Path(tasks.PROJECT, "pyproject.toml").read_text(encoding="utf-8"))["project"]
        console.print(f"Seedbank {project['version']}")

    def parse_tasks(self) -> None:
        self.core.unparsed = _with_file_options(self.core.unparsed, self.collection)
        with self._mistakes_explained():
            super().parse_tasks()

    def parse_cleanup(self) -> None:
        with self._mistakes_explained():
            super().parse_cleanup()

    @contextmanager
    def _mistakes_explained(self) -> Iterator[None]:
        try:
            yield
        except ParseError as error:
            context = error.context if error.context and error.context.name else None
            unknown = re.fullmatch("No idea what '(.*)' is!", str(error), re.DOTALL)
            without_value = re.match(r"Flag <Argument: ([\w-]+)", str(error))
            if unknown and context and unknown[1].startswith("-"):
                said = f"{unknown[1]}: no such option{_nearest(unknown[1], context.flags)}"
            elif unknown:
                said = f"{unknown[1]}: no such command{_nearest(unknown[1], self.collection.tasks)}"
            elif without_value:
                said = f"--{without_value[1]}: takes a value"
            else:
                said = str(error)
            raise ParseError(f"{said}; ./seedbank{f' {context.name}' if context else ''} --help lists them") from None


def _with_file_options(words: list[str], commands: Collection) -> list[str]:
    """Put `--file` before each file that stands alone, where a command takes any number of them: `retag a.md b.md`."""
    if not words or words[0] not in commands.task_names:
        return words
    parameters = inspect.signature(commands[words[0]].body).parameters.values()
    with_value = {f"--{tasks.flag(parameter.name)}" for parameter in parameters if parameter.annotation is not bool}
    if "--file" not in with_value:
        return words
    spelled_out, is_value = words[:1], False
    for word in words[1:]:
        if not is_value and not word.startswith("-"):
            spelled_out.append("--file")
        spelled_out.append(word)
        is_value = not is_value and word in with_value
    return spelled_out


def _nearest(word: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(word, known, 1)
    return f", do you mean {nearest[0]}?" if nearest else ""


if __name__ == "__main__":
    try:
        words = shlex.split(os.environ.pop("SEEDBANK_ARGS", ""))  # what make was given as ARGS, untouched by a shell
    except ValueError as error:
        sys.exit(f"ARGS: {error}; each quotation mark needs a second")
    Launcher(namespace=Collection.from_module(tasks)).run([*sys.argv, *words])
