"""What is done about a flag on the work list: by plain forms, back to the same place, undone by one button."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.access.conftest import House, house as house

WORK = "/api/v1/worklist"


@pytest.fixture
def flagged(house: House) -> House:
    """One client whom nobody has seen for 40 days."""
    house.admit("A-1", "north", "standard_outpatient")
    house.hands.move(days=40)
    return house


def press(browser: TestClient, page: str, do: str, **typed: str) -> Any:
    """Fill in the form that has this button, and press it."""
    button = rf'name="do" value="{do}"'
    found = next(
        one for one in re.findall(r"<form method=\"post\".*?</form>", page, re.DOTALL) if re.search(button, one)
    )
    action = re.search(r'action="([^"]*)"', found)
    assert action is not None
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found))
    data = {name: unescape(value) for name, value in fields.items()} | {"do": do} | typed
    return browser.post(unescape(action[1]), data=data)


def flags(house: House, query: str = "") -> list[dict[str, Any]]:
    clients = house.api("clinician").get(WORK + query).json()["clients"]
    return [flag for row in clients for flag in row["flags"]]


def test_assigned_to_me_and_undone(flagged: House) -> None:
    browser = flagged.browser("clinician", name="dr-a")
    answer = press(browser, browser.get("/today?level=standard_outpatient").text, "assign")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/today?level=standard_outpatient&saved=")
    assert {flag["assigned_to"] for flag in flags(flagged)} == {"dr-a"}
    assert len(flags(flagged, "?assigned_to=dr-a")) == len(flags(flagged)) and not flags(flagged, "?assigned_to=dr-b")
    page = browser.get(answer.headers["location"]).text
    assert "with <bdi>dr-a</bdi>" in page
    undone = press(browser, page, "undo")
    assert undone.headers["location"] == "/today?level=standard_outpatient#work"
    assert {flag["assigned_to"] for flag in flags(flagged)} == {""}


@pytest.mark.parametrize(("do", "days", "typed"), [("snooze-1", 1, False), ("snooze-7", 7, False), ("snooze", 3, True)])
def test_snoozed_until_its_day(flagged: House, do: str, days: int, *, typed: bool) -> None:
    browser = flagged.browser("clinician")
    before = flags(flagged)
    until = (flagged.services.today() + timedelta(days=days)).isoformat()
    press(browser, browser.get("/today").text, do, **({"until": until} if typed else {}))
    assert len(flags(flagged)) == len(before) - 1
    assert [flag["snoozed_until"] for flag in flags(flagged, "?snoozed=true")] == [until]
    assert "snoozed until" in browser.get("/today?snoozed=1").text
    counts = flagged.api("clinician").get(WORK).json()["counts"]
    assert sum(counts.values()) == len(flags(flagged))
    flagged.hands.move(days=days)
    assert len(flags(flagged)) == len(before)


def test_done_with_a_reason(flagged: House) -> None:
    browser = flagged.browser("clinician")
    before = len(flags(flagged))
    page = browser.get("/today").text
    refused = press(browser, page, "done", reason="")
    assert refused.status_code == 422 and "Not recorded yet" in refused.text
    assert len(flags(flagged)) == before
    assert press(browser, page, "done", reason="spoke to the mother").status_code == 303
    assert len(flags(flagged)) == before - 1
    kinds = flagged.api("clinician").get("/api/v1/clients/A-1/timeline").json()["items"]
    assert "FlagDone" in {item["type"] for item in kinds}


def test_a_form_sent_twice_is_recorded_once(flagged: House) -> None:
    browser = flagged.browser("clinician")
    page = browser.get("/today").text
    before = flagged.services.log.head()
    assert press(browser, page, "assign").headers["location"] == press(browser, page, "assign").headers["location"]
    assert flagged.services.log.head() == before + 1


def test_who_writes_nothing_has_no_buttons(flagged: House) -> None:
    assert "Act on it" not in flagged.browser("auditor").get("/today").text
    browser = flagged.browser("clinician")
    page = browser.get("/today").text
    answer = press(flagged.browser("auditor"), page, "assign")
    assert answer.status_code == 403


def test_a_chart_of_another_site_is_not_reached(flagged: House) -> None:
    page = flagged.browser("clinician").get("/today").text
    south = flagged.browser("clinician", frozenset({"south"}))
    token = re.search(r'name="csrf" value="([^"]*)"', south.get("/today").text)
    assert token is not None
    answer = press(south, page, "assign", csrf=token[1])
    assert answer.status_code == 404
    assert flags(flagged)[0]["assigned_to"] == ""


def test_a_day_that_is_over_is_refused(flagged: House) -> None:
    browser = flagged.browser("clinician")
    answer = press(browser, browser.get("/today").text, "snooze", until=flagged.services.today().isoformat())
    assert answer.status_code == 422 and "Give a later day" in answer.text


def test_the_flag_of_a_form_is_chosen_by_its_title(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    form = house.browser("clinician").get("/clients/A-1/record/assign-flag").text
    assert '<option value="positive_screen">Positive screen in the last 7 days</option>' in form
