"""Warning of small numbers, for those who see whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infra.drilldown.catalogue import numbers_of
from infra.reporting.kinds import ReportParams
from projections.filters import FilterError
from projections.small_counts import small


def has_small_numbers(report: str, params: ReportParams, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the counts of these rows is small; rows of clients hold no counts.

    Every count of a report is looked at, those of sessions, weeks and screens too: few of these are of few people.
    """
    try:
        counts = numbers_of(report, params)
    except FilterError:
        return False
    return any(_is_small(row.get(name)) for row in rows for name in counts)


def _is_small(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and small(value)
