"""Documents on paper: read within the programme, handed out under a consent only, and recorded either way."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from api.http.access import ROLES
from infra.disclosure.consents import SHORT_NOTICE
from tests.api.access.conftest import House

CLINIC = "Riverside Clinic (simulated)"
SUMMARY, DISCHARGE = "/api/v1/clients/A-1/documents/summary", "/api/v1/clients/A-1/documents/discharge-summary"


@pytest.fixture(autouse=True)
def client(house: House) -> None:
    house.admit("A-1", "north")


def give(house: House, **data: Any) -> None:
    consent = {"consent_id": "c1", "recipient": CLINIC, "purpose": "treatment", "scope": None, "expires_on": None}
    house.record("A-1", "give-consent", **{**consent, **data})


def pages(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]


def hand_out(house: House, address: str = SUMMARY, **body: Any) -> Any:
    return house.api("clinician").post(address, json={"recipient": CLINIC, "purpose": "treatment", **body})


@pytest.mark.parametrize("address", [SUMMARY, DISCHARGE])
def test_for_the_programme_it_is_a_read_and_no_disclosure(house: House, address: str) -> None:
    answer = house.api("clinician").get(address)
    for page in pages(answer):
        assert "for use within the programme" in page.lower()
        assert SHORT_NOTICE in page
        assert "A-1" in page and "Simulated Person" in page
        assert "SIMULATED CLIENT" in page
        assert "by demo-clinician (clinician)" in page
    assert answer.headers["cache-control"] == "no-store"
    assert "A-1" not in answer.headers["content-disposition"]
    assert [entry.kind for entry in house.entries("A-1")][-1] == "ChartsRead"
    assert house.entries("A-1", "RecordsDisclosed") == []


def test_the_clients_own_copy_is_a_read_at_their_request(house: House) -> None:
    answer = house.api("clinician").get(SUMMARY, headers={"Purpose-Of-Use": "patient_request"})
    assert all("The client's own copy" in page.replace("’", "'") for page in pages(answer))
    assert house.entries("A-1", "ChartsRead")[-1].purpose == "patient_request"


def test_without_a_consent_nothing_leaves_and_the_refusal_is_recorded(house: House) -> None:
    answer = hand_out(house)
    assert answer.status_code == 403
    assert "consent" in answer.json()["detail"]
    refused = house.entries("A-1", "DisclosureRefused")[-1]
    assert refused.words == {
        "recipient": CLINIC, "what": "summary", "purpose": "treatment",
        "basis": "no consent names this recipient for this purpose",
    }  # fmt: skip


def test_under_a_consent_it_leaves_with_notice_scope_and_an_entry_in_the_accounting(house: House) -> None:
    give(house)
    answer = hand_out(house, DISCHARGE)
    found = pages(answer)
    assert answer.headers["x-redisclosure-notice"] == SHORT_NOTICE
    assert all(f"Made for {CLINIC}" in page and "within the programme" not in page for page in found)
    whole = " ".join(" ".join(found).split())
    assert "Consent c1" in whole and "Scope of the consent the whole record" in whole
    assert "prohibit you from using or disclosing this record" in whole
    assert "Consents to disclose" not in whole
    disclosed = house.entries("A-1", "RecordsDisclosed")[-1]
    assert disclosed.words is not None
    assert (disclosed.words["what"], disclosed.words["basis"]) == ("discharge summary", "consent c1")
    assert not disclosed.broken


def test_a_consent_for_one_document_covers_no_other(house: House) -> None:
    give(house, scope="Discharge summary")
    assert hand_out(house, DISCHARGE).status_code == 200
    assert hand_out(house, SUMMARY).status_code == 403


def test_a_medical_emergency_needs_its_nature_and_is_flagged(house: House) -> None:
    assert hand_out(house, purpose="emergency").status_code == 403
    assert hand_out(house, purpose="emergency", emergency="overdose, unconscious").status_code == 200
    assert house.entries("A-1", "RecordsDisclosed")[-1].broken


def test_work_for_colleagues_stays_with_them(house: House) -> None:
    house.record("A-1", "result-screen", positive=["opioids"])
    give(house)
    within = " ".join(pages(house.api("clinician").get(SUMMARY)))
    outside = " ".join(pages(hand_out(house)))
    assert "Needs attention" in within and "Consents to disclose" in within
    assert "Needs attention" not in outside and "opioids" in outside


def test_each_role_prints_what_it_may(house: House) -> None:
    give(house)
    body = {"recipient": CLINIC, "purpose": "treatment"}
    allowed = {"intake": (200, 403), "clinician": (200, 200), "auditor": (200, 403)}
    for role in ROLES:
        api = house.api(role)
        assert (api.get(SUMMARY).status_code, api.post(SUMMARY, json=body).status_code) == allowed.get(role, (403, 403))


def test_another_site_takes_broken_glass(house: House) -> None:
    browser = house.browser("clinician", frozenset({"south"}))
    assert browser.get(SUMMARY).status_code == 404
    assert house.entries("A-1")[-1].kind == "ChartRefused"


def test_as_known_once(house: House) -> None:
    then = house.hands.now
    house.hands.move(days=3)
    house.record("A-1", "record-diagnosis", icd10="F99.9")
    now = " ".join(pages(house.api("clinician").get(SUMMARY)))
    past = " ".join(pages(house.api("clinician").get(SUMMARY, params={"as_of": then.isoformat()})))
    assert "F99.9" in now and "F99.9" not in past
    assert "As known on 2 Mar 2026, 12:00:00 (UTC, UTC+00:00)" in past
    before = house.api("clinician").get(SUMMARY, params={"as_of": (then - timedelta(days=30)).isoformat()})
    assert (before.status_code, before.json()["type"]) == (404, "/problems/not-known-then")


def test_an_episode_that_is_not_there_leaves_nothing_and_records_no_disclosure(house: House) -> None:
    give(house)
    assert hand_out(house, DISCHARGE, episode=2).status_code == 404
    assert house.api("clinician").get(DISCHARGE, params={"episode": 2}).status_code == 404
    assert house.entries("A-1", "RecordsDisclosed") == []


def test_a_merged_chart_points_to_the_other_which_holds_both(house: House) -> None:
    house.admit("B-2", "north")
    house.record("B-2", "record-diagnosis", icd10="F88.8")
    stays = [
        item["event_id"]
        for chart in ("A-1", "B-2")
        for item in house.api("clinician").get(f"/api/v1/clients/{chart}/timeline").json()["items"]
        if item["type"] == "LevelOfCareStarted"
    ]
    overlaps = [{"stays": stays, "counts": stays[0]}]
    body = {"occurred_at": house.hands.now.isoformat(), "data": {"other_client": "B-2", "overlaps": overlaps}}
    assert house.api("clinician").post("/api/v1/clients/A-1/commands/merge", json=body).status_code == 201
    gone = house.api("clinician").get("/api/v1/clients/B-2/documents/summary")
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/gone")
    whole = " ".join(pages(house.api("clinician").get(SUMMARY)))
    assert "F88.8" in whole and "Also charted under B-2" in whole


def test_in_spanish_by_choice_or_by_the_browsers_language(house: House) -> None:
    chosen = pages(house.api("clinician").get(SUMMARY, params={"language": "es"}))
    asked = pages(house.api("clinician").get(SUMMARY, headers={"Accept-Language": "es-MX"}))
    assert chosen == asked
    assert "Resumen de la atención" in chosen[0] and SHORT_NOTICE in chosen[0]
    assert house.api("clinician").get(SUMMARY, params={"language": "xx"}).status_code == 422
