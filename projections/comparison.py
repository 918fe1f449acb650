"""Comparison of two groups or two periods: which figures, what is compared, and how much can be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.phrases import Phrase
from projections.columns import Column, ReportRow, wilson_bounds
from projections.filters import FilterError, Filters
from projections.params import known_day
from projections.statistics import LogRank, difference, wilson

SMALL = 30
FEW_EVENTS = 10
DEFINITION = (
    "Two groups, such as two sites, or two periods, such as two quarters, side by side, each with "
    "its share and Wilson interval; the difference (first minus second) with Newcombe's interval; and a two-sided "
    "test: Pearson's chi-squared without correction, or Fisher's exact test where a cell is expected below 5. "
    "Retention is compared by the log-rank test, without weights. Both sides are cohorts of the same kind, by "
    "admission or by discharge, never one of each. No correction is made for looking at several figures. A client "
    "with stays on both sides counts on both, which the tests take as independent."
)
SOURCE = "Newcombe 1998 (method 10); Pearson 1900; Fisher 1935; Mantel 1966 (log-rank)"


def _of_side(side: str) -> tuple[Column, ...]:
    """The figures of one side; ``side`` is the column of its name."""
    return (
        Column(
            f"{side}_numerator",
            "count",
            Phrase("Counted on the side {side}; of retention, stays that ended.", side=side),
        ),
        Column(
            f"{side}_denominator",
            "count",
            Phrase("Out of how many on the side {side}; of retention, its stays.", side=side),
        ),
        Column(
            f"{side}_share",
            "share",
            Phrase("Share on the side {side}; empty out of nobody, and for retention.", side=side),
        ),
        *wilson_bounds(f"{side}_low", f"{side}_high", f"{side}_share"),
    )


COLUMNS = (
    Column("measure", "text", "Which rate: the id of a measure, rate, step or milestone of the report it is from."),
    Column("first", "text", "The first side: a group, or the first and last day of a period."),
    Column("second", "text", "The second side, that the first is compared with."),
    *_of_side("first"),
    *_of_side("second"),
    Column("difference", "number", "First share minus second, -1 to 1; empty where a share is."),
    Column("ci_low", "number", "Lower bound of the 95 % interval of the difference (Newcombe, method 10)."),
    Column("ci_high", "number", "Upper bound of the 95 % interval of the difference (Newcombe, method 10)."),
    Column("test", "text", "Which two-sided test was made: chi_squared, fisher_exact or log_rank; empty: none."),
    Column("statistic", "number", "Chi-squared of the test; empty for Fisher's, which has none."),
    Column("p_value", "number", "Two-sided p of the test, 0 to 1, without correction for several figures."),
    Column("warning", "text", "What to mind when reading it: small numbers, or clients counted many times."),
)
_PERIOD = re.compile(r"^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$")
_HOW = "write site=A,site=B or 2026-01-01..2026-03-31,2026-04-01..2026-06-30"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its name, and the question that its figures answer."""

    name: str
    filters: Filters


def operands(text: str, filters: Filters) -> tuple[Side, Side]:
    """The two sides of a comparison, from what was written.

    Raises:
        FilterError: it is not two groups of one dimension nor two periods, or they overlap.
    """
    parts = _parts(text)
    if len(parts) != 2:
        msg = f"compare two: {_HOW}"
        raise FilterError(msg)
    first, second = (_side(part, filters) for part in parts)
    if ("=" in parts[0]) != ("=" in parts[1]):
        msg = f"compare two groups or two periods, not one with the other: {_HOW}"
        raise FilterError(msg)
    if "=" in parts[0]:
        _check_groups(parts[0], parts[1])
    else:
        _check_periods(first.filters, second.filters)
    return first, second


def kind_of(text: str) -> str:
    """What two sides are of: the name of the dimension, or "period"."""
    return (_group(text) or ("period", ""))[0]


def of_group(text: str, groups: Sequence[str]) -> str:
    """A comparison as it is written elsewhere: two names alone are values of the one group that is asked."""
    values = text.split(",")
    if len(groups) == 1 and len(values) == 2 and "=" not in text and ".." not in text:
        return ",".join(f"{groups[0]}={name.strip()}" for name in values)
    return text


def period_of(side: str) -> tuple[date, date] | None:
    """First and last day of a side that is a period, by its name; None for a group."""
    days = [known_day(text) for text in match.groups()] if (match := _PERIOD.match(side)) else []
    return (days[0], days[1]) if len(days) == 2 and days[0] and days[1] else None


