"""FHIR over HTTP: found, read, everything, history; nothing to a recipient whom no consent names."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api

WITHIN = "within-programme"


def fetch(api: Api, path: str, recipient: str = WITHIN, **params: str) -> Any:
    """A clinician's request for records to a recipient."""
    return api.get(f"/fhir/{path}", params={"_recipient": recipient, **params})


@pytest.fixture
def patient(api: Api) -> str:
    """A client in residential care who consents to a county; gives the Patient's id."""
    api.admit("F-1")
    api.done("F-1", "give-consent", {"consent_id": "c1", "recipient": "County", "purpose": "treatment"})
    found = fetch(api, "Patient", identifier="F-1").json()
    assert found["total"] == 1
    return str(found["entry"][0]["resource"]["id"])


def test_the_server_says_what_it_can_do_to_anybody(api: Api) -> None:
    said = api.get("/fhir/metadata", role="reporting").json()
    assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert {"Patient", "Encounter", "Observation"} <= {one["type"] for one in said["rest"][0]["resource"]}


def test_everything_holds_the_stay_with_its_references(api: Api, patient: str) -> None:
    bundle = fetch(api, f"Patient/{patient}/$everything").json()
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds[0] == "Patient"
    assert {"EpisodeOfCare", "Encounter", "Consent", "Provenance"} <= set(kinds)
    assert bundle["total"] == len(kinds)
    for entry in bundle["entry"]:
        path = entry["fullUrl"].split("/fhir/", 1)[1]
        answer = fetch(api, path)
        alone = answer.json()
        assert alone["meta"].pop("versionId") == "1"
        assert answer.headers["ETag"] == 'W/"1"'
        assert alone == entry["resource"]


def test_a_recipient_must_be_named_and_covered_by_a_consent(api: Api, patient: str) -> None:
    nobody = api.get(f"/fhir/Patient/{patient}")
    assert nobody.status_code == 403
    assert "_recipient" in nobody.json()["issue"][0]["details"]["text"]
    other = fetch(api, f"Patient/{patient}", recipient="Employer")
    assert other.status_code == 403
    assert "no consent names this recipient" in other.json()["issue"][0]["details"]["text"]
    county = fetch(api, f"Patient/{patient}/$everything", recipient="County")
    assert county.status_code == 200
    assert "42 CFR part 2" in county.headers["X-Redisclosure-Notice"]
    notices = [entry["resource"] for entry in county.json()["entry"] if entry["search"]["mode"] == "outcome"]
    assert "prohibit you from using or disclosing" in notices[0]["issue"][0]["details"]["text"]


def test_a_revoked_consent_covers_nothing(api: Api, patient: str) -> None:
    api.done("F-1", "revoke-consent", {"consent_id": "c1"})
    answer = fetch(api, f"Patient/{patient}", recipient="County")
    assert answer.status_code == 403
    assert "revoked" in answer.json()["issue"][0]["details"]["text"]


def test_disclosures_are_accounted_for(api: Api, patient: str) -> None:
    fetch(api, f"Patient/{patient}", recipient="County")
    found = api.get("/api/v1/clients/F-1/disclosures", role="auditor").json()["disclosures"]
    assert [(one["recipient"], one["what"], one["basis"]) for one in found] == [("County", "FHIR", "consent c1")]


def test_history_is_made_from_the_stream(api: Api, patient: str) -> None:
    data = {"specimen": "urine", "positive": ["opioid"]}
    done = api.done("F-1", "result-screen", data)
    [screen] = done["event_ids"]
    api.clock.move(hours=1)
    key = screen.replace("-", "")
    entry = api.get("/api/v1/clients/F-1/history").json()["entries"][-1]
    replacement = {
        "type": "DrugScreenResulted",
        "occurred_at": entry["occurred_at"],
        "data": {"specimen": "urine", "positive": []},
    }
    api.done("F-1", "correct", {"target": screen, "replacement": replacement, "reason": "wrong cup"})
    api.clock.move(hours=1)
    api.done("F-1", "retract", {"target": screen, "reason": "another client's cup"})
    found = fetch(api, f"Observation/{key}/_history").json()
    assert [one["request"]["method"] for one in found["entry"]] == ["DELETE", "PUT", "POST"]
    said = [one["resource"]["valueCodeableConcept"]["coding"][0]["display"] for one in found["entry"][1:]]
    assert said == ["Negative", "Positive"]
    gone = fetch(api, f"Observation/{key}")
    assert (gone.status_code, gone.json()["issue"][0]["code"]) == (410, "deleted")


def test_a_search_takes_one_kind_and_what_changed_since(api: Api, patient: str) -> None:
    whole = fetch(api, "Encounter", patient=patient).json()
    assert whole["total"] == 1
    api.clock.move(days=1)
    since = api.clock().isoformat()
    assert fetch(api, "Encounter", patient=f"Patient/{patient}", _since=since).json()["total"] == 0


@pytest.mark.parametrize(
    "path", ["Patient/" + "0" * 32, "Observation/nothing", "Spaceship/1", "Encounter/" + "f" * 32 + "/_history"]
)
def test_what_is_not_there_is_an_operation_outcome(api: Api, patient: str, path: str) -> None:
    answer = fetch(api, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_roles_that_see_no_charts_see_none_here(api: Api, patient: str) -> None:
    for role in ("analyst", "reporting", "admin", "intake"):
        answer = api.get(f"/fhir/Patient/{patient}", role=role, params={"_recipient": WITHIN})
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (403, "forbidden")
