"""``carejourney feed`` prints the log from a position on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import STAY, run, store as store


@pytest.mark.usefixtures("store")
def test_lines_from_a_position_on_by_type() -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    lines = [json.loads(line) for line in run("feed").stdout.splitlines()]
    assert [line["position"] for line in lines] == sorted(line["position"] for line in lines)
    rest = [json.loads(line) for line in run("feed", "--after", str(lines[0]["position"])).stdout.splitlines()]
    assert rest == lines[1:]
    ended = run("feed", "--type", "LevelOfCareEnded").stdout.splitlines()
    assert [json.loads(line)["type"] for line in ended] == ["LevelOfCareEnded"]


@pytest.mark.usefixtures("store")
def test_what_cannot_be_asked() -> None:
    assert "Happiness" in run("feed", "--type", "Happiness", expect=2).stderr
    assert "go together" in run("feed", "--recipient", "County", expect=2).stderr
