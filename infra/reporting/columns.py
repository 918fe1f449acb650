"""Columns of a report's view: their types from the rows that the report gave, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from domain.vocabulary import REASONS

Columns = dict[str, str]
UNKNOWN = "unknown"  # nothing but null was seen so far: every count has been seen, so it is a share or a mean

_MEANINGS = {
    "position": "everything up to this position of the log is counted",
    "computed_at": "when this was computed",
    "suppressed": "whether something in this row is withheld: groups of 1 to 10 people, and others that would give "
    "such a group away",
    "day": "the day, in the offset that its entries were recorded with",
    "level": "level of care",
    "state": "in treatment, alumni, discharged, not admitted or died",
    "program": "programme",
    "site": "site",
    "clients": "people",
    "stays": "stays at a level",
    "census": "stays that are open on the day",
    "admissions": "stays that began",
    "discharges": "stays that ended",
    "measure": "the measure's id",
    "numerator": "the count above the line",
    "denominator": "the count below the line",
    "completion_rate": "share of completed among the denominator, 0 to 1",
    "share": "numerator by denominator, 0 to 1",
    "ci_low": "lower bound of the 95 % interval",
    "ci_high": "upper bound of the 95 % interval",
    "median": "half of the values are at most this",
    "median_days": "half of the stays have ended by this day",
    "ended": "stays that have ended",
}


def columns_of(rows: Iterable[Mapping[str, Any]], known: Mapping[str, str]) -> Columns:
    """The columns of these rows with their SQL types, after those that are known already."""
    found = dict(known)
    for row in rows:
        for name, value in row.items():
            before = found.get(name, UNKNOWN)
            found[name] = before if value is None else _wider(before, _type(name, value))
    return found


def sql_type(kind: str) -> str:
    """The type in SQL."""
    return "double precision" if kind == UNKNOWN else kind


def meaning(name: str) -> str:
    """What a column holds, in a few words."""
    if name in _MEANINGS:
        return _MEANINGS[name]
    if name in REASONS:
        return f"stays that ended so: {name.replace('_', ' ')}"
    stem, _, days = name.rpartition("_")
    if days.isdigit():
        return f"{stem.replace('_', ' ')} at {days} days"
    return name.replace("_", " ")


def _type(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "bigint"
    if isinstance(value, float):
        return "double precision"
    if isinstance(value, str):
        return "date" if name == "day" and _is_day(value) else "text"
    return "jsonb"


def _wider(one: str, other: str) -> str:
    if one in (UNKNOWN, other):
        return other
    numbers: Sequence[str] = ("bigint", "double precision")
    return "double precision" if one in numbers and other in numbers else "text"


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
