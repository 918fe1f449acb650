"""Periods in words: which days they mean, seen from a day."""

from __future__ import annotations

from datetime import date

import pytest

from domain.phrases import Phrase
from infra.reporting.periods import PERIODS, period_days
from infra.reporting.question import FILTERS, canonical, params_of
from infra.reporting.reports import REPORTS
from projections.filters import FilterError


@pytest.mark.parametrize(
    ("word", "today", "first", "last"),
    [
        ("last_7_days", date(2026, 3, 2), date(2026, 2, 23), date(2026, 3, 1)),
        ("last_30_days", date(2026, 3, 2), date(2026, 1, 31), date(2026, 3, 1)),
        ("this_month", date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)),
        ("last_month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        ("last_month", date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
        ("this_quarter", date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
        ("last_quarter", date(2026, 7, 1), date(2026, 4, 1), date(2026, 6, 30)),
        ("last_quarter", date(2026, 2, 10), date(2025, 10, 1), date(2025, 12, 31)),
        ("last_12_months", date(2026, 3, 31), date(2025, 3, 1), date(2026, 2, 28)),
        ("this_year", date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_the_days_of_a_period(word: str, today: date, first: date, last: date) -> None:
    assert period_days(word, today) == (first, last)


def test_every_period_is_in_order_on_every_day_of_four_years() -> None:
    for ordinal in range(date(2024, 1, 1).toordinal(), date(2028, 1, 1).toordinal()):
        today = date.fromordinal(ordinal)
        assert all(first <= last <= today for first, last in (period_days(word, today) for word in PERIODS))


def test_a_period_without_a_name_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(FilterError, match="last_quarter") as found:
        period_days("next_quarter", date(2026, 3, 2))
    assert isinstance(found.value.args[0], Phrase)


def test_a_period_goes_without_days_beside_it() -> None:
    today = date(2026, 3, 2)
    asked = params_of("completion", {"period": "last_month"}, today=today)
    assert (asked.start, asked.end) == (date(2026, 2, 1), date(2026, 2, 28))
    with pytest.raises(FilterError, match="not both"):
        params_of("completion", {"period": "last_month", "from": "2026-01-01"}, today=today)


def test_a_question_is_kept_without_what_it_leaves_open() -> None:
    assert canonical("completion", {"to": " ", "period": "last_month", "by": "level"}) == {
        "by": "level",
        "period": "last_month",
    }
    with pytest.raises(FilterError, match="no filter is called levels"):
        canonical("completion", {"levels": "residential"})
    with pytest.raises(FilterError, match="no report"):
        canonical("worklist", {})


def test_no_report_that_can_be_saved_lists_clients() -> None:
    assert set(FILTERS) <= set(REPORTS)
    assert not any(REPORTS[name].lists_clients(params_of(name, {}, today=date(2026, 3, 2))) for name in FILTERS)
