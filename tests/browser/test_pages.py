"""Every page as each role sees it: it opens, nothing fails in the browser, and nothing leaks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.depth import by_night

STAYS = ("status", "census", "completion", "retention", "abstinence")
MEASURES = ("flow", "attendance", "quality", "prevalence", "outcomes", "comparison")
DASHBOARDS = tuple(f"/dashboards/{name}" for name in (*STAYS, *MEASURES))
CLINICAL = ("/today", "/clients", "/clients/SIM-000007", *DASHBOARDS, "/definitions")
NARROW = {"viewport": {"width": 390, "height": 844}}
DARK = {"color_scheme": "dark"}
PLAIN = {"java_script_enabled": False}


@pytest.mark.parametrize(
    "visitor", [by_night({}), NARROW, by_night(DARK)], indirect=True, ids=["wide", "narrow", "dark"]
)
def test_each_page_opens_without_an_error_fits_the_screen_and_says_that_its_clients_are_simulated(
    visitor: Visitor,
) -> None:
    visitor.sign_in("clinician")
    for path in CLINICAL:
        assert visitor.open(path) == 200, path
        overflow = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{path} is {overflow} px too wide"
        expect(visitor.page.get_by_role("note").first).to_contain_text("Simulated clients")
    assert visitor.errors == []


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["no-javascript"])
def test_reading_works_without_javascript(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    for path in CLINICAL:
        assert visitor.open(path) == 200, path
    visitor.open("/dashboards/completion")
    expect(visitor.page.get_by_role("cell", name="Intensive outpatient (IOP)").first).to_be_visible()
    visitor.open("/clients/SIM-000007")
    expect(visitor.page.locator("#picture")).to_be_visible()


def test_a_chart_draws_and_its_table_holds_the_numbers(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion")
    expect(visitor.page.locator(".chart.drawn .main-svg").first).to_be_visible()
    expect(visitor.page.get_by_role("columnheader", name="95 % interval").first).to_be_visible()


@pytest.mark.parametrize("name", MEASURES)
def test_each_dashboard_of_measures_draws_and_gives_its_tables_as_csv(visitor: Visitor, name: str) -> None:
    visitor.sign_in("clinician")
    visitor.open(f"/dashboards/{name}")
    expect(visitor.page.locator(".chart.drawn .main-svg").first).to_be_visible()
    links = [link.get_attribute("href") for link in visitor.page.get_by_role("link", name="CSV").all()]
    assert links
    for link in links:
        answer = visitor.page.request.get(visitor.address + str(link))
        assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8"), link
        assert "," in answer.text().splitlines()[0]
    assert visitor.errors == []


def test_filters_live_in_the_address(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion")
    visitor.page.get_by_label("Groups").select_option("level,program")
    visitor.page.wait_for_url(re.compile("by=level%2Cprogram"))
    expect(visitor.page.get_by_role("columnheader", name="Program").first).to_be_visible()


@pytest.mark.parametrize("path", ["/today", "/clients", "/clients/SIM-000007", "/dashboards/status"])
def test_reporting_sees_no_client_and_no_dashboard(visitor: Visitor, path: str) -> None:
    visitor.sign_in("reporting")
    assert visitor.open(path) == 403
    assert "SIM-" not in visitor.page.content().replace(path, "")


def test_admin_sees_projections_and_no_chart(visitor: Visitor) -> None:
    visitor.sign_in("admin")
    assert visitor.open("/operations") == 200
    assert visitor.open("/clients/SIM-000007") == 403


def test_nobody_is_let_in_without_a_sign_in(visitor: Visitor) -> None:
    visitor.open("/clients/SIM-000007")
    expect(visitor.page.get_by_role("button", name="Continue as clinician")).to_be_visible()


def test_an_analyst_sees_whole_numbers_and_no_client(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/completion?by=level,site")
    expect(visitor.page.get_by_role("cell", name="hidden")).to_have_count(0)
    for path in ("/today", "/clients", "/clients/SIM-000007"):
        assert visitor.open(path) == 403
        assert "SIM-" not in visitor.page.content().replace(path, "")


def test_a_clinician_finds_a_client_by_chart_number_with_the_keyboard(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    visitor.open("/clients")
    visitor.page.keyboard.press("/")
    visitor.page.keyboard.type("SIM-000012")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(re.compile("/clients/SIM-000012"))
    expect(visitor.page.get_by_role("heading", name="The journey")).to_be_visible()


def test_an_entry_tells_who_recorded_it_and_when(visitor: Visitor) -> None:
    visitor.sign_in("auditor")
    visitor.open("/clients/SIM-000007")
    entry = visitor.page.locator("details.entry").filter(has_text="through import").first
    entry.locator("summary").first.click()
    expect(entry.get_by_text("Recorded").first).to_be_visible()


def test_the_chart_as_known_before_its_first_entry_is_not_known_then(visitor: Visitor) -> None:
    visitor.sign_in("auditor")
    visitor.open("/clients/SIM-000007?as_of=2001-01-01T00:00")
    expect(visitor.page.get_by_text("Not known then")).to_be_visible()


def test_an_address_that_is_no_page_leads_on(visitor: Visitor) -> None:
    visitor.sign_in("clinician")
    assert visitor.open("/nothing-here") == 404
    visitor.page.get_by_role("link", name="Go to your start page").click()
    expect(visitor.page.get_by_role("heading", name="Work list")).to_be_visible()


def test_what_is_done_about_a_flag_is_one_form(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open("/today")
    row = page.get_by_role("region", name="Work list").locator("tbody tr").first
    row.locator("summary").first.click()
    form = row.locator("details[open] form")
    form.get_by_role("button", name="Done").click()
    expect(form.get_by_label("What was done")).to_be_focused()  # the browser asks for it
    form.get_by_role("button", name="Snooze 1 day").click()
    expect(page.get_by_role("status").first).to_contain_text("Undo")
