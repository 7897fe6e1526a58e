"""What the README says of the commands is what the commands say of themselves."""

import json
import re
import subprocess
import sys

from tests.conftest import PROJECT


def test_every_command_stands_in_the_readme_with_its_help() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "invoke", "--list", "--list-format=json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    commands = {task["name"]: task["help"] for task in json.loads(listed)["tasks"]}
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert commands.keys() >= {"site", "convert", "build", "serve", "clean"}
    for name, said in commands.items():
        assert f"| `make {name}` | {said} |" in readme


def test_every_link_of_the_documentation_leads_to_a_file() -> None:
    for document in PROJECT.glob("*.md"):
        for target in re.findall(r"\]\(([^):#]+)\)", document.read_text(encoding="utf-8")):
            assert "{" in target or (PROJECT / target).exists(), f"{document.name}: {target}"