def _parts(text: str) -> list[str]:
    """The two halves; a value may hold a comma, as ``site=North, Building 2,site=South`` does."""
    match = re.match(r"^(\w+=.+),(\w+=.+)$", text)
    return [part.strip() for part in (match.groups() if match else text.split(","))]


def _group(part: str) -> tuple[str, str] | None:
    """Dimension and value of a side that is a group."""
    name, equals, value = part.partition("=")
    return (name.strip(), value.strip()) if equals else None


def _side(part: str, filters: Filters) -> Side:
    if group := _group(part):
        dimension, value = group
        return Side(value, replace(filters, by=(), where={**filters.where, dimension: value}))
    period = _PERIOD.match(part)
    if period is None:
        msg = f"cannot read {part!r}: {_HOW}"
        raise FilterError(msg)
    start, end = map(known_day, period.groups())
    if start is None or end is None:
        msg = f"{part!r} holds a day that does not exist: {_HOW}"
        raise FilterError(msg)
    if filters.dated:
        msg = "the periods are those compared: leave out --from and --to"
        raise FilterError(msg)
    return Side(part, replace(filters, by=(), start=start, end=end))


def _check_groups(first: str, second: str) -> None:
    if kind_of(first) != kind_of(second):
        msg = "compare two groups of one kind, as site=A,site=B"
        raise FilterError(msg)
    if first == second:
        msg = f"{first!r} is compared with itself: name two groups"
        raise FilterError(msg)


def _check_periods(first: Filters, second: Filters) -> None:
    for filters in (first, second):
        filters.checked(tuple(filters.where))
    assert first.start
    assert first.end
    assert second.start
    assert second.end
    if first.start <= second.end and second.start <= first.end:
        msg = "the two periods share days: compare periods that follow one another"
        raise FilterError(msg)


def compared(measure: str, names: tuple[str, str], first: tuple[int, int], second: tuple[int, int]) -> ReportRow:
    """One figure of both sides, each as (counted, of), their difference, its interval and the test."""
    first_share, second_share = wilson(*first), wilson(*second)
    tested = difference(first, second)
    return {
        "measure": measure,
        "first": names[0],
        "second": names[1],
        "first_numerator": first[0],
        "first_denominator": first[1],
        "first_share": first_share.rate,
        "first_low": first_share.low,
        "first_high": first_share.high,
        "second_numerator": second[0],
        "second_denominator": second[1],
        "second_share": second_share.rate,
        "second_low": second_share.low,
        "second_high": second_share.high,
        "difference": tested.difference,
        "ci_low": tested.low,
        "ci_high": tested.high,
        "test": tested.test,
        "statistic": tested.statistic,
        "p_value": tested.p_value,
        "warning": warning(first, second),
    }


def log_rank_row(
    names: tuple[str, str], ended: tuple[int, int], stays: tuple[int, int], test: LogRank | None
) -> ReportRow:
    """Retention of both sides: ended of stays, and the log-rank test (a share would depend on when they began)."""
    row = compared("retention", names, (0, 0), (0, 0))
    row |= {"first_numerator": ended[0], "first_denominator": stays[0]}
    row |= {"second_numerator": ended[1], "second_denominator": stays[1]}
    row |= {"test": "log_rank" if test else "", "statistic": test.statistic if test else None}
    few = min(stays) < SMALL or min(ended) < FEW_EVENTS
    return {**row, "p_value": test.p_value if test else None, "warning": _FEW if few else ""}


CLUSTERED = "the same clients counted many times: interval too narrow, test too sure"
_FEW = "small numbers: wide interval, weak test"


def warning(first: tuple[int, int], second: tuple[int, int]) -> str:
    """What to mind when reading a difference of small numbers; empty where there is nothing."""
    if not first[1] or not second[1]:
        return "nobody on one side"
    events = min(min(side[0], side[1] - side[0]) for side in (first, second))
    return _FEW if min(first[1], second[1]) < SMALL or events < FEW_EVENTS else ""


def pairs(rows: Sequence[Mapping[str, Any]], key: str, title: str = "{}") -> dict[str, tuple[int, int]]:
    """(counted, of) by measure, from the rows of a report; ``title`` makes the measure's name of the key's value."""
    return {title.format(row[key]): (int(row["numerator"]), int(row["denominator"])) for row in rows}
