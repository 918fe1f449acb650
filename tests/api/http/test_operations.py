"""Projections, health, metrics, sessions, the problem catalogue: what operators and programs rely on."""

from __future__ import annotations

import httpx2
import pytest
from http_support import Api
from prometheus_client import generate_latest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.http.access import ROUTES
from api.http.metrics import kind_of
from api.http.problems import KINDS
from api.sessions import COOKIE
from infra.identity.people import Principal
from infra.identity.sessions import SignedIn
from infra.kafka.metrics import MetricsServer
from infra.readmodels.leases import LIVE
from projections.status.tables import STATUS
from tests.poison import heal, poison


@pytest.mark.parametrize("role", ["intake", "clinician", "analyst", "reporting"])
def test_projections_are_for_operators(api: Api, role: str) -> None:
    assert api.get("/api/v1/projections", role).status_code == 403


def test_projections_say_where_they_are(api: Api) -> None:
    api.done("A-1", "register-client")
    body = api.get("/api/v1/projections", "admin").json()
    assert body["head"] == 1
    assert {row["projection"] for row in body["projections"]} == set(api.services.reads.models)
    assert {(row["position"], row["lag"]) for row in body["projections"]} == {(1, 0)}
    assert {row["holder"] for row in body["projections"]} == {api.services.reads.leases[LIVE].holder}
    assert all(row["heartbeat_age"] >= 0 for row in body["projections"])


def test_health_needs_no_sign_in(api: Api) -> None:
    anybody = TestClient(api.app)
    assert anybody.get("/healthz").json() == {"status": "ok"}
    assert anybody.get("/readyz").json() == {"status": "ready"}


def test_not_ready_without_the_read_models(api: Api) -> None:
    with api.services.reads.writing() as connection:
        connection.exec_driver_sql("DROP TABLE generation")
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert answer.json()["detail"] == "A database does not answer."
    assert api.get("/healthz").status_code == 200


def test_an_unforeseen_error_is_a_problem_without_details(api: Api) -> None:
    api.done("A-1", "register-client")
    with api.services.reads.writing() as connection:
        [status] = [g for g in api.services.reads.generations(connection) if g.model.name == "status"]
        connection.execute(status.table(STATUS).update().values(recent_sessions="not what a fold writes"))
    with capture_logs() as lines:
        answer = api.get("/api/v1/clients")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert lines[0]["error"] == "ValueError"


def test_neither_metrics_nor_logs_hold_a_client(api: Api) -> None:
    with capture_logs() as lines:
        api.done("Xanthippe", "register-client")
        api.get("/api/v1/clients/Xanthippe/timeline")
        api.get("/api/v1/clients/Unknown-Xanthippe")
        api.get("/nowhere/Xanthippe")
    text = generate_latest(api.app.state.metrics.registry).decode()
    assert "Xanthippe" not in text
    assert "Xanthippe" not in str(lines)
    assert {line.get("route") for line in lines} >= {"/api/v1/clients/{reference}/timeline", "unmatched"}
    assert 'kind="charts",method="GET",status="404"' in text
    assert 'kind="commands",method="POST",status="201"' in text
    assert "register" not in text
    assert "carejourney_appends_total 1.0" in text
    assert 'carejourney_projection_lag{projection="status"} 0.0' in text
    assert 'carejourney_quarantined{projection="status"} 0.0' in text
    assert 'carejourney_quarantined_oldest_seconds{projection="status"} 0.0' in text


def test_metrics_are_on_no_port_of_people(api: Api) -> None:
    assert TestClient(api.app).get("/metrics").status_code == 404
    assert "/metrics" not in api.app.openapi()["paths"]


def test_metrics_have_a_port_of_their_own(api: Api) -> None:
    api.done("A-1", "register-client")
    with MetricsServer("127.0.0.1", 0, lambda: True, api.app.state.metrics.registry).serving() as port:
        text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    assert "carejourney_appends_total 1.0" in text


