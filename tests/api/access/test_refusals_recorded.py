"""Whatever route refuses a look at a chart, the refusal is in the access log before the answer leaves."""

from __future__ import annotations

import re

import pytest

from api.http.access import PUBLIC, ROLES, ROUTES
from api.http.examples import EXAMPLES
from api.web.writing.consents import ALL_THE_SAME
from tests.api.access.conftest import House

OF_A_CHART = sorted(route for route, area in ROUTES.items() if "{reference}" in route and area != PUBLIC)
WAYS = {"kind": "summary", "event_id": "0" * 32, "handoff": "0" * 32, "command": "attend-session"}
REFUSED = {403, 404, 409, 410}


def address(path: str, reference: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: {**WAYS, "reference": reference}[found[1]], path)


@pytest.mark.parametrize("role", ROLES)
def test_each_route_of_a_chart_records_what_it_refuses(house: House, role: str) -> None:
    house.admit("SOUTH-1", "south")
    browser, api = house.browser(role, frozenset({"north"})), house.api(role)
    tried = 0
    for route in OF_A_CHART:
        method, _, path = route.partition(" ")
        for client in (browser, api):
            if client is api and not path.startswith("/api/"):
                continue
            before = len(house.entries("SOUTH-1", "ChartRefused"))
            headers = {"Sec-Fetch-Site": "same-origin"}
            if method == "GET":
                answer = client.get(address(path, "SOUTH-1"))
            elif path.startswith("/api/"):
                answer = client.post(address(path, "SOUTH-1"), headers=headers, json={})
            else:
                continue  # a form without its token is refused before anybody looks at a chart
            if answer.status_code not in REFUSED:
                continue
            tried += 1
            found = house.entries("SOUTH-1", "ChartRefused")[before:]
            assert len(found) == 1, route
            assert (found[0].role, found[0].doing, found[0].outcome) == (role, route, "refused"), route
            assert found[0].refused in {"other site", "not allowed", "not there", "erased or gone"}
    assert tried > 10


def test_a_chart_that_is_not_there_is_recorded_too(house: House) -> None:
    assert house.api("clinician").get("/api/v1/clients/NOBODY").status_code == 404
    (entry,) = house.entries("NOBODY")
    assert (entry.kind, entry.refused) == ("ChartRefused", "not there")
    assert house.browser("auditor").get("/audit/access").status_code == 200


@pytest.mark.parametrize(("role", "told"), [("clinician", 3), ("intake", 0)])
def test_what_changed_meanwhile_is_for_who_may_read_the_history(house: House, role: str, told: int) -> None:
    house.admit("A-1", "north")
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["give-consent"]}
    path = "/api/v1/clients/A-1/commands/give-consent"
    answer = house.api(role).post(path, json=body, headers={"If-Match": '"0"'})
    assert answer.status_code == 409
    assert (answer.json()["actual"], len(answer.json()["changed_since"])) == (3, told)
    (entry,) = house.entries("A-1")
    assert (entry.kind, entry.refused, entry.role) == ("ChartRefused", "changed meanwhile", role)


def test_a_refused_command_is_recorded_and_a_misspelt_one_is_not(house: House) -> None:
    house.admit("A-1", "north")
    path = "/api/v1/clients/A-1/commands/end-level"
    at = house.hands.now.isoformat()
    wrong = {"occurred_at": at, "data": {**EXAMPLES["end-level"], "level": "partial_hospitalization"}}
    assert house.api("clinician").post(path, json={"occurred_at": at, "data": {}}).status_code == 422
    assert house.entries("A-1") == []
    assert house.api("clinician").post(path, json=wrong).json()["type"] == "/problems/refused"
    assert [entry.refused for entry in house.entries("A-1")] == ["refused by a rule"]


