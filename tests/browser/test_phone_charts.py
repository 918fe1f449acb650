"""Dashboards on a phone: names in charts are read, definitions do not stand before the numbers, and sections are reached."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_pages import DASHBOARDS, NARROW

# Of each chart that names its rows: where the chart ends at its right, and the lines of text from top to bottom.
NAMES = """() => [...document.querySelectorAll('.chart.drawn')].map(chart => ({
  right: chart.getBoundingClientRect().right,
  names: [...chart.querySelectorAll('.annotation-text')].map(one => one.getBoundingClientRect())
    .map(box => ({ top: box.top, bottom: box.bottom, right: box.right })).sort((one, other) => one.top - other.top)
})).filter(chart => chart.names.length)"""


@pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])
def test_names_in_a_chart_overlap_neither_each_other_nor_its_edge(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    named = 0
    for path in DASHBOARDS:
        assert visitor.open(path) == 200, path
        expect(visitor.page.locator(".chart:not(.drawn)")).to_have_count(0)
        for chart in visitor.page.evaluate(NAMES):
            named += 1
            assert all(one["bottom"] <= other["top"] + 1 for one, other in pairwise(chart["names"])), path
            assert all(name["right"] <= chart["right"] for name in chart["names"]), path
    assert named >= 5
    assert visitor.errors == []


@pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])
def test_a_long_definition_gives_its_first_sentence_and_the_rest_when_it_is_asked(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/quality")
    definition = visitor.page.locator(".definition")
    expect(definition).to_contain_text("Published measures of process.")
    last = "Wilson score interval, 95 %"
    expect(definition).not_to_contain_text(last, use_inner_text=True)
    definition.get_by_text("Read on").click()
    expect(definition).to_contain_text(last, use_inner_text=True)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    visitor.page.reload()
    expect(definition).to_contain_text(last, use_inner_text=True)
    expect(definition.get_by_text("Read on")).to_be_hidden()


def test_sections_of_a_page_are_listed_on_top_of_it_and_periods_by_their_name(visitor: Visitor) -> None:
    visitor.sign_in("analyst")
    visitor.open("/dashboards/comparison")
    contents = visitor.page.get_by_role("navigation", name="On this page")
    expect(contents.get_by_role("link")).to_have_count(2)
    expect(contents.get_by_role("link").first).to_have_text("Q3 2026 and Q2 2026")
    contents.get_by_role("link", name="In words").click()
    assert visitor.page.url.endswith("#table-2")
    expect(visitor.page.locator("#table-2")).to_be_in_viewport()
    expect(visitor.page.locator("#table-2")).to_contain_text("than Q2 2026")
