"""Trends on dashboards: the report's own numbers by month, with intervals, and where a program was defined anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from html import unescape
from types import MappingProxyType
from typing import Any

import pytest

from api.web.dashboards.trend_section import trend_of, year_of
from api.web.dashboards.trends import TRENDS, USUAL_MEASURE, trend_for
from api.web.frame.pages import Pages
from domain.events import CATALOGUE
from infra.eventstore.log import Author
from infra.provider.define import define
from infra.reporting.reports import ReportParams, run_report
from projections.publications.periods import first_day, period
from tests.api.access.conftest import House
from tests.day import DAY

QUARTER = (DAY.year * 12 + DAY.month - 1) // 3  # the one that the day is in
LAST_MONTH = DAY.date().replace(day=1) - timedelta(days=1)
NONE_ASKED: Mapping[str, str] = MappingProxyType({})
MONTHLY = sorted(report for report, trend in TRENDS.items() if trend.monthly)
BY_QUARTER = {"trend": "quarter"}


def rows_of(house: House, report: str, params: ReportParams, question: Mapping[str, str] = NONE_ASKED) -> Any:
    [section] = trend_of(Pages(house.services), report, params, question)
    return section, section.rows


def of_it(house: House, report: str, params: ReportParams) -> list[dict[str, Any]]:
    """The rows of a report that its trend follows."""
    trend = trend_for(report, params, house.services.settings)
    assert trend is not None
    found = run_report(report, house.services, params)
    return [row for row in found if all(row[name] == value for name, value in trend.only.items())]


@pytest.mark.parametrize("report", MONTHLY)
def test_a_trend_is_the_reports_own_numbers_by_month(full_house: House, report: str) -> None:
    section, rows = rows_of(full_house, report, ReportParams(by=("level",), where={"level": "residential"}))
    assert 1 < len(rows) <= 12
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)
    assert section.question is not None
    [last] = [row for row in of_it(full_house, *section.question) if row["month"] == rows[-1]["month"]]
    assert {name: rows[-1][name] for name in last} == last
    assert section.figure is not None
    assert section.figure["data"][-1]["y"] == [row[TRENDS[report].value] for row in rows]


@pytest.mark.parametrize("report", sorted(TRENDS))
def test_a_trend_by_quarter_is_what_the_report_says_of_the_quarter(full_house: House, report: str) -> None:
    section, rows = rows_of(full_house, report, ReportParams(by=("level",)), BY_QUARTER)
    whole = [period("quarter", QUARTER - back) for back in (4, 3, 2, 1)]
    assert [row["period"] for row in rows] == [one.name for one in whole][-len(rows) :]
    assert len(rows) > 1
    [of_quarter] = of_it(full_house, report, section.narrowed(rows[-2]))
    assert {name: rows[-2][name] for name in of_quarter} == of_quarter
    asked = section.narrowed(rows[-2])
    months = whole[-2].months
    assert (asked.start, asked.end) == (_first(months[0]), _first(months[-1] + 1) - timedelta(days=1))


def _first(month: int) -> date:
    return date.fromordinal(first_day(month))


@pytest.mark.parametrize(
    ("today", "quarters", "months"),
    [
        ("2026-10-14", ("2025-10-01", "2026-09-30"), ("2025-10-01", "2026-09-30")),
        ("2026-11-30", ("2025-10-01", "2026-09-30"), ("2025-11-01", "2026-10-31")),
        ("2026-12-31", ("2025-10-01", "2026-09-30"), ("2025-12-01", "2026-11-30")),
        ("2027-01-01", ("2026-01-01", "2026-12-31"), ("2026-01-01", "2026-12-31")),
    ],
)
def test_a_year_is_made_of_whole_quarters_or_months(
    today: str, quarters: tuple[str, str], months: tuple[str, str]
) -> None:
    day = date.fromisoformat(today)
    assert year_of("quarter", day) == tuple(map(date.fromisoformat, quarters))
    assert year_of("month", day) == tuple(map(date.fromisoformat, months))


def test_the_months_of_the_census_are_its_averages(full_house: House) -> None:
    section, rows = rows_of(full_house, "census", ReportParams(start=LAST_MONTH - timedelta(days=80)))
    assert [row["period"] for row in rows][-1] == f"{LAST_MONTH:%Y-%m}"
    assert len(rows) == 12  # a start that nobody asked for is that of the tables above
    asked = ReportParams(by=("all",), start=LAST_MONTH.replace(day=1), end=LAST_MONTH, show="average")
    [month] = run_report("census", full_house.services, asked)
    assert month["average_daily_census"] == rows[-1]["average_daily_census"] > 0
    assert section.figure is not None
    assert [trace["y"][-1] for trace in section.figure["data"]] == [month["average_daily_census"]]


def test_abstinence_follows_the_measure_that_is_asked_for(full_house: House) -> None:
    asked = "four_consecutive_negative"
    _, rows = rows_of(full_house, "abstinence", ReportParams(measure=asked))
    assert {row["measure"] for row in rows} == {asked}
    for measure in (None, "negative_weeks"):  # a count of weeks has no share to follow
        _, rows = rows_of(full_house, "abstinence", ReportParams(measure=measure))
        assert {row["measure"] for row in rows} == {USUAL_MEASURE}


def test_the_choice_between_months_and_quarters_is_in_the_address(full_house: House) -> None:
    browser = full_house.browser("analyst")
    page = browser.get("/dashboards/completion?by=all&trend=quarter").text
    assert "Completion by quarter" in page
    year, quarter = divmod(QUARTER - 2, 4)
    assert f"Q{quarter + 1} {year}" in page
    numbers = [unescape(one) for one in re.findall(r'class="opens" href="([^"]+)"', page)]
    begins = f"from={_first((QUARTER - 2) * 3)}"
    [opened] = [one for one in numbers if begins in one and "number=denominator" in one]
    assert browser.get(opened).status_code == 200
    assert browser.get("/dashboards/completion?trend=week").status_code == 400


def test_a_dashboard_shows_it_with_its_table(full_house: House) -> None:
    page = full_house.browser("analyst").get("/dashboards/completion?by=all").text
    assert "Completion by month" in page
    assert "Completion by month" not in full_house.browser("analyst").get("/dashboards/status").text


def test_the_month_in_which_a_program_was_defined_is_marked(full_house: House) -> None:
    services = full_house.services
    since = services.now() - timedelta(days=60)
    event = CATALOGUE.parse("ProgramDefined", {"program": "New IOP", "level": "intensive_outpatient"})
    author = Author("a.meyer", "admin", "api")
    define(services.log, event, author=author, now=services.now(), since=since)  # type: ignore[arg-type]
    services.catch_up()
    section, rows = rows_of(full_house, "completion", ReportParams())
    marked = {row["period"]: row["defined"] for row in rows if row["defined"]}
    assert marked == {f"{services.day_of(since):%Y-%m}": "New IOP"}
    assert section.figure is not None
    assert len(section.figure["layout"]["shapes"]) == 1
