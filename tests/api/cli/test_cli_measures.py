"""The command line: own measures checked and tried, definitions, every report as JSON, CSV and table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from infra.reporting.reports import REPORTS
from tests.projections.test_completion_own import OWN

RUNNER = CliRunner()


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded store with 40 simulated clients, and a file of measures."""
    folder = tmp_path_factory.mktemp("measures")
    (folder / "own.toml").write_text(OWN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{folder / 'cli.db'}")
        patch.chdir(folder)
        run("simulate", "--clients", "40", "--seed", "3", "--out", "sim.ndjson")
        run("import", "events", "sim.ndjson")
    return folder


@pytest.fixture(autouse=True)
def at_the_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{store / 'cli.db'}")
    monkeypatch.chdir(store)


@pytest.mark.parametrize("name", list(REPORTS))
def test_every_report_has_the_same_face(name: str) -> None:
    asked = (
        ("--from", "2020-01-01", "--to", "2040-01-01") if name == "agenda" else ()
    )  # else today, which may be a Sunday
    rows = json.loads(run("report", name, *asked, "--format", "json").stdout)
    listed = list(csv.DictReader(io.StringIO(run("report", name, *asked, "--format", "csv").stdout)))
    assert len(rows) == len(listed)
    assert list(rows[0]) == list(listed[0])
    assert REPORTS[name].title in run("report", name).stdout


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (("flow", "--show", "steps"), {"level", "step", "share"}),
        (("flow", "--by", "site", "--from", "2025-01-01", "--cohort", "admission"), {"site", "from", "to", "count"}),
        (("attendance", "--show", "sessions", "--by", "kind,slot"), {"kind", "slot", "attendance_rate"}),
        (("attendance", "--show", "bounds"), {"bound", "least", "most", "below", "above"}),
        (("quality", "--measure", "readmission_30", "--by", "level"), {"level", "numerator", "denominator", "not_yet"}),
        (("followback", "--per-client"), {"client", "longest_run", "controlled_since_use"}),
        (("worklist", "--show", "flags"), {"client", "flag", "next_step"}),
        (("completion", "--compare", "level=residential,level=intensive_outpatient"), {"difference", "p_value"}),
    ],
)
def test_what_a_report_can_be_asked(words: tuple[str, ...], columns: set[str]) -> None:
    rows = json.loads(run("report", *words, "--format", "json").stdout)
    assert columns <= set(rows[0])


def test_a_table_that_a_report_does_not_have() -> None:
    assert "choose from steps, ends, entries" in run("report", "flow", "--show", "curve", expect=2).stderr


def test_definitions_are_those_of_the_reports() -> None:
    rows = json.loads(run("report", "definitions", "--format", "json").stdout)
    by_id = {(row["report"], row["id"]): row for row in rows}
    assert by_id["quality", "readmission_30"]["source"]
    assert {name for name, _ in by_id} == set(REPORTS)


def test_a_file_of_measures_is_checked_and_tried() -> None:
    rows = json.loads(run("measures", "check", "own.toml", "--format", "json").stdout)
    assert [(row["kind"], row["id"]) for row in rows] == [
        ("abstinence", "one_clean_week"),
        ("completion", "planned_end"),
    ]
    tried = json.loads(run("measures", "preview", "own.toml", "--format", "json").stdout)
    assert [row["id"] for row in tried] == ["one_clean_week", "planned_end"]
    assert all(0 < row["numerator"] <= row["denominator"] for row in tried)


def test_preview_is_what_the_report_says_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = json.loads(run("measures", "preview", "own.toml", "--format", "json").stdout)[1]
    monkeypatch.setenv("CAREJOURNEY_MEASURES_FILE", "own.toml")
    words = ("report", "completion", "--by", "all", "--denominator", "planned_end", "--format", "json")
    (row,) = json.loads(run(*words).stdout)
    assert (row["numerator"], row["denominator"], row["completion_rate"]) == (
        tried["numerator"],
        tried["denominator"],
        tried["share"],
    )


def test_a_wrong_file_is_refused_with_each_line(store: Path) -> None:
    (store / "wrong.toml").write_text(OWN.replace('["died"]', '["gone"]').replace("run = 1", "run = 0"))
    for command in ("check", "preview"):
        said = run("measures", command, "wrong.toml", expect=1).stderr
        assert "wrong.toml:7: completion 1 (planned_end): left_out" in said
        assert "wrong.toml:14: measure 1 (one_clean_week): rule.conditions.run" in said


def test_a_wrong_file_in_the_settings_is_said_by_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_MEASURES_FILE", "missing.toml")
    assert "missing.toml: cannot be read" in run("report", "completion", expect=1).stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("census", "--measure", "nope"), "census has no measure to choose"),
        (("census", "--denominator", "all"), "census has no denominator to choose"),
        (("census", "--unit", "episode"), "census has no unit to choose"),
        (("completion", "--unit", "week"), "no unit 'week': choose from stay, episode"),
        (("completion", "--at", "level=residential"), "--at goes with --members"),
        (("census", "--where", "colour=red"), "colour"),
        (("census", "--show", "nope"), "nope"),
    ],
)
def test_what_a_report_does_not_know_is_refused_by_name(words: tuple[str, ...], told: str) -> None:
    assert told in run("report", *words, expect=2).stderr
