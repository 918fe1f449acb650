"""Quality measures by group: the rate of those whose window has passed, and how many are still waiting."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection

from domain.phrases import Phrase
from projections.columns import NOT_RECORDED, Column, estimate, placed
from projections.filters import FilterError, Filters
from projections.quality.definition import MEASURES
from projections.quality.tables import TALLY
from projections.statistics import wilson
from projections.tally import Group, in_order

_LEVEL, _PROGRAM, _, _ = placed(Phrase("the stay that the index event belongs to, if any"))
GROUP_COLUMNS = (
    *(_LEVEL, _PROGRAM),
    Column("site", "text", "Site of the stay that the index event belongs to, or that recorded the diagnosis; empty: "
           "none was recorded.", NOT_RECORDED),
    Column("month", "text", "Month (YYYY-MM) of the discharge from that stay, or of its admission where the cohort is "
           "that of admissions; of an index event without a stay, of its own day."),
)  # fmt: skip
COLUMNS = (
    Column("measure", "text", "Id of the measure."),
    *estimate("Index events that the outcome followed within the window.",
              "Index events whose window has passed."),
    Column("not_yet", "count", "Index events whose window has not passed: in no share yet."),
    Column("definition", "text", "What the measure counts, out of whom, within which days."),
    Column("source", "text", "Where the definition comes from."),
)  # fmt: skip


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
