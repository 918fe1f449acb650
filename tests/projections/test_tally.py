"""Sums and rows of every tally give the same numbers, whatever is asked: groups, periods, cohorts, filters."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from projections.agreement.tables import TALLY as AGREEMENT
from projections.attendance import queries as attendance
from projections.attendance.tables import OUTCOMES, SERVICE, SERVICE_COUNT, SESSIONS, SESSIONS_COUNT, SUMS
from projections.base import fetch
from projections.filters import FilterError, Filters
from projections.flow.tables import TALLY as FLOW
from projections.followback.tables import LAST_USE, RUN
from projections.outcomes.tables import CHANGE, FIRST
from projections.prevalence.tables import TALLY as PREVALENCE
from projections.quality.tables import TALLY as QUALITY
from projections.stays import queries as stays
from projections.tally import Tally, counts_hold
from tests.projections.conftest import TODAY, Programme

TALLIES = {
    "flow": FLOW,
    "quality": QUALITY,
    "prevalence": PREVALENCE,
    "last use": LAST_USE,
    "run": RUN,
    "agreement": AGREEMENT,
    "first scores": FIRST,
    "changes": CHANGE,
}
months = st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(lambda day: day.replace(day=1))


@st.composite
def questions(draw: st.DrawFn) -> Filters:
    """What the sums can answer: the level and one more dimension, whole months."""
    dimension = draw(st.sampled_from(("program", "site")))
    by = draw(st.lists(st.sampled_from(("level", dimension, "month")), max_size=3, unique=True))
    start = draw(st.none() | months)
    end = draw(st.none() | months.map(lambda first: first - timedelta(days=1)))
    if start and end and end < start:
        start, end = None, end
    where = draw(st.sampled_from(({}, {"level": "residential"}, {"level": "intensive_outpatient"})))
    return Filters(tuple(by), start, end, draw(st.sampled_from(("admission", "discharge"))), dict(where))


def summed(read: Any) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for group, keys, n in read:
        if None not in keys:
            found[(*group, *keys)] += n
    return found


@pytest.mark.parametrize("tally", TALLIES.values(), ids=TALLIES)
@given(filters=questions())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_are_the_rows(simulated: Programme, tally: Tally, filters: Filters) -> None:
    assert counts_hold(filters)
    with simulated.services.reads.reading() as connection:
        from_sums = summed(tally.read(connection, filters))
        from_rows = summed(tally._from_rows(connection, filters))
    assert from_sums == from_rows


@pytest.mark.parametrize("tally", [FLOW, QUALITY, PREVALENCE], ids=["flow", "quality", "prevalence"])
@given(filters=questions(), back=st.integers(-40, 500))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_of_what_is_not_settled_are_the_rows(
    simulated: Programme, tally: Tally, filters: Filters, back: int
) -> None:
    today = TODAY.toordinal() - back
    filters = replace(filters, start=None, end=None, by=tuple(name for name in filters.by if name != "month"))
    with simulated.services.reads.reading() as connection:
        from_sums = summed(tally.open(connection, filters, today))
        from_rows = summed(tally._from_rows(connection, filters, tally.rows.c.due_day >= today))
    assert from_sums == from_rows


@given(filters=questions())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_of_open_stays_are_the_stays(simulated: Programme, filters: Filters) -> None:
    filters = replace(filters, start=None, end=None, by=tuple(name for name in filters.by if name != "month"))
    with simulated.services.reads.reading() as connection:
        from_sums = sorted(stays.open_stays(connection, filters))
        from_stays = fetch(connection, stays._open_from_stays(filters))
    assert from_sums == sorted((row[:-2], row[-2], row[-1]) for row in from_stays)


@pytest.mark.parametrize(("rows", "counts", "keys", "names"), [
    (SERVICE, SERVICE_COUNT, (), SUMS), (SESSIONS, SESSIONS_COUNT, ("kind", "slot"), OUTCOMES)
])  # fmt: skip
@given(filters=questions())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_of_attendance_are_the_rows(
    simulated: Programme, rows: Any, counts: Any, keys: Any, names: Any, filters: Filters
) -> None:
    with simulated.services.reads.reading() as connection:
        from_sums = summed(attendance._read(connection, filters, rows, counts, keys, names))
        from_rows = summed(attendance._from_rows(connection, filters, rows, keys, names))
    assert from_sums == from_rows


def test_a_period_of_days_is_answered_from_the_rows(simulated: Programme) -> None:
    whole = Filters(("level",), date(2026, 1, 1), date(2026, 3, 31))
    parts = [
        Filters(("level",), date(2026, 1, 1), date(2026, 2, 10)),
        Filters(("level",), date(2026, 2, 11), whole.end),
    ]
    with simulated.services.reads.reading() as connection:
        assert not counts_hold(parts[0])
        added = summed(FLOW.read(connection, parts[0])) + summed(FLOW.read(connection, parts[1]))
        assert summed(FLOW.read(connection, whole)) == added


def test_what_no_tally_has_is_refused(simulated: Programme) -> None:
    with simulated.services.reads.reading() as connection:
        for filters in (
            Filters(("payer",)),
            Filters((), where={"slot": "morning"}),
            Filters((), where={"month": "May"}),
        ):
            with pytest.raises(FilterError):
                list(FLOW.read(connection, filters))
