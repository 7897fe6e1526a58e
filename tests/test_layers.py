"""The house has floors: what lies below never asks for what lies above, and nothing turns in a circle.

plugins/outputs ─► checks ─► engine ─► site ─► converters/pipeline ─► ledger, subjects, text, readers ─► …
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import PROJECT

FLOORS = {
    "converters": 0,
    "converters.archive": 0,
    "converters.model": 0,
    "converters.rejections": 0,
    "converters.intake": 1,
    "converters.readers": 2,
    "converters.text": 2,
    "converters.subjects": 2,
    "converters.ledger": 2,
    "converters.explain": 3,
    "converters.extraction": 3,
    "converters.pipeline": 3,
    "converters.tags": 3,
    "plugins.search": 4,
    "plugins": 4,
    "plugins.site": 4,
    "plugins.engine": 5,
    "plugins.checks": 6,
    "plugins.outputs": 7,
}
"""Each folder, and each module that lies in none -> its floor: imports lead to floors below, or stay on one."""
MODULES = sorted(
    path for top in ("converters", "plugins") for path in (PROJECT / top).rglob("*.py") if path.stat().st_size
)


def name_of(path: Path) -> str:
    """Give the name by which a module is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def floor_of(module: str) -> int | None:
    """Give the floor of a module; None for a folder's own module above the folders."""
    return next((FLOORS[name] for name in (".".join(module.split(".")[:2]),) if name in FLOORS), None)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path, wherever: bool) -> Iterator[str]:
    """Give the project's modules that a module imports: when it is loaded itself, or also later, in a function."""
    tree = tree_of(path)
    for node in ast.walk(tree) if wherever else tree.body:
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: names the whole path of what it imports"
            module = node.module or ""
            for name in node.names:
                whole = f"{module}.{name.name}"
                yield whole if whole in NAMES else module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def ours(imported: Iterator[str]) -> set[str]:
    return {name for name in imported if name.partition(".")[0] in ("converters", "plugins", "tests", "bench", "tasks")}


def test_imports_lead_down_or_stay_on_the_floor() -> None:
    without_floor = [name_of(path) for path in MODULES if floor_of(name_of(path)) is None]
    assert without_floor == [], f"give their folders a floor in {Path(__file__).name}"
    upward = [
        f"{name_of(path)} imports {module}"
        for path in MODULES
        for module in ours(imports_of(path, wherever=True))
        if (floor_of(module) or 0) > (floor_of(name_of(path)) or 0) or floor_of(module) is None
    ]
    assert upward == []


def test_no_imports_turn_in_a_circle() -> None:
    graph = {name_of(path): ours(imports_of(path, wherever=False)) - {name_of(path)} for path in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_no_function_changes_what_belongs_to_its_module() -> None:
    found = [
        f"{path}:{node.lineno}" for path in MODULES for node in ast.walk(tree_of(path)) if isinstance(node, ast.Global)
    ]
    assert found == []


@pytest.mark.parametrize("folder", [".", "plugins/site", "plugins/engine"])
def test_most_of_what_is_defined_is_public(folder: str) -> None:
    defined = [
        node.name
        for path in MODULES
        if path.is_relative_to(PROJECT / folder)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("__")
    ]
    private = [name for name in defined if name.startswith("_")]
    assert len(private) < len(defined) / 2, f"{folder}: {len(private)} of {len(defined)} definitions are private"
