"""``client timeline C --at-entry N``: the chart as it stood when that entry was its last."""

from __future__ import annotations

import json
from pathlib import Path

from test_cli_unreadable import filled as filled, run, spoiled, store as store

from tests.poison import BAD_ID


def types(entry: int) -> list[str]:
    told = run("client", "timeline", "A-1", "--at-entry", str(entry), "--format", "json").stdout
    return [item["type"] for item in json.loads(told)]


def test_the_chart_of_its_first_entries(store: Path) -> None:
    assert types(1) == ["ClientRegistered"]
    assert types(3) == ["ClientRegistered", "LevelOfCareStarted", "NoteAdded"]
    assert len(types(4)) == 4


def test_an_entry_that_was_not_set_aside_yet_is_told_as_unreadable(store: Path) -> None:
    spoiled("unknown type")
    run("audit", "set-aside", BAD_ID, "--reason", "damaged")
    words = ("client", "timeline", "A-1", "--at-entry")
    assert run(*words, "4").stderr == ""
    assert "cannot be read here" in run(*words, "5").stderr
    assert "was set aside by" in run(*words, "6").stderr


def test_there_is_no_entry_but_those_that_there_are(store: Path) -> None:
    for entry in ("0", "-1", "5"):
        told = run("client", "timeline", "A-1", "--at-entry", entry, expect=1).stderr
        assert "this chart has entries 1 to 4" in told
    both = run("client", "timeline", "A-1", "--at-entry", "1", "--as-of", "2026-06-30T12:00:00Z", expect=2).stderr
    assert "give --as-of or --at-entry" in both
