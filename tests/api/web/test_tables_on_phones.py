"""What a table tells the style sheet of narrow screens: names of columns, once, and which of them take a line."""

from __future__ import annotations

import pytest

from api.web.frame.tables import MANY, fit_tables
from tests.api.access.conftest import House


def table(heads: str, cells: str, given: str = "") -> str:
    return f"<table{given}><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"


def style_of(page: str) -> str:
    return page.partition('style="')[2].partition('"')[0]


def test_a_table_of_more_than_three_columns_names_all_but_the_first() -> None:
    heads = '<th>Level</th><th class="n"><a class="sorts" href="?sort=rate">Rate</a></th><th>Who</th><th>Why</th>'
    cells = '<td>IOP</td><td class="n">1</td><td>A</td><td>A reason that is longer than half a line</td>'
    found = fit_tables(table(heads, cells))
    assert found.startswith('<table class="stacked" ')
    assert style_of(found) == "--h2:'Rate';--h3:'Who';--h4:'Why';--w4:1/-1;--sort:'Sort by'"


def test_a_column_of_links_that_say_its_name_needs_no_other() -> None:
    heads = "<th>Site</th><th>Zone</th><th>Since</th><th>Change</th>"
    found = fit_tables(table(heads, "<td>A</td><td>B</td><td>C</td><td><a href='/change'>Change</a></td>"))
    assert style_of(found) == "--h2:'Zone';--h3:'Since'"


def test_a_table_of_three_narrow_columns_stays_as_it_is() -> None:
    heads = '<th>Month</th><th class="n">Number</th><th>Of</th>'
    page = table(
        heads, '<td>May 2026</td><td class="n">24.5\xa0%</td><td>9 of 29; 95\xa0%: 17.3\xa0% to 49.2\xa0%</td>'
    )
    assert fit_tables(page) == page
    long = table(heads, '<td>May 2026</td><td class="n">24.5\xa0% before: 23.1\xa0%</td><td></td>')
    assert "stacked" in fit_tables(long)


def test_a_list_of_people_names_the_marked_columns() -> None:
    heads = "<th>Client</th><th data-as>Day</th><th>Flags</th>"
    found = fit_tables(table(heads, "<td>A</td><td>1</td><td></td>", ' class="people timed"'))
    assert found.startswith('<table class="people timed" style="--h2:\'Day\'">')


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        ("<th>A</th>" * 4, '<td rowspan="2">1</td>' * 4),
        ("<th>A</th>" * (MANY + 1), "<td>1</td>" * (MANY + 1)),
    ],
    ids=["cells over rows", "very many columns"],
)
def test_what_cannot_be_cards_scrolls_and_says_so(heads: str, cells: str) -> None:
    found = fit_tables(table(heads, cells, ' class="mapped"'))
    assert found.startswith('<table class="wide mapped" style="--more:')


def test_a_name_cannot_leave_its_string() -> None:
    heads = "<th>A</th>" * 3 + "<th>x&#39;;} &quot;&gt;&lt;b \\a &amp;amp;</th>"
    said = style_of(fit_tables(table(heads, "<td>1</td>" * 4))).removeprefix("--h2:'A';--h3:'A';")
    assert said == "--h4:'x\\27 ;} \\22 \\3e \\3c b \\5c a \\26 amp;'"


def test_names_are_said_once_a_table_and_in_the_readers_language(full_house: House) -> None:
    page = full_house.browser("analyst").get("/dashboards/completion", headers={"accept-language": "es"}).text
    assert page.count("'Tasa'") == 2
    assert "--sort:'Ordenar por'" in page
    assert "data-as" not in page
