"""Today on a desk's screen: what it holds is in sight, and each list one press away."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import WIDE, in_every_look
from tests.browser.conftest import Begin
from tests.day import DAY

HEIGHT = 800


def clinician(begin: Begin, address: str, width: int) -> Page:
    page = begin(DAY, viewport={"width": width, "height": HEIGHT}).new_page()
    page.goto(address)
    page.get_by_role("button", name="Continue as clinician").click()
    page.goto(f"{address}/today")
    return page


def test_every_list_of_today_is_in_sight_or_one_press_away(begin: Begin, address: str) -> None:
    page = clinician(begin, address, 1280)
    jumps = page.get_by_role("navigation", name="On this page").get_by_role("link")
    assert jumps.count() == 5
    for jump in jumps.all():
        page.evaluate("scrollTo(0, 0)")
        box = jump.bounding_box()
        assert box is not None and box["y"] + box["height"] <= HEIGHT
        to = (jump.get_attribute("href") or "")[1:]
        jump.click()
        expect(page.locator(f"#{to} h2").first).to_be_in_viewport()
    page.goto(f"{address}/today")
    rows = page.locator("#agenda, #work").locator("tbody tr")
    assert rows.first.is_visible()
    assert page.evaluate("document.getElementById('work').getBoundingClientRect().top") < HEIGHT


def test_the_board_folds_what_waited_too_long(begin: Begin, address: str) -> None:
    page = clinician(begin, address, WIDE["width"])
    page.goto(f"{address}/handoffs")
    fold = page.locator("#lapsed")
    expect(fold.locator("tbody tr").first).to_be_hidden()
    fold.locator("summary").first.click()
    expect(fold.locator("tbody tr").first).to_be_visible()
    assert in_every_look(page) == []
