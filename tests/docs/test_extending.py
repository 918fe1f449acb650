"""What docs/extending.md shows can be added as it is shown: each diff fits the code, and what it makes holds."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.depth import nightly
from tests.house.tree import ROOT, tracked


@dataclass(frozen=True)
class Recipe:
    """One section: how many files it says, its diff, and the commands that are run after it."""

    title: str
    files: int
    diff: str
    commands: tuple[str, ...]

    @property
    def changed(self) -> list[str]:
        return re.findall(r"^\+\+\+ b/(.*)$", self.diff, re.MULTILINE)


def recipes() -> list[Recipe]:
    sections = re.split(r"^## ", (ROOT / "docs/extending.md").read_text(), flags=re.MULTILINE)[1:]
    return [recipe(section) for section in sections if "```diff" in section]


def recipe(section: str) -> Recipe:
    files = re.search(r"^Files: (\d+)\.", section, re.MULTILINE)
    assert files, section
    [diff] = blocks(section, "diff")
    return Recipe(section.splitlines()[0], int(files[1]), diff, tuple("".join(blocks(section, "sh")).splitlines()))


def blocks(section: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's files, but for its pictures, in a folder of their own; with what Python compiled of them."""
    for path in tracked():
        if path.parts[:2] != ("docs", "images"):
            compiled = Path(cache_from_source(str(path)))
            for file in (path, compiled) if path.suffix == ".py" and (ROOT / compiled).exists() else (path,):
                (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, tmp_path / file)
    return tmp_path


def run(copy: Path, *words: str, given: str = "") -> None:
    env = os.environ | {"PYTHONPATH": str(copy), "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    done = subprocess.run(words, cwd=copy, env=env, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"


def applied(one: Recipe, copy: Path) -> None:
    assert len(one.changed) == one.files
    run(copy, "git", "apply", "-C1", "-", given=one.diff)


def test_each_diff_fits_the_code(copy: Path) -> None:
    for one in recipes():
        applied(one, copy)
        run(copy, "git", "apply", "-C1", "--reverse", "-", given=one.diff)


@nightly
@pytest.mark.parametrize("one", recipes(), ids=lambda one: one.title)
def test_it_can_be_added_as_it_is_shown(one: Recipe, copy: Path) -> None:
    applied(one, copy)
    run(copy, sys.executable, "-c", "import api.cli.main")
    code = [path for path in one.changed if path.endswith(".py")]
    run(copy, sys.executable, "-m", "ruff", "check", *code)
    run(copy, sys.executable, "-m", "ruff", "format", "--check", *code)
    for command in one.commands:
        python, *words = shlex.split(command)
        assert python == "python", command
        run(copy, sys.executable, *words)


def test_what_is_asked_for_most_is_shown() -> None:
    asked = ["An event type", "A measure", "A level of care", "A dashboard", "An export", "An importer"]
    assert [one.title for one in recipes()] == asked