def test_all_commands_are_one_kind_to_who_counts_them() -> None:
    """And so are all looks at charts: no label names what was done, so that its moment says nothing of a client."""
    kinds = {kind_of(*said.split(" ", 1)) for said, area in ROUTES.items() if area.startswith("command:")}
    assert kinds == {"commands"}
    asked = [f"/api/v1/clients/{{reference}}/{last}" for last in WORDS]
    assert {kind_of("POST", route) for route in asked} == {"commands"}
    assert {kind_of(*said.split(" ", 1)) for said in ROUTES} <= {
        "commands",
        "charts",
        "fhir",
        "reports",
        "publications",
        "audit",
        "operations",
        "live",
        "public",
    }
    assert kind_of("HEAD", "/clients/{reference}") == kind_of("GET", "/clients/{reference}/disclosures") == "charts"
    assert kind_of("GET", "unmatched") == "other"


WORDS = ("break-glass", "erasure", "erasure/withdrawal", "erasure/confirmation", "documents/{kind}")


def test_every_kind_of_problem_has_a_page(api: Api) -> None:
    for name, kind in KINDS.items():
        body = api.get(f"/problems/{name}").json()
        assert (body["type"], body["status"]) == (f"/problems/{name}", kind.status)
    assert api.get("/problems/bad-luck").status_code == 404


def test_a_web_session_signs_in_and_an_altered_one_does_not(api: Api) -> None:
    token = api.services.people.sessions.begin(SignedIn(Principal("demo-auditor", "auditor")))
    browser = TestClient(api.app, cookies={COOKIE: token})
    assert browser.get("/api/v1/clients").status_code == 200
    altered = TestClient(api.app, cookies={COOKIE: token[:-2] + "xx"})
    assert altered.get("/api/v1/clients").status_code == 401


def test_every_answer_has_a_request_id(api: Api) -> None:
    paths = ("/healthz", "/api/v1/clients", "/api/v1/nothing")
    assert len({api.get(path).headers["x-request-id"] for path in paths}) == 3


def test_how_long_a_client_is_stopped_is_measured_and_answered(api: Api) -> None:
    api.done("A-1", "register-client")
    poison(api.services.log, "A-1")
    api.services.catch_up()
    api.clock.move(hours=30)
    text = generate_latest(api.app.state.metrics.registry).decode()
    assert 'carejourney_quarantined_oldest_seconds{projection="status"} 108000.0' in text
    answer = api.get("/api/v1/operations", "admin").json()
    assert {(row["sequence"], row["position"], row["type"], row["tries"]) for row in answer["stopped"]} == {
        (2, 2, "Unheard.1", 1)
    }
    assert {row["first_failed"] for row in answer["stopped"]} == {"2026-03-02T12:00:00Z"}
    since = {row["stopped_since"] for row in answer["projections"] if row["projection"] != "provider"}
    assert since == {"2026-03-02T12:00:00Z"}


def test_who_healed_a_client_is_answered(api: Api) -> None:
    api.done("A-1", "register-client")
    heal(api.services.log, poison(api.services.log, "A-1"))
    assert api.get("/api/v1/operations", "admin").json()["healed"] == []
    poison(api.services.log, "A-1", event_id="f" * 32)
    api.services.catch_up()
    heal(api.services.log, 3)
    api.services.projector.retry(by="a.meyer")
    answer = api.get("/api/v1/operations", "admin").json()
    told = {(row["position"], row["how"], row["healed_by"], row["healed_at"]) for row in answer["healed"]}
    assert told == {(3, "retry", "a.meyer", "2026-03-02T12:00:00Z")}
    rows = api.get("/api/v1/projections", "admin").json()["projections"]
    told = {(row["healed_how"], row["healed_by"]) for row in rows if row["projection"] != "provider"}
    assert told == {("retry", "a.meyer")}
