"""What tasks cost in clicks, keys and page loads, counted in Chromium, wide and on a phone, and with the keyboard alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from api.http.examples import EXAMPLES
from tests.browser.axe import NARROW, WIDE, in_every_look
from tests.browser.conftest import Begin
from tests.browser.counting import Counted
from tests.browser.places import CHART
from tests.day import DAY

PHP = "partial_hospitalization"
FOUND = {
    **{f"asam:{number}": rating for number, rating in enumerate("112232", start=1)},
    "recommended_level": PHP,
    "needs_24h_supervision": "no",
    "mental_health_severity": "mild",
    "home": "supportive",
    "substance_free_home": "yes",
    "motivated": "yes",
}
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": WIDE},
    "phone": {"viewport": NARROW},
    "without-scripts": {"viewport": WIDE, "java_script_enabled": False},
}


def clinician(begin: Begin, address: str, **look: Any) -> Page:
    page = begin(DAY, **look).new_page()
    page.goto(address)
    page.get_by_role("button", name="Continue as clinician").click()
    return page


def answer(page: Page, name: str, value: str) -> Locator:
    return page.locator(f"label:has(> [name='{name}'][value='{value}'])")


def button(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_an_admission_takes_30_clicks_and_4_loads_at_most(begin: Begin, address: str, screen: str) -> None:
    page = clinician(begin, address, **SCREENS[screen])
    count = Counted(page)
    page.goto(f"{address}/clients")
    count.begin()
    count.click(page.locator("main").get_by_role("link", name="New client"))
    count.type(page.locator("#f-chart_number"), f"C-{screen}")
    count.type(page.locator("#f-name"), f"{screen.title()} Example")
    birth = "05061971" if screen == "wide" else "08091988"
    page.locator("#f-birth_date").focus()
    page.keyboard.type(birth)
    count.click(button(page, "Record"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Coverage, consent, diagnosis")
    count.type(page.locator("[name='verify-coverage.payer']"), "Example Health")
    count.type(page.locator("[name='verify-coverage.member_ref']"), "M-1")
    count.click(answer(page, "verify-coverage.level", PHP))
    count.type(page.locator("[name='give-consent.recipient']"), "Dr. Example")
    count.type(page.locator("[name='give-consent.scope']"), "attendance")
    page.locator("[name='give-consent.expires_on']").focus()
    page.keyboard.type("10142028")
    count.type(page.locator("[name='record-diagnosis.icd10']"), "F11.20")
    count.click(button(page, "Save and go on"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Assessment")
    for name, value in FOUND.items():
        count.click(answer(page, f"complete-assessment.{name}", value))
    count.click(button(page, "Save, and start the recommended level"))
    expect(page.locator(".who-is")).to_contain_text("Partial hospitalization (PHP)")
    assert count.clicks + 2 <= 30, count.clicks  # and one for each date, which the pointer would open
    assert count.loads <= 4, count.loads
    assert count.keys <= 143, count.keys
    print(f"admission, {screen}: {count.clicks + 2} clicks, {count.keys} keys, {count.loads} loads")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_an_assessment_again_takes_10_clicks_at_most(begin: Begin, address: str, screen: str) -> None:
    page = clinician(begin, address, **SCREENS[screen])
    count = Counted(page)
    page.goto(f"{address}/clients/{CHART}")
    count.begin()
    count.click(page.locator("main summary", has_text="Record…"))
    count.click(page.locator("main").get_by_role("link", name="Assessment (ASAM)", exact=True))
    changed = page.locator("#f-asam .changed")
    expect(changed.first).to_be_hidden()
    for number in (2, 4, 5):
        count.click(page.locator(f"label:has(> [name='asam:{number}']:not(:checked))").last)
    expect(changed.locator("visible=true")).to_have_count(3)
    expect(page.locator(".changed").locator("visible=true")).to_have_count(3)
    count.click(button(page, "Record"))
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    assert count.clicks <= 10, count.clicks
    assert count.loads <= 2, count.loads
    assert count.keys == 0
    print(f"assessment again, {screen}: {count.clicks} clicks, {count.loads} loads")


def test_an_admission_is_left_and_taken_up_without_scripts_and_every_page_is_accessible(
    begin: Begin, address: str
) -> None:
    page = clinician(begin, address, **SCREENS["without-scripts"])
    page.goto(f"{address}/clients/new")
    for name, value in (("chart_number", "C-plain"), ("name", "Plain Example"), ("birth_date", "1969-03-04")):
        page.locator(f"#f-{name}").fill(value)
    button(page, "Record").click()
    page.locator("[name='verify-coverage.payer']").fill("Example Health")
    button(page, "Save and go on").click()
    expect(page).to_have_title(re.compile("^Not saved: Admission"))
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    page.goto(f"{address}/clients/C-plain")
    page.get_by_role("link", name="Go on with the admission").click()
    expect(page.locator(".parts .missing")).to_have_count(5)
    page.get_by_role("link", name="Assessment", exact=True).click()
    for name, value in FOUND.items():
        page.locator(f"[name='complete-assessment.{name}'][value='{value}']").check()
    button(page, "Save the assessment only").click()
    expect(page.locator("main")).to_contain_text("Nothing keeps Partial hospitalization (PHP) from being started.")
    button(page, "Start the level").click()
    expect(page.locator(".who-is")).to_contain_text("Partial hospitalization (PHP)")


def test_forms_of_the_flow_are_accessible_also_when_they_are_refused(begin: Begin, address: str) -> None:
    page = clinician(begin, address, viewport=WIDE)
    page.goto(f"{address}/clients/new")
    for name, value in (("chart_number", "C-axe"), ("name", "Axe Example"), ("birth_date", "1959-03-04")):
        page.locator(f"#f-{name}").fill(value)
    button(page, "Record").click()
    assert in_every_look(page) == []
    page.locator("[name='verify-coverage.payer']").fill("Example Health")
    button(page, "Save and go on").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    expect(page.locator(":focus")).to_have_attribute("name", re.compile("^verify-coverage"))
    assert in_every_look(page) == []
    for step in ("assessment", "level"):
        page.goto(f"{address}/clients/C-axe/admission?step={step}")
        assert in_every_look(page) == []


@pytest.mark.parametrize("name", ["phq9", "bam", "ciwa_ar"])
def test_questionnaires_are_accessible_and_name_what_was_left_out(begin: Begin, address: str, name: str) -> None:
    page = clinician(begin, address, viewport=WIDE)
    page.goto(f"{address}/clients/{CHART}/record/score-instrument?instrument={name}")
    assert in_every_look(page) == []
    page.locator("[name='items:1']").first.check()
    button(page, "Record").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    expect(page.locator(":focus")).to_have_attribute("name", "items:2")
    assert in_every_look(page) == []


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_step_down_with_its_assessment_takes_12_clicks_at_most(begin: Begin, address: str, screen: str) -> None:
    page = clinician(begin, address, **SCREENS[screen])
    chart = at_level(page, address, PHP, f"C-down-{screen}")
    count = Counted(page)
    page.goto(f"{address}/clients/{chart}")
    count.begin()
    count.click(page.locator(".record > summary"))
    count.click(page.locator(".commands").get_by_role("link", name="Assessment (ASAM)", exact=True).first)
    for name, value in (("recommended_level", "intensive_outpatient"), ("completed_prior_level", "yes")):
        count.click(answer(page, name, value))
    others = {name: value for name, value in FOUND.items() if not name.startswith(("asam", "recommended"))}
    for name, value in others.items():
        if not page.locator(f"[name='{name}'][value='{value}']").is_checked():
            count.click(answer(page, name, value))
    count.click(button(page, "Record"))
    count.click(page.locator(".next").get_by_role("link", name="Step down or up to IOP"))
    count.click(button(page, "Record"))
    expect(page.locator(".who-is")).to_contain_text("Intensive outpatient (IOP), day 1")
    expect(page.locator(".next")).to_contain_text("A level began")
    assert count.clicks <= 12, count.clicks
    assert count.loads <= 4, count.loads
    print(f"step down, {screen}: {count.clicks} clicks, {count.keys} keys, {count.loads} loads")


def at_level(page: Page, address: str, level: str, chart: str) -> str:
    """A new chart of this number, of a client who was admitted to a level the day before; gives the number."""
    given = {
        "register-client": {"name": f"Example {chart}", "birth_date": "1990-04-01"},
        "complete-assessment": {
            **EXAMPLES["complete-assessment"],
            "recommended_level": level,
            "needs_24h_supervision": False,
            "completed_prior_level": True,
        },
        "start-level": {**EXAMPLES["start-level"], "level": level},
    }
    for number, (command, data) in enumerate(given.items()):
        body = {"occurred_at": (DAY - timedelta(days=1, minutes=9 - number)).isoformat(), "data": data}
        answer = page.request.post(
            f"{address}/api/v1/clients/{chart}/commands/{command}",
            data=body,
            headers={"Authorization": "Bearer demo-clinician"},
        )
        assert answer.status == 201, answer.text()
    return chart


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_group_of_nine_takes_8_clicks_at_most(begin: Begin, address: str, screen: str) -> None:
    """All there but two: one missed, one came late."""
    page = clinician(begin, address, **SCREENS[screen])
    page.goto(f"{address}/group-session?level=standard_outpatient")
    count = Counted(page)
    count.begin()
    count.click(page.get_by_role("link", name="Mark all as present"))
    marks = page.locator("select[data-mark]")
    assert marks.count() >= 9
    if screen == "phone":  # the minute of the first group is taken
        page.locator("#f-occurred_at").fill(f"{DAY - timedelta(days=1):%Y-%m-%dT10:00}")
    marks.first.focus()
    for key in "ppa":
        page.keyboard.press(key)
    page.keyboard.press("l")
    page.keyboard.type("120")
    count.click(button(page, "Record for all marked"))
    expect(page.get_by_role("status").first).to_contain_text("Recorded for")
    assert count.clicks <= 8, count.clicks
    assert count.loads <= 2, count.loads
    print(f"group of {marks.count()}, {screen}: {count.clicks} clicks, {count.keys} keys, {count.loads} loads")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_session_with_its_note_takes_one_form_and_2_loads(begin: Begin, address: str, screen: str) -> None:
    page = clinician(begin, address, **SCREENS[screen])
    chart = at_level(page, address, "intensive_outpatient", f"C-session-{screen}")
    count = Counted(page)
    page.goto(f"{address}/clients/{chart}")
    count.begin()
    count.click(page.locator(".record > summary"))
    count.click(page.locator(".commands").get_by_role("link", name="Session attended", exact=True).first)
    count.type(page.locator("#f-session_note"), "Talked about the weekend.")
    count.click(button(page, "Record"))
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    expect(page.locator(".entry", has_text="Talked about the weekend.").first).to_be_visible()
    assert count.loads <= 2, count.loads
    assert count.clicks <= 4, count.clicks
    print(f"session with its note, {screen}: {count.clicks} clicks, {count.keys} keys, {count.loads} loads")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_correction_takes_5_clicks_and_2_loads(begin: Begin, address: str, screen: str) -> None:
    page = clinician(begin, address, **SCREENS[screen])
    count = Counted(page)
    page.goto(f"{address}/clients/{CHART}?kind=session")
    count.begin()
    entry = page.locator("details.entry").filter(has_text="attended").first
    count.click(entry.locator("summary"))
    count.click(entry.get_by_role("link", name="Correct or take back"))
    count.type(page.locator("#f-topic"), "Coping")
    count.type(page.locator("#f-reason"), "Wrong topic")
    count.click(button(page, "Correct"))
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    assert count.clicks <= 5, count.clicks
    assert count.loads <= 2, count.loads
    print(f"correction, {screen}: {count.clicks} clicks, {count.keys} keys, {count.loads} loads")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_any_client_is_found_by_4_keys(begin: Begin, address: str, screen: str) -> None:
    """Three letters or digits are suggested to; Enter opens the first."""
    page = clinician(begin, address, **SCREENS[screen])
    page.goto(f"{address}/clients/{CHART}")
    name = page.locator("h1").inner_text()
    page.goto(f"{address}/today")
    count = Counted(page)
    count.begin()
    count.type(page.locator("#find"), CHART[-3:])
    option = page.get_by_role("option", name=re.compile(name))
    expect(option).to_be_visible()
    count.click(option)
    expect(page.locator("h1")).to_have_text(name)
    assert count.keys <= 4, count.keys
    assert count.clicks <= 2, count.clicks
    assert count.loads == 1, count.loads
    print(f"find a client, {screen}: {count.clicks} clicks, {count.keys} keys, {count.loads} loads")
