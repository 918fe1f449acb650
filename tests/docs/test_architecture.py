"""The architecture is told as it is: every room, read model, contract and file of docs/architecture.md, and no other."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from projections.catalogue import READ_MODELS
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
RULES: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = next(one["layers"] for one in RULES["contracts"] if one.get("containers") == ["infra"])


def section(title: str) -> str:
    """What stands under a title, up to the next one of any depth."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def table(text: str) -> Iterator[list[str]]:
    """The rows of the tables of a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith("|--") and not after.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def rooms(package: str) -> list[str]:
    return sorted(one.parent.name for one in (ROOT / package).glob("*/__init__.py"))


@pytest.mark.parametrize("package", ["projections", "api", "api/web"])
def test_each_room_is_told_and_none_that_is_gone(package: str) -> None:
    assert sorted(name.strip("`") for name, _ in table(section(f"`{package}/`"))) == rooms(package)


def test_the_rooms_of_infra_stand_in_the_order_of_their_contract() -> None:
    told = [name.strip("`") for name, _ in table(section("`infra/`"))]
    assert told == [room for layer in LAYERS for room in layer.split(" | ")]
    assert set(rooms("infra")) <= set(told)
    drawn = re.findall(r"\[([^\]()]+)\]", section("`infra/`"))
    assert drawn == [layer.replace(" | ", " · ") for layer in LAYERS]


def test_each_read_model_is_told_with_its_tables() -> None:
    told = {name: (tables, counts) for name, tables, counts, _ in table(section("Read side"))}
    for model in READ_MODELS:
        tables, counts = told.pop(f"`{model.name}`")
        assert set(re.findall(r"`(\w+)`", tables)) == {one.name for one in model.tables}
        assert set(re.findall(r"`(\w+)`", counts)) == {one.name for one in model.counts}
    assert told == {}


def test_rooms_called_read_models_are_those_of_the_catalogue() -> None:
    told = {name.strip("`") for name, what in table(section("`projections/`")) if what.startswith("read model")}
    assert told == {model.name for model in READ_MODELS}


def test_the_import_contracts_are_named() -> None:
    assert [name for name, _ in table(section("Contracts"))] == [one["name"] for one in RULES["contracts"]]


WALK = list(table(section("The walk of one number")))


@pytest.mark.parametrize(("path", "name"), [(path.strip("`"), name.strip("`")) for _, path, name in WALK])
def test_a_step_of_the_walk_is_where_it_is_said_to_be(path: str, name: str) -> None:
    word = re.escape(name)
    made = rf"(?:class|def) {word}\b|^{word} = |\"{word}\"|{{% for {word} in"
    assert re.search(made, (ROOT / path).read_text(), re.MULTILINE)
