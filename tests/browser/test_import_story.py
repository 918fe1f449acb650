"""An administrator brings a table into an empty store, by keyboard and form alone; axe finds nothing on the way."""

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
from tests.browser.axe import WIDE, in_every_look
from tests.browser.conftest import Begin, running

TABLE = Path(__file__).parents[2] / "docs/examples/sessions.csv"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[str]:
    """The address of a server without a client."""
    url = SecretStr(f"sqlite:///{tmp_path / 'log.db'}")
    settings = Settings(database_url=url, demo=True, import_folder=tmp_path / "uploads")
    with running(create_app(open_services(settings))) as address:
        yield address


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Continue as admin").click()
    page.wait_for_url(re.compile(r"/operations"))


def described(page: Page) -> None:
    """Say what a row of the table becomes, as far as the form asks."""
    page.get_by_label("A row becomes").select_option("SessionAttended")
    page.get_by_label("Only where this column").select_option("status")
    page.get_by_label("holds one of").fill("attended\nlate")
    page.get_by_label("written as").fill("%m/%d/%Y %H:%M")
    page.get_by_role("button", name="Show ten rows as entries").click()
    page.locator("textarea[name='0.f.kind.values']").fill("GRP = group\nIND = individual")
    page.get_by_role("button", name="Show ten rows as entries").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_table_is_brought_in(begin: Begin, empty: str, scripts: bool) -> None:
    page = begin(viewport=WIDE, java_script_enabled=scripts).new_page()
    sign_in(page, empty)
    page.get_by_role("link", name="A tour in five steps").click()
    page.get_by_role("link", name=re.compile("Bring history in")).click()
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page).to_have_title(re.compile("^Not uploaded"))
    looks = [in_every_look(page)] if scripts else []
    page.get_by_label("A table (CSV)").check()
    page.get_by_label("File required").set_input_files(TABLE)
    page.get_by_role("button", name="Upload", exact=True).click()
    described(page)
    expect(page.get_by_role("region", name="The first rows as entries")).to_contain_text("Session attended")
    if scripts:
        looks.append(in_every_look(page))
    page.get_by_role("button", name="Use it: on to the preview").click()
    page.get_by_role("button", name="Preview", exact=True).click()
    if not scripts:
        while page.get_by_role("link", name="Look again", exact=True).count():
            page.get_by_role("link", name="Look again", exact=True).click()
        page.reload()
    page.get_by_role("region", name="Report").wait_for()
    page.reload()
    page.get_by_role("button", name="Import now").click()
    if not scripts:
        while not page.get_by_text("Imported.").count():
            page.reload()
    expect(page.get_by_text("Imported.")).to_be_visible()
    page.reload()
    if scripts:
        looks.append(in_every_look(page))
        page.goto(f"{empty}/welcome")
        looks.append(in_every_look(page))
    assert [found for look in looks for found in look] == []
    page.goto(f"{empty}/administration/import")
    expect(page.get_by_role("region", name="Report")).to_contain_text("Rows")
