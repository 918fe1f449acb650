"""An empty store greets with the ways in, by role; a tour of five steps a role, offered until a person declines it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.http.access import ROLES
from api.web.frame.places import home_of
from api.web.frame.tour import TOURS
from tests.api.access.conftest import House

OFFER = "A tour in five steps"


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|[⁨⁩]", " ", page.partition("<main")[2])).split())


@pytest.mark.parametrize(
    ("role", "page", "links", "left_to"),
    [
        ("clinician", "/today", ["/clients/new"], "For: admin."),
        ("intake", "/clients", ["/clients/new"], "For: admin."),
        ("auditor", "/today", [], "For: clinician, intake."),
        ("analyst", "/reports", [], "For: admin."),
        ("admin", "/reports", ["/administration/import", "/administration/import"], "For: clinician, intake."),
    ],
)
def test_an_empty_store_greets_with_the_ways_in(
    house: House, role: str, page: str, links: list[str], left_to: str
) -> None:
    shown = house.browser(role).get(page).text
    [greeting] = re.findall(r'<section class="card" aria-labelledby="first-run">.*?</section>', shown, re.S)
    assert re.findall(r'<h3><a href="([^"]+)"', greeting) == links
    assert left_to in unescape(greeting)
    for title in ("Import a history", "Import a table", "Register the first client"):
        assert title in greeting


def test_it_greets_no_more_once_there_is_a_client(house: House) -> None:
    house.admit("A-1", "north")
    for role, page in (("clinician", "/today"), ("clinician", "/clients"), ("analyst", "/reports")):
        assert "first-run" not in house.browser(role).get(page).text


def test_who_sees_publications_only_learns_nothing_of_the_record(house: House) -> None:
    assert "first-run" not in house.browser("reporting").get("/reports").text


@pytest.mark.parametrize("role", ROLES)
def test_a_tour_has_five_steps_that_the_role_may_open(house: House, role: str) -> None:
    browser = house.browser(role)
    assert OFFER in browser.get(home_of(role)).text
    page = browser.get("/welcome").text
    assert len(TOURS[role]) == page.count("Open the page") == 5
    for to, title, _ in TOURS[role]:
        assert browser.get(to).status_code == 200
        assert title in unescape(page)


def test_the_offer_ends_for_who_declined_it_and_not_for_the_next_person(house: House) -> None:
    browser = house.browser("clinician", name="first")
    form = re.findall(r'name="csrf" value="(\w+)"', browser.get("/today").text)[0]
    assert browser.post("/welcome").status_code == 403
    answer = browser.post("/welcome", data={"csrf": form})
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert OFFER not in browser.get("/today").text
    assert "/welcome" in browser.get("/today").text  # it stays in reach
    other = house.browser("clinician", name="second")
    for name, value in browser.cookies.items():
        if "toured" in name:
            other.cookies.set(name, value)
    assert OFFER in other.get("/today").text
