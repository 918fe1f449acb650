"""Pages that need something to decide about: an unreadable entry, a schedule, a view of one's own, codes that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from api.http.examples import EXAMPLES
from infra.bootstrap import Services, open_services
from infra.settings import Settings
from tests.browser.axe import WIDE, in_every_look
from tests.browser.conftest import Begin, running
from tests.poison import BAD_ID, poison

ORDER = "00001 F1120   1 Opioid dependence, uncomplicated"


@pytest.fixture(scope="module")
def deciding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    """A server with a list of codes, a folder for documents, and one client with an entry that cannot be read."""
    folder: Path = tmp_path_factory.mktemp("deciding")
    (folder / "order.txt").write_text(f"{ORDER:<77}Opioid dependence, uncomplicated\n")
    url = SecretStr(f"sqlite:///{folder / 'log.db'}")
    services = open_services(
        Settings(database_url=url, demo=True, icd10_file=folder / "order.txt", view_folder=folder / "documents")
    )
    with running(create_app(services)) as address:
        yield address, services


@pytest.fixture
def page(begin: Begin) -> Page:
    return begin(viewport=WIDE).new_page()


def signed_in(page: Page, address: str, role: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=f"Continue as {role}").click()
    page.wait_for_url(re.compile(r"/(today|reports|operations|welcome)"))


def looks_well(page: Page) -> None:
    """Nothing for axe, nothing wider than a phone, no page above 100 KB."""
    assert in_every_look(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert len(page.content().encode()) < 100_000
    page.set_viewport_size(WIDE)


def register(page: Page, address: str, services: Services) -> None:
    body = {"occurred_at": services.now().isoformat(), "data": EXAMPLES["register-client"]}
    headers = {"Authorization": "Bearer demo-clinician"}
    answer = page.request.post(f"{address}/api/v1/clients/A-1/commands/register-client", data=body, headers=headers)
    assert answer.status in {201, 422}, answer.text()


def test_a_code_is_found_and_chosen_by_the_keyboard(page: Page, deciding: tuple[str, Services]) -> None:
    address, services = deciding
    register(page, address, services)
    signed_in(page, address, "clinician")
    page.goto(f"{address}/clients/A-1/record/record-diagnosis")
    page.get_by_label("ICD-10 code").fill("opioid")
    page.get_by_role("button", name="Look the code up by words").press("Enter")
    expect(page.get_by_role("heading", name="Codes that fit")).to_be_visible()
    looks_well(page)
    expect(page.get_by_role("button", name="F11.20")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("ICD-10 code")).to_have_value("F11.20")
    looks_well(page)


def test_a_view_is_changed_and_its_schedule_stopped(page: Page, deciding: tuple[str, Services]) -> None:
    address, _services = deciding
    signed_in(page, address, "analyst")
    page.goto(f"{address}/dashboards/completion?by=level")
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name").fill("Board")
    page.get_by_role("button", name="Save this view").click()
    page.get_by_role("link", name="Change it").click()
    looks_well(page)
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Name")).to_be_focused()
    looks_well(page)
    page.get_by_label("Name").fill("Weekly")
    page.get_by_label("Write its PDF").select_option("weekly-1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Written to the folder: Each Monday")).to_be_visible()
    looks_well(page)
    page.context.clear_cookies()
    signed_in(page, address, "admin")
    page.goto(f"{address}/administration/schedules")
    looks_well(page)
    page.get_by_role("button", name="Stop…").click()
    expect(page.get_by_role("button", name="Stop the schedule")).to_be_focused()
    looks_well(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No view is on a schedule")).to_be_visible()


def test_an_entry_is_set_aside_from_operations(page: Page, deciding: tuple[str, Services]) -> None:
    address, services = deciding
    register(page, address, services)
    poison(services.log, "A-1")
    services.catch_up()
    signed_in(page, address, "admin")
    page.goto(f"{address}/operations")
    looks_well(page)
    page.get_by_role("link", name=BAD_ID).first.click()
    looks_well(page)
    page.get_by_label("Reason").fill("damaged on 3 May")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Set it aside")).to_be_focused()
    looks_well(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its client is folded anew without it")).to_be_visible()
    looks_well(page)
