"""Quality measures by group: the rate of those whose window has passed, and how many are still waiting."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection

from projections.filters import FilterError, Filters
from projections.quality.definition import MEASURES
from projections.quality.tables import TALLY
from projections.statistics import wilson
from projections.tally import Group, in_order


def quality(connection: Connection, filters: Filters, today: date, measure: str | None = None) -> list[dict[str, Any]]:
    """One row a group and measure: numerator, denominator, share with its 95 % interval, those not yet observable.

    The period and the groups are those of the stay that the index event belongs to. A diagnosis counts by its
    own day and the site that recorded it, a prescription outside any stay by its own day.

    Raises:
        FilterError: no such measure, group or filter.
    """
    if measure is not None and measure not in MEASURES:
        msg = f"no measure {measure!r}: choose from {', '.join(MEASURES)}"
        raise FilterError(msg)
    met: Counter[tuple[Group, str]] = Counter()
    all_of: Counter[tuple[Group, str]] = Counter()
    waiting: Counter[tuple[Group, str]] = Counter()
    for group, (name, outcome), n in TALLY.read(connection, filters):
        all_of[group, name] += n
        met[group, name] += n * outcome
    for group, (name, outcome), n in TALLY.open(connection, filters, today.toordinal()):
        waiting[group, name] += n
        met[group, name] -= n * outcome
    return [
        _row(filters, group, name, met[group, name], all_of[group, name] - waiting[group, name], waiting[group, name])
        for name in ([measure] if measure else MEASURES)
        for group in in_order(filters, {group for group, own in all_of if own == name})
    ]


def _row(filters: Filters, group: Group, name: str, above: int, below: int, waiting: int) -> dict[str, Any]:
    rule = MEASURES[name]
    share, low, high = wilson(above, below)
    return {
        **dict(zip(filters.by, group, strict=True)),
        "measure": name,
        "numerator": above,
        "denominator": below,
        "share": share,
        "ci_low": low,
        "ci_high": high,
        "not_yet": waiting,
        "definition": rule.definition,
        "source": rule.source,
    }
