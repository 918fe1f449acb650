"""The find box over HTTP: charts within one's sites, recorded once an answer, by POST with the page's token alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.http.access import ROLES
from api.web.frame.places import pages_open_to
from api.web.writing.menu import menu
from tests.api.access.conftest import House


def token_of(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]


def suggested(browser: Any, text: str) -> list[dict[str, str]]:
    csrf = token_of(browser.get("/definitions").text)
    answer = browser.post("/clients/suggest", data={"csrf": csrf, "chart": text})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["clients"]


@pytest.fixture
def two_sites(house: House) -> House:
    for reference, site in (("CARE-1001", "north"), ("CARE-2001", "south")):
        house.admit(reference, site)
    house.services.catch_up()
    return house


def named(house: House) -> tuple[str, str]:
    """Name and day of birth of everybody whom the tests register."""
    [first, *_] = house.api("clinician").get("/api/v1/clients/CARE-1001/timeline").json()["items"]
    return first["data"]["name"], first["data"]["birth_date"]


def test_a_name_a_birth_and_the_end_of_a_number_suggest_charts(two_sites: House) -> None:
    browser = two_sites.browser("clinician")
    name, born = named(two_sites)
    for text in (name.split()[0][:3], born, name):
        assert [one["to"] for one in suggested(browser, text)] == ["/clients/CARE-1001", "/clients/CARE-2001"], text
    [one] = suggested(browser, "1001")
    assert one == {"name": name, "about": "CARE-1001 · Residential · north", "to": "/clients/CARE-1001"}
    assert suggested(browser, "00") == suggested(browser, "nobody at all") == []


def test_suggestions_are_of_ones_own_sites(two_sites: House) -> None:
    browser = two_sites.browser("clinician", frozenset({"south"}))
    name, born = named(two_sites)
    for text in (name, born, "001", "CARE-2001"):
        assert [one["to"] for one in suggested(browser, text)] == ["/clients/CARE-2001"], text
    assert suggested(browser, "CARE-1001") == []
    assert two_sites.entries(kind="ChartRefused") == [], "a suggestion is no attempt to open a chart"


def test_an_answer_is_one_look_at_those_that_it_shows(two_sites: House) -> None:
    browser, log = two_sites.browser("clinician"), two_sites.services.log
    before = len(two_sites.entries(kind="ChartsRead"))
    name, _ = named(two_sites)
    before = len(two_sites.entries(kind="ChartsRead"))
    suggested(browser, name)
    suggested(browser, "nobody at all")
    [look] = two_sites.entries(kind="ChartsRead")[before:]
    assert set(look.clients) == {log.client_id("CARE-1001"), log.client_id("CARE-2001")}


@pytest.mark.parametrize("role", ["analyst", "reporting", "admin"])
def test_nobody_is_suggested_to_who_opens_no_chart(two_sites: House, role: str) -> None:
    browser = two_sites.browser(role)
    csrf = token_of(browser.get("/definitions").text)
    assert browser.post("/clients/suggest", data={"csrf": csrf, "chart": "1001"}).status_code == 403


def test_a_suggestion_needs_the_token_and_is_no_address(two_sites: House) -> None:
    browser = two_sites.browser("clinician")
    assert browser.post("/clients/suggest", data={"chart": "1001"}).status_code == 403
    assert browser.get("/clients/suggest?chart=1001").status_code == 404


def test_an_erased_chart_is_suggested_no_more(two_sites: House) -> None:
    two_sites.erase("CARE-1001")
    assert suggested(two_sites.browser("clinician"), "1001") == []


@pytest.mark.parametrize("role", ROLES)
def test_the_palette_holds_what_a_role_may_open_and_nobody(two_sites: House, role: str) -> None:
    answer = two_sites.browser(role).get("/palette.json")
    pages = [(one["place"], one["name"], one["to"]) for one in answer.json()["pages"]]
    assert pages == pages_open_to(role)
    forms = [one["command"] for one in answer.json()["forms"]]
    assert forms == [command for _, own in menu(role) for command, _ in own]
    assert "CARE" not in answer.text


def test_the_palette_speaks_the_readers_language(house: House) -> None:
    browser = house.browser("clinician")
    browser.cookies.set("carejourney_language", "es")
    found = browser.get("/palette.json").json()
    assert {"name": "Hoy", "place": "Hoy", "to": "/today"} in found["pages"]
    assert {"name": "Nota", "command": "add-note"} in found["forms"]


def test_the_box_is_a_form_without_scripts_and_knows_the_open_chart(two_sites: House) -> None:
    page = two_sites.browser("clinician").get("/clients/CARE-1001").text
    assert re.search(r'<form class="find" method="post" action="/clients/find" role="search"', page)
    assert 'data-chart="CARE-1001" data-to="/clients/CARE-1001"' in page
    assert '<form class="find scripts"' in two_sites.browser("analyst").get("/reports").text
