"""A session settles the appointment that it was: chosen from the chart's own, or opened from the day's list."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.api.access.conftest import House, house as house
from tests.api.test_writing import held
from tests.api.web.test_today_agenda import schedule, section


@pytest.fixture
def ward(house: House) -> House:
    house.admit("A-1", "north", "standard_outpatient")
    schedule(house, "A-1", 1, clinician="dr-a", site="north")
    schedule(house, "A-1", 30, clinician="dr-b")
    house.services.catch_up()
    return house


def choices(page: str) -> dict[str, str]:
    """The appointments that a form offers, by id."""
    chosen = re.search(r'<select id="f-appointment_id".*?</select>', page, re.DOTALL)
    return dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', unescape(chosen[0]))) if chosen else {}


def later(house: House, hours: float) -> None:
    house.hands.now = house.services.now() + timedelta(hours=hours)


def sent(browser: TestClient, address: str) -> str:
    page = browser.get(address).text
    return browser.post(address, data=held(page), follow_redirects=True).text


@pytest.mark.parametrize("command", ["attend-session", "miss-session", "reschedule-appointment", "cancel-appointment"])
def test_a_form_offers_the_appointments_that_it_can_name(ward: House, command: str) -> None:
    offered = choices(ward.browser("clinician").get(f"/clients/A-1/record/{command}").text)
    assert list(offered) == ["v1", "v30"]
    assert re.fullmatch(r".*\d\d:\d\d · Individual · dr-a", offered["v1"])
    ward.admit("A-2", "north", "standard_outpatient")
    bare = ward.browser("clinician").get(f"/clients/A-2/record/{command}").text
    assert choices(bare) == {}
    assert ('name="appointment_id"' in bare) == command.endswith("-appointment")  # these are about one


def test_what_was_missed_can_be_moved_and_what_was_kept_is_named_by_nothing_more(ward: House) -> None:
    later(ward, 2)
    ward.record("A-1", "miss-session", kind="individual", appointment_id="v1")
    browser = ward.browser("clinician")
    offered = {
        command: list(choices(browser.get(f"/clients/A-1/record/{command}").text))
        for command in ("reschedule-appointment", "cancel-appointment", "attend-session")
    }
    assert offered == {
        "reschedule-appointment": ["v1", "v30"],
        "cancel-appointment": ["v30"],
        "attend-session": ["v30"],
    }


@pytest.mark.parametrize(("name", "state"), [("Attended", "Kept"), ("Missed", "Missed")])
def test_an_appointment_of_the_day_is_settled_from_its_list(ward: House, name: str, state: str) -> None:
    later(ward, 2)
    browser = ward.browser("clinician")
    today = browser.get("/today").text
    [address] = re.findall(rf'href="(/clients/A-1/record/[^"]+)">{name}<', unescape(today))
    form = browser.get(address).text
    values = held(form)
    assert (values["appointment_id"], values["kind"], values.get("clinician", "dr-a")) == ("v1", "individual", "dr-a")
    assert values["occurred_at"] < ward.services.now().astimezone(ward.services.zone).strftime("%Y-%m-%dT%H:%M")
    assert values.get("minutes", "50") == "50"
    sent(browser, address)
    ward.services.catch_up()
    said = section(browser.get("/today").text, "agenda")
    assert f"dr-a {state}" in said
    assert "Attended" not in said


def test_one_that_is_ahead_begins_now(ward: House) -> None:
    values = held(ward.browser("clinician").get("/clients/A-1/record/attend-session?appointment_id=v30").text)
    assert values["occurred_at"] == ward.services.now().astimezone(ward.services.zone).strftime("%Y-%m-%dT%H:%M")


def test_who_does_not_chart_sees_the_day_without_its_ways(ward: House) -> None:
    said = section(ward.browser("intake").get("/today").text, "agenda")
    assert "dr-a Scheduled" in said
    assert "Attended" not in said
