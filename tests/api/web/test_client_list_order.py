"""The list of clients stands in an order that its reader knows, says which, and is sorted by its headers."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.http.examples import EXAMPLES
from api.web.clients import list_page
from tests.api.access.conftest import House
from tests.api.access.test_printed_names import define_thing

CHART = re.compile(r'<tr><td>.*?href="/clients/([^"/]+)"', re.DOTALL)


def charts(page: str) -> list[str]:
    return CHART.findall(page[page.index("<tbody>") :])


@pytest.fixture
def people(house: House) -> House:
    for number, name in (("C-10", "Zoë Ash"), ("C-9", "Zoe Ash"), ("C-2", "Ángel Ruiz"), ("C-1", "bea Lo")):
        body = {"occurred_at": "2026-02-20T12:00:00Z", "data": EXAMPLES["register-client"] | {"name": name}}
        answer = house.api("clinician").post(f"/api/v1/clients/{number}/commands/register-client", json=body)
        assert answer.status_code == 201, answer.text
    house.services.catch_up()
    return house


def test_by_name_then_by_number_where_one_page_holds_all(people: House) -> None:
    page = people.browser("clinician").get("/clients").text
    assert charts(page) == ["C-2", "C-1", "C-9", "C-10"]
    assert "By name." in page
    assert 'aria-sort="ascending"' in page
    turned = people.browser("clinician").get("/clients?sort=-name").text
    assert charts(turned) == ["C-10", "C-9", "C-1", "C-2"]


def test_more_than_a_page_stand_by_their_last_contact(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_page, "PAGE_ROWS", 2)
    for number, days in (("A-1", 5), ("A-2", 1), ("A-3", 3)):
        house.hands.move(days=-days)
        house.admit(number, "north")
        house.record(number, "attend-session", kind="individual", minutes=60)
        house.hands.move(days=days)
    house.services.catch_up()
    browser = house.browser("clinician")
    page = browser.get("/clients").text
    assert charts(page) == ["A-2", "A-3"]
    assert "Latest contact first." in page
    assert "kept encrypted" in page
    assert "sort=name" not in page
    more = re.search(r'href="(/clients\?[^"]*after=[^"]*)"', page)
    assert more
    later = browser.get(unescape(more[1])).text
    assert charts(later) == ["A-1"]
    assert "the first 2 are shown" in page
    assert "1 on this page" in later and "are shown" not in later
    by_day = browser.get("/clients?sort=-day").text
    assert charts(by_day) == ["A-1", "A-3"]
    onward = re.search(r'href="(/clients\?[^"]*after=[^"]*)"', by_day)
    assert onward
    assert "sort=-day" in onward[1]
    assert charts(browser.get(unescape(onward[1])).text) == ["A-2"]
    assert charts(browser.get("/clients?sort=name").text) == ["A-2", "A-3"]


@pytest.mark.parametrize("sort", ["level", "--day", "-", "name'"])
def test_an_order_that_nobody_offers_is_the_usual_one(people: House, sort: str) -> None:
    assert charts(people.browser("clinician").get(f"/clients?sort={sort}").text) == ["C-2", "C-1", "C-9", "C-10"]


def test_sites_stand_by_their_names_and_are_chosen_by_their_keys(house: House) -> None:
    define_thing(house, "site", site="north", name="Lakeside Campus")
    house.admit("A-1", "north")
    page = house.browser("clinician").get("/clients?site=north").text
    assert '<option value="north" selected>Lakeside Campus</option>' in page
    assert "<td>Lakeside Campus</td>" in page
    assert charts(page) == ["A-1"]


def test_only_who_registers_clients_is_asked_to(house: House) -> None:
    asked = {role: house.browser(role).get("/clients?state=died").text for role in ("clinician", "intake", "auditor")}
    assert [role for role, page in asked.items() if "Or register a client first." in page] == ["clinician", "intake"]
    assert [role for role, page in asked.items() if 'href="/group-session"' in page] == ["clinician"]
