"""Two people look at the same things: what one records, the other sees, and a stale save says what changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Begin, Visitor

CLIENT = "/clients/SIM-000031"


@pytest.fixture
def pair(begin: Begin, address: str) -> tuple[Visitor, Visitor]:
    """Two clinicians at browsers of their own."""
    contexts = [begin(viewport={"width": 1280, "height": 900}) for _ in range(2)]
    one, two = (Visitor(context, address).sign_in("clinician") for context in contexts)
    return one, two


def write_note(visitor: Visitor, text: str) -> None:
    visitor.open(f"{CLIENT}/record/add-note")
    main = visitor.page.locator("main")
    main.locator("textarea[name=text]").fill(text)
    main.get_by_role("button", name="Record", exact=True).click()


def test_the_second_sees_the_first_ones_entry_and_may_not_save_over_it(pair: tuple[Visitor, Visitor]) -> None:
    one, two = pair
    with two.page.expect_response(lambda answer: "/api/v1/live" in answer.url):
        two.open(CLIENT)
    expect(two.page.get_by_role("button", name="Pause live update")).to_be_visible()
    form = two.page.context.new_page()
    form.goto(f"{two.address}{CLIENT}/record/add-note")
    write_note(one, "Simulated: seen by the other one.")
    expect(two.page.get_by_text("There are new entries.")).to_be_visible()
    two.page.get_by_role("link", name="Show them").click()
    expect(two.page.get_by_text("Simulated: seen by the other one.").first).to_be_attached()
    main = form.locator("main")
    main.locator("textarea[name=text]").fill("Simulated: written on what was seen before.")
    main.get_by_role("button", name="Record", exact=True).click()
    alert = form.get_by_role("alert")
    expect(alert).to_contain_text("Note")
    expect(alert).to_contain_text("demo-clinician")
    expect(main.locator("textarea[name=text]")).to_have_value("Simulated: written on what was seen before.")
    assert one.errors == two.errors == []


def test_a_dashboard_goes_on_by_itself_until_it_is_paused(pair: tuple[Visitor, Visitor]) -> None:
    one, two = pair
    with two.page.expect_response(lambda answer: "/api/v1/live" in answer.url):
        two.open("/dashboards/status")
    write_note(one, "Simulated: moves the log on.")
    expect(two.page.get_by_text("Updated at")).to_be_visible()
    expect(two.page.get_by_role("heading", level=1)).to_be_visible()
    pause = two.page.get_by_role("button", name="Pause live update")
    pause.click()
    expect(two.page.get_by_role("button", name="Resume live update")).to_be_visible()
    assert two.errors == []
