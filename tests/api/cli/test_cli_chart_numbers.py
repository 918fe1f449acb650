"""A chart whose number has any shape opens by every command that takes a number, in any spelling."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app

RUNNER = CliRunner()
NUMBERS = ["2024/0153", ".", "..", "a%2Fb", "100%", "A B", "a?b#c+d", "[/red]", "张三", "~2F", "new", "-5", "x" * 200]


@pytest.fixture(autouse=True, scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("numbers")
    person = {"name": "Simulated Person", "birth_date": "1990-04-01"}
    at = "2026-01-04T09:00:00-05:00"
    lines = [{"client": number, "type": "ClientRegistered", "occurred_at": at, "data": person} for number in NUMBERS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{folder / 'cli.db'}")
        patch.chdir(folder)
        Path("a.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
        run("import", "events", "a.ndjson")
        yield


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


@pytest.mark.parametrize("number", NUMBERS)
def test_it_opens(number: str) -> None:
    [row] = json.loads(run("client", "status", "--format", "json", "--", f" {number.upper()} ").stdout)
    assert row["client"] == number
    run("export", "events", f"--client={number}", "--out", "out.ndjson")
    assert json.loads(Path("out.ndjson").read_text())["client"] == number


@pytest.mark.parametrize("command", ["status", "timeline", "rows", "history"])
def test_a_number_is_no_markup_in_a_table(command: str) -> None:
    run("client", command, "--", "[/red]")


def test_a_document_is_made() -> None:
    run("client", "summary", "--pdf", "out.pdf", "--", "2024/0153")
    assert Path("out.pdf").read_bytes().startswith(b"%PDF")
