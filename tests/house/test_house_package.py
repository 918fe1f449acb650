"""What an installed package brings: types for whoever imports it, and words by which it is found."""

from __future__ import annotations

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
