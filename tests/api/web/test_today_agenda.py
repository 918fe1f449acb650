"""Today as an agenda: appointments, planned arrivals and who waits between two levels, at one's own sites."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from tests.api.access.conftest import House, house as house


def section(page: str, name: str) -> str:
    """The words of a section of the page."""
    found = re.search(rf'<section class="card" id="{name}">(.*?)</section>', page, re.DOTALL)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


def in_days(house: House, days: int) -> str:
    return (house.services.today() + timedelta(days=days)).isoformat()


def schedule(house: House, reference: str, hours: int, **more: Any) -> None:
    starts = (house.services.now() + timedelta(hours=hours)).isoformat()
    house.record(
        reference,
        "schedule-appointment",
        appointment_id=f"v{hours}",
        starts_at=starts,
        kind="individual",
        minutes=50,
        **more,
    )


def test_an_empty_day_says_what_comes_here(house: House) -> None:
    page = house.browser("clinician").get("/today").text
    assert "No appointments today. Make one on a client's page" in section(page, "agenda")
    assert "None planned." in section(page, "expected")
    assert "Nobody waits between two levels." in section(page, "waiting")


def test_appointments_of_the_day_stand_in_their_order_with_names_first(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    house.admit("A-2", "north", "standard_outpatient")
    schedule(house, "A-2", 2, clinician="dr-b")
    schedule(house, "A-1", 1, clinician="dr-a")
    schedule(house, "A-1", 60)
    house.services.catch_up()
    said = section(house.browser("clinician").get("/today").text, "agenda")
    name = house.services.names and re.search(r"\d\d:\d\d ([A-Z][\w ]+) A-1", said)
    assert name, said
    assert said.index("A-1") < said.index("A-2")
    assert said.count("A-1 Individual") == 1
    assert "dr-a" in said and "dr-b" in said


def test_who_works_at_one_site_sees_its_agenda_alone(house: House) -> None:
    for reference, site in (("A-1", "north"), ("A-2", "south")):
        house.admit(reference, site, "standard_outpatient")
        schedule(house, reference, 1)
        house.record(reference, "plan-arrival", level="alumni", on=in_days(house, 3), site=site)
    house.services.catch_up()
    page = house.browser("clinician", frozenset({"north"})).get("/today").text
    for name in ("agenda", "expected"):
        assert "A-1" in section(page, name) and "A-2" not in section(page, name)


def test_an_appointment_elsewhere_opens_no_chart_of_another_site(house: House) -> None:
    house.admit("A-2", "south", "standard_outpatient")
    schedule(house, "A-2", 1, site="north")
    house.services.catch_up()
    north = frozenset({"north"})
    assert "A-2" not in section(house.browser("clinician", north).get("/today").text, "agenda")
    found = house.browser("clinician", north).get("/api/v1/reports/agenda?where=site=north")
    assert found.status_code == 200, found.text
    assert found.json()["rows"] == []


def test_my_appointments_are_those_that_name_me(house: House) -> None:
    browser = house.browser("clinician")
    house.admit("A-1", "north", "standard_outpatient")
    schedule(house, "A-1", 1, clinician="somebody else")
    house.services.catch_up()
    assert "A-1" in section(browser.get("/today").text, "agenda")
    mine = section(browser.get("/today?agenda=mine").text, "agenda")
    assert "A-1" not in mine
    assert "Everybody's appointments" in mine


def test_who_ended_a_level_waits_until_the_next_has_begun(house: House) -> None:
    house.admit("A-1", "north", "residential")
    house.record("A-1", "end-level", level="residential", reason="completed", next_level="standard_outpatient")
    house.hands.move(days=8)
    house.services.catch_up()
    said = section(house.browser("clinician").get("/today").text, "waiting")
    assert "A-1" in said
    assert "Residential" in said and "Standard outpatient" in said and "nobody yet" in said
    assert " 8 " in said


def test_levels_and_states_are_said_in_words_of_both_languages(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    schedule(house, "A-1", 1)
    schedule(house, "A-1", 2)
    house.record("A-1", "cancel-appointment", appointment_id="v2", cause="client")
    house.record("A-1", "plan-arrival", level="alumni", on=in_days(house, 3), **{"from": "intensive_outpatient"})
    house.services.catch_up()
    browser = house.browser("clinician")
    page = browser.get("/today").text
    assert "Intensive outpatient (IOP)" in section(page, "expected")
    assert "Scheduled" in section(page, "agenda") and "Cancelled" in section(page, "agenda")
    browser.cookies.set("carejourney_language", "es")
    page = browser.get("/today").text
    assert "Ambulatorio intensivo (IOP)" in section(page, "expected")
    assert "Programada" in section(page, "agenda") and "Cancelada" in section(page, "agenda")


def test_an_erased_chart_is_on_nobody_s_agenda(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    schedule(house, "A-1", 1)
    house.erase("A-1")
    house.services.catch_up()
    assert "A-1" not in section(house.browser("clinician").get("/today").text, "agenda")


def test_lists_show_their_first_rows_and_all_of_them_are_a_press_away(house: House) -> None:
    for number in range(7):
        house.admit(f"A-{number}", "north", "standard_outpatient")
        schedule(house, f"A-{number}", number + 1, clinician="dr-a")
        house.record(f"A-{number}", "plan-arrival", level="alumni", on=in_days(house, 3), site="north")
    house.record("A-0", "cancel-appointment", appointment_id="v1", cause="client")
    house.services.catch_up()
    browser = house.browser("clinician")
    page = browser.get("/today").text
    assert [f"A-{n}" for n in range(1, 6)] == re.findall(r"A-\d(?= Individual)", section(page, "agenda"))
    assert "All 7" in section(page, "agenda") and "All 7" in section(page, "expected")
    whole = browser.get("/today?all=agenda").text
    assert [f"A-{n}" for n in range(7)] == re.findall(r"A-\d(?= Individual)", section(whole, "agenda"))
    assert "All 7" not in section(whole, "agenda") and "All 7" in section(whole, "expected")
    jumps = re.search(r'<nav class="jumps".*?</nav>', page, re.DOTALL)
    assert jumps is not None
    assert re.findall(r'href="#(\w+)"', jumps[0]) == ["agenda", "work", "waiting", "groups", "expected"]
    assert all(f'id="{place}"' in page for place in re.findall(r'href="#(\w+)"', jumps[0]))


def test_the_work_list_shows_its_first_rows_and_how_many_it_has(house: House) -> None:
    for number in range(7):
        house.admit(f"A-{number}", "north", "standard_outpatient")
    house.hands.move(days=40)
    house.services.catch_up()
    browser = house.browser("clinician")
    first, whole = (section(browser.get(at).text, "work") for at in ("/today", "/today?all=work"))
    assert "5 of 7 clients with a flag" in first and "All 7" in first
    assert "7 of 7 clients with a flag" in whole and "All 7" not in whole
    assert "7 of 7 clients" in section(browser.get("/today?site=north").text, "work")


def test_who_makes_no_appointments_is_offered_none(house: House) -> None:
    page = house.browser("auditor").get("/today").text
    assert "My appointments" not in page and "Make one on a client" not in page
    assert "My appointments" in house.browser("intake").get("/today").text


def test_hand_offs_are_shown_to_who_may_open_their_board(house: House) -> None:
    assert 'id="waiting"' in house.browser("auditor").get("/today").text
    page = house.browser("intake").get("/today").text
    assert 'id="waiting"' not in page and "/handoffs" not in page
