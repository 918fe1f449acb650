"""Broken glass is reviewed: by an auditor, once, with a note that goes when the client is erased."""

from __future__ import annotations

from tests.api.access.conftest import House

REASON = "Client collapsed in our waiting room"


def test_a_use_is_reviewed_once_and_for_good(house: House) -> None:
    house.admit("A-1", "north")
    south = house.browser("clinician", frozenset({"south"}), "nurse")
    token = south.get("/today").text.split('name="csrf" value="')[1].split('"')[0]
    assert south.post("/clients/A-1/break-glass", data={"csrf": token, "reason": REASON}).status_code == 303
    auditor = house.api("auditor")
    [found] = auditor.get("/api/v1/audit/broken-glass").json()["uses"]
    assert (found["use"]["words"]["reason"], found["reviewed_by"]) == (REASON, None)
    address = f"/api/v1/audit/broken-glass/{found['use']['position']}/review"
    answer = auditor.post(address, json={"note": "Emergency room confirms it"})
    assert (answer.status_code, answer.json()["note"]) == (201, "Emergency room confirms it")
    again = auditor.post(address, json={})
    assert (again.status_code, again.json()["detail"]) == (422, "It is reviewed already.")
    [found] = auditor.get("/api/v1/audit/broken-glass").json()["uses"]
    assert (found["reviewed_by"], found["note"]) == ("demo-auditor", "Emergency room confirms it")
    [mark] = house.entries("A-1", "GlassReviewed")
    assert mark.about == house.entries("A-1", "GlassBroken")[0].entry_id


def test_only_a_use_can_be_reviewed(house: House) -> None:
    house.admit("A-1", "north")
    auditor = house.api("auditor")
    auditor.get("/api/v1/clients/A-1")
    for position in (1, 9_999):
        assert auditor.post(f"/api/v1/audit/broken-glass/{position}/review", json={}).status_code == 404
