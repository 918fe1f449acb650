"""The request of an entry on the pages: a form keeps the caller's id, and the history shows and filters by it."""

from __future__ import annotations

from uuid import UUID

from tests.api.access.conftest import House
from tests.api.web.test_audit_pages import words

OWN = "0b5c1e6e-0f0a-4d3a-8f7e-3d1b6d0f2a11"


def test_a_form_records_under_the_callers_id_and_the_history_finds_it(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("clinician", name="cl")
    page = browser.get("/clients/A-1/record/add-note").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "text": "seen today", "occurred_at": house.hands.now.strftime("%Y-%m-%dT%H:%M")}
    answer = browser.post("/clients/A-1/record/add-note", data=form, headers={"X-Request-ID": OWN})
    assert (answer.status_code, answer.headers["x-request-id"]) == (303, OWN)
    written = house.services.log.stream(house.services.log.client_id("A-1"))[-1]
    assert written.meta.get("c") == UUID(OWN).hex
    auditor = house.browser("auditor")
    text = auditor.get("/clients/A-1/history").text
    assert f'href="?request={UUID(OWN).hex}"' in text
    found = words(auditor.get(f"/clients/A-1/history?request={OWN}").text)
    assert "1 entry, in the order of recording" in found
    assert "4 entries" in words(auditor.get("/clients/A-1/history?request=nothing").text)


def test_an_amendment_says_which_entry_it_follows_from(house: House) -> None:
    house.admit("A-1", "north")
    target = house.services.log.stream(house.services.log.client_id("A-1"))[-1].event_id
    api, at = house.api("clinician"), house.hands.now.isoformat()
    body = {"occurred_at": at, "data": {"target": str(UUID(hex=target)), "reason": "another client"}}
    assert api.post("/api/v1/clients/A-1/commands/retract", json=body).status_code == 201
    assert "Follows from entry 3" in words(house.browser("auditor").get("/clients/A-1/history").text)
