"""The main navigation: the few places that a role may open, the pages below the current one, and what tabs are called."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from api.http.access import ROLES, may
from api.web.frame.places import PLACES, chart_at, places_of
from tests.api.access.conftest import House

SEEN = {
    "intake": ["Today", "Clients", "Reports", "Administration"],
    "clinician": ["Today", "Clients", "Groups", "Reports", "Administration"],
    "auditor": ["Today", "Clients", "Reports", "Audit", "Administration"],
    "analyst": ["Reports", "Administration"],
    "reporting": ["Reports"],
    "admin": ["Reports", "Administration"],
}
PAGES = [to for place in PLACES for to, _, _ in place.pages]


def test_a_role_sees_at_most_six_places_and_those_that_it_may_open() -> None:
    assert {role: [place.link.name for place in places_of(role, "/")] for role in ROLES} == SEEN
    assert len(PLACES) <= 6


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_a_role_opens(house: House, role: str) -> None:
    browser = house.browser(role)
    shown = [place for at in PAGES for place in places_of(role, at)]
    linked = {link.to for place in shown for link in (place.link, *place.pages)}
    assert {to for to in linked if browser.get(to).status_code != 200} == set()
    assert len(linked) >= len(SEEN[role])


@pytest.mark.parametrize(
    ("role", "path", "place", "page"),
    [
        ("clinician", "/today", ("Today", "page"), ()),
        ("clinician", "/clients", ("Clients", "true"), ("All clients", "page")),
        ("clinician", "/clients/new", ("Clients", "true"), ("New client", "page")),
        ("clinician", "/clients/A-1/history", ("Clients", "true"), ("All clients", "true")),
        ("clinician", "/duplicates", ("Clients", "true"), ("Possible duplicates", "page")),
        ("auditor", "/clients/A-1", ("Clients", "true"), ("All clients", "true")),
        ("clinician", "/groups", ("Groups", "true"), ("Timetable", "page")),
        ("clinician", "/group-session", ("Groups", "true"), ("Group session", "page")),
        ("analyst", "/dashboards/flow", ("Reports", "true"), ("Flow", "page")),
        ("analyst", "/dashboards/flow/number", ("Reports", "true"), ("Flow", "true")),
        ("analyst", "/dashboards/none", ("Reports", "true"), ()),
        ("reporting", "/publications/1/census-month", ("Reports", "true"), ("Publications", "true")),
        ("admin", "/publications/plan", ("Administration", "true"), ("Plan of publications", "page")),
        ("admin", "/publications/plan/preview", ("Administration", "true"), ("Plan of publications", "true")),
        ("auditor", "/audit/access-log", ("Audit", "true"), ("Access log", "page")),
        ("auditor", "/audit/checks/logs", ("Audit", "true"), ()),
        ("auditor", "/operations/work/rebuild", ("Administration", "true"), ("Operations", "true")),
        ("admin", "/administration/site/define", ("Administration", "true"), ("Sites", "true")),
        ("clinician", "/administration/group", ("Administration", "true"), ("Groups", "page")),
    ],
)
def test_the_current_place_and_page_are_marked(
    role: str, path: str, place: tuple[str, str], page: tuple[str, str] | tuple[()]
) -> None:
    shown = places_of(role, path)
    assert [(one.link.name, one.link.current) for one in shown if one.link.current] == [place]
    below = [link for one in shown for link in one.pages]
    assert [(link.name, link.current) for link in below if link.current] == ([page] if page else [])
    assert all(one.link.current for one in shown if one.pages), "only the current place is open"


def test_nothing_is_current_on_a_page_that_is_in_no_place() -> None:
    assert all(not place.link.current for place in places_of("clinician", "/clientsandmore"))
    assert all(not place.link.current for place in places_of("reporting", "/today"))


class Navigation(HTMLParser):
    """The addresses in each navigation of a page, with what each says of being current."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[list[tuple[str, str]]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "nav":
            self._inside = True
            self.found.append([])
        if tag == "a" and self._inside:
            self.found[-1].append((held["href"] or "", held.get("aria-current") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "nav"


def test_rail_and_menu_hold_the_same_and_need_no_script(house: House) -> None:
    rail, menu = Navigation(house.browser("auditor").get("/audit/integrity").text).found
    assert rail == menu
    assert [one for one in rail if one[1]] == [("/audit/access", "true"), ("/audit/integrity", "page")]
    assert len(rail) == 5 + 4


def test_titles_tell_the_pages_of_a_role_apart(house: House) -> None:
    house.admit("A-1", "north")
    browser = house.browser("clinician")
    addresses = [to for place in PLACES for to, _, area in place.pages if may("clinician", area)]
    addresses += [f"/clients/A-1{rest}" for rest in ("", "/history", "/print", "/record/add-note", "/merge")]
    answers = [browser.get(to) for to in addresses]
    assert {answer.status_code for answer in answers} == {200}
    titles = [re.search("<title>(.*)</title>", answer.text) for answer in answers]
    said = [title[1] for title in titles if title]
    assert sorted(set(said)) == sorted(said)
    assert "History · A-1 – Care Journey" in said


def test_a_number_is_said_of_pages_of_clients_alone() -> None:
    assert chart_at("/clients/A-1/record/add-note") == "A-1"
    assert [chart_at(path) for path in ("/clients", "/clients/new", "/clients/find", "/audit/x", "/")] == [""] * 5


def test_who_opens_no_chart_is_told_no_number(house: House) -> None:
    assert "A-1" not in house.browser("analyst").get("/clients/A-1").text.replace("/clients/A-1", "")
