"""A chart with an entry that this release cannot read: the rest of it opens and is written to; the entry stands there."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from domain.commands import SetAside
from infra.eventstore.log import Author
from infra.ops.set_aside import record_aside
from tests.api.access.conftest import House
from tests.poison import BAD_ID, HIDDEN, POISONS, heal, poison

MANY = [
    *("", "?retracted=1", "?as_of=2026-03-01T12:00", "/history", "/history?known_from=2001-01-01T00:00"),
    *("/overlaps", "/record/add-note", "/record/attend-session", "/merge", "/print", "/audit-package", "/disclosures"),
]
READS = ["", "/timeline", "/history", "/rows", "/timeline?as_of=2026-03-02T12:00:00Z", "/picture"]


@pytest.fixture
def spoiled(house: House, request: pytest.FixtureRequest) -> House:
    house.admit("A-1", "north")
    poison(house.services.log, "A-1", request.param)
    house.services.catch_up()
    return house


every_kind = pytest.mark.parametrize("spoiled", POISONS, indirect=True)
one_kind = pytest.mark.parametrize("spoiled", ["unknown version"], indirect=True)


@every_kind
def test_every_page_of_it_opens(spoiled: House) -> None:
    for role in ("clinician", "auditor"):
        browser = spoiled.browser(role)
        for path in MANY:
            answer = browser.get(f"/clients/A-1{path}")
            assert answer.status_code < 500, (role, path)
            assert HIDDEN not in answer.text
    page = spoiled.browser("clinician").get("/clients/A-1").text
    assert "Entries that cannot be read here" in page
    assert "entry 4, position 4" in page
    history = spoiled.browser("auditor").get("/clients/A-1/history").text
    assert "unreadable" in history


@every_kind
def test_every_address_of_it_answers(spoiled: House) -> None:
    for role in ("clinician", "auditor"):
        for path in READS:
            answer = spoiled.api(role).get(f"/api/v1/clients/A-1{path}")
            assert answer.status_code < 500, (role, path)
            assert HIDDEN not in answer.text
    timeline = spoiled.api("clinician").get("/api/v1/clients/A-1/timeline").json()
    assert len(timeline["items"]) == 3
    [unread] = timeline["unreadable"]
    assert (unread["sequence"], unread["position"]) == (4, 4)
    history = spoiled.api("auditor").get("/api/v1/clients/A-1/history").json()
    assert [entry["effect"] for entry in history["entries"]] == ["learned"] * 3 + ["unreadable"]
    assert history["entries"][-1]["data"] == {}
    client_id = spoiled.services.log.client_id("A-1")
    found = spoiled.api("clinician").get(f"/fhir/Patient/{client_id}?_recipient=within")
    assert found.status_code < 500
    assert HIDDEN not in found.text


@every_kind
def test_it_can_be_written_to(spoiled: House) -> None:
    spoiled.record("A-1", "add-note")
    spoiled.record("A-1", "attend-session")
    timeline = spoiled.api("clinician").get("/api/v1/clients/A-1/timeline").json()
    assert len(timeline["items"]) == 5
    assert timeline["sequence"] == 6
    stale = spoiled.api("clinician").post(
        "/api/v1/clients/A-1/commands/add-note",
        json={"occurred_at": spoiled.hands.now.isoformat(), "data": {"text": "x"}},
        headers={"If-Match": '"3"'},
    )
    assert stale.status_code == 409
    assert stale.json()["actual"] == 6
    assert HIDDEN not in stale.text


@one_kind
def test_once_it_is_known_it_counts_again(spoiled: House) -> None:
    heal(spoiled.services.log, 4)
    timeline = spoiled.api("clinician").get("/api/v1/clients/A-1/timeline").json()
    assert len(timeline["items"]) == 4
    assert timeline["unreadable"] == []


@one_kind
def test_a_form_of_it_is_recorded(spoiled: House) -> None:
    browser = spoiled.browser("clinician")
    page = browser.get("/clients/A-1/record/add-note").text
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert token
    form = {"csrf": token[1], "occurred_at": "2026-03-02T11:00", "text": "x", "key": "k"}
    answer = browser.post("/clients/A-1/record/add-note", data=form)
    assert answer.status_code == 303, answer.text


@one_kind
def test_nothing_of_it_leaves_since_it_may_revoke_a_consent(spoiled: House) -> None:
    spoiled.record("A-1", "give-consent", recipient="County", purpose="treatment")
    client_id = spoiled.services.log.client_id("A-1")
    asked = f"/fhir/Patient/{client_id}?_recipient=County"
    answer = spoiled.api("clinician").get(asked)
    assert answer.status_code == 403
    assert "cannot be read here" in answer.text
    heal(spoiled.services.log, 4)
    assert spoiled.api("clinician").get(asked).status_code == 200


def test_a_chart_of_nothing_else_opens_too(house: House) -> None:
    house.admit("B-1", "north")
    poison(house.services.log, "A-2")
    for path in MANY:
        assert house.browser("clinician").get(f"/clients/A-2{path}").status_code < 500, path
    for path in READS:
        assert house.api("clinician").get(f"/api/v1/clients/A-2{path}").status_code < 500, path


def outcomes(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """The issues of the outcomes in a searchset."""
    found = [entry["resource"] for entry in bundle["entry"] if entry["search"]["mode"] == "outcome"]
    assert {one["resourceType"] for one in found} <= {"OperationOutcome"}
    return [issue for one in found for issue in one["issue"]]


@every_kind
def test_what_fhir_leaves_out_is_said_with_the_rest(spoiled: House) -> None:
    client_id = spoiled.services.log.client_id("A-1")
    api, within = spoiled.api("clinician"), "_recipient=within-programme"
    for path in (f"Patient/{client_id}/$everything", f"Encounter?patient={client_id}", "Patient?identifier=A-1"):
        answer = api.get(f"/fhir/{path}{'&' if '?' in path else '?'}{within}")
        [said] = outcomes(answer.json())
        assert (said["severity"], said["code"]) == ("warning", "incomplete")
        assert "1 entry of this chart cannot be read here" in said["details"]["text"]
        assert "entry 4 at position 4" in said["details"]["text"]
        assert HIDDEN not in answer.text
        assert answer.json()["total"] == len(answer.json()["entry"]) - 1
    versions = api.get(f"/fhir/Patient/{client_id}/_history?{within}").json()
    [said] = versions["entry"][0]["response"]["outcome"]["issue"]
    assert said["severity"] == "warning"
    page = api.get(f"/fhir/Patient/{client_id}/$everything?{within}&_count=1").json()
    assert len(outcomes(page)) == 1


def test_a_chart_that_is_read_whole_is_told_of_nothing(house: House) -> None:
    house.admit("A-1", "north")
    client_id = house.services.log.client_id("A-1")
    asked = f"/fhir/Patient/{client_id}/$everything?_recipient=within-programme"
    assert outcomes(house.api("clinician").get(asked).json()) == []


@every_kind
def test_what_was_set_aside_is_told_with_who_decided_so(spoiled: House) -> None:
    log, now = spoiled.services.log, spoiled.services.now()
    record_aside(log, SetAside(UUID(hex=BAD_ID), "damaged"), author=Author("an admin", "admin"), now=now)
    page = spoiled.browser("clinician").get("/clients/A-1").text
    assert "Entries that cannot be read here" not in page
    assert "Entries that were set aside" in page
    assert "set aside by an admin on" in page
    [left] = spoiled.api("clinician").get("/api/v1/clients/A-1/timeline").json()["unreadable"]
    assert (left["sequence"], left["aside"]["actor"], left["aside"]["reason"]) == (4, "an admin", "damaged")
    history = spoiled.api("auditor").get("/api/v1/clients/A-1/history").json()["entries"]
    assert [entry["effect"] for entry in history[3:]] == ["left_out", "set_aside"]
    assert "damaged" in spoiled.browser("auditor").get("/clients/A-1/history").text


@one_kind
def test_once_it_is_set_aside_a_consent_opens_the_chart_again(spoiled: House) -> None:
    spoiled.record("A-1", "give-consent", recipient="County", purpose="treatment")
    asked = f"/fhir/Patient/{spoiled.services.log.client_id('A-1')}?_recipient=County"
    assert spoiled.api("clinician").get(asked).status_code == 403
    log, now = spoiled.services.log, spoiled.services.now()
    record_aside(log, SetAside(UUID(hex=BAD_ID), "damaged"), author=Author("an admin", "admin"), now=now)
    assert spoiled.api("clinician").get(asked).status_code == 200


@one_kind
def test_the_timeline_as_it_stood_at_an_entry(spoiled: House) -> None:
    log, now = spoiled.services.log, spoiled.services.now()
    record_aside(log, SetAside(UUID(hex=BAD_ID), "damaged"), author=Author("an admin", "admin"), now=now)
    api = spoiled.api("clinician")
    found = [api.get(f"/api/v1/clients/A-1/timeline?at_entry={entry}").json() for entry in (2, 4, 5)]
    assert [(one["sequence"], len(one["items"])) for one in found] == [(2, 2), (4, 3), (5, 4)]
    assert [[left["aside"] is None for left in one["unreadable"]] for one in found] == [[], [True], [False]]
    for wrong in ("0", "6", "1&as_of=2026-03-02T12:00:00Z"):
        assert api.get(f"/api/v1/clients/A-1/timeline?at_entry={wrong}").status_code == 422, wrong


@one_kind
def test_an_administrator_decides_over_http_and_nobody_else(spoiled: House) -> None:
    path = f"/api/v1/operations/entries/{UUID(hex=BAD_ID)}"
    for role in ("clinician", "auditor"):
        assert spoiled.api(role).post(f"{path}/set-aside", json={"reason": "x"}).status_code == 403
    admin = spoiled.api("admin")
    assert admin.post(f"{path}/set-aside", json={"reason": "damaged"}).status_code == 201
    assert admin.post(f"{path}/set-aside", json={"reason": "damaged"}).status_code == 422
    assert spoiled.api("clinician").get("/api/v1/clients/A-1/timeline").json()["unreadable"][0]["aside"]
    assert admin.post(f"{path}/take-up", json={"reason": "known now"}).status_code == 201
    assert admin.post(f"{path[:-1]}0/take-up", json={"reason": "x"}).status_code == 404
