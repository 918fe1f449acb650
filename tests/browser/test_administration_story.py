"""An administrator defines a site without JavaScript, after a refusal; and axe finds nothing in any state of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.settings import Settings
from tests.browser.axe import NARROW, WIDE, in_every_look
from tests.browser.conftest import Begin, running


@pytest.fixture
def undefined(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose provider has said nothing of itself."""
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path / 'log.db'}"), demo=True)
    with running(create_app(open_services(settings))) as address:
        yield address


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Continue as admin").click()
    page.wait_for_url(re.compile(r"/(publications|operations|reports)"))


def test_a_site_is_defined_after_a_refusal(begin: Begin, undefined: str) -> None:
    plain = begin(viewport=WIDE, java_script_enabled=False).new_page()
    sign_in(plain, undefined)
    plain.goto(f"{undefined}/administration/site")
    plain.get_by_role("link", name="Define a site").click()
    for label, text in (("Site required", "North"), ("Name required", "North House"), ("Time zone required", "Mars")):
        plain.get_by_label(label).fill(text)
    plain.get_by_label("Residential").fill("16")
    plain.get_by_role("button", name="Save").click()
    zone = plain.get_by_label("Time zone required")
    expect(zone).to_be_focused()
    expect(zone).to_have_attribute("aria-invalid", "true")
    expect(plain).to_have_title(re.compile("^Not saved"))
    zone.fill("America/Chicago")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("status")).to_contain_text("Saved.")
    expect(plain.get_by_role("table")).to_contain_text("Residential: 16")

    page = begin(viewport=WIDE).new_page()
    sign_in(page, undefined)
    page.goto(f"{undefined}/administration/site/history?key=North")
    page.get_by_text("Take it back").first.click()
    assert in_every_look(page) == []
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    assert in_every_look(page) == []
    page.goto(f"{undefined}/administration/erasure")
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_label("Chart number required")).to_be_focused()
    assert in_every_look(page) == []


def test_a_consent_begins_with_a_form_that_is_kept_ready(begin: Begin, undefined: str) -> None:
    plain = begin(viewport=NARROW, java_script_enabled=False).new_page()
    sign_in(plain, undefined)
    plain.goto(f"{undefined}/administration/consent_form/define")
    for label, text in (("Consent form", "probation"), ("Name", "Reports to probation"), ("Purpose", "supervision")):
        plain.get_by_label(f"{label} required").fill(text)
    plain.get_by_label("What may be disclosed required").fill("attendance\ndrug screens")
    plain.get_by_label("Days valid").fill("90")
    plain.get_by_label("Who may disclose").check()
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("[data-missing]")).to_contain_text("The client's name (42 CFR 2.31(a)(1))")

    desk = begin(viewport=NARROW).new_page()
    desk.goto(undefined)
    desk.get_by_role("button", name="Continue as clinician").click()
    desk.goto(f"{undefined}/clients/new")
    desk.get_by_label("Chart number required").fill("N-1")
    desk.get_by_label("Name required").fill("Avery Example")
    desk.get_by_label("Birth date").fill("1980-05-06")
    desk.get_by_role("button", name="Record", exact=True).click()
    desk.wait_for_url(re.compile("recorded="))
    desk.goto(f"{undefined}/clients/N-1/record/give-consent")
    desk.get_by_role("link", name="Reports to probation").click()
    expect(desk.get_by_label("Purpose required")).to_have_value("supervision")
    expect(desk.get_by_label("attendance")).not_to_be_checked()
    desk.get_by_label("Consent number required").fill("C-1")
    desk.get_by_label("Recipient required").fill("County probation")
    desk.get_by_role("button", name="Record", exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text("42 CFR 2.31(a)(3)")
    assert in_every_look(desk) == []
    desk.get_by_label("attendance").check()
    desk.get_by_role("button", name="Record", exact=True).click()
    desk.wait_for_url("**recorded=*")
