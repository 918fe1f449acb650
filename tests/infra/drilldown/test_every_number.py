"""Every count in every row of every report opens to as many cases as it says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from infra.bootstrap import Services
from infra.drilldown.cell import Cell
from infra.reporting.reports import ReportParams
from projections.filters import FilterError
from projections.time_to_event.definition import Endpoint
from tests.depth import cases
from tests.infra.drilldown.cells import cells_of, open_number, tables

GROUPS: dict[str, tuple[str, ...]] = {
    "status": ("state", "level", "site", "program"),
    "census": ("level", "site", "program"),
    "completion": ("level", "program", "site", "payer", "slot", "dual_diagnosis", "month", "clinician"),
    "retention": ("level", "program", "site", "payer", "slot", "dual_diagnosis", "month"),
    "time-to-event": ("level", "program", "site", "payer", "slot", "dual_diagnosis", "month"),
}
PAIRS = {("retention", "compare"), ("time-to-event", "compare")}
TALLIES = ("level", "program", "site", "month")
days = st.dates(date(2025, 1, 1), date(2026, 6, 30))


def check(services: Services, report: str, params: ReportParams, most: int = 400) -> int:
    """Open up to so many counts of a report, evenly spread; the answer is how many were opened."""
    cells = list(cells_of(services, report, params))
    for cell, shown in cells[:: len(cells) // most + 1]:
        assert open_number(services, cell).number == shown, cell
    return len(cells)


@pytest.mark.parametrize(("report", "show"), tables())
def test_every_count_of_every_row(programme: Services, report: str, show: str) -> None:
    assert check(programme, report, ReportParams(show=show)) or (report, show) in PAIRS


@pytest.mark.parametrize(
    "denominator", ["completed", "completed_or_transferred", "completed_not_transferred", "completed_at_risk"]
)
@pytest.mark.parametrize("unit", ["stay", "episode"])
def test_every_denominator_of_stays_and_episodes(programme: Services, denominator: str, unit: Any) -> None:
    assert check(programme, "completion", ReportParams(denominator=denominator, unit=unit))


@given(data=st.data())
@settings(max_examples=cases(24, 240), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked(programme: Services, data: st.DataObject) -> None:
    report, show = data.draw(st.sampled_from([table for table in tables() if table not in PAIRS]))
    if report == "comparison":
        return
    groups = GROUPS.get(report, TALLIES) + (("kind", "slot") if show == "sessions" else ())
    by = data.draw(st.lists(st.sampled_from(groups), min_size=1, max_size=3, unique=True))
    first, last = sorted((data.draw(days), data.draw(days)))
    start, end = data.draw(st.none() | st.just(first)), data.draw(st.none() | st.just(last))
    if report == "census" and start is not None:
        start, end = max(first, last - timedelta(days=40)), last
    where = data.draw(st.sampled_from([{}, {"level": "intensive_outpatient"}, {"level": "residential"}]))
    cohort = data.draw(st.sampled_from(("admission", "discharge")))
    check(
        programme,
        report,
        ReportParams(by=tuple(by), where=where, cohort=cohort, show=show, start=start, end=end),
        most=60,
    )


@pytest.mark.parametrize("show", ["", "curve"])
@pytest.mark.parametrize(
    ("report", "endpoint"),
    [
        ("retention", Endpoint(censor="last_contact")),
        ("retention", Endpoint(competing=("died", "transferred"))),
        ("time-to-event", Endpoint("discharge", "reported_use", "alcohol", "today", ("incarcerated",))),
        ("time-to-event", Endpoint("diagnosis", "session")),
        ("time-to-event", Endpoint("medication_started", "last_dose")),
        ("time-to-event", Endpoint("first_contact", "any_level")),
        ("time-to-event", Endpoint("admission", "level:intensive_outpatient")),
    ],
)
def test_whatever_ends_observation(programme: Services, report: str, show: str, endpoint: Endpoint) -> None:
    assert check(programme, report, ReportParams(show=show, endpoint=endpoint, by=("site",)))


@pytest.mark.parametrize("report", ["quality", "time-to-event"])
def test_a_row_of_what_belongs_to_no_stay(programme: Services, report: str) -> None:
    params = ReportParams(by=("level",), endpoint=Endpoint("diagnosis", "session"))
    if report == "quality":
        params = ReportParams(by=("level",))
    assert "" in {cell.at["level"] for cell, _ in cells_of(programme, report, params)}
    assert check(programme, report, params)


@pytest.mark.parametrize(
    ("compare", "by"),
    [
        ("level=residential,level=intensive_outpatient", ()),
        ("residential,intensive_outpatient", ("level",)),
        ("2025-01-01..2025-06-30,2025-07-01..2025-12-31", ()),
    ],
)
def test_both_sides_of_a_time_to_event(programme: Services, compare: str, by: tuple[str, ...]) -> None:
    assert check(programme, "time-to-event", ReportParams(compare=compare, by=by))


def test_a_side_of_a_time_to_event_is_named(programme: Services) -> None:
    params = ReportParams(compare="site=North,site=South")
    with pytest.raises(FilterError, match="say which row: site is North or South, as at=site=North"):
        open_number(programme, Cell("time-to-event", params, "clients"))


@pytest.mark.parametrize(
    "compare", ["", "level=residential,level=intensive_outpatient", "2025-01-01..2025-06-30,2025-07-01..2025-12-31"]
)
@pytest.mark.parametrize("cohort", ["admission", "discharge"])
def test_both_sides_of_a_comparison(programme: Services, compare: str, cohort: Any) -> None:
    assert check(programme, "comparison", ReportParams(compare=compare, cohort=cohort, measure=None))


@pytest.mark.parametrize(
    "report", ["completion", "flow", "attendance", "quality", "prevalence", "outcomes", "abstinence"]
)
def test_a_comparison_of_one_report(programme: Services, report: str) -> None:
    assert check(programme, report, ReportParams(compare="level=residential,level=intensive_outpatient"))
