"""Erasure over HTTP: administrators only, two of them, and the chart answers afterwards."""

from __future__ import annotations

import pytest
from http_support import Api, criteria

from infra.eventstore.log import Author
from infra.privacy.erasure.requests import request

PATH = "/api/v1/clients/A-1/erasure"
ASK = {"ground": "client_request", "basis": "by letter"}


@pytest.mark.parametrize("role", ["intake", "clinician", "auditor", "analyst", "reporting"])
@pytest.mark.parametrize(("path", "body"), [("", ASK), ("/confirmation", {}), ("/withdrawal", {"reason": "x"})])
def test_others_may_not(api: Api, role: str, path: str, body: object) -> None:
    api.admit("A-1")
    assert api.as_(role).post(PATH + path, json=body).status_code == 403
    assert api.as_(role).get("/api/v1/erasures").status_code == 403


def test_one_asks_and_cannot_confirm(api: Api) -> None:
    api.admit("A-1")
    asked = api.as_("admin").post(PATH, json=ASK)
    assert asked.status_code == 201
    assert asked.json()["requested_by"] == "demo-admin"
    assert [row["client"] for row in api.get("/api/v1/erasures", "admin").json()["requests"]] == ["A-1"]
    assert criteria(api.as_("admin").post(PATH + "/confirmation", json={})) == ["two_people"]
    assert criteria(api.as_("admin").post(PATH, json=ASK)) == ["no_request_waits"]
    assert api.as_("admin").post(PATH + "/withdrawal", json={"reason": "not meant"}).status_code == 200
    assert criteria(api.as_("admin").post(PATH + "/confirmation", json={})) == ["request_waits"]


def test_what_was_asked_by_somebody_else_is_confirmed(api: Api) -> None:
    api.admit("A-1")
    name = next(item for item in api.get("/api/v1/clients/A-1/timeline").json()["items"])["data"]["name"]
    services = api.services
    who = Author("a.meyer", "admin", "api")
    request(services.log, "A-1", author=who, ground="court_order", basis=None, now=services.now(), hours=72)
    answer = api.as_("admin").post(PATH + "/confirmation", json={})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["charts"], found["complete"], found["client"][:7]) == (1, True, "erased:")
    for reference in ("A-1", found["client"]):
        chart = api.get(f"/api/v1/clients/{reference}", "auditor")
        assert chart.json()["erased"]["requested_by"] == "a.meyer"
        assert chart.json()["erased"]["confirmed_by"] == "demo-admin"
        for path in ("", "/timeline", "/history"):
            shown = api.get(f"/api/v1/clients/{reference}{path}", "auditor")
            assert shown.status_code == 200
            assert name not in shown.text
    assert api.command("A-1", "add-note").status_code == 410
    listed = api.get("/api/v1/clients", "auditor").json()["clients"]
    assert [row["client"] for row in listed] == [found["client"]]


def test_a_body_without_a_ground_is_named(api: Api) -> None:
    api.admit("A-1")
    assert api.as_("admin").post(PATH, json={}).json()["errors"] == [{"field": "ground", "problem": "missing"}]
    assert api.as_("admin").post("/api/v1/clients/A-9/erasure", json=ASK).status_code == 404
