"""A consent is recorded from a form that the provider keeps ready; what 42 CFR 2.31 asks and is missing is said."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from domain.events import CATALOGUE, ConsentGiven, ProviderEvent
from infra.eventstore.author import Author
from infra.eventstore.stream import read_stream
from infra.provider.define import define
from tests.api.access.conftest import House
from tests.api.test_writing import held
from tests.api.web.test_administration import words

AT = "/clients/A-1/record/give-consent"
FORM: dict[str, Any] = {
    "form": "probation",
    "name": "Reports to probation",
    "disclosed": ["attendance", "drug screens", "discharge summary"],
    "purpose": "supervision by the court",
    "recipient_kind": "court",
    "recipient": "County probation",
    "days_valid": 90,
    "states": ["client_name", "revocation", "signature"],
}


def keep_ready(house: House, type_name: str = "ConsentFormDefined", **data: Any) -> None:
    event = CATALOGUE.parse(type_name, data)
    assert isinstance(event, ProviderEvent)
    define(house.services.log, event, author=Author("a.meyer", "admin", "web"), now=house.services.now())
    house.services.catch_up()


@pytest.fixture
def desk(house: House) -> TestClient:
    house.admit("A-1", "north")
    keep_ready(house, **FORM)
    return house.browser("clinician")


def consents(house: House, client: str = "A-1") -> list[ConsentGiven]:
    log = house.services.log
    entries = read_stream(log, log.client_id(client), opened=True)
    return [entry.event for entry in entries if isinstance(entry.event, ConsentGiven)]


def test_a_form_fills_the_fields_and_ticks_nothing(desk: TestClient) -> None:
    plain = desk.get(AT).text
    assert 'href="?form=probation"' in plain
    page = unescape(desk.get(f"{AT}?form=probation").text)
    assert (held(page)["purpose"], held(page)["recipient"]) == ("supervision by the court", "County probation")
    assert re.search(r'name="expires_on" type="date" value="2026-0[56]-\d\d"', page)
    boxes = re.findall(r'<input type="checkbox" name="scope" value="([^"]+)"([^>]*)>', page)
    assert [name for name, _ in boxes] == FORM["disclosed"]
    assert not any("checked" in rest for _, rest in boxes)
    assert "Kind of recipient: Court" in words(page)
    assert "The printed form does not say what it has to" in words(page)
    assert "Who may disclose (42 CFR 2.31(a)(2))" in words(page)


def test_what_the_client_allows_is_recorded(house: House, desk: TestClient) -> None:
    page = desk.get(f"{AT}?form=probation").text
    typed = held(page) | {"consent_id": "c-1", "scope": ["attendance", "discharge summary"]}
    assert desk.post(f"{AT}?form=probation", data=typed).status_code == 303
    assert [one.scope for one in consents(house)] == ["attendance; discharge summary"]
    [given] = consents(house)
    assert (given.recipient, given.purpose) == ("County probation", "supervision by the court")


def test_nothing_ticked_is_asked_about_and_stays_possible(house: House, desk: TestClient) -> None:
    page = desk.get(f"{AT}?form=probation").text
    typed = held(page) | {"consent_id": "c-1", "scope": []}
    asked = desk.post(f"{AT}?form=probation", data=typed)
    assert asked.status_code == 422
    assert "What may be disclosed: 42 CFR 2.31(a)(3) asks for it" in words(asked.text)
    assert 'aria-invalid="true"' in asked.text
    assert consents(house) == []
    again = held(asked.text) | {"all-the-same": "yes", "scope": []}
    assert desk.post(f"{AT}?form=probation", data=again).status_code == 303
    assert [one.scope for one in consents(house)] == [None]


def test_ticks_stay_when_the_form_comes_back(desk: TestClient) -> None:
    page = desk.get(f"{AT}?form=probation").text
    typed = held(page) | {"consent_id": "", "scope": ["drug screens"]}
    back = desk.post(f"{AT}?form=probation", data=typed)
    assert back.status_code == 422
    assert re.findall(r'name="scope" value="([^"]+)" checked', back.text) == ["drug screens"]


def test_without_a_form_the_missing_end_is_said(house: House, desk: TestClient) -> None:
    typed = held(desk.get(AT).text) | {"consent_id": "c-1", "recipient": "Court", "purpose": "legal", "scope": "dates"}
    asked = desk.post(AT, data=typed)
    assert (asked.status_code, "Expires on: 42 CFR 2.31(a)(7) asks for it" in words(asked.text)) == (422, True)
    assert desk.post(AT, data=held(asked.text) | {"expires_on": "2027-01-01"}).status_code == 303
    assert len(consents(house)) == 1


def test_a_withdrawn_form_is_not_offered_nor_taken(house: House, desk: TestClient) -> None:
    page = desk.get(f"{AT}?form=probation").text
    house.hands.move(minutes=5)
    keep_ready(house, "ConsentFormWithdrawn", form="probation", reason="a new edition")
    assert "?form=probation" not in desk.get(AT).text
    late = desk.post(f"{AT}?form=probation", data=held(page) | {"consent_id": "c-1", "scope": ["attendance"]})
    assert (late.status_code, "is not offered any more" in words(late.text)) == (422, True)
    assert consents(house) == []


def test_what_the_paper_lacks_is_said_in_administration(house: House, desk: TestClient) -> None:
    page = words(house.browser("admin").get("/administration/consent_form").text)
    assert "probation does not say: Who may disclose (42 CFR 2.31(a)(2))." in page


def test_a_consent_to_several_papers_covers_each(house: House, desk: TestClient) -> None:
    house.record("A-1", "give-consent", recipient="Court", purpose="treatment", scope="attendance; Summary")
    asked = {"recipient": "Court", "purpose": "treatment"}
    api = house.api("clinician")
    answers = {
        one: api.post(f"/api/v1/clients/A-1/documents/{one}", json=asked) for one in ("summary", "discharge-summary")
    }
    assert {one: answer.status_code for one, answer in answers.items()} == {"summary": 200, "discharge-summary": 403}


@pytest.fixture
def admission(desk: TestClient) -> str:
    """The address of an admission that has begun."""
    new = {"chart_number": "G-1", "name": "Simulated Person", "birth_date": "1990-02-03"}
    desk.post("/clients/new", data=held(desk.get("/clients/new").text) | new)
    return "/clients/G-1/admission"


def test_an_admission_begins_its_consent_with_a_form_too(house: House, desk: TestClient, admission: str) -> None:
    assert 'href="?step=papers&form=probation"' in unescape(desk.get(admission).text)
    page = desk.get(f"{admission}?step=papers&form=probation").text
    assert held(page)["give-consent.recipient"] == "County probation"
    assert "The printed form does not say what it has to" in words(page)
    assert f'action="{admission}?form=probation"' in page
    asked = desk.post(f"{admission}?form=probation", data=held(page) | {"give-consent.scope": []})
    assert (asked.status_code, consents(house, "G-1")) == (422, [])
    assert "What may be disclosed: 42 CFR 2.31(a)(3) asks for it" in words(asked.text)
    assert "Record it all the same" in words(asked.text)
    ticked = held(asked.text) | {"give-consent.scope": ["attendance", "drug screens"]}
    assert desk.post(f"{admission}?form=probation", data=ticked).status_code == 303
    assert [one.scope for one in consents(house, "G-1")] == ["attendance; drug screens"]


def test_a_consent_in_an_admission_that_lacks_something_stays_possible(
    house: House, desk: TestClient, admission: str
) -> None:
    asked = desk.post(admission, data=held(desk.get(admission).text) | {"give-consent.recipient": "Court"})
    assert (asked.status_code, consents(house, "G-1")) == (422, [])
    assert desk.post(admission, data=held(asked.text) | {"all-the-same": "yes"}).status_code == 303
    assert [one.recipient for one in consents(house, "G-1")] == ["Court"]


def test_papers_without_a_consent_are_not_asked_for_one(house: House, desk: TestClient, admission: str) -> None:
    covered = {"payer": "Example Health", "member_ref": "M-1", "level": "residential"}
    typed = {f"verify-coverage.{name}": value for name, value in covered.items()}
    sent = desk.post(admission, data=held(desk.get(admission).text) | typed)
    assert sent.status_code == 303
    assert consents(house, "G-1") == []
