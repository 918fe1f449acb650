"""One client comes in by each way there is, and is the same client after each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app as command_line
from infra.bootstrap import open_services
from infra.settings import Settings
from tests.api.test_writing import held

NAME, BORN, AT = "Avery Example", "1990-02-03", "2026-01-05T09:00:00-05:00"
CHART = "S-1"
MAPPING = """
client = "chart"
[[entry]]
type = "ClientRegistered"
occurred_at = { column = "at" }
[entry.data]
name = { column = "name" }
birth_date = { column = "born" }
"""


def run(*words: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(command_line, words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def by_lines(_: str) -> None:
    line = {"client": CHART, "type": "ClientRegistered", "occurred_at": AT, "data": {"name": NAME, "birth_date": BORN}}
    Path("events.ndjson").write_text(json.dumps(line) + "\n")
    run("import", "events", "events.ndjson")


def by_table(_: str) -> None:
    Path("map.toml").write_text(MAPPING)
    Path("table.csv").write_text(f"chart,at,name,born\n{CHART},{AT},{NAME},{BORN}\n")
    run("import", "csv", "table.csv", "--map", "map.toml")


def by_fhir(_: str) -> None:
    names = [{"use": "official", "family": "Example", "given": ["Avery"]}]
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "p1", "name": names, "birthDate": BORN}
    patient |= {"identifier": [{"value": CHART}]}
    made = {"resourceType": "Provenance", "target": [{"reference": "Patient/p1"}], "occurredDateTime": AT}
    Path("patient.ndjson").write_text(f"{json.dumps(patient)}\n{json.dumps(made)}\n")
    run("import", "fhir", "patient.ndjson")


def by_api(url: str) -> None:
    body = {"occurred_at": AT, "data": {"name": NAME, "birth_date": BORN}}
    with app_over(url) as client:
        path = f"/api/v1/clients/{CHART}/commands/register-client"
        answer = client.post(path, json=body, headers={"Authorization": "Bearer demo-intake"})
        assert answer.status_code == 201, answer.text


def by_form(url: str) -> None:
    with app_over(url) as client:
        client.post("/sign-in", data={"role": "clinician"}, headers={"Origin": "http://127.0.0.1"})
        form = held(client.get("/clients/new").text) | {"chart_number": CHART, "name": NAME, "birth_date": BORN}
        assert client.post("/clients/new", data=form).status_code == 303


def app_over(url: str) -> TestClient:
    """The web app and the API over a store, which are started and stopped."""
    services = open_services(Settings(database_url=SecretStr(url), demo=True))
    return TestClient(create_app(services), base_url="http://127.0.0.1", follow_redirects=False)


@pytest.mark.parametrize("way", [by_lines, by_table, by_fhir, by_api, by_form])
def test_a_client_comes_in(way: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    way(url)
    [entry] = json.loads(run("client", "history", CHART, "--format", "json"))
    assert (entry["type"], entry["data"]["name"], entry["data"]["birth_date"]) == ("ClientRegistered", NAME, BORN)
    assert [row["clients"] for row in json.loads(run("report", "status", "--format", "json"))] == [1]
    assert run("audit", "verify")
    assert run("project", "verify")
