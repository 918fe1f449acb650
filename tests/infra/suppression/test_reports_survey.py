"""Every report that people may ask for who see no clients, with its filters, groups, periods and their differences.

`make test-long` asks for every value of every attribute, attacks every small group instead of a sample, and takes
programmes of three sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from infra.demo import fill
from infra.reports import REPORTS, ReportParams, run_report
from infra.safe_reports import HIDING
from infra.services import Services
from tests.depth import LONG
from tests.infra.conftest import services_at
from tests.infra.suppression.attack import surveyed
from tests.infra.suppression.tables import TABLES

PROGRAMMES = ((150, 11), (400, 3), (60, 5)) if LONG else ((150, 11),)


@pytest.fixture(scope="module", params=PROGRAMMES, ids=str)
def small_programme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    clients, seed = request.param
    services = services_at(tmp_path_factory.mktemp("survey"))
    fill(services.log, clients, seed)
    services.catch_up()
    yield services
    services.close()


@pytest.mark.parametrize("report", sorted({table.report for table in TABLES}))
def test_no_small_group_follows_from_what_a_report_shows(report: str, small_programme: Services) -> None:
    universes = surveyed(small_programme, tuple(table for table in TABLES if table.report == report), LONG)
    leaks = [leak for universe in universes for leak in universe.leaks(None if LONG else 5, seed=1)]
    assert not leaks, "\n".join(leaks[:40])
    assert any(universe.hidden for universe in universes), "nothing is withheld: the programme is too large to attack"


@pytest.mark.parametrize(
    "sides", ["site=Mesa House (simulated),site=Lakeside (simulated)", "level=residential,level=intensive_outpatient"]
)
def test_a_comparison_shows_what_the_reports_show_of_each_side(sides: str, small_programme: Services) -> None:
    rows = run_report("comparison", small_programme, ReportParams(compare=sides, suppress=True))
    assert any(row["suppressed"] for row in rows)
    for place, side in enumerate(("first", "second")):
        name, _, value = sides.split(",")[place].partition("=")
        asked = ReportParams(by=("all",), where={name: value}, suppress=True)
        own = {row["measure"]: row for row in run_report("quality", small_programme, asked)}
        own["completed"] = run_report("completion", small_programme, asked)[0]
        for row in rows:
            if not row["suppressed"] and row["measure"] in own:
                report = own[row["measure"]]
                assert [row[f"{side}_numerator"], row[f"{side}_denominator"]] == [
                    report["numerator"],
                    report["denominator"],
                ]
            if row["suppressed"]:
                assert not [
                    name for name, number in row.items() if isinstance(number, int | float) and number is not True
                ]


def test_no_report_is_without_a_rule() -> None:
    """A report that nobody has said of what to withhold is not answered to whoever sees no clients."""
    own = {"completion", "status", "census", "retention", "flow", "comparison", "worklist"}
    for name, report in REPORTS.items():
        for show in ("", *report.shows):
            assert name in own or (name, show) in HIDING, (name, show)


def test_a_month_before_anybody_came_is_answered(small_programme: Services) -> None:
    asked = ReportParams(show="average", start=date(2020, 1, 1), end=date(2020, 1, 31), suppress=True)
    for row in run_report("census", small_programme, asked):
        assert (row["average_daily_census"], row["admissions"], row["discharges"]) == (0, 0, 0)
