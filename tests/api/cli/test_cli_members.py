"""The command line opens a number: who is in it, the entries behind each, and the options that give it again."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from test_cli import STAY, run, store as store

RATE = ("report", "completion", "--members", "numerator", "--at", "level=intensive_outpatient")


@pytest.fixture
def imported(store: Path) -> Path:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    return store


def test_who_is_in_it_with_the_entries_behind(imported: Path) -> None:
    result = run(*RATE, "--format", "json")
    (row,) = json.loads(result.stdout)
    assert (row["client"], row["adds"], row["first_day"], row["last_day"]) == ("A-1", 1, "2026-01-05", "2026-02-16")
    assert [event["what"] for event in row["events"]] == ["admitted", "ended"]
    assert "1 of 1 (denominator)" in result.stderr
    assert "TEDS" in result.stderr
    (listed,) = csv.DictReader(io.StringIO(run(*RATE, "--format", "csv").stdout))
    assert json.loads(listed["events"]) == row["events"]
    assert "admitted" in run(*RATE).stdout


def test_the_options_it_tells_give_the_same_number_again(imported: Path) -> None:
    before = run(*RATE, "--format", "json")
    told = re.search(r"The same number again: (.+)", before.stderr)
    assert told
    Path("b.ndjson").write_text(STAY.replace("A-1", "B-1"))
    run("import", "events", "b.ndjson")
    assert "2 of 2" in run(*RATE).stderr
    again = run(*RATE, *shlex.split(told[1]), "--format", "json")
    assert (again.stdout, again.stderr) == (before.stdout, before.stderr)
    (row,) = json.loads(run("report", "completion", *shlex.split(told[1]), "--format", "json").stdout)
    assert row["numerator"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--members", "happiness"), "open discharges"),
        (("--members", "numerator", "--at", "level"), "--at: 'level'"),
        (("--position", "3"), "--position goes with --as-of"),
    ],
)
def test_what_cannot_be_opened_says_why(imported: Path, words: tuple[str, ...], says: str) -> None:
    assert says in run("report", "completion", *words, expect=2).stderr
