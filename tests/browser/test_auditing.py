"""The auditor's and the operator's day in a real browser, with scripts and without."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.identity.people import Principal
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.browser.axe import violations
from tests.browser.conftest import Begin, Visitor, running
from tests.day import clock_of_the_day

CHART = "SIM-000005"
PLAIN: dict[str, Any] = {"java_script_enabled": False}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own: checks and rebuilds are one of a kind. Its glass was broken once."""
    folder: Path = tmp_path_factory.mktemp("auditing")
    services = open_services(
        Settings(database_url=SecretStr(f"sqlite:///{folder / 'log.db'}"), demo=True), clock_of_the_day()
    )
    fill(services.log, 12, 7)
    services.catch_up()
    nurse = Principal("nurse", "clinician", frozenset({"elsewhere"}), "web")
    client_id = services.log.client_id(CHART)
    services.people.glass.break_for(nurse, client_id, "Simulated: collapsed in a waiting room")
    with running(create_app(services)) as address:
        yield address


@pytest.fixture
def auditor(begin: Begin, house: str) -> Visitor:
    return Visitor(begin(viewport={"width": 1280, "height": 900}), house).sign_in("auditor")


def test_the_slider_leads_through_what_was_known(auditor: Visitor) -> None:
    auditor.open(f"/clients/{CHART}/history")
    page = auditor.page
    slider = page.get_by_label("Knowledge time")
    first = page.locator("[data-moments] li span").first.text_content()
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("#moment-said").text_content() == first
    page.keyboard.press("ArrowRight")
    page.locator(".slider").get_by_role("link", name="What changed").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What became known")
    page.go_back()
    page.locator(".slider").get_by_role("link", name="The chart then").click()
    expect(page.get_by_text("Viewing as known on")).to_be_visible()
    assert auditor.errors == []


def test_a_check_tells_its_end_by_itself(auditor: Visitor) -> None:
    auditor.open("/audit/integrity")
    page = auditor.page
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Verification of the logs")
    expect(page.get_by_text("it is as it was sealed")).to_be_visible()
    assert violations(page) == []
    auditor.open("/audit/integrity")
    page.get_by_role("button", name="Replay now").click()
    expect(page.get_by_text("equal a fresh replay")).to_be_visible()
    assert auditor.errors == []


def test_broken_glass_is_reviewed(auditor: Visitor) -> None:
    auditor.open("/audit/access")
    page = auditor.page
    assert violations(page) == []
    page.get_by_label("Note").first.fill("Simulated: the emergency room confirms it")
    page.get_by_role("button", name="Mark as reviewed").first.click()
    expect(page.get_by_text("All are reviewed.")).to_be_visible()
    expect(page.get_by_text("the emergency room confirms it")).to_be_visible()


def test_a_package_is_downloaded(auditor: Visitor, tmp_path: Path) -> None:
    auditor.open(f"/clients/{CHART}")
    auditor.page.get_by_role("link", name="Audit package").click()
    with auditor.page.expect_download() as told:
        auditor.page.get_by_role("button", name="Download the package").click()
    told.value.save_as(tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        assert "SHA256SUMS" in archive.namelist()


def test_all_of_it_without_scripts(begin: Begin, house: str) -> None:
    page = Visitor(begin(viewport={"width": 390, "height": 844}, **PLAIN), house).sign_in("auditor").page
    page.goto(f"{house}/clients/{CHART}/history")
    expect(page.get_by_label("Knowledge time")).to_be_hidden()
    page.get_by_text(re.compile(r"^\d+ moments$")).click()
    page.locator("[data-moments] li").first.get_by_role("link", name="The chart then").click()
    expect(page.get_by_text("Viewing as known on")).to_be_visible()
    page.goto(f"{house}/audit/checks/logs")
    page.locator("main form button").click()
    while page.get_by_role("link", name="Look again").count():
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("it is as it was sealed")).to_be_visible()


def test_an_administrator_rebuilds_a_read_model(begin: Begin, house: str) -> None:
    admin = Visitor(begin(viewport={"width": 1280, "height": 900}), house).sign_in("admin")
    admin.open("/operations")
    assert violations(admin.page) == []
    admin.page.get_by_label("Read model").select_option("stays")
    admin.page.get_by_role("button", name="Rebuild beside the live one").click()
    expect(admin.page.get_by_text("Rebuilt and switched:")).to_be_visible()
    assert admin.errors == []
