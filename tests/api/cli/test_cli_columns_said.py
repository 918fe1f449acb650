"""``report NAME --columns``: what each column means, from the settings alone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from test_cli import RUNNER, STAY, app, run, store as store

from infra.reporting.reports import REPORTS

QUESTIONS = [
    *(f"{name} --show={show}" for name, report in REPORTS.items() for show in ("", *report.shows)),
    *(f"{name} --per-client" for name, report in REPORTS.items() if report.per_client),
    "completion --unit episode --by program",
    "abstinence --measure first_use --per-client",
    "quality --compare site=North,site=South",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_they_are_the_columns_of_the_answer(store: Path, question: str) -> None:
    said = json.loads(run("report", *question.split(), "--columns", "--format", "json").stdout)
    answer = run("report", *question.split(), "--format", "csv").stdout
    assert [one["column"] for one in said] == next(csv.reader(io.StringIO(answer)))
    assert all(one["meaning"].endswith(".") for one in said)


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", "postgresql://nobody@nowhere.invalid/none")
    monkeypatch.chdir(tmp_path)
    text = run("report", "retention", "--show", "curve", "--columns", "--format", form).stdout
    assert "at_risk" in text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    ["completion --by shoe_size", "completion --members numerator", "definitions", "happiness", "flow --show x"],
)
def test_what_there_is_not(store: Path, words: str) -> None:
    assert "carejourney: " in run("report", *words.split(), "--columns", expect=2).stderr


def test_the_help_names_it() -> None:
    assert "--columns" in RUNNER.invoke(app, ["report", "--help"]).stdout


def test_a_table_for_people_says_that_no_program_was_recorded(store: Path) -> None:
    Path("a.ndjson").write_text(STAY.replace(', "program": "P"', ""))
    run("import", "events", "a.ndjson")
    asked = ("report", "completion", "--show", "lengths", "--by", "program")
    assert "Not recorded" in " ".join(run(*asked).stdout.split())
    assert json.loads(run(*asked, "--format", "json").stdout)[0]["program"] == ""
    assert run(*asked, "--format", "csv").stdout.splitlines()[1].startswith(",completed,1,")
