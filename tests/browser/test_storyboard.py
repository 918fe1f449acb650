"""A client's storyboard: the journey beside it in the first screenful, in place while the page scrolls, short on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import NARROW, in_every_look, violations
from tests.browser.conftest import Visitor
from tests.browser.places import CHART

PHONE = {"viewport": NARROW, "has_touch": True, "is_mobile": True}
PLAIN = {"java_script_enabled": False}


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    return box["y"]


def shifted(page: Page) -> float:
    """How much of what was drawn has moved since, as browsers score it."""
    return page.evaluate(
        """() => new Promise(done => new PerformanceObserver(list => done(
            list.getEntries().reduce((sum, one) => sum + one.value, 0)
        )).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 300))"""
    )


def test_the_journey_begins_in_the_first_screenful_and_the_storyboard_stays(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    assert top(page, "#picture") < 300
    assert top(page, "#journey") < 120
    for said in ("Risks", "Medication", "Due next", "Next appointment", "Consents in force"):
        expect(page.locator(".storyboard dt", has_text=said)).to_be_visible()
    expect(page.locator(".storyboard summary", has_text="Risks")).to_be_hidden()
    page.evaluate("window.scrollTo(0, 900)")
    expect(page.locator(".storyboard h1")).to_be_in_viewport()
    expect(page.locator(".record > summary")).to_be_in_viewport()
    assert shifted(page) < 0.01
    assert visitor.errors == []


@pytest.mark.parametrize("visitor", [PHONE, PHONE | PLAIN], indirect=True, ids=["phone", "phone-without-scripts"])
def test_on_a_phone_the_facts_unfold_and_record_stays_at_the_foot(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    facts = page.locator(".storyboard dl").first
    expect(facts).to_be_hidden()
    page.locator(".storyboard summary", has_text="Risks").click()
    expect(facts).to_be_visible()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    record = page.locator(".record > summary")
    expect(record).to_be_in_viewport()
    record.click()
    page.get_by_role("link", name="Note", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Note")


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["no-javascript"])
def test_wide_without_scripts_the_facts_stand_open(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    expect(page.locator(".storyboard dt", has_text="Consents in force")).to_be_visible()


def test_the_open_storyboard_is_accessible(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    assert in_every_look(page) == []
    page.locator(".record > summary").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".commands")).to_be_hidden()
    expect(page.locator(".record > summary")).to_be_focused()
    page.set_viewport_size(NARROW)
    for closed in page.locator(".storyboard summary:visible").all():
        closed.click()
    assert in_every_look(page) == []


def test_record_offers_five_that_fit_and_filters_the_others(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    page.locator(".record > summary").click()
    expect(page.locator(".commands section").first.get_by_role("link")).to_have_count(5)
    box = page.get_by_role("searchbox", name="Everything else")
    box.fill("lapse pre")
    expect(page.locator(".commands").get_by_role("link")).to_have_text(["Relapse-prevention plan"])
    box.fill("zzz")
    expect(page.get_by_text("Nothing has this in its name.")).to_be_visible()
    box.fill("consent rev")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Consent revoked")
    expect(page.locator(".storyboard .name")).to_be_visible()
    expect(page.locator(".storyboard .who-is")).to_contain_text(CHART)
    assert in_every_look(page) == []


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["no-javascript"])
def test_without_scripts_every_command_is_in_the_list(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    page.locator(".record > summary").click()
    expect(page.locator(".commands").get_by_role("link", name="Consent revoked")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Everything else")).to_be_hidden()
