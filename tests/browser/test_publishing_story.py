"""An administrator publishes, somebody outside reads and prints: in a real Chromium, without a look at anything live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.browser.axe import WIDE, in_every_look
from tests.browser.conftest import Begin, running

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAN = 'reports = ["completion", "census"]\ngroups = ["site"]\nperiods = ["month", "quarter"]\n'


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with simulated clients of whom nothing was published."""
    folder: Path = tmp_path_factory.mktemp("unpublished")
    (folder / "plan.toml").write_text(PLAN)
    url = SecretStr(f"sqlite:///{folder / 'log.db'}")
    settings = Settings(database_url=url, demo=True, publication_plan_file=folder / "plan.toml")
    services = open_services(settings, lambda: NOW)
    fill(services.log, 100, 7)
    services.catch_up()
    with running(create_app(services)) as address:
        yield address


def sign_in(page: Page, address: str, role: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=f"Continue as {role}").click()
    page.wait_for_url(re.compile(r"/(publications|operations)"))


def test_an_administrator_publishes_and_reporting_reads_and_prints(begin: Begin, unpublished: str) -> None:
    outside = begin(NOW, viewport=WIDE).new_page()
    sign_in(outside, unpublished, "reporting")
    expect(outside.get_by_text("Nothing was published yet.")).to_be_visible()
    assert in_every_look(outside) == []

    office = begin(NOW, viewport=WIDE, java_script_enabled=False).new_page()
    sign_in(office, unpublished, "admin")
    office.goto(f"{unpublished}/publications")
    office.get_by_role("link", name="Plan and publish").click()
    office.get_by_role("button", name="Publish now").click()
    done = office.get_by_role("link", name="Open it")
    while not done.count():
        office.get_by_role("link", name="Look again").click()
    done.click()
    expect(office.get_by_role("heading", name="Publication 1", exact=True)).to_be_visible()

    outside.reload()
    outside.get_by_role("link", name="Publication 1", exact=True).click()
    outside.locator("a[href='/publications/1/census-month']").click()
    expect(outside.locator(".chart.drawn .main-svg").first).to_be_visible()
    assert in_every_look(outside) == []
    number = outside.locator("td a.opens").first
    said = number.inner_text()
    number.click()
    expect(outside.locator("mark")).to_have_text(re.compile(f"^{re.escape(said)}"))
    expect(outside.get_by_role("status")).to_contain_text(said)
    outside.emulate_media(media="print")
    for hidden in ("header.side", "footer", ".button"):
        expect(outside.locator(hidden).first).to_be_hidden()
    expect(outside.locator("table").first).to_be_visible()
    assert outside.pdf().startswith(b"%PDF")
    with outside.expect_download() as saving:
        outside.evaluate("address => { location.href = address; }", "/publications/1.pdf")
    assert saving.value.suggested_filename == "publication-1.pdf"
