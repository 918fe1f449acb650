"""Importing several files, some of which break off or are not there: the account, the numbers and the exit code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.api.cli.test_cli import STAY, line, run, store

__all__ = ["store"]

NOTE = line("B-2", "NoteAdded", "2026-01-05T09:00:00-05:00", text="x")
OTHER = line("B-2", "NoteAdded", "2026-01-06T09:00:00-05:00", text="y")


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_a_file_that_breaks_off_is_recorded_and_counted_until_then(store: Path, options: list[str]) -> None:
    (store / "a.ndjson").write_text(NOTE)
    (store / "b.ndjson.gz").write_bytes(gzip.compress((OTHER * 2 + "{bad\n" + NOTE).encode())[:-6])
    (store / "c.ndjson").write_text(NOTE * 2)
    said = run("import", "events", "a.ndjson", "b.ndjson.gz", "c.ndjson", "--format", "json", *options, expect=1)
    assert "b.ndjson.gz: not a whole gzip file" in said.stderr
    assert "1 line was rejected" in said.stderr
    counts = [(row["file"], row["lines"], row["recorded"], row["rejected"]) for row in json.loads(said.stdout)]
    assert counts == [("a.ndjson", 1, 1, 0), ("b.ndjson.gz", 4, 3, 1)]
    assert {row["lag"] for row in json.loads(run("project", "status", "--format", "json").stdout)} == {0}


def test_a_missing_file_among_others_records_nothing(store: Path) -> None:
    (store / "a.ndjson").write_text(STAY)
    said = run("import", "events", "a.ndjson", "none.ndjson", expect=1)
    assert "none.ndjson: No such file or directory" in said.stderr
    assert "no chart has this number" in run("client", "history", "A-1", expect=1).stderr


def test_rejected_lines_that_cannot_be_kept_stop_it_with_the_remedy(store: Path) -> None:
    (store / "a.ndjson").write_text(NOTE + "{bad\n")
    (store / "a.ndjson.rejected.ndjson").mkdir()
    said = run("import", "events", "a.ndjson", expect=1)
    assert "rejected lines go there" in said.stderr
