"""Commands that publish and project: what they refuse, and how they go back."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line over an empty embedded store."""
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.setenv("CAREJOURNEY_MASTER_KEY", "ab" * 32)
    return CliRunner()


def test_the_relay_says_what_it_needs(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = cli.invoke(app, ["relay", "run", "--until-caught-up"])
    assert (answer.exit_code, "CAREJOURNEY_KAFKA_BOOTSTRAP" in answer.stderr) == (2, True)
    monkeypatch.setenv("CAREJOURNEY_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    answer = cli.invoke(app, ["relay", "run", "--until-caught-up"])
    assert (answer.exit_code, "PostgreSQL" in answer.stderr) == (2, True)


def test_a_rollback_needs_a_generation_to_go_back_to(cli: CliRunner) -> None:
    assert cli.invoke(app, ["project", "rollback", "unheard"]).exit_code == 2
    answer = cli.invoke(app, ["project", "rollback", "stays"])
    assert (answer.exit_code, "no previous generation" in answer.stderr) == (1, True)
    assert cli.invoke(app, ["project", "rebuild", "stays"]).exit_code == 0
    answer = cli.invoke(app, ["project", "rollback", "stays"])
    assert (answer.exit_code, answer.stdout) == (0, "Rolled back: stays\n")
    assert cli.invoke(app, ["project", "verify"]).exit_code == 0
