"""The command line of publications: the commands that the documents show, in the order in which they stand there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from infra.bootstrap import open_services
from tests.day import DAY, clock_of_the_day
from tests.docs.test_shown_commands import ROOT, commands

RUNNER = CliRunner()
PAGE = ROOT / "docs" / "publications.md"


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An embedded store with the 400 simulated clients of a demo, on the day of the tests."""
    folder = tmp_path_factory.mktemp("publications")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{folder / 'cli.db'}")
        patch.chdir(folder)
        patch.setattr("api.cli.context.open_services", partial(open_services, clock=clock_of_the_day()))
        run("simulate", "--clients", "400", "--seed", "7", "--until", DAY.isoformat(), "--out", "sim.ndjson")
        run("import", "events", "sim.ndjson", "--keep-recorded-at")
        yield folder


@pytest.fixture(scope="module")
def published(store: Path) -> None:
    """What the documents show is done, in that order."""
    assert "Nothing was altered" not in run("publication", "list").stdout
    for words in commands(PAGE):
        assert run(*words).stdout, words


@pytest.mark.usefixtures("published")
def test_what_is_shown_can_be_done_in_that_order() -> None:
    again = run("publication", "publish", expect=1)
    assert "no period was closed" in again.stderr


@pytest.mark.usefixtures("published")
def test_completion_by_site_and_quarter_says_numbers() -> None:
    rows = json.loads(run("publication", "show", "1", "completion-by-site-quarter", "--format", "json").stdout)
    assert sum(row["completion_rate"] is not None for row in rows) >= len(rows) / 2 > 0
    text = run("publication", "show", "1", "completion-by-site-quarter", "--format", "csv").stdout
    assert [row["group"] for row in csv.DictReader(io.StringIO(text))] == [row["group"] for row in rows]


@pytest.mark.usefixtures("published")
def test_the_attack_is_printed_and_finds_nobody() -> None:
    rows = json.loads(run("publication", "attack", "--format", "json").stdout)
    assert rows
    for row in rows:
        assert row["most"] is None or row["most"] >= 11


def test_a_plan_of_ones_own_is_tried(store: Path) -> None:
    own = store / "plan.toml"
    own.write_text(run("publication", "plan").stdout.replace('"level", "site"', '"program"'))
    assert "-by-program-" in run("publication", "preview", "--plan", str(own)).stdout
    own.write_text("smallest_shown = 2\n")
    assert "smallest_shown" in run("publication", "plan", "--plan", str(own), expect=1).stderr


@pytest.mark.usefixtures("published")
def test_a_publication_that_is_not_there_is_told() -> None:
    assert "no publication 99" in run("publication", "show", "99", expect=1).stderr
    assert "no table of this name" in run("publication", "show", "1", "weather", expect=1).stderr
