"""While the database is away the API says so and when to ask again; it goes on by itself when it is back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.http.examples import EXAMPLES
from infra.bootstrap import open_services
from tests.depth import by_night
from tests.infra.postgres.conftest import settings_of
from tests.infra.postgres.servers import Server
from tests.spec import NOW

PATHS = (
    "/api/v1/clients/A-1/timeline",
    "/api/v1/reports/completion",
    "/readyz",
)


def record(client: TestClient, key: str) -> Any:
    body = {"occurred_at": NOW.isoformat(), "data": EXAMPLES["add-note"]}
    headers = {"Idempotency-Key": key}
    return client.post("/api/v1/clients/A-1/commands/add-note", json=body, headers=headers)


def until_ok(client: TestClient, ask: Any) -> Any:
    deadline = time.monotonic() + 60
    while (answer := ask()).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


@pytest.mark.parametrize("kill", [by_night(False), True])
def test_503_while_it_is_away_and_then_as_before(server: Server, kill: bool) -> None:
    settings = settings_of(server.url(server.database()), demo=True)
    services = open_services(settings, lambda: NOW)
    app = create_app(services)
    headers = {"Authorization": "Bearer demo-clinician"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        intake = {"Authorization": "Bearer demo-intake"}
        body = {"occurred_at": NOW.isoformat(), "data": EXAMPLES["register-client"]}
        assert client.post("/api/v1/clients/A-1/commands/register-client", json=body, headers=intake).status_code == 201
        assert record(client, "k-1").status_code == 201
        server.stop(kill=kill)
        try:
            answers = [record(client, "k-2"), *(client.get(path) for path in PATHS)]
        finally:
            server.start()
        for answer in answers:
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1
            assert "127.0.0.1" not in answer.text
        assert client.get("/healthz").status_code == 200
        again = until_ok(client, lambda: record(client, "k-2"))
        assert again.status_code in (200, 201), again.text
        assert record(client, "k-2").json()["event_ids"] == again.json()["event_ids"]
        for path in PATHS:
            assert until_ok(client, lambda path=path: client.get(path)).status_code == 200
        assert len(services.log.stream(services.log.client_id("A-1"))) == 3
