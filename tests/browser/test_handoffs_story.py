"""Somebody who left a level is given an owner and a next step, with the keyboard alone, in a real Chromium."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import WIDE, in_every_look
from tests.browser.conftest import Begin
from tests.day import DAY


def press(page: Page, name: re.Pattern[str], role: str = "button", section: str = "pending") -> None:
    """Reach the first control of this name in a section by Tab, and press Enter on it."""
    target = page.locator(f"#{section}").get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(target).to_be_visible()
    for _ in range(400):
        if target.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    page.keyboard.press("Enter")


def test_a_hand_off_gets_an_owner_and_is_closed_by_keyboard(begin: Begin, address: str) -> None:
    page = begin(DAY, viewport=WIDE).new_page()
    page.goto(address)
    page.get_by_role("button", name="Continue as clinician").click()
    page.goto(f"{address}/handoffs")
    expect(page.get_by_role("heading", name="Hand-offs", exact=True)).to_be_visible()
    assert in_every_look(page) == []
    client = page.locator("#pending tbody tr").first.locator("small.number").inner_text()
    press(page, re.compile("^Assign to me"))
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    page.goto(f"{address}/handoffs?mine=1")
    row = page.locator("#owned tbody tr", has_text=client)
    expect(row).to_be_visible()
    press(page, re.compile("^Close it"), "link", "owned")
    expect(page.get_by_role("heading", name="Close a hand-off")).to_be_visible()
    assert in_every_look(page) == []
    page.get_by_label("What became of it").focus()
    page.keyboard.type("lost")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#ended tbody tr", has_text=client).first).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_flag_is_acted_on_without_scripts(begin: Begin, address: str) -> None:
    page = begin(DAY, viewport=WIDE, java_script_enabled=False).new_page()
    page.goto(address)
    page.get_by_role("button", name="Continue as clinician").click()
    page.goto(f"{address}/today")
    with page.expect_navigation():
        page.get_by_role("link", name="Snoozed").click()
    before = page.locator("#work tbody tr").count()  # by other tests of this server
    page.go_back()
    act = page.locator("#work details.act").first
    act.locator("summary").click()
    act.get_by_role("button", name="Snooze 1 week").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_role("link", name="Snoozed").click()
    expect(page.locator("#work tbody tr")).to_have_count(before + 1)
    page.go_back()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Snoozed").click()
    expect(page.locator("#work tbody tr")).to_have_count(before)
