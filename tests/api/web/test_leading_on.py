"""Forms lead on: a refusal to what would help, an entry to the next step, a session to its note in one press."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from tests.api.access.conftest import House
from tests.api.test_writing import held

FORM = "/clients/A-1/record/"


@pytest.fixture
def browser(house: House) -> Any:
    house.admit("A-1", "north")
    return house.browser("clinician")


def send(browser: Any, command: str, **values: str) -> Any:
    """The answer to a form that is filled in."""
    return browser.post(FORM + command.partition("?")[0], data=held(browser.get(FORM + command).text) | values)


def after(browser: Any, sent: Any) -> str:
    assert sent.status_code == 303, sent.text
    return unescape(browser.get(sent.headers["location"]).text)


def test_a_refusal_has_a_button_for_what_would_help(browser: Any) -> None:
    refused = unescape(send(browser, "start-level", level="intensive_outpatient").text)
    assert '<a class="button" href="/clients/A-1/record/transfer?level=intensive_outpatient">' in refused
    assert "Step down or up to IOP instead" in refused
    form = held(browser.get(FORM + "transfer?level=intensive_outpatient").text)
    assert (form["level"], form["planned_sessions_per_week"]) == ("intensive_outpatient", "3")


def test_a_positive_screen_leads_to_a_lapse_with_its_substance(browser: Any) -> None:
    page = after(browser, send(browser, "result-screen", positive="fentanyl"))
    assert "Positive screen: fentanyl." in page
    assert 'href="/clients/A-1/record/record-lapse?substance=fentanyl">Record a lapse' in page
    assert held(browser.get(FORM + "record-lapse?substance=fentanyl").text)["substance"] == "fentanyl"


def test_a_session_and_its_note_are_recorded_by_one_form(house: House, browser: Any) -> None:
    sent = send(browser, "attend-session", kind="individual", minutes="50", session_note="Talked about Sunday.")
    recorded: list[Any] = house.services.log.stream(house.services.log.client_id("A-1"), opened=True)[-2:]
    session, note = recorded
    assert (session.event.minutes, note.event.text, note.event.kind) == (50, "Talked about Sunday.", "progress")
    assert session.at == note.at
    assert sent.headers["location"].endswith(session.event_id[-12:])
    again = send(browser, "attend-session", kind="individual", minutes="55")
    assert again.status_code == 303
    assert house.services.log.stream(house.services.log.client_id("A-1"))[-1].type == "SessionAttended"


def test_a_note_beside_a_refused_session_is_kept_in_the_form(browser: Any) -> None:
    refused = send(browser, "attend-session", kind="individual", minutes="0", session_note="Typed at length")
    assert refused.status_code == 422
    assert held(refused.text)["session_note"] == "Typed at length"
