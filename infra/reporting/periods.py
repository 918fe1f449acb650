"""Periods in words: "last quarter" is kept as it is said, and becomes days when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from domain.phrases import Phrase
from projections.filters import FilterError

Days = tuple[date, date]
"""First and last day, both included."""


def period_days(word: str, today: date) -> Days:
    """The days of a period, seen from a day of the facility's zone.

    What is called ``last`` is over: whole months, quarters and years before the one that ``today`` is in, or so many
    days up to yesterday. What is called ``this`` ends today.

    Raises:
        FilterError: no such period.
    """
    if word not in PERIODS:
        raise FilterError(
            Phrase("no period is called {word}: choose from {known}", word=repr(word[:40]), known=", ".join(PERIODS))
        )
    return PERIODS[word](today)


def months_before(first: date, count: int) -> date:
    """The first day of the month so many months before that of ``first``."""
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _this(length: int) -> Callable[[date], Days]:
    return lambda today: (_begin(today, length), today)


def _last(length: int) -> Callable[[date], Days]:
    def days(today: date) -> Days:
        begin = _begin(today, length)
        return months_before(begin, length), begin - timedelta(days=1)

    return days


def _last_months(count: int) -> Callable[[date], Days]:
    return lambda today: (months_before(today, count), today.replace(day=1) - timedelta(days=1))


def _last_days(count: int) -> Callable[[date], Days]:
    return lambda today: (today - timedelta(days=count), today - timedelta(days=1))


def _begin(today: date, length: int) -> date:
    """The first day of the month, quarter or year (1, 3 or 12 months) that a day is in."""
    return date(today.year, (today.month - 1) // length * length + 1, 1)


PERIODS: dict[str, Callable[[date], Days]] = {
    "last_7_days": _last_days(7),
    "last_30_days": _last_days(30),
    "last_90_days": _last_days(90),
    "this_month": _this(1),
    "last_month": _last(1),
    "this_quarter": _this(3),
    "last_quarter": _last(3),
    "last_12_months": _last_months(12),
    "this_year": _this(12),
    "last_year": _last(12),
}
"""Every period that has a name, the shortest first."""
