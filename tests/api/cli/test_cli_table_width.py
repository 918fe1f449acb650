"""Tables of the command line in a narrow terminal: what does not fit is said once or a value a line, never cut letter by letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.cli.output import show_table

WIDE: dict[str, Any] = {f"column_{number}": "same" for number in range(9)}


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def printed(rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> str:
    show_table(rows, "Rows")
    lines = capsys.readouterr().out
    assert max(map(len, lines.splitlines())) <= 80
    return lines


def test_what_is_empty_or_the_same_in_all_rows_makes_room(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"name": name, **WIDE, "nothing": None} for name in ("first", "second")]
    said = printed(rows, capsys)
    assert "│ second │" in said
    assert "In all: column 0 same, column 1 same" in " ".join(said.split())
    assert "nothing" not in said


def test_rows_that_differ_in_all_columns_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{f"column_{number}": f"{number} of {name}" for number in range(14)} for name in ("first", "second")]
    assert "│ column 13 │ 13 of second │" in printed(rows, capsys)


def test_one_wide_row_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "│ column 8 │ same │" in printed([WIDE], capsys)


def test_what_fits_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed([{"name": name, "same": 1, "nothing": None} for name in ("first", "second")], capsys)
    assert "nothing" in said
    assert "In all" not in said


def test_the_state_of_projections_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path / 'log.db'}")
    runner = CliRunner()
    assert runner.invoke(app, ["project", "run", "--until-caught-up"]).exit_code == 0
    lines = runner.invoke(app, ["project", "status"]).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("│ time_to_event │") for line in lines)
