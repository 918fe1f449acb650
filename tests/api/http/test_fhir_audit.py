"""The access log as AuditEvents: for auditors, apart from the clinical feed, one for each look, refusal and disclosure."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api

WITHIN = "within-programme"
BTG = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG", "display": "break the glass"}


def fetch(api: Api, path: str, role: str = "auditor", recipient: str = WITHIN, **params: Any) -> Any:
    """A request with a role's token."""
    return api.get(f"/fhir/{path}", role, params={"_recipient": recipient, **params})


@pytest.fixture
def patient(api: Api) -> str:
    """A client who consents to a county, with whose chart several things were done; gives the Patient's id."""
    api.admit("L-1")
    api.done("L-1", "give-consent", {"consent_id": "c1", "recipient": "County", "purpose": "treatment"})
    found = fetch(api, "Patient", "clinician", identifier="L-1").json()
    key = str(found["entry"][0]["resource"]["id"])
    fetch(api, f"Patient/{key}", "clinician", "County")
    fetch(api, f"Patient/{key}", "clinician", "Employer")
    api.as_("clinician").post("/api/v1/clients/L-1/break-glass", json={"reason": "collapsed in our waiting room"})
    return key


def events(answer: Any) -> list[dict[str, Any]]:
    """The AuditEvents of an answer."""
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json()["entry"]]


def test_each_access_is_an_event_with_who_why_and_whose_chart(api: Api, patient: str) -> None:
    found = events(fetch(api, "AuditEvent", patient=patient))
    said = [(one["type"]["display"], one["subtype"][0]["code"], one["outcome"]) for one in found]
    assert said == [
        ("Patient Record", "access", "0"),
        ("Export", "disclose", "0"),
        ("Export", "disclose", "4"),
        ("Security Alert", "110127", "0"),
        ("Patient Record", "access", "0"),
    ]
    for one in found:
        [who] = [agent for agent in one["agent"] if agent["requestor"]]
        assert who["name"] == who["who"]["identifier"]["value"]
        assert who["role"][0]["coding"][0]["code"] in ("clinician", "auditor")
        assert one["entity"][0]["what"] == {"reference": f"Patient/{patient}"}
        assert one["entity"][1]["type"]["code"] == "XrequestId"
    assert found[0]["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    assert [agent["who"]["display"] for agent in found[1]["agent"] if not agent["requestor"]] == [
        "Care Journey",
        "County",
    ]
    assert "no consent names this recipient" in found[2]["outcomeDesc"]
    assert found[3]["purposeOfEvent"][-1]["coding"] == [BTG]
    assert found[3]["outcomeDesc"] == "collapsed in our waiting room"
    assert fetch(api, f"AuditEvent/{found[3]['id']}").json() == found[3]


def test_clinicians_and_outsiders_get_none(api: Api, patient: str) -> None:
    [first, *_] = events(fetch(api, "AuditEvent", patient=patient))
    for path, params in (
        ("AuditEvent", {"patient": patient}),
        (f"AuditEvent/{first['id']}", {}),
        (f"Patient/{patient}/$everything", {"_type": "AuditEvent"}),
    ):
        assert fetch(api, path, "clinician", **params).status_code == 403
        assert fetch(api, path, "auditor", "County", **params).status_code == 403


def test_it_is_in_everything_only_where_it_is_asked_for(api: Api, patient: str) -> None:
    plain = events(fetch(api, f"Patient/{patient}/$everything"))
    assert "AuditEvent" not in {one["resourceType"] for one in plain}
    asked = events(fetch(api, f"Patient/{patient}/$everything", _type="Patient,AuditEvent"))
    assert {one["resourceType"] for one in asked} == {"Patient", "AuditEvent"}


def test_parameters_narrow_it_and_reading_it_is_read_too(api: Api, patient: str) -> None:
    assert len(events(fetch(api, "AuditEvent", patient=patient, outcome="4"))) == 1
    assert len(events(fetch(api, "AuditEvent", patient=patient, action="E", date="2026-03-02"))) == 1
    assert fetch(api, "AuditEvent", patient=patient, date="lt2026-03-02").json()["total"] == 0
    before = fetch(api, "AuditEvent", patient=patient).json()["total"]
    assert fetch(api, "AuditEvent", patient=patient).json()["total"] == before + 1


def test_pages_of_it_hold_still(api: Api, patient: str) -> None:
    answer = fetch(api, "AuditEvent", patient=patient, _count=2)
    total, seen = answer.json()["total"], events(answer)
    while following := {link["relation"]: link["url"] for link in answer.json()["link"]}.get("next"):
        api.clock.move(seconds=1)
        answer = api.get(following, "auditor")
        seen += events(answer)
    assert len({one["id"] for one in seen}) == len(seen) == total


def test_an_entry_about_several_clients_names_this_one_alone(api: Api, patient: str) -> None:
    api.admit("L-2")
    api.get("/api/v1/clients")
    other = str(fetch(api, "Patient", identifier="L-2").json()["entry"][0]["resource"]["id"])
    answer = fetch(api, "AuditEvent", patient=patient)
    [listed] = [one for one in events(answer) if "list" in one["entity"][0].get("description", "")]
    assert listed["entity"][0]["what"] == {"reference": f"Patient/{patient}"}
    assert other not in answer.text
    assert fetch(api, f"AuditEvent/{listed['id']}/_history").status_code == 404
