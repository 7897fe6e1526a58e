"""The README says of the commands what they say of themselves, and the tutorial's commands run."""

import inspect
import re
import subprocess
from pathlib import Path

from invoke import Collection

import tasks
from tests.conftest import PROJECT


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_command_stands_in_the_readme_with_its_help() -> None:
    readme = read(PROJECT / "README.md")
    for name, task in Collection.from_module(tasks).tasks.items():
        assert f"| `./seedbank {name}` | {inspect.getdoc(task)} |" in readme


def test_every_link_of_the_documentation_leads_to_a_file() -> None:
    for document in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^):#]+)\)", read(document)):
            assert "{" in target or (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(read(PROJECT / "README.md").split()) <= 900


def test_the_commands_of_the_tutorial_run(tmp_path: Path) -> None:
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", read(PROJECT / "docs/tutorial.md"), re.DOTALL))
    assert "./seedbank withdraw" in commands
    done = subprocess.run(
        ["sh", "-e"], input=commands, cwd=PROJECT, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 new, 0 changed" in done.stdout
    assert [*(tmp_path / "harbour/dist").glob("*.zip")]
