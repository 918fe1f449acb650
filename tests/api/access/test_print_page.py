"""The page on which a document is chosen: the PDF it gives, the recipients it offers, what it refuses."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from tests.api.access.conftest import House

PAGE = "/clients/A-1/print"
CLINIC = "Riverside Clinic (simulated)"


@pytest.fixture(autouse=True)
def client(house: House) -> None:
    house.admit("A-1", "north")
    consent = {"consent_id": "c1", "recipient": CLINIC, "purpose": "handover", "expires_on": None}
    house.record("A-1", "give-consent", **consent)


def send(browser: TestClient, **fields: str) -> Any:
    form = re.search(r'name="csrf" value="(\w+)"', browser.get("/clients").text)
    assert form
    return browser.post(PAGE, data={"csrf": form[1], **fields})


def text_of(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/pdf", answer.text
    assert answer.headers["cache-control"] == "no-store"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def test_the_clients_page_leads_there_and_it_offers_documents_and_recipients(house: House) -> None:
    browser = house.browser("clinician")
    assert f'href="{PAGE}"' in browser.get("/clients/A-1").text
    page = browser.get(PAGE).text
    assert "Discharge summary: Episode 1" in page
    assert f"{CLINIC}: handover; the whole record; holds until it is revoked" in page
    assert "medical emergency" in page


def test_for_the_programme_for_the_client_and_under_a_consent(house: House) -> None:
    browser = house.browser("clinician")
    assert "For use within the programme" in text_of(send(browser))
    assert house.entries("A-1")[-1].kind == "ChartsRead"
    discharge = text_of(send(browser, kind="discharge-summary:1", to="client", language="es"))
    assert "Resumen de alta, episodio 1" in discharge and "Copia del propio cliente" in discharge
    assert house.entries("A-1")[-1].purpose == "patient_request"
    assert f"Made for {CLINIC}" in text_of(send(browser, to="consent:c1"))
    assert house.entries("A-1")[-1].kind == "RecordsDisclosed"


def test_an_emergency_says_to_whom_and_why(house: House) -> None:
    browser = house.browser("clinician")
    refused = send(browser, to="emergency", recipient="County hospital")
    assert (refused.status_code, "Nothing was printed" in refused.text) == (403, True)
    assert 'value="County hospital"' in refused.text  # what was typed is still there
    made = send(browser, to="emergency", recipient="County hospital", emergency="overdose, unconscious")
    assert "Made for County hospital" in text_of(made)


def test_a_consent_revoked_meanwhile_lets_nothing_out(house: House) -> None:
    browser = house.browser("clinician")
    house.record("A-1", "revoke-consent", consent_id="c1")
    assert CLINIC not in browser.get(PAGE).text
    assert send(browser, to="consent:c1").status_code == 403
    assert send(browser, to="consent:unknown").status_code == 403
    assert house.entries("A-1", "RecordsDisclosed") == []


def test_who_may_not_hand_out_is_not_asked_to_whom(house: House) -> None:
    browser = house.browser("auditor")
    page = browser.get(PAGE).text
    assert CLINIC not in page and "Handing records out is for clinicians" in page
    assert send(browser, to="consent:c1").status_code == 422
    assert house.entries("A-1", "RecordsDisclosed") == []


def test_times_and_episodes_that_are_not_there_are_said(house: House) -> None:
    browser = house.browser("clinician")
    assert "was recorded later" in send(browser, as_of="2020-01-01T00:00").text
    assert "is not a date and time" in send(browser, as_of="yesterday").text
    assert "no such episode" in send(browser, kind="discharge-summary:7").text


def test_another_site_and_an_unknown_chart(house: House) -> None:
    south = house.browser("clinician", frozenset({"south"}))
    assert "another site" in south.get(PAGE).text.lower()
    assert send(south, to="consent:c1").status_code == 404
    assert house.browser("clinician").get("/clients/none/print").status_code == 404
