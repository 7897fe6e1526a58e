"""`./seedbank`: the same commands from any folder, with any words, and an archive begun in one step."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from converters.archive.layout import Archive
from tests.conftest import PROJECT, Run, TestArchive, record

HARBOUR = "2023/03/08/harbour-opens-to-visitors.html"
WHY = """Costs $100, says the author's "agent"; `true` \\ & co."""


def run(*command: str | Path, folder: Path = PROJECT, **environment: str) -> Run:
    """Run a command in a folder, with nobody at the keyboard."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A link to the launcher, below a folder with a space, in a checkout that uses the tests' own environment."""
    folder = tmp_path_factory.mktemp("a checkout")
    for path in PROJECT.iterdir():
        if path.name not in (".venv", ".cache", "output", "dist"):
            (folder / path.name).symlink_to(path)
    for name in ("seedbank", "launcher.py", "tasks.py"):
        (folder / name).unlink()
        shutil.copy(PROJECT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    link = folder / "elsewhere"
    link.symlink_to("seedbank")
    return link


@pytest.fixture
def converted(tmp_path: Path) -> TestArchive:
    """An archive of one document, in a folder whose name needs quotes."""
    archive = TestArchive(tmp_path / "the author's $HOME")
    archive.add("a.txt", record())
    assert archive.run("convert").status == 0
    return archive


def test_any_words_and_folders_reach_the_command_as_they_were_typed(program: Path, converted: TestArchive) -> None:
    home = {"HOME": str(converted.root.parent)}
    named = f"~/{converted.root.name}"
    done = run(program, "withdraw", HARBOUR, "--why", WHY, f"--archive={named}", folder=Path("/"), **home)
    assert done.status == 0, done.said
    assert f"Reason: {WHY}\n" in converted.documents()[HARBOUR.replace(".html", ".md")]
    again = run(
        program, "withdraw", HARBOUR, "--why", "x", "--archive", converted.root.name, folder=converted.root.parent
    )
    assert again.status == 1
    assert "is withdrawn already" in again.said


def test_make_hands_on_its_arguments_untouched_by_a_shell(program: Path, converted: TestArchive) -> None:
    words = f"""{HARBOUR} --archive '~/the author'"'"'s $HOME' --why 'Costs $100'"""
    home = {"HOME": str(converted.root.parent), "SEEDBANK_ARGS": "not this"}
    done = run("make", "-C", program.parent, "withdraw", f"ARGS={words}", **home)
    assert done.status == 0, done.said
    assert "Reason: Costs $100\n" in converted.documents()[HARBOUR.replace(".html", ".md")]
    unclosed = run("make", "-C", program.parent, "withdraw", "ARGS=it's")
    assert unclosed.status == 2
    assert "each quotation mark needs a second" in unclosed.said


def test_the_launcher_lists_the_commands_and_explains_each(program: Path) -> None:
    for options in [(), ("--help",)]:
        listed = run(program, *options)
        assert listed.status == 0
        assert re.search(r"^  convert +Turn seeds into content", listed.said, re.MULTILINE)
    explained = run(program, "convert", "--help")
    assert explained.status == 0
    assert "--verify" in explained.said
    assert "SHA-256" in explained.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["biuld"], "biuld: no such command, do you mean build?"),
        (["build", "--ful"], "--ful: no such option, do you mean --full?"),
        (["--help", "chekc"], "chekc: no such command, do you mean check?"),
        (["build", "--archive"], "--archive: takes a value"),
        (["build", "--archive", "~nobody-of-this-name/x"], "no such user"),
        (["build", "--archive", "/no such folder"], "/no such folder: no such folder"),
        (["withdraw"], "'address'"),
    ],
)
def test_a_mistyped_word_is_named_with_the_nearest(program: Path, words: list[str], said: str) -> None:
    done = run(program, *words)
    assert done.status == 1
    assert said in done.said


def test_a_message_names_the_archive_in_force(archive: TestArchive) -> None:
    done = archive.run("bundle")
    assert done.status == 1
    assert f"./seedbank site --archive {archive.root}" in done.said
    assert Archive(PROJECT).command("site") == "./seedbank site"
    assert shlex.split(Archive(Path("/the author's $x")).command("site"))[-1] == "/the author's $x"


def test_the_environment_is_set_up_once_and_again_when_what_is_pinned_has_changed(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "seedbank", tmp_path)
    (tmp_path / "launcher.py").write_text("import sys; print(sys.prefix, sys.argv[1:])")
    (tmp_path / "requirements.txt").write_text("")
    none = run(tmp_path / "seedbank", "site", PYTHON="/no/such/python")
    assert none.status == 1
    assert "Seedbank needs Python 3.11 or newer, and /no/such/python is none" in none.said
    setting_up, ran = f"Setting up {tmp_path}/.venv", f"{tmp_path}/.venv ['site', '$x y']"
    for expected in (True, False):
        done = run(tmp_path / "seedbank", "site", "$x y", folder=Path("/"), PYTHON=sys.executable)
        assert done.status == 0, done.said
        assert ran in done.said
        assert (setting_up in done.said) is expected
    (tmp_path / "requirements.txt").write_text("# another pin\n")
    assert setting_up in run(tmp_path / "seedbank", "site", PYTHON=sys.executable).said


def test_a_new_archive_waits_for_seeds_and_makes_a_site_of_them(program: Path, tmp_path: Path) -> None:
    begun = TestArchive(tmp_path / "Smith & Sons")
    done = run(program, "new", begun.root, "--name", 'The "Echo" & more')
    assert done.status == 0, done.said
    assert f"./seedbank site --archive '{begun.root}'" in done.said
    empty = begun.run("site")
    assert empty.status == 1
    assert f"{begun.root}/seeds: holds no seeds; put captures into it" in empty.said
    begun.add("a.txt", record())
    assert begun.run("site", "--no-search").status == 0
    assert begun.page("index.html").title.get_text() == 'The "Echo" & more'


def test_nothing_is_begun_where_there_is_something(program: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for folder in (tmp_path, tmp_path / "mine"):
        done = run(program, "new", folder)
        assert done.status == 1
        assert "there is something already" in done.said
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_workflows_of_this_project_and_of_a_new_archive_pin_what_they_use(program: Path, tmp_path: Path) -> None:
    done = run(program, "new", tmp_path / "new", "--github", folder=PROJECT)
    assert done.status == 0, done.said
    workflows = [tmp_path / "new/.github/workflows/site.yml", PROJECT / "action.yml"]
    workflows += [*(PROJECT / ".github/workflows").glob("*.yml")]
    for workflow in workflows:
        used = re.findall(r"uses: (\S+)", workflow.read_text())
        assert used
        assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
