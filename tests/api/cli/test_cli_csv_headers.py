"""Every command that prints CSV heads it by its columns, with or without rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import STAY, run, store as store

from infra.reporting.reports import REPORTS
from tests.commands import every_command
from tests.projections.test_completion_own import OWN

# What each command is asked over an empty store, which holds no chart.
EMPTY: dict[str, str] = {
    "audit access": "",
    "audit diff": "--report completion --from 2026-01-01T00:00:00Z",
    "audit heads": "",
    "audit keys": "",
    "audit seal": "",
    "audit verify": "",
    "backup": "made.cjbackup",
    "client duplicates": "",
    "client erasures": "",
    "config": "",
    "database status": "",
    "export teds": "teds",
    "import events": "nothing.ndjson",
    "import fhir": "nothing.ndjson --dry-run",
    "keys status": "",
    "measures check": "own.toml",
    "measures preview": "own.toml",
    "project quarantine": "",
    "project status": "",
    "project verify": "",
    "provider list": "group",
    "publication attack": "",
    "publication list": "",
    "publication preview": "",
    "publication verify": "",
    "report": "completion",
    "view list": "",
    "view schedules": "",
}
# Of one chart.
CHART: dict[str, str] = {
    "audit diff": "A-1 --from 2026-01-01T00:00:00Z",
    "audit disclosures": "A-1",
    "client history": "A-1",
    "client rows": "A-1",
    "client status": "A-1",
    "client timeline": "A-1",
}
# Of a file that has to be whole, or of a thing that has to be defined, so that there always are rows.
ELSEWHERE = {
    "provider history",
    "audit rotate-key",
    "import csv",
    "import ctn0094",
    "publication show",
    "restore",
    "view answer",
}
REPORT = [f"{name} --show={show}" for name, report in REPORTS.items() for show in ("", *report.shows)]


def with_format(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that has ``--format``."""
    for name, one in getattr(command, "commands", {}).items():
        yield from with_format(one, (*words, name))
    if any("--format" in param.opts for param in command.params):
        yield " ".join(words)


def header(words: str) -> list[str]:
    """The names of the columns that a command gives as CSV."""
    first, *_ = csv.reader(io.StringIO(run(*words.split(), "--format", "csv").stdout))
    assert all(first), words
    return first


def test_no_command_is_forgotten() -> None:
    assert set(with_format(every_command())) == {*EMPTY, *CHART, *ELSEWHERE}


@pytest.mark.parametrize(("command", "asked"), EMPTY.items(), ids=list(EMPTY))
def test_over_an_empty_store(store: Path, command: str, asked: str) -> None:
    Path("nothing.ndjson").touch()
    Path("own.toml").write_text(OWN)
    assert header(f"{command} {asked}")


def test_reports_over_an_empty_store(store: Path) -> None:
    for asked in (*REPORT, "definitions", "abstinence --per-client --measure=first_use"):
        assert header(f"report {asked}"), asked


@pytest.mark.parametrize("reads", ["", " --reads"])
def test_disclosures_and_reads_of_a_chart(store: Path, reads: str) -> None:
    assert header_of_chart(f"audit disclosures A-1{reads}")[0] == "at"


@pytest.mark.parametrize(("command", "asked"), CHART.items(), ids=list(CHART))
def test_over_one_chart(store: Path, command: str, asked: str) -> None:
    assert header_of_chart(f"{command} {asked}")


def test_without_rows_as_with_them(store: Path) -> None:
    asked = [f"report {name}" for name in ("status", "completion", "retention", "census")]
    before = [header(words) for words in asked]
    assert [header_of_chart(words) for words in asked] == before


def header_of_chart(words: str) -> list[str]:
    """The same once a chart is in the store."""
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    return header(words)
