"""People who work at one site see its clients; others by broken glass, for a while, with a reason, flagged."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from api.http.examples import EXAMPLES
from api.sessions import COOKIE
from tests.api.access.conftest import House

NORTH = frozenset({"north"})
REASON = "Client collapsed in our waiting room"


@pytest.fixture(autouse=True)
def clients(house: House) -> None:
    house.admit("NORTH-1", "north")
    house.admit("SOUTH-1", "south")


def break_glass(browser: TestClient, reference: str, reason: str = REASON) -> int:
    form = re.search(r'name="csrf" value="(\w+)"', browser.get("/clients").text)
    assert form
    data = {"reason": reason, "csrf": form[1]}
    return browser.post(f"/clients/{reference}/break-glass", data=data).status_code


@pytest.mark.parametrize(
    "path", ["/clients/{}", "/api/v1/clients/{}", "/api/v1/clients/{}/timeline", "/api/v1/clients/{}/history"]
)
def test_a_chart_of_ones_own_site_opens_and_another_does_not(house: House, path: str) -> None:
    browser = house.browser("clinician", NORTH)
    assert browser.get(path.format("NORTH-1")).status_code == 200
    refused = browser.get(path.format("SOUTH-1"))
    assert refused.status_code == 404
    assert "esidential" not in refused.text
    assert [entry.kind for entry in house.entries("SOUTH-1")] == ["ChartRefused"]


@pytest.mark.parametrize("path", ["/clients", "/today", "/api/v1/clients"])
def test_lists_show_ones_own_site_only(house: House, path: str) -> None:
    page = house.browser("clinician", NORTH).get(path)
    assert page.status_code == 200
    assert "SOUTH-1" not in page.text
    if path != "/today":
        assert "NORTH-1" in page.text
    seen = [entry for entry in house.entries("SOUTH-1") if entry.kind == "ChartsRead"]
    assert seen == []


def test_a_page_of_the_list_is_filled_with_ones_own_clients(house: House) -> None:
    for number in range(2, 6):
        house.admit(f"SOUTH-{number}", "south")
        house.admit(f"NORTH-{number}", "north")
    browser = house.browser("clinician", NORTH)
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = browser.get("/api/v1/clients", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [row["client"] for row in page["clients"]]
        cursor = page["next_cursor"]
        assert len(page["clients"]) == (2 if cursor else 1)
    assert not cursor
    assert sorted(found) == [f"NORTH-{number}" for number in range(1, 6)]


def test_an_auditor_sees_every_site_whatever_the_claims_say(house: House) -> None:
    assert house.browser("auditor", NORTH).get("/clients/SOUTH-1").status_code == 200


def test_whoever_has_no_site_opens_no_chart(house: House) -> None:
    house.register("NOWHERE-1")
    browser = house.browser("clinician", frozenset())
    for reference in ("NORTH-1", "NOWHERE-1"):
        assert browser.get(f"/clients/{reference}").status_code == 404
    for path in ("/clients", "/today", "/api/v1/clients"):
        assert "-1<" not in browser.get(path).text


def test_nothing_is_recorded_for_a_client_of_another_site(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["attend-session"]}
    headers = {"Sec-Fetch-Site": "same-origin"}
    path = "/api/v1/clients/{}/commands/attend-session"
    assert browser.post(path.format("NORTH-1"), json=body, headers=headers).status_code == 201
    assert browser.post(path.format("SOUTH-1"), json=body, headers=headers).status_code == 404
    group = {"occurred_at": body["occurred_at"], "kind": "group", "minutes": 60}
    both = {**group, "attendees": [{"client": "NORTH-1"}, {"client": "SOUTH-1"}]}
    assert browser.post("/api/v1/group-sessions", json=both, headers=headers).status_code == 404


def test_broken_glass_opens_one_chart_for_one_person_for_a_while(house: House) -> None:
    browser = house.browser("clinician", NORTH, "first")
    house.admit("SOUTH-2", "south")
    assert break_glass(browser, "SOUTH-1") == 303
    assert browser.get("/clients/SOUTH-1").status_code == 200
    assert browser.get("/clients/SOUTH-2").status_code == 404
    assert house.browser("clinician", NORTH, "second").get("/clients/SOUTH-1").status_code == 404
    house.hands.move(minutes=29)
    assert browser.get("/clients/SOUTH-1").status_code == 200
    house.hands.move(minutes=29)
    assert browser.get("/clients/SOUTH-1").status_code == 200
    house.hands.move(minutes=2)
    assert browser.get("/clients/SOUTH-1").status_code == 404


def test_breaking_the_glass_changes_the_sessions_id(house: House) -> None:
    """More may be done than before: an id that somebody has seen before opens nothing of it."""
    browser = house.browser("clinician", NORTH)
    before = browser.cookies[COOKIE]
    break_glass(browser, "SOUTH-1")
    stolen = house.nobody()
    stolen.cookies.set(COOKIE, before)
    assert stolen.get("/clients/SOUTH-1").status_code == 303
    assert browser.get("/clients/SOUTH-1").status_code == 200


def test_the_auditor_finds_who_broke_it_why_and_what_was_read(house: House) -> None:
    browser = house.browser("clinician", NORTH, "first")
    break_glass(browser, "SOUTH-1")
    browser.get("/clients/SOUTH-1")
    kinds = [(entry.kind, entry.broken, entry.words) for entry in house.entries("SOUTH-1")]
    assert kinds[0][0] == "GlassBroken"
    assert kinds[0][2]["reason"] == REASON
    assert ("ChartsRead", True, {}) in kinds
    auditor = house.browser("auditor")
    page = auditor.get("/audit/access").text
    assert REASON in page
    assert "first" in page
    found = house.api("auditor").get("/api/v1/audit/access-review").json()
    assert {entry["kind"] for entry in found["broken"]} == {"GlassBroken", "ChartsRead"}
    assert REASON in auditor.get("/clients/SOUTH-1/disclosures").text


@pytest.mark.parametrize("reason", ["", "because", "   x    x  ", "x" * 1_001])
def test_a_reason_that_says_nothing_breaks_nothing(house: House, reason: str) -> None:
    browser = house.browser("clinician", NORTH)
    assert break_glass(browser, "SOUTH-1", reason) == 422
    assert browser.get("/clients/SOUTH-1").status_code == 404


def test_the_reason_is_sealed_under_the_clients_key(house: House) -> None:
    break_glass(house.browser("clinician", NORTH), "SOUTH-1")
    rows = b"".join(row.state for row in house.services.people.log.recorder.page(0, 1_000))
    assert REASON.encode() not in rows


def test_the_api_breaks_the_glass_too(house: House) -> None:
    browser = house.browser("clinician", NORTH)
    headers = {"Sec-Fetch-Site": "same-origin"}
    path = "/api/v1/clients/SOUTH-1/break-glass"
    assert browser.post(path, json={"reason": "short"}, headers=headers).status_code == 422
    answer = browser.post(path, json={"reason": REASON}, headers=headers)
    assert answer.status_code == 201
    assert browser.get("/api/v1/clients/SOUTH-1").status_code == 200
    assert (
        browser.post("/api/v1/clients/NOBODY/break-glass", json={"reason": REASON}, headers=headers).status_code == 404
    )


def test_intake_is_bound_to_its_sites_as_well(house: House) -> None:
    assert house.browser("intake", NORTH).get("/clients/SOUTH-1").status_code == 404
