"""What an installed package brings, types and words by which it is found; and what its coverage counts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOMS, ROOT, tracked

SAID: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("room", ROOMS)
def test_its_types_can_be_used(room: str) -> None:
    assert Path(room, "py.typed") in tracked()
    assert SAID["tool"]["setuptools"]["package-data"][room] == ["py.typed"]


def test_the_classifiers_say_what_is_so_and_leave_the_licence_to_its_field() -> None:
    classifiers = SAID["project"]["classifiers"]
    assert classifiers == sorted(set(classifiers))
    assert "Typing :: Typed" in classifiers
    assert not any(one.startswith("License ::") for one in classifiers)


def test_coverage_counts_branches_in_every_room_and_the_documents_name_its_floors() -> None:
    assert SAID["tool"]["coverage"]["run"]["branch"] is True
    assert SAID["tool"]["coverage"]["run"]["source"] == list(ROOMS)
    floors = dict(re.findall(r"--include='(\w+)/\*' --fail-under=(\d+)", (ROOT / "Makefile").read_text()))
    told = re.findall(r"^\| `(\w+)` \| [\d.]+ % \| (\d+) % \|$", (ROOT / "docs/testing.md").read_text(), re.MULTILINE)
    assert floors == dict(told)
