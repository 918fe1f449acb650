"""The headings of dashboards say what their columns mean: as a description, and in a list below the table."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.web.dashboards.report_sections import SECTIONS
from api.web.frame.plain_words import plainly
from infra.reporting.reports import REPORTS
from infra.reporting.tables import every_column
from tests.api.access.conftest import House

HEADING = re.compile(
    r'<th(?: class="n")?(?: title="([^"]*)")?(?: aria-sort="[a-z]*")?>(?:<a [^>]*>)?([^<]*)(?:</a>)?</th>'
)
LISTED = re.compile(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>")
EXPLAINED = ("Program", "Program of the stay; empty: none was recorded with it.")
INTERVAL = "Lower bound of the 95 % Wilson score interval of the rate."


def page(house: House, address: str, language: str = "en") -> str:
    client = house.browser("analyst")
    return unescape(client.get(address, headers={"Accept-Language": language}).text)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_headings_and_the_list_below_say_the_same(full_house: House, name: str) -> None:
    text = page(full_house, f"/dashboards/{name}")
    described = {(title, meaning) for meaning, title in HEADING.findall(text) if meaning}
    assert described
    assert described == set(LISTED.findall(text))
    known = {plainly(one.meaning) for one in every_column()}
    for _, meaning in described:
        assert meaning in known or any(meaning.startswith(one) for one in known), meaning


def test_every_number_of_completion_is_described(full_house: House) -> None:
    text = page(full_house, "/dashboards/completion?by=level,program")
    assert [title for meaning, title in HEADING.findall(text) if not meaning] == []
    assert EXPLAINED in LISTED.findall(text)
    assert INTERVAL in text


def test_in_the_readers_language(full_house: House) -> None:
    text = page(full_house, "/dashboards/retention?by=level,site", "es")
    assert "la mitad (S(t) ≤ ½" in text
    assert "Sede de la estancia; vacío: no se anotó ninguno con ella." in text
    assert "Nivel de atención de la estancia." in text
    assert "tipo 1" in "".join(page(full_house, f"/definitions?columns={name}", "es") for name in REPORTS)
