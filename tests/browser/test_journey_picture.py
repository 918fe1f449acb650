"""The picture of a journey: zoomed and walked by keyboard, chosen by links where no script runs, slid back in time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.places import CHART

PLAIN = {"java_script_enabled": False}


def width(band: Locator) -> float:
    return float(band.get_attribute("width") or 0)


def first_band(page: Page) -> Locator:
    return page.locator("#picture .band").first


def test_it_is_zoomed_and_walked_by_keyboard_and_says_what_is_aimed_at(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    region, detail = page.get_by_role("region", name="Picture of the journey"), page.locator(".picture .detail")
    region.focus()
    whole = width(first_band(page))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#picture a:focus .band")).to_have_count(1)
    named = page.locator("#picture a:focus title").text_content() or ""
    expect(detail).to_have_text(named)
    page.keyboard.press("+")
    zoomed = width(first_band(page))
    assert zoomed > whole * 1.5
    page.keyboard.press("ArrowDown")
    expect(detail).not_to_have_text(named)
    page.keyboard.press("0")
    assert width(first_band(page)) == pytest.approx(whole, abs=0.2)
    page.get_by_role("button", name="Zoom in").click()
    assert width(first_band(page)) > whole * 1.5
    page.locator("#picture a[href^='#e']").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{re.sub('.*#', '#', page.url)}")).to_be_visible()
    assert visitor.errors == []


@pytest.mark.parametrize("visitor", [PLAIN], indirect=True, ids=["no-javascript"])
def test_without_scripts_a_link_chooses_the_days_and_another_the_time_of_knowing(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    days = int(page.locator("#picture").get_attribute("data-days") or 0)
    page.get_by_role("link", name="Last 30 days").click()
    expect(page.get_by_role("link", name="Last 30 days")).to_have_attribute("aria-current", "true")
    assert (days > 30, page.locator("#picture").get_attribute("data-days")) == (True, "30")
    page.locator(".past > summary").click()
    known = page.locator("form.known")
    known.get_by_role("combobox").select_option(index=2)
    known.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Viewing as known on")
    expect(page.get_by_role("link", name="Last 30 days")).to_be_visible()


def test_the_slider_goes_back_by_keyboard_to_what_was_known_once(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    page.locator(".past > summary").click()
    slider = page.get_by_role("slider", name="What was known by")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    told = page.locator("form.known output").inner_text()
    page.locator("form.known").get_by_role("button").click()
    expect(page.get_by_role("status").first).to_contain_text(f"Viewing as known on {told}")
    expect(page.get_by_role("slider", name="What was known by")).to_have_attribute("aria-valuetext", told)
    assert visitor.errors == []


FINGERS = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("visitor", [FINGERS], indirect=True, ids=["touch"])
def test_who_has_no_keyboard_is_told_of_none(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open(f"/clients/{CHART}")
    expect(page.locator(".picture .detail")).to_have_text(re.compile("a tap on a sign opens its entry"))
