"""FHIR searches: each named parameter works, pages hold still, what is gone says so, errors are OperationOutcomes."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api

from domain.days import Calendar
from infra.eventstore.log import Author
from infra.interop.fhir.mapping import KINDS
from infra.privacy.erasure.requests import request

WITHIN = "within-programme"


def fetch(api: Api, path: str, role: str = "clinician", **params: Any) -> Any:
    """A request of the programme's own staff."""
    return api.get(f"/fhir/{path}", role, params={"_recipient": WITHIN, **params})


@pytest.fixture
def patient(api: Api) -> str:
    """A client in residential care with five screens on five days; gives the Patient's id."""
    api.admit("S-1")
    for number in range(5):
        found = ["opioid"] if number == 2 else []
        api.clock.move(days=1)
        api.done("S-1", "result-screen", {"specimen": "urine", "positive": found})
    return str(fetch(api, "Patient", identifier="S-1").json()["entry"][0]["resource"]["id"])


def ids(answer: Any) -> list[str]:
    """The ids of what a search found."""
    assert answer.status_code == 200, answer.text
    return [one["resource"]["id"] for one in answer.json().get("entry", ())]


def test_every_parameter_of_the_capability_statement_can_be_used(api: Api, patient: str) -> None:
    values = {"date": "2026", "token": "x", "reference": f"Patient/{patient}", "uri": "urn:x"}
    statement = fetch(api, "metadata").json()["rest"][0]["resource"]
    assert {one["type"] for one in statement} == {*KINDS, "AuditEvent"}
    for kind in statement:
        for parameter in kind["searchParam"]:
            value = patient if parameter["name"] in ("patient", "_id") else values[parameter["type"]]
            own = {"patient": patient} if kind["type"] != "Patient" else {"_id": patient}
            answer = fetch(
                api, kind["type"], "auditor", **own, **({} if parameter["name"] in own else {parameter["name"]: value})
            )
            assert answer.status_code == 200, (kind["type"], parameter)
            assert answer.json()["type"] == "searchset"


NARROWED: list[tuple[str, dict[str, Any], int]] = [
    ("Observation", {"code": "urn:carejourney:screen|drug_screen"}, 5),
    ("Observation", {"code": "drug_screen", "value-concept": "http://snomed.info/sct|10828004"}, 1),
    ("Observation", {"category": "laboratory", "date": "2026-03-04"}, 1),
    ("Observation", {"category": "laboratory", "date": "ge2026-03-04"}, 5),  # the one of that day has a member
    ("Observation", {"category": "laboratory,survey", "date": "lt2026-03-04"}, 2),
    ("Observation", {"code": "|drug_screen"}, 0),
    ("Observation", {"status": "cancelled"}, 0),
    ("Encounter", {"class": "IMP", "status": "in-progress"}, 1),
    ("Encounter", {"date": "le2026-02-27"}, 0),
    ("Encounter", {"date": "2026-03"}, 0),  # it has no end: no month holds all of it
    ("Encounter", {"date": ["ge2026-03-01", "lt2026-03-02T00:00:00Z"]}, 1),
    ("Encounter", {"_lastUpdated": "lt2026-01-01"}, 0),
    ("QuestionnaireResponse", {"questionnaire": "urn:carejourney:questionnaire:asam-3"}, 1),
]


def test_parameters_narrow_the_search(api: Api, patient: str) -> None:
    for kind, params, found in NARROWED:
        answer = fetch(api, kind, patient=patient, **params)
        assert len(ids(answer)) == found, (kind, params)
        assert answer.json()["total"] == found


def test_a_day_is_that_of_the_facility_where_it_happened(
    api: Api, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"patient": patient, "code": "drug_screen"}
    found = {day: ids(fetch(api, "Observation", **asked, date=f"2026-03-{day:02}")) for day in range(1, 10)}
    assert sum(map(len, found.values())) == len(list(filter(None, found.values()))) == 5
    monkeypatch.setattr(api.services.log, "calendar", Calendar("Pacific/Auckland"))  # noon UTC is tomorrow there
    for day in range(1, 9):
        assert ids(fetch(api, "Observation", **asked, date=f"2026-03-{day + 1:02}")) == found[day]


def test_pages_together_are_the_whole_and_hold_still_while_the_chart_grows(api: Api, patient: str) -> None:
    whole = ids(fetch(api, f"Patient/{patient}/$everything"))
    answer = fetch(api, f"Patient/{patient}/$everything", _count=4)
    seen = ids(answer)
    while following := {link["relation"]: link["url"] for link in answer.json()["link"]}.get("next"):
        api.clock.move(minutes=1)
        api.done("S-1", "result-screen", {"specimen": "urine", "positive": []})
        answer = api.get(following)
        assert answer.json()["total"] == len(whole)
        seen += ids(answer)
    assert seen == whole
    assert len(ids(fetch(api, f"Patient/{patient}/$everything"))) > len(whole)
    assert fetch(api, "Observation", patient=patient, _count=0).json().get("entry") is None


