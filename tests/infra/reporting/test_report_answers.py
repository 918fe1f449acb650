"""Reports: the counts say what the stays say, whatever is asked; groups, periods and errors."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from infra.bootstrap import Services
from infra.reporting.reports import REPORTS, ReportParams, run_report
from projections.base import fetch
from projections.filters import FilterError, Filters
from projections.stays import queries
from projections.stays.tables import STAY

DIMENSIONS = ("level", "program", "site", "payer", "slot", "dual_diagnosis")
months = st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(lambda day: day.replace(day=1))


@given(
    by=st.lists(st.sampled_from((*DIMENSIONS, "month")), max_size=3, unique=True),
    start=st.none() | months,
    end=st.none() | months.map(lambda first: first - timedelta(days=1)),
    cohort=st.sampled_from(("admission", "discharge")),
    measure=st.sampled_from(("reason", "days")),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_and_stays_give_the_same_numbers(
    programme: Services, by: list[str], start: date | None, end: date | None, cohort: Any, measure: Any
) -> None:
    filters = Filters(tuple(by), start, end, cohort)
    with programme.reads.reading() as connection:
        asked = Counter({row[:3]: row[3] for row in queries.ended_stays(connection, filters, measure)})
        query = queries._from_stays(filters, measure)
        width = len(by)
        rows = fetch(connection, query)
        plain = Counter({(tuple(map(_text, row[:width])), row[width], row[width + 1]): row[width + 2] for row in rows})
    assert asked == plain


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def test_completion_adds_up_to_the_stays(programme: Services) -> None:
    rows = run_report("completion", programme, ReportParams(by=("level", "program")))
    with programme.reads.reading() as connection:
        ended = [row for row in fetch(connection, STAY.select()) if row[11] is not None]
    assert sum(row["discharges"] for row in rows) == len(ended)
    for row in rows:
        assert row["ci_low"] <= row["completion_rate"] <= row["ci_high"]


def test_the_census_of_a_day_is_the_stays_that_cover_it(programme: Services) -> None:
    day = date(2026, 3, 15)
    rows = run_report("census", programme, ReportParams(by=("level",), start=day, end=day))
    with programme.reads.reading() as connection:
        stays = fetch(connection, STAY.select())
    ordinal = day.toordinal()
    expected = Counter(row[2] for row in stays if row[10] <= ordinal and (row[12] is None or ordinal < row[12]))
    assert {row["level"]: row["census"] for row in rows if row["census"]} == dict(expected)


def test_status_counts_each_client_once(programme: Services) -> None:
    counted = sum(row["clients"] for row in run_report("status", programme, ReportParams()))
    listed = run_report("status", programme, ReportParams(per_client=True))
    assert counted == len(listed) == len({row["client"] for row in listed})


@pytest.mark.parametrize("measure", ["end_of_treatment_ctn0094", "relapse_ctn0094", "negative_weeks"])
def test_rates_are_what_the_clients_add_up_to(programme: Services, measure: str) -> None:
    rows = run_report("abstinence", programme, ReportParams(by=("level",), measure=measure))
    each = run_report("abstinence", programme, ReportParams(per_client=True, measure=measure))
    assert sum(row["denominator"] for row in rows) == len(each)
    if rows[0]["numerator"] is not None:
        events = sum(bool(row["event"] if "event" in row else row["value"]) for row in each)
        assert sum(row["numerator"] for row in rows) == events


def test_by_site_reads_patterns_and_agrees_with_the_counts(programme: Services) -> None:
    by_site = run_report("abstinence", programme, ReportParams(by=("site",), measure="first_use"))
    everybody = run_report("abstinence", programme, ReportParams(by=("all",), measure="first_use"))
    assert sum(row["numerator"] for row in by_site) == everybody[0]["numerator"]


def test_retention_starts_at_everybody_and_never_rises(programme: Services) -> None:
    curve = run_report("retention", programme, ReportParams(by=("all",), show="curve"))
    shares = [row["retained"] for row in curve]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("nothing", ReportParams(), "choose from"),
        ("completion", ReportParams(by=("colour",)), "cannot group"),
        ("completion", ReportParams(where={"level": "spa"}), "unknown level"),
        ("completion", ReportParams(denominator="all"), "no denominator"),
        ("abstinence", ReportParams(measure="never"), "no measure"),
        ("completion", ReportParams(start=date(2026, 2, 1), end=date(2026, 1, 1)), "before it starts"),
        ("census", ReportParams(start=date(2000, 1, 1), end=date(2026, 1, 1)), "ten years"),
    ],
)
def test_a_wrong_question_is_answered_with_what_can_be_asked(
    programme: Services, name: str, params: ReportParams, says: str
) -> None:
    with pytest.raises(FilterError, match=says):
        run_report(name, programme, params)


@pytest.mark.parametrize("name", list(REPORTS))
def test_an_empty_store_has_an_answer_to_every_report(name: str, tmp_path: Any) -> None:
    from tests.infra.conftest import services_at

    services = services_at(tmp_path)
    services.catch_up()
    assert run_report(name, services, ReportParams()) == []
    services.close()
