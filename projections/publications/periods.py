"""Closed periods: months, quarters and years of the facility's calendar. A month is a number: months since year 0."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal["month", "quarter", "year"]
KINDS: dict[Kind, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its name (2026-03, 2026-Q1, 2026) and its months in order."""

    kind: Kind
    name: str
    months: tuple[int, ...]


def month_of_day(day: int) -> int:
    """The month of a day (proleptic ordinal)."""
    start = date.fromordinal(day)
    return start.year * 12 + start.month - 1


def first_day(month: int) -> int:
    """The first day of a month, as a proleptic ordinal."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


def days_in(months: Iterable[int]) -> int:
    """How many days months have together."""
    return sum(first_day(month + 1) - first_day(month) for month in months)


def is_closed(month: int, lag_days: int, today: date) -> bool:
    """Whether a month and ``lag_days`` after its last day are over on a day."""
    return date.fromordinal(first_day(month + 1)) + timedelta(days=lag_days) <= today


def period(kind: Kind, number: int) -> Period:
    """The ``number``-th month, quarter or year since year 0."""
    size = KINDS[kind]
    months = tuple(range(number * size, (number + 1) * size))
    year, month = divmod(months[0], 12)
    name = {"month": f"{year}-{month + 1:02}", "quarter": f"{year}-Q{month // 3 + 1}", "year": f"{year}"}[kind]
    return Period(kind, name, months)


def before(current: Period) -> Period:
    """The period of the same kind before it."""
    return period(current.kind, current.months[0] // KINDS[current.kind] - 1)


def complete(kind: Kind, known: Collection[int]) -> list[Period]:
    """The periods of a kind of which every month is known, in order."""
    numbers = sorted({month // KINDS[kind] for month in known})
    periods = [period(kind, number) for number in numbers]
    return [span for span in periods if all(month in known for month in span.months)]
