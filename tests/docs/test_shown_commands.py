"""Every command, request, line and setting that the documents show works as it is written."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app
from api.http.app import create_app
from infra.bootstrap import open_services
from infra.interop.importers.events.lines import prepare
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.commands import every_command

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
TOLD = "$(date -u -d '90 days ago' +%FT%TZ)"
ELSEWHERE = ("import", "export", "simulate", "serve", "publication")  # tests of their own run these, in order


def blocks(page: Path, kind: str = "") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """The words of each command line of ours in a page's code blocks, comments left out."""
    lines = [line for block in blocks(page) for line in block.splitlines()]
    ours = [line.split("#")[0] for line in lines if re.match(r"(\.venv/bin/)?carejourney ", line)]
    return [shlex.split(line)[1:] for line in ours]


EVERY = [(page.name, words) for page in PAGES for words in commands(page)]
READING = [words for page, words in EVERY if page in {"README.md", "quick-start.md"} and words[0] not in ELSEWHERE]


@pytest.mark.parametrize(("page", "words"), EVERY, ids=" ".join)
def test_a_command_has_the_options_that_are_shown(page: str, words: list[str]) -> None:
    command = every_command()
    place = 0
    while hasattr(command, "commands"):
        command = command.commands[words[place]]
        place += 1
    known = {name for param in command.params for name in param.opts + param.secondary_opts}
    assert {word for word in words[place:] if word.startswith("--")} <= known


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> SecretStr:
    """A small demo store."""
    url = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'carejourney.db'}")
    services = open_services(Settings(database_url=url))
    fill(services.log, 12, 7)
    services.catch_up()
    services.close()
    return url


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_command_of_the_first_minutes_runs(
    words: list[str], demo: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", demo.get_secret_value())
    then = (datetime.now(UTC) - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")  # as the shell would put it in
    result = CliRunner().invoke(app, [then if word == TOLD else word for word in words])
    assert (result.exit_code, result.exception) == (0, None), result.output
    assert result.stdout


def test_the_requests_of_the_api_page_are_answered_as_it_says(tmp_path: Path) -> None:
    url = SecretStr(f"sqlite:///{tmp_path / 'carejourney.db'}")
    services = open_services(Settings(database_url=url, demo=True))
    client = TestClient(create_app(services), headers={"Authorization": "Bearer demo-clinician"})
    script = "".join(blocks(ROOT / "docs" / "api.md", "sh"))
    posts = re.findall(r"^post (\S+) '(.*?)'$", script, re.MULTILINE | re.DOTALL)
    statuses = [client.post(f"/api/v1/{path}", json=json.loads(body)).status_code for path, body in posts]
    assert statuses == [201, 201, 201, 422, 201]
    services.catch_up()
    reads = re.findall(r"^get '?([^'\n]+)'?$", script, re.MULTILINE)
    assert len(reads) == 11
    assert {client.get(f"/api/v1/{path}").status_code for path in reads} == {200}
    services.close()


@pytest.mark.parametrize("page", ["import.md", "events.md"])
def test_the_import_lines_shown_can_be_imported(page: str) -> None:
    lines = [line for block in blocks(ROOT / "docs" / page, "json") for line in block.splitlines()]
    assert lines
    for number, line in enumerate(lines, 1):
        prepare(number, line.encode(), b"docs", datetime(2026, 6, 1, tzinfo=UTC), keep_recorded_at=False)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for group in project["optional-dependencies"].values() for one in group)]
    names = {re.split(r"[\[<>=;]", one)[0] for one in wanted}
    told = (ROOT / "docs" / "decisions" / "0009-dependencies.md").read_text()
    assert {name for name in names if not re.search(rf"\b{name}\b", told)} == set()