def test_since_is_a_moment_in_any_offset(api: Api, patient: str) -> None:
    newest = fetch(api, "Observation", patient=patient, _since="2026-03-07T07:00:00-05:00")
    assert len(ids(newest)) == 1
    assert ids(fetch(api, "Observation", patient=patient, _since="2026-03-07T07:00:01-05:00")) == []


def test_everything_can_be_asked_for_by_kind(api: Api, patient: str) -> None:
    bundle = fetch(api, f"Patient/{patient}/$everything", _type="Encounter,EpisodeOfCare").json()
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["EpisodeOfCare", "Encounter"]


def test_a_version_is_read_alone(api: Api, patient: str) -> None:
    [stay] = ids(fetch(api, "Encounter", patient=patient, status="in-progress"))
    end = {"level": "residential", "reason": "completed"}
    api.done("S-1", "end-level", end)
    first, second = (fetch(api, f"Encounter/{stay}/_history/{number}") for number in (1, 2))
    assert (first.json()["status"], second.json()["status"]) == ("in-progress", "finished")
    assert (second.headers["ETag"], second.json()["meta"]["versionId"]) == ('W/"2"', "2")
    assert fetch(api, f"Encounter/{stay}").json() == second.json()
    assert fetch(api, f"Encounter/{stay}/_history/3").status_code == 404
    since = second.json()["meta"]["lastUpdated"]
    assert fetch(api, f"Encounter/{stay}/_history", _since=since).json()["total"] == 1


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("Observation", {"colour": "red"}, 400, "invalid"),
    ("Observation", {"date": "yesterday"}, 400, "invalid"),
    ("Observation", {"_cursor": "x"}, 400, "invalid"),
    ("Observation", {"_count": "-1"}, 422, "invalid"),
    ("Observation", {"_since": "2026-03-07"}, 422, "invalid"),
    ("Observation", {"_format": "xml"}, 406, "not-supported"),
    ("Patient", {}, 400, "invalid"),
    ("Patient/{id}/$everything", {"_type": "Spaceship"}, 404, "not-found"),
    ("Spaceship", {}, 404, "not-found"),
    ("Observation/none/of/that", {}, 404, "not-found"),
]


def test_errors_are_operation_outcomes_that_say_what_to_do(api: Api, patient: str) -> None:
    for path, params, status, code in WRONG:
        own = {"patient": patient} if path == "Observation" else {}
        answer = fetch(api, path.replace("{id}", patient), **own, **params)
        assert answer.status_code == status, (path, params)
        assert answer.headers["content-type"] == "application/fhir+json"
        [issue] = answer.json()["issue"]
        assert (issue["severity"], issue["code"]) == ("error", code)
        assert issue["details"]["text"]
    written = api.as_("clinician").post("/fhir/Observation", json={})
    assert (written.status_code, written.json()["issue"][0]["code"]) == (405, "not-supported")


def test_an_erased_client_is_gone(api: Api, patient: str) -> None:
    [stay] = ids(fetch(api, "Encounter", patient=patient))
    who = Author("a.meyer", "admin", "api")
    log = api.services.log
    request(log, "S-1", author=who, ground="court_order", basis=None, now=api.services.now(), hours=72)
    assert api.as_("admin").post("/api/v1/clients/S-1/erasure/confirmation", json={}).status_code == 200
    for path in (
        f"Patient/{patient}",
        f"Patient/{patient}/$everything",
        f"Encounter/{stay}",
        f"Encounter/{stay}/_history",
    ):
        answer = fetch(api, path)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (410, "deleted")
    assert fetch(api, "Encounter", patient=patient).status_code == 410
    assert fetch(api, "Patient", identifier="S-1").status_code == 410


def test_a_merged_chart_is_found_where_it_went(api: Api, patient: str) -> None:
    api.done("S-2", "register-client")
    [old] = ids(fetch(api, "Patient", identifier="S-2"))
    answer = api.as_("clinician").post("/api/v1/clients/S-1/commands/merge", json={"data": {"other_client": "S-2"}})
    assert answer.status_code == 201, answer.text
    assert ids(fetch(api, "Patient", identifier="S-2")) == [patient]
    gone = fetch(api, f"Patient/{old}")
    assert gone.status_code == 410
    assert f"Patient/{patient}" in gone.json()["issue"][0]["details"]["text"]
    assert len(ids(fetch(api, f"Patient/{old}/$everything"))) > 5
