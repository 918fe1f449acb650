"""Tables of dashboards: sorted by a header, sixty rows at a time, by plain addresses."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, strategies as st

from api.web.dashboards.sections import Section, count, groups
from api.web.dashboards.table_page import ROWS, paged
from projections.filters import FilterError
from tests.api.access.conftest import House

COLUMNS = [*groups(("level",)), count("Clients", "clients")]


def table(*counts: int | None) -> Section:
    return Section("t", "c", COLUMNS, [{"level": f"l{n:03}", "clients": one} for n, one in enumerate(counts)])


@given(st.lists(st.none() | st.integers(0, 50), min_size=2, max_size=200))
def test_pages_together_are_the_table_in_the_order_that_is_asked(counts: list[int | None]) -> None:
    for sort in ("", "clients", "-clients", "-level"):
        seen: list[dict[str, object]] = []
        page = 1
        while True:
            shown = paged(table(*counts), 2, {"table": "2", "sort": sort, "page": str(page)})
            assert (shown.first, shown.last) == (len(seen) + 1, len(seen) + len(shown.rows))
            seen += shown.rows
            page += 1
            if not shown.after:
                break
        assert sorted(str(row["level"]) for row in seen) == [f"l{n:03}" for n in range(len(counts))]
        known = [n for n in (row["clients"] for row in seen) if isinstance(n, int)]
        if "clients" in sort:
            assert known == sorted(known, reverse=sort[0] == "-")
            assert all(row["clients"] is None for row in seen[len(known) :])


def test_another_table_stays_at_its_first_page_as_the_report_has_it() -> None:
    shown = paged(table(*range(100)), 1, {"table": "2", "sort": "-clients", "page": "2"})
    assert shown.rows == shown.section.rows[:ROWS]
    assert [head.sorted for head in shown.heads] == ["", ""]


def test_a_header_turns_the_order() -> None:
    query = {"by": "level", "table": "1", "sort": "-clients", "page": "2"}
    [level, clients] = paged(table(1, 2, 3), 1, query).heads
    assert (clients.sorted, clients.to) == ("descending", "?by=level&table=1&sort=clients#table-1")
    assert (level.sorted, level.to) == ("", "?by=level&table=1&sort=level#table-1")


@pytest.mark.parametrize("asked", [{"sort": "drug"}, {"page": "0"}, {"page": "x"}])
def test_what_it_does_not_have_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(FilterError):
        paged(table(1, 2), 1, {"table": "1", **asked})


def test_a_dashboard_is_sorted_and_turned_by_its_links(full_house: House) -> None:
    browser = full_house.browser("analyst")
    page = browser.get("/dashboards/census?by=level").text
    [more] = re.findall(r'href="([^"]+)">Next page', page)
    assert "Rows 1 to 60 of 200" in page
    second = browser.get("/dashboards/census" + unescape(more).partition("#")[0]).text
    assert "Rows 61 to 120 of 200" in second
    assert second.count("<tr>") <= page.count("<tr>")
    [by_count] = re.findall(r'href="([^"]*table=2[^"]*)">Census</a>', page)
    ordered = browser.get("/dashboards/census" + unescape(by_count).partition("#")[0]).text
    assert 'aria-sort="descending"' in ordered
    assert browser.get("/dashboards/census?table=2&sort=drug").status_code == 400
    [csv] = re.findall(r'href="(/dashboards/census.csv[^"]*)"', ordered)
    assert not re.search("sort|table|page", csv)
    assert len(browser.get(unescape(csv)).text.splitlines()) > 200
