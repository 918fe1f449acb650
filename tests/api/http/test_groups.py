"""Group sessions over HTTP: charted once for everybody, or for nobody."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api, fields
from httpx2 import Response

PATH = "/api/v1/group-sessions"


def post(api: Api, *attendees: dict[str, Any], **change: Any) -> Response:
    role, key = change.pop("role", "clinician"), change.pop("key", "")
    body = {"occurred_at": "2026-03-02T09:00:00Z", "minutes": 180, "attendees": attendees, **change}
    headers = {"Idempotency-Key": key} if key else {}
    return api.as_(role).post(PATH, json=body, headers=headers)


@pytest.mark.parametrize("role", ["intake", "auditor", "analyst", "reporting", "admin"])
def test_it_is_for_clinicians(api: Api, role: str) -> None:
    assert post(api, {"client": "A-1"}, role=role).status_code == 403


def test_who_is_refused_is_named_by_place_and_nobody_is_charted(api: Api) -> None:
    api.admit("A-1")
    api.done("A-2", "register-client")
    answer = post(api, {"client": "A-1"}, {"client": "A-2"}, {"client": "A-3"})
    refused = {item["place"]: item["refusals"][0]["criterion"] for item in answer.json()["attendees"]}
    assert (answer.status_code, refused) == (422, {1: "belongs_to_an_open_level", 2: "chart_exists"})
    assert "A-2" not in answer.text
    assert api.entries("A-1") == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"attendees": []}, "attendees"),
        ({"attendees": [{"client": "A-1", "minutes": 9999}]}, "attendees.0.minutes"),
        ({"kind": "party"}, "kind"),
        ({"occurred_at": "2026-03-02T09:00:00"}, "occurred_at"),
    ],
)
def test_sessions_that_do_not_fit(api: Api, change: dict[str, Any], field: str) -> None:
    assert list(fields(post(api, {"client": "A-1"}, **change))) == [field]


def test_everybody_gets_an_entry_once(api: Api) -> None:
    for reference in ("A-1", "A-2"):
        api.admit(reference)
    attendees = ({"client": "A-1", "minutes": 90}, {"client": "A-2", "attended": False, "cause": "illness"})
    first = post(api, *attendees, topic="mindfulness", key="g-1")
    again = post(api, *attendees, topic="mindfulness", key="g-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert [r["event_ids"] for r in again.json()["receipts"]] == [r["event_ids"] for r in first.json()["receipts"]]
    one, two = (api.get(f"/api/v1/clients/{reference}/history").json()["entries"][-1] for reference in ("A-1", "A-2"))
    assert (one["type"], one["data"]["minutes"], two["type"]) == ("SessionAttended", 90, "SessionMissed")
    assert one["correlation_id"] == two["correlation_id"] == first.headers["x-request-id"]
    assert one["data"]["group_id"]


def test_a_group_without_a_key_is_not_charted_twice_unasked(api: Api) -> None:
    api.admit("A-1")
    assert post(api, {"client": "A-1"}).status_code == 201
    twice = post(api, {"client": "A-1"})
    (attendee,) = twice.json()["attendees"]
    assert (twice.status_code, attendee["place"]) == (422, 0)
    assert [refusal["criterion"] for refusal in attendee["refusals"]] == ["already_charted"]
    assert "A-1" not in twice.text
    assert api.entries("A-1") == 4
    assert post(api, {"client": "A-1"}, again=True).status_code == 201
    assert api.entries("A-1") == 5
