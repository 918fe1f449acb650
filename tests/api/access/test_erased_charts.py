"""An erased chart is gone, for all but auditors: they see what is left, and their look is recorded."""

from __future__ import annotations

import re

import pytest

from api.http.access import PUBLIC, ROUTES, may
from api.http.examples import EXAMPLES
from tests.api.access.conftest import House

WAYS = {"kind": "summary", "event_id": "0" * 32, "handoff": "0" * 32, "command": "give-consent"}
FACTS = ("esidential", "north", "2026-02-28", "28 Feb", "a.meyer")


@pytest.fixture(autouse=True)
def gone(house: House) -> str:
    house.admit("A-1", "north")
    house.erase("A-1")
    return f"erased:{house.services.log.client_id('A-1')}"


def address(path: str, reference: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: {**WAYS, "reference": reference}[found[1]], path)


@pytest.mark.parametrize("role", ["intake", "clinician"])
@pytest.mark.parametrize("sites", [None, frozenset({"north"})])
def test_every_read_is_410_and_tells_no_fact(house: House, gone: str, role: str, sites: frozenset[str] | None) -> None:
    browser, tried = house.browser(role, sites), 0
    for route, area in ROUTES.items():
        method, _, path = route.partition(" ")
        if "{reference}" not in path or method != "GET" or area == PUBLIC or not may(role, area):
            continue
        for reference in ("A-1", gone):
            answer = browser.get(address(path, reference))
            assert answer.status_code == 410, (path, reference)
            assert not [fact for fact in FACTS if fact in answer.text], path
            tried += 1
    assert tried > 8
    assert {entry.refused for entry in house.entries("A-1", "ChartRefused")} == {"erased or gone"}


def test_commands_are_410(house: House) -> None:
    for name in ("add-note", "register-client"):
        body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES[name]}
        answer = house.api("clinician").post(f"/api/v1/clients/A-1/commands/{name}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")


def test_who_works_elsewhere_learns_not_even_that(house: House) -> None:
    south = house.browser("clinician", frozenset({"south"}))
    stream = house.services.log.client_id("A-1")
    for path in ("/clients/A-1", "/api/v1/clients/A-1", f"/fhir/Patient/{stream}?_recipient=within-programme"):
        assert south.get(path).status_code == 404


def test_fhir_and_live_are_410(house: House) -> None:
    stream = house.services.log.client_id("A-1")
    for path in (f"/fhir/Patient/{stream}?_recipient=within-programme", "/api/v1/live?client=A-1"):
        answer = house.api("clinician").get(path)
        assert answer.status_code == 410, path
        assert not [fact for fact in FACTS if fact in answer.text]


def test_auditors_see_what_is_left_and_are_recorded(house: House, gone: str) -> None:
    for path in ("/clients/{}", "/api/v1/clients/{}", "/api/v1/clients/{}/timeline", "/api/v1/clients/{}/history"):
        for reference in ("A-1", gone):
            before = len(house.entries("A-1", "ChartsRead"))
            assert house.browser("auditor").get(path.format(reference)).status_code == 200
            assert len(house.entries("A-1", "ChartsRead")) == before + 1


@pytest.mark.parametrize("role", ["intake", "clinician"])
def test_it_is_in_no_list(house: House, gone: str, role: str) -> None:
    house.admit("B-1", "north")
    for sites in (None, frozenset({"north"})):
        browser = house.browser(role, sites)
        assert [row["client"] for row in browser.get("/api/v1/clients").json()["clients"]] == ["B-1"]
        for path in ("/clients", "/today"):
            page = browser.get(path).text
            assert gone not in page and "B-1" in page
        assert "1 client" in re.sub(r"\s+", " ", browser.get("/clients").text)
    assert gone in house.browser("auditor").get("/clients").text
