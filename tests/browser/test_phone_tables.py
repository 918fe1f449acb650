"""Tables on a phone: cards of people and of numbers, read without scrolling sideways; still tables to who hears or prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Begin, Visitor
from tests.browser.places import TABLE
from tests.browser.test_pages import DASHBOARDS, NARROW, PLAIN

PHONES = (390, 320)
TABLET = {"viewport": {"width": 700, "height": 900}}
NUMBERS = {
    "clinician": ("/definitions", "/clients/SIM-000007/history"),
    "analyst": ("/reports", *DASHBOARDS, "/dashboards/time-to-event", "/dashboards/completion?by=level,site,program"),
    "reporting": ("/publications", "/publications/1"),
    "auditor": ("/audit/integrity", "/audit/access-log", "/clients/SIM-000007/disclosures", "/operations"),
    "admin": ("/administration/site", "/administration/group", "/administration/staff"),
}
# Of each table that is in sight: its classes, how far it goes beyond its box, and the part of the box that its first column takes.
LOOK = """() => [...document.querySelectorAll('.scroll > table')].filter(table => table.offsetParent).map(table => ({
  kind: table.className, name: table.parentElement.ariaLabel, beyond: table.parentElement.scrollWidth - table.parentElement.clientWidth,
  first: table.tBodies[0].rows[0].cells[0].offsetWidth / table.parentElement.clientWidth,
  more: table.caption ? getComputedStyle(table.caption, '::after').content : '' }))"""
OPEN = "document.querySelectorAll('details:has(table)').forEach(one => { one.open = true; })"


def pages_with_numbers(role: str, read: Callable[[str], str]) -> tuple[str, ...]:
    """The pages of a role with tables of numbers; of a publication each table."""
    return (*NUMBERS[role], *(TABLE.findall(read("/publications/1")) if role == "reporting" else ()))


@pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])
@pytest.mark.parametrize("role", NUMBERS)
def test_tables_of_numbers_are_read_on_a_phone_without_scrolling_sideways(visitor: Visitor, role: str) -> None:
    visitor.sign_in(role)
    page = visitor.page
    page.context.route("**/plotly.min.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    found: list[Any] = []
    kinds: Counter[str] = Counter()
    for path in pages_with_numbers(role, lambda path: page.request.get(visitor.address + path).text()):
        assert visitor.open(path) == 200, path
        page.evaluate(OPEN)
        for width in PHONES:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
                found.append((path, width, "the page scrolls"))
            for table in page.evaluate(LOOK):
                kinds[table["kind"]] += 1
                fits = table["beyond"] <= 0
                hinted = table["kind"] == "wide" and table["first"] <= 1 / 3 and "More columns" in table["more"]
                found += [] if fits or hinted else [(path, width, table)]
    assert found == []
    assert sum(kinds.values()) > 0


@pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])
@pytest.mark.parametrize("path", ["/today", "/clients", "/handoffs", "/groups"])
def test_lists_of_people_are_read_on_a_phone_without_scrolling_sideways(visitor: Visitor, path: str) -> None:
    visitor.sign_in("clinician")
    visitor.open(path)
    visitor.page.evaluate(OPEN)
    lists = visitor.page.locator(".scroll:has(> table.people)")
    expect(lists.first).to_be_visible()
    for width in PHONES:
        visitor.page.set_viewport_size({"width": width, "height": 844})
        for act in visitor.page.locator("table.people details.act > summary").all()[:2]:
            act.click()
        assert lists.evaluate_all("every => every.map(one => one.scrollWidth - one.clientWidth)") == [0] * lists.count()


@pytest.mark.parametrize("visitor", [{**NARROW, **PLAIN}], indirect=True, ids=["no-javascript"])
def test_a_card_has_the_names_of_its_numbers_and_sorts_without_javascript(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion")
    table = visitor.page.get_by_role("region", name="Table: Completed of all ended stays")
    cells = table.locator("tbody tr").first.locator("td")
    named = "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
    assert cells.evaluate_all(named)[:3] == ["none", '"Rate "', '"95 % interval "']
    heading, rate, interval = (cells.nth(place).bounding_box() for place in range(3))
    assert heading is not None
    assert rate is not None
    assert interval is not None
    assert rate["y"] >= heading["y"] + heading["height"]
    assert (rate["y"], rate["x"] < interval["x"]) == (interval["y"], True)
    table.get_by_role("link", name="Rate", exact=True).click()
    expect(visitor.page.locator("[aria-sort]").first).to_have_text("Rate")


@pytest.mark.parametrize("visitor", [NARROW, PLAIN], indirect=True, ids=["narrow", "wide"])
def test_keys_are_told_to_who_has_some(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    visitor.open("/clients")
    told = visitor.page.get_by_text("Press / to search.")
    assert told.is_visible() == (visitor.page.viewport_size != NARROW["viewport"])


def heard(page: Page) -> Counter[str]:
    """The parts of tables as the browser tells them to a screen reader."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    roles = [node["role"]["value"] for node in tree["nodes"] if not node.get("ignored")]
    return Counter(role for role in roles if role in {"table", "row", "cell", "columnheader", "rowheader"})


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize(
    ("role", "path"), [("analyst", "/dashboards/retention"), ("clinician", "/handoffs"), ("clinician", "/clients")]
)
def test_cards_are_heard_as_the_table_that_they_are(
    begin: Begin, address: str, scripts: bool, role: str, path: str
) -> None:
    told: list[Counter[str]] = []
    for width in (1280, 390):
        visitor = Visitor(begin(viewport={"width": width, "height": 844}, java_script_enabled=scripts), address)
        visitor.sign_in(role)
        visitor.open(path)
        told.append(heard(visitor.page))
    assert told[0]["cell"] > 20
    assert told[0] == told[1]


@pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])
def test_paper_has_tables_however_narrow_it_is(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion")
    row = visitor.page.locator("table.stacked tbody tr").first
    expect(row).to_have_css("display", "grid")
    visitor.page.emulate_media(media="print")
    expect(row).to_have_css("display", "table-row")
    expect(visitor.page.locator("table.stacked thead").first).to_have_css("position", "static")


@pytest.mark.parametrize("visitor", [TABLET], indirect=True, ids=["tablet"])
def test_the_first_column_of_a_wide_table_stays(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion")
    table = visitor.page.get_by_role("region", name="Table: Completed of all ended stays")
    first = table.locator("tbody tr td").first
    before = first.bounding_box()
    table.evaluate("box => { box.scrollLeft = 400; }")
    assert table.evaluate("box => box.scrollLeft") > 0
    after = first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]
