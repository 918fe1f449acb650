"""The find box by keyboard alone: charts while typing, a form for who was found, places, and the keys themselves."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import Visitor


def test_a_client_is_found_and_a_note_begun_by_keyboard(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open("/dashboards/status")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find a client or page")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("0012")
    found = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(found).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(found.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(found.first.get_attribute("id")))
    assert violations(page) == []
    name = found.first.locator("b").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-chosen]")).to_have_text(name)
    page.keyboard.type("note")
    expect(found).to_have_count(1)
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/clients/SIM-000012/record/add-note"))
    assert visitor.errors == []


def test_enter_opens_the_suggested_chart_whose_forms_are_offered_there(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open("/definitions")
    page.keyboard.press("/")
    page.keyboard.type("0007")
    options = page.locator("#found [role=option]")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/clients/SIM-000007$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("screen")
    expect(options.first).to_contain_text("Drug screen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/clients/SIM-000007/record/"))


@pytest.mark.parametrize(
    ("role", "typed", "to"), [("auditor", "integ", "/audit/integrity"), ("analyst", "flow", "/dashboards/flow")]
)
def test_places_are_reached_too(visitor: Visitor, role: str, typed: str, to: str) -> None:
    page = visitor.sign_in(role).page
    visitor.open("/definitions")
    page.keyboard.press("Control+k")
    page.keyboard.type(typed)
    options = page.locator("#found [role=option]")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("combobox").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(to))


@pytest.mark.parametrize(
    ("role", "typed"), [("clinician", "retention"), ("analyst", "retention"), ("analyst", "reten")]
)
def test_what_alone_fits_needs_no_arrow(visitor: Visitor, role: str, typed: str) -> None:
    page = visitor.sign_in(role).page
    visitor.open("/definitions")
    page.keyboard.press("Control+k")
    with page.expect_response("**/clients/suggest") if role == "clinician" else nullcontext():
        page.keyboard.type(typed)
        expect(page.locator("#found [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dashboards/retention"))


def test_a_question_mark_shows_the_keys(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open("/clients")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Ctrl K")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("?")
    expect(keys).to_be_hidden()


def test_an_older_question_is_not_shown_after_a_newer_one(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    asked: list[str] = []

    def answer(route: object) -> None:
        text = route.request.post_data  # type: ignore[attr-defined]
        asked.append(text)
        if "chart=000" in text and "0007" not in text:
            return  # never answered: the browser takes it back
        route.continue_()  # type: ignore[attr-defined]

    visitor.open("/definitions")
    page.route("**/clients/suggest", answer)
    page.keyboard.press("Control+k")
    with page.expect_request("**/clients/suggest"):
        page.keyboard.type("000")
    page.keyboard.type("7")
    expect(page.locator("#found [role=option]")).to_have_count(1)
    assert len(asked) == 2
    assert all("0007" not in entry for entry in (page.url,))


def test_an_answer_that_comes_late_opens_nothing_and_moves_no_mark(visitor: Visitor) -> None:
    page = visitor.sign_in("clinician").page
    visitor.open("/definitions")
    waiting: list[Route] = []
    page.route("**/clients/suggest", lambda route: waiting.append(route))
    options = page.locator("#found [role=option]")
    marked = page.locator("#found [aria-selected=true]")

    def late() -> None:
        with page.expect_response("**/clients/suggest"):
            waiting.pop().fulfill(json={"clients": [{"name": "SIM-000007", "about": "", "to": "/clients/SIM-000007"}]})
        expect(options.filter(has_text="SIM-000007")).to_have_count(1)

    with page.expect_request("**/clients/suggest"):
        page.keyboard.press("Control+k")
        page.keyboard.insert_text("flow")  # at once: on a busy machine the third of four letters asks by itself
    expect(options.first).to_be_visible()  # the pages come by themselves, maybe after the question has gone
    page.keyboard.press("ArrowDown")
    first = marked.inner_text()
    late()
    expect(marked).to_have_text(first)
    with page.expect_request("**/clients/suggest"):
        page.keyboard.press("Control+a")
        page.keyboard.insert_text("repo")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    late()
    expect(options.first).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
