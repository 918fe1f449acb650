"""Trends on dashboards: the report's own numbers by month, with intervals, and where a program was defined anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.web.dashboards.trend_section import TRENDS, trend_of
from api.web.frame.rendering import Pages
from domain.events import CATALOGUE
from infra.eventstore.log import Author
from infra.provider.define import define
from infra.reporting.reports import ReportParams, run_report
from tests.api.access.conftest import House


def rows_of(house: House, report: str, params: ReportParams) -> Any:
    [section] = trend_of(Pages(house.services), report, params)
    return section, section.rows


@pytest.mark.parametrize("report", sorted(TRENDS))
def test_a_trend_is_the_reports_own_numbers_by_month(full_house: House, report: str) -> None:
    section, rows = rows_of(full_house, report, ReportParams(by=("level",), where={"level": "residential"}))
    assert 1 < len(rows) <= 12
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)
    trend = TRENDS[report]
    assert section.asked is not None
    [last] = [
        row
        for row in run_report(report, full_house.services, section.asked[1])
        if row["month"] == rows[-1]["month"] and all(row[name] == value for name, value in trend.only.items())
    ]
    assert {name: rows[-1][name] for name in last} == last
    assert section.figure is not None
    assert section.figure["data"][2]["y"] == [row[trend.share] for row in rows]


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
    marked = {row["month"]: row["defined"] for row in rows if row["defined"]}
    assert marked == {f"{services.day_of(since):%Y-%m}": "New IOP"}
    assert section.figure is not None
    assert len(section.figure["layout"]["shapes"]) == 1
