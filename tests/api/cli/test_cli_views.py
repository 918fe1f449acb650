"""``carejourney view …``: kept, listed, answered, renamed, shared, pinned, deleted and brought back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app

RUN = CliRunner()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path}/log.db")


def run(*args: str, code: int = 0) -> str:
    found = RUN.invoke(app, list(args))
    assert found.exit_code == code, found.output
    return found.output


def listed(*args: str) -> list[dict[str, Any]]:
    return json.loads(run("view", "list", *args, "--format", "json"))


def test_a_view_from_its_saving_to_its_return() -> None:
    run("view", "save", "Board", "completion", "--filter", "by=level", "--filter", "period=last_quarter")
    [one] = listed()
    assert (one["name"], one["question"], one["shared"]) == (
        "Board",
        {"by": "level", "period": "last_quarter"},
        False,
    )
    assert json.loads(run("view", "answer", one["view"], "--format", "json")) == []
    run("view", "rename", one["view"], "By level")
    run("view", "change", one["view"], "--filter", "by=site")
    assert listed()[0]["question"] == {"by": "site"}
    assert "no filter is called levels" in run("view", "change", one["view"], "--filter", "levels=1", code=1)
    run("view", "share", one["view"])
    run("view", "pin", one["view"], "--at", "reports")
    [two] = listed()
    assert (two["name"], two["shared"], two["pinned"]) == ("By level", True, "reports")
    assert f"carejourney view restore {one['view']}" in run("view", "delete", one["view"])
    assert listed() == []
    assert [three["name"] for three in listed("--deleted")] == ["By level"]
    run("view", "restore", one["view"])
    assert listed() == [two]


def test_what_cannot_be_kept_says_why() -> None:
    assert "no filter is called levels" in run("view", "save", "x", "completion", "--filter", "levels=1", code=1)
    assert "no such view" in run("view", "answer", "0" * 32, code=1)
    run("view", "pin", "0" * 32, "--at", "wall", code=2)


def test_a_report_takes_a_period_in_words() -> None:
    run("report", "completion", "--period", "last_quarter")
    assert "not both" in run("report", "completion", "--period", "last_quarter", "--from", "2026-01-01", code=2)


def test_a_view_is_written_to_a_file_and_put_on_a_schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("view", "save", "Board", "completion", "--filter", "by=level")
    [one] = listed()
    paper = tmp_path / "board.pdf"
    run("view", "pdf", one["view"], "--out", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
    assert paper.stat().st_mode & 0o777 == 0o600
    run("view", "pdf", one["view"], "--out", str(paper), code=2)
    assert "CAREJOURNEY_VIEW_FOLDER" in run("view", "schedule", one["view"], "--every", "daily", code=1)
    monkeypatch.setenv("CAREJOURNEY_VIEW_FOLDER", str(tmp_path / "folder"))
    assert "Scheduled" in run("view", "schedule", one["view"], "--every", "monthly", "--on", "1")
    assert "day of the month" in run("view", "schedule", one["view"], "--every", "monthly", "--on", "31", code=1)
    assert "no more" in run("view", "schedule", one["view"])


def test_schedules_are_listed_and_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_VIEW_FOLDER", str(tmp_path / "papers"))
    run("view", "save", "Board", "completion", "--filter", "by=level")
    [one] = listed()
    run("view", "schedule", one["view"], "--every", "monthly", "--on", "1")
    [two] = json.loads(run("view", "schedules", "--format", "json"))
    assert (two["view"], two["question"], two["every"], two["on"]) == (one["view"], {"by": "level"}, "monthly", 1)
    assert (two["rests"], two["not_written"], "Board" in str(two)) == (False, "", False)
    assert "by" in run("view", "schedules")
    run("view", "stop-schedule", one["view"])
    assert json.loads(run("view", "schedules", "--format", "json")) == []
    assert "no such view" in run("view", "stop-schedule", one["view"], code=1)
