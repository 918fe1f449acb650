"""Every answer says of which days it is: dashboards, opened numbers, pinned views, paper and files."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from api.i18n.formats import day
from api.web.dashboards.paper import paper_of
from api.web.dashboards.report_sections import SECTIONS
from api.web.dashboards.view_numbers import number_of
from api.web.frame.pages import Pages
from infra.pdf.document import Facts
from infra.reporting.kinds import ReportParams
from infra.reporting.span import span_of
from infra.views.view import View
from tests.api.access.conftest import House

NOW = frozenset({"status"})  # how things stand
TODAY = date(2026, 11, 30)


def said_on(house: House, path: str) -> str:
    page = unescape(house.browser("analyst").get(path).text)
    said = re.search(r"Period: ([^<]+)\.</p>", page)
    return said[1] if said else ""


def kept(report: str) -> View:
    return View("a" * 32, "key", "a", "Board", report, {}, shared=False, made=1)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_dashboard_says_its_period_where_none_is_asked(house: House, name: str) -> None:
    today = house.services.today()
    census = f"{day(today - timedelta(days=90))} to {day(today)}"
    expected = {"census": census, "status": "", "comparison": ""}.get(name, f"everything up to {day(today)}")
    assert said_on(house, f"/dashboards/{name}") == expected


@pytest.mark.parametrize("name", sorted(set(SECTIONS) - NOW - {"comparison"}))
def test_a_dashboard_says_the_days_that_are_asked(house: House, name: str) -> None:
    said = said_on(house, f"/dashboards/{name}?from=2026-01-01&to=2026-01-31")
    assert said == "1 Jan 2026 to 31 Jan 2026"


def test_a_file_is_named_by_its_days(house: House) -> None:
    browser, today = house.browser("analyst"), house.services.today()
    for path, name in (
        ("census.csv?period=last_7_days", f"census-{today - timedelta(days=7)}-to-{today - timedelta(days=1)}"),
        ("completion.csv", f"completion-to-{today}"),
        ("status.csv", "status"),
    ):
        assert f'filename="{name}.csv"' in browser.get(f"/dashboards/{path}").headers["content-disposition"]


def test_a_view_on_paper_and_its_pinned_number_say_the_days(full_house: House) -> None:
    pages, today = Pages(full_house.services), full_house.services.today()
    days = f"{day(today - timedelta(days=90))} to {day(today)}"
    [facts] = [block for block in paper_of(pages, kept("census")).sections[0].blocks if isinstance(block, Facts)]
    assert ("Period", days) in list(facts.pairs)
    number = number_of(pages, kept("census"))
    assert number is not None
    assert str(number.period) == f"{today - timedelta(days=90)} to {today}"


@pytest.mark.parametrize(
    ("report", "params", "first", "last"),
    [
        ("census", ReportParams(), TODAY, TODAY),
        ("completion", ReportParams(start=date(2026, 1, 1)), date(2026, 1, 1), TODAY),
        ("completion", ReportParams(end=date(2026, 1, 1)), None, date(2026, 1, 1)),
        ("comparison", ReportParams(compare="site=a,site=b"), None, TODAY),
    ],
)
def test_days_that_are_left_open_reach_to_today(
    report: str, params: ReportParams, first: date | None, last: date
) -> None:
    span = span_of(report, params, TODAY)
    assert span is not None
    assert (span.first, span.last) == (first, last)


@pytest.mark.parametrize(("report", "compare"), [("comparison", ""), ("completion", "2026-01-01..2026-01-31,2026-02-01..2026-02-28"), ("status", "")])  # fmt: skip
def test_what_names_its_days_itself_or_has_none_says_none(report: str, compare: str) -> None:
    assert span_of(report, ReportParams(compare=compare), TODAY) is None
