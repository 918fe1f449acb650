"""The definitions of the app's page, of docs/measures.md, of the API and of the command line are one list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.web.frame.plain_words import plainly
from infra.reporting.definitions import Definition, definitions
from infra.reporting.reports import REPORTS
from infra.reporting.tables import tables_of
from infra.settings import Settings
from projections.columns import KINDS
from tests.api.access.conftest import House, make_house

PAGE = Path(__file__).parent.parent.parent / "docs" / "measures.md"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = make_house(f"sqlite:///{tmp_path_factory.mktemp('definitions')}/log.db")
    yield found
    for client in found.open:
        client.close()
    found.services.close()


def told(one: Definition) -> list[str]:
    """What has to be read of a definition, wherever it is shown."""
    return [one.id, one.definition, *([one.missing] if one.missing else [])]


def test_the_api_tells_the_definitions(house: House) -> None:
    rows = house.api("reporting").get("/api/v1/definitions").json()
    assert [Definition(**row) for row in rows] == definitions()


def test_the_command_line_tells_the_definitions() -> None:
    answer = CliRunner().invoke(app, ["report", "definitions", "--format", "json"])
    assert [Definition(**row) for row in json.loads(answer.stdout)] == definitions()


def test_the_page_of_the_app_tells_the_definitions(house: House) -> None:
    text = unescape(house.browser("reporting").get("/definitions").text)
    for one in definitions():
        assert f'id="{one.report if one.id == one.report else f"{one.report}-{one.id}"}"' in text
        for part in (*map(plainly, told(one)[1:]), one.title, one.source):
            assert part in text, (one.id, part)


def test_the_page_of_the_app_tells_what_each_column_means(house: House) -> None:
    browser = house.browser("reporting")
    listed = browser.get("/definitions").text
    told = {name: unescape(browser.get(f"/definitions?columns={name}").text) for name in REPORTS}
    for table in (table for name in REPORTS for table in tables_of(name, Settings.model_construct())):
        assert f'href="?columns={table.report}#{table.report}-columns"' in listed
        text = told[table.report]
        assert f'id="{table.report}-columns"' in text
        assert f"<h3><code>{table.option}</code></h3>" in text or not table.option
        for one in table.columns:
            assert f"<code>{one.name}</code></td><td>{KINDS[one.kind]}</td><td>{plainly(one.meaning)}</td>" in text, one
        for one in table.groups:
            assert (
                f"<code>{one.name}</code> (group)</td><td>{KINDS[one.kind]}</td><td>{plainly(one.meaning)}</td>" in text
            ), one


def test_the_document_tells_the_definitions() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\|", "|")
    for one in definitions():
        for part in told(one):
            assert part.removesuffix(".") in text, (one.id, part)
        assert one.source in text or "docs/measures.md" in one.source, one.id
