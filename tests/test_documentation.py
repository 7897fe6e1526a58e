"""Nothing that a user can write or set is without a line in docs/."""

import ast
import re
from pathlib import Path

from invoke import Collection
from jinja2 import Environment, meta, nodes

import tasks
from tests.conftest import PROJECT, TestArchive, record

DOCS = PROJECT / "docs"
_STANDARD_FILTERS = Environment().filters.keys()  # nothing is rendered


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_command_and_option_is_documented() -> None:
    said = page("commands.md")
    commands = Collection.from_module(tasks)
    for name in commands.task_names:
        assert f"| `{name}" in said, name
        for argument in commands[name].get_arguments():
            if not argument.positional:
                assert f"--{argument.name.strip('_').replace('_', '-')}" in said, (name, argument.name)


def test_every_setting_is_documented() -> None:
    said = page("settings.md")
    for settings in ("pelicanconf.py", "publishconf.py"):
        tree = ast.parse((PROJECT / settings).read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for name in names:
            assert not name.isupper() or f"`{name}`" in said, name


def test_every_key_of_front_matter_is_documented(archive: TestArchive) -> None:
    said = page("front-matter.md")
    archive.add("a.txt", record("Ferry", "Der Fährmann\0 kam.").encode("utf-16"))
    archive.add("b.txt", record("حديقة", "فتحت الحديقة أبوابها للزوار اليوم في المدينة.", url="https://example.org/b"))
    archive.add("d.txt", record("Bridge", url="https://example.org/d"))
    archive.add("c.html", f"<!DOCTYPE html><title>Court</title><h1>Court</h1><p>{'The court said a word. ' * 9}</p>")
    archive.run("convert")
    archive.run("withdraw", "2023/03/08/bridge.html", "--why", "An error")
    written = {
        key
        for path in (archive.root / "content").rglob("*.md")
        for key in re.findall(r"^([A-Z][A-Za-z0-9-]*): ", path.read_text().partition("\n\n")[0], re.MULTILINE)
    }
    assert written >= {"Title", "Dir", "Kept", "Encoding", "Reason"}
    for key in written:
        assert f"| `{key}` |" in said, key


def test_every_variable_and_filter_of_the_theme_is_documented() -> None:
    said = page("template-variables.md")
    environment = Environment()  # nothing is rendered
    themes = PROJECT / "theme", PROJECT / "tests/second_theme"
    for path in (template for theme in themes for template in Path(theme, "templates").glob("*.html")):
        template = environment.parse(path.read_text(encoding="utf-8"))
        for used in template.find_all(nodes.Filter):
            assert used.name in _STANDARD_FILTERS or f"| `{used.name}` |" in said, (path.name, used.name)
            environment.filters.setdefault(used.name, str)
        for name in meta.find_undeclared_variables(template) - {"macros", "number"}:
            assert f"`{name}`" in said, (path.name, name)
        for attribute in template.find_all(nodes.Getattr):
            if isinstance(attribute.node, nodes.Name) and attribute.node.name == "article":
                known = attribute.attr in {"title", "content", "date", "url", "tags", "category", "lang"}
                assert known or f"`{attribute.attr}`" in said, attribute.attr
