"""``report time-to-event`` on the command line: --from and --to name a start and an event, or days."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from test_cli import run, store as store

LINES = """\
{"client": "T-1", "type": "LevelOfCareStarted", "occurred_at": "2026-01-10T10:00:00Z", "data": {"level": "residential", "program": "Harbor"}}
{"client": "T-1", "type": "UseReported", "occurred_at": "2026-02-01T10:00:00Z", "data": {"substance": "Alcohol", "on": "2026-01-30"}}
{"client": "T-2", "type": "LevelOfCareStarted", "occurred_at": "2026-01-10T10:00:00Z", "data": {"level": "residential", "program": "Grove"}}
{"client": "T-2", "type": "SessionAttended", "occurred_at": "2026-02-10T10:00:00Z", "data": {"kind": "group", "minutes": 60}}
"""


@pytest.fixture
def told(store: Path, tmp_path: Path) -> Path:
    file = tmp_path / "told.ndjson"
    file.write_text(LINES)
    run("import", "events", str(file))
    return store


def rows(*asked: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("report", "time-to-event", *asked, "--format", "csv").stdout)))


@pytest.mark.usefixtures("told")
def test_from_a_start_to_an_event_of_a_substance() -> None:
    (row,) = rows("--from", "admission", "--to", "reported_use", "--substance", "alcohol", "--days", "19,20")
    assert (row["level"], row["clients"], row["events"], row["share_19"], row["share_20"]) == (
        *("residential", "2", "1"),
        *("1.0", "0.5"),
    )
    (row,) = rows("--substance", "cocaine")
    assert (row["events"], row["censored"]) == ("0", "2")


@pytest.mark.usefixtures("told")
def test_a_period_beside_them_or_in_their_place() -> None:
    assert not rows("--from", "admission", "--from-day", "2026-01-11")
    assert not rows("--from", "2026-01-11")
    assert rows("--from", "2026-01-10", "--to", "2026-01-10")


@pytest.mark.usefixtures("told")
def test_two_programs_compared() -> None:
    found = rows("--by", "program", "--compare", "Harbor,Grove")
    assert [(row["program"], row["events"]) for row in found] == [("Harbor", "1"), ("Grove", "0")]
    assert found[0]["chi2"] == found[1]["chi2"] == "1.0"
    assert float(found[0]["p"]) == pytest.approx(0.3173105)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--from", "birth"], "no start 'birth'"),
        (["--to", "level:moon"], "no level 'moon'"),
        (["--from", "2026-01-01", "--from-day", "2026-01-01"], "is a day already"),
        (["--days", "soon"], "write whole numbers"),
        (["--censor", "never"], "no censoring"),
    ],
)
@pytest.mark.usefixtures("told")
def test_what_cannot_be_asked(asked: list[str], words: str) -> None:
    assert words in run("report", "time-to-event", *asked, expect=2).stderr


@pytest.mark.usefixtures("told")
def test_other_reports_read_a_word_as_a_day_that_is_none() -> None:
    assert "is not a date" in run("report", "completion", "--from", "admission", expect=2).stderr
