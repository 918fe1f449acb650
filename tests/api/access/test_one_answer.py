"""A chart of another site and a number that is nobody's answer alike: no answer tells who is a client."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from api.http.access import PUBLIC, ROUTES, may
from api.http.examples import EXAMPLES
from tests.api.access.conftest import House

NORTH = frozenset({"north"})
REASON = "Client collapsed in our waiting room"
WAYS = {"kind": "summary", "event_id": "0" * 32, "handoff": "0" * 32}
HEADERS = {"Sec-Fetch-Site": "same-origin"}
BOUND = ("intake", "clinician")


@pytest.fixture(autouse=True)
def clients(house: House) -> None:
    house.admit("NORTH-1", "north")
    house.admit("SOUTH-1", "south")


def said(answer: Response, number: str) -> tuple[int, str, str | None]:
    """What of an answer could tell one number from another: all but the number itself and the request's id."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", answer.text.replace(number, "NUMBER"))
    text = re.sub(r'name="(csrf|key)" value="\w+"', "", text)
    return answer.status_code, text, answer.headers.get("etag")


def address(path: str, reference: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: {**WAYS, "reference": reference}.get(found[1], "give-consent"), path)


def reads(role: str) -> Iterator[str]:
    for route, area in ROUTES.items():
        method, _, path = route.partition(" ")
        if "{reference}" in path and method == "GET" and area != PUBLIC and may(role, area):
            yield path


def body_of(route: str, house: House) -> dict[str, object]:
    name = route.rpartition("/")[2]
    data: dict[str, object] = {**EXAMPLES.get(name, {})}
    return {"occurred_at": house.hands.now.isoformat(), "data": data}


@pytest.mark.parametrize("role", BOUND)
def test_every_read_answers_alike(house: House, role: str) -> None:
    browser, tried = house.browser(role, NORTH), 0
    for path in reads(role):
        theirs, nobodys = (said(browser.get(address(path, one)), one) for one in ("SOUTH-1", "NOBODY-1"))
        assert theirs == nobodys, path
        assert theirs[0] == 404, path
        tried += 1
    assert tried > 4


@pytest.mark.parametrize("role", BOUND)
def test_every_command_answers_alike_but_those_that_open_a_chart(house: House, role: str) -> None:
    browser, tried = house.browser(role, NORTH), 0
    for route, area in ROUTES.items():
        name = route.rpartition("/")[2]
        if "/commands/" not in route or not may(role, area) or name in {"register-client", "receive-referral"}:
            continue
        path, body = route.partition(" ")[2], body_of(route, house)
        theirs, nobodys = (
            said(browser.post(address(path, one), json=body, headers=HEADERS), one) for one in ("SOUTH-1", "NOBODY-1")
        )
        assert theirs == nobodys, route
        assert theirs[0] == 404, (route, theirs)
        tried += 1
    assert tried > 3


def test_a_chart_named_in_a_body_answers_alike(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    at = house.hands.now.isoformat()
    for name in ("merge", "keep-apart"):
        path = f"/api/v1/clients/NORTH-1/commands/{name}"
        answers = [
            said(browser.post(path, json={"data": {"other_client": one}}, headers=HEADERS), one)
            for one in ("SOUTH-1", "NOBODY-1")
        ]
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
    group = {"occurred_at": at, "kind": "group", "minutes": 60}
    both = [
        said(
            browser.post("/api/v1/group-sessions", json={**group, "attendees": [{"client": one}]}, headers=HEADERS), one
        )
        for one in ("SOUTH-1", "NOBODY-1")
    ]
    assert both[0] == both[1]


def test_pages_that_ask_for_a_number_answer_alike(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    token = token_of(browser)
    for path, field in (("/clients/find", "chart"), ("/clients/NORTH-1/merge", "other")):
        theirs, nobodys = (
            said(browser.post(path, data={field: one, "csrf": token}), one) for one in ("SOUTH-1", "NOBODY-1")
        )
        assert theirs == nobodys, path
        assert theirs[0] == 404
    theirs, nobodys = (
        said(browser.get("/clients/NORTH-1/merge", params={"other": one}), one) for one in ("SOUTH-1", "NOBODY-1")
    )
    assert theirs == nobodys
    assert browser.post("/clients/find", data={"chart": "NORTH-1", "csrf": token}).status_code == 303


def test_fhir_answers_alike(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    ours = {"_recipient": "within-programme"}
    stream, nobody = house.services.log.client_id("SOUTH-1"), house.services.log.client_id("NOBODY-1")
    for path in ("Patient/{}", "Patient/{}/$everything", "Patient/{}/_history", "Condition?patient={}"):
        theirs, nobodys = (
            said(browser.get(f"/fhir/{path.format(one)}", params=ours if "?" not in path else None), one)
            if "?" not in path
            else said(browser.get(f"/fhir/{path.format(one)}&_recipient=within-programme"), one)
            for one in (stream, nobody)
        )
        assert theirs == nobodys, path
        assert theirs[0] == 404
    found = [
        browser.get("/fhir/Patient", params={**ours, "identifier": one}).json().get("total")
        for one in ("SOUTH-1", "NOBODY-1")
    ]
    assert found == [0, 0]
    assert "ChartRefused" in [entry.kind for entry in house.entries("SOUTH-1")]


def test_refused_looks_at_charts_stay_in_the_access_log(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    browser.get("/api/v1/clients/SOUTH-1")
    browser.get("/clients/NOBODY-1")
    assert [entry.refused for entry in house.entries("SOUTH-1")] == ["other site"]
    assert [entry.refused for entry in house.entries("NOBODY-1")] == ["not there"]


def test_breaking_the_glass_on_nobodys_number_is_recorded_before_it_says_so(house: House) -> None:
    browser = house.browser("clinician", NORTH, "nurse")
    data = {"reason": REASON, "csrf": token_of(browser)}
    page = browser.post("/clients/NOBODY-1/break-glass", data=data)
    assert (page.status_code, "No chart that you may open" in page.text) == (404, True)
    answer = browser.post("/api/v1/clients/NOBODY-1/break-glass", json={"reason": REASON}, headers=HEADERS)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-chart")
    broken = house.entries("NOBODY-1", "GlassBroken")
    assert [(entry.name, entry.refused) for entry in broken] == [("nurse", "not there")] * 2
    assert house.browser("auditor").get("/audit/access").status_code == 200


def test_a_number_that_is_taken_is_told_to_who_registers_and_recorded(house: House) -> None:
    """That a number cannot be given twice cannot be hidden: nothing else of the chart is told."""
    browser = house.browser("intake", NORTH)
    path = "/api/v1/clients/SOUTH-1/commands/register-client"
    answer = browser.post(path, json=body_of(path, house), headers=HEADERS)
    assert answer.status_code == 422
    assert [item["criterion"] for item in answer.json()["refusals"]] == ["number_is_free"]
    form = {
        "chart_number": "SOUTH-1",
        "name": "Simulated Person",
        "birth_date": "1980-01-01",
        "csrf": token_of(browser),
    }
    page = browser.post("/clients/new", data={**form, "occurred_at": "2026-03-02T10:00"})
    assert (page.status_code, "it is taken" in page.text) == (422, True)
    assert [entry.refused for entry in house.entries("SOUTH-1")] == ["other site", "refused by a rule"]


def token_of(browser: TestClient) -> str:
    form = re.search(r'name="csrf" value="(\w+)"', browser.get("/clients").text)
    assert form
    return form[1]
