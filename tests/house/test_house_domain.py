"""Rules of care give the same answer wherever and whenever they run: on a replay in ten years as on the day itself."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.house.tree import modules

# The standard library's doors to the outside: the clock, chance, files, processes, the network.
OUTSIDE = {"asyncio", "os", "io", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib"}  # fmt: skip
DOMAIN = (sys.stdlib_module_names - OUTSIDE) | {"pydantic", "domain"}
# A definition of a measure may be read from a programme's own file, so the folds' room may open one; disclosure control
# solves linear programs.
PROJECTIONS = DOMAIN | {"sqlalchemy", "projections", "pathlib", "highspy", "numpy"}
CLOCK = {"now", "utcnow", "today", "uuid1", "uuid4"}


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize(("room", "allowed"), [("domain", DOMAIN), ("projections", PROJECTIONS)])
def test_a_pure_room_imports_nothing_from_outside(room: str, allowed: frozenset[str]) -> None:
    strangers = {str(path): names for path, tree in modules(room) if (names := imported(tree) - allowed)}
    assert strangers == {}


def calls(path: Path, tree: ast.Module) -> list[str]:
    return [
        f"{path}:{node.lineno}: {node.func.attr}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK
    ]


@pytest.mark.parametrize("room", ["domain", "projections"])
def test_the_clock_and_new_ids_are_passed_in(room: str) -> None:
    assert [call for path, tree in modules(room) for call in calls(path, tree)] == []