def test_live_asks_of_a_chart_are_recorded(house: House) -> None:
    house.admit("SOUTH-1", "south")
    assert house.api("admin").get("/api/v1/live", params={"client": "SOUTH-1"}).status_code == 403
    assert [entry.refused for entry in house.entries("SOUTH-1")] == ["not allowed"]


def test_a_live_stream_of_a_chart_is_a_look_at_it(house: House) -> None:
    """The stream itself never ends in a test client: the process is told to stop, so it is over at once."""
    house.admit("SOUTH-1", "south")
    house.app.state.draining.set()
    live = {"client": "SOUTH-1"}
    assert house.browser("clinician", frozenset({"south"})).get("/api/v1/live", params=live).status_code == 200
    assert house.browser("clinician", frozenset({"north"})).get("/api/v1/live", params=live).status_code == 404
    for role in ("reporting", "admin"):
        assert house.browser(role).get("/api/v1/live", params=live).status_code == 403
    seen = [(entry.kind, entry.doing) for entry in house.entries("SOUTH-1")]
    assert seen == [("ChartsRead", "GET /api/v1/live"), *[("ChartRefused", "GET /api/v1/live")] * 3]
    assert house.browser("clinician").get("/api/v1/live", params={"client": "NOBODY"}).status_code == 404


def test_what_a_refusal_tells_of_charts_in_a_body_is_recorded(house: House) -> None:
    house.admit("A-1", "north")
    house.admit("B-1", "north")
    api, at = house.api("clinician"), house.hands.now.isoformat()
    group = {"occurred_at": at, "kind": "group", "minutes": 60, "attendees": [{"client": "A-1"}]}
    assert api.post("/api/v1/group-sessions", json=group).status_code == 201
    both = {**group, "attendees": [{"client": "A-1"}, {"client": "B-1"}]}
    assert api.post("/api/v1/group-sessions", json=both).status_code == 422
    assert [entry.refused for entry in house.entries("A-1", "ChartRefused")] == ["refused by a rule"]
    assert house.entries("B-1", "ChartRefused") == []  # of whom nothing was told
    merge = {"data": {"other_client": "B-1"}}
    assert api.post("/api/v1/clients/A-1/commands/merge", json=merge).status_code == 422
    assert [entry.refused for entry in house.entries("B-1", "ChartRefused")] == ["refused by a rule"]


@pytest.mark.parametrize(("role", "told"), [("clinician", True), ("intake", False)])
def test_the_page_of_a_stale_form_tells_as_little(house: House, role: str, told: bool) -> None:
    house.admit("A-1", "north")
    browser = house.browser(role, frozenset({"north"}))
    page = browser.get("/clients/A-1/record/give-consent").text
    csrf = re.search(r'name="csrf" value="(\w+)"', page)
    assert csrf
    form = {
        **EXAMPLES["give-consent"],
        "occurred_at": "2026-03-02T10:00",
        "csrf": csrf[1],
        "seen": "0",
        ALL_THE_SAME: "yes",
    }
    answer = browser.post("/clients/A-1/record/give-consent", data=form)
    assert answer.status_code == 409
    assert ("demo-clinician" in answer.text) is told
    assert "changed meanwhile" in [entry.refused for entry in house.entries("A-1", "ChartRefused")]


def test_without_the_access_log_no_refusal_leaves(house: House) -> None:
    with house.services.people.log.recorder.writing() as tx:
        tx.rows(f"DROP TABLE {tx.events_table}")
    assert house.api("clinician").get("/api/v1/clients/NOBODY").status_code == 503


def test_auditors_find_them_in_the_review(house: House) -> None:
    house.admit("A-1", "north")
    house.api("admin").get("/api/v1/clients/A-1")
    found = house.api("auditor").get("/api/v1/audit/access-review").json()["refused"]
    assert [(row["name"], row["outcome"], row["refused"]) for row in found] == [
        ("demo-admin", "refused", "not allowed")
    ]
    assert "not allowed" in house.browser("auditor").get("/audit/access").text
