"""Change of scores by group: means with intervals, and the share that changed by what matters."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from projections.columns import ReportRow, estimated
from projections.filters import FilterError, Filters
from projections.outcomes.scales import SCALES, Scale
from projections.outcomes.tables import CHANGE, FIRST
from projections.statistics import mean_of
from projections.tally import Group, Tally, in_order

DEFINITION = (
    "Change of a score from the first to the last of an episode, where it was scored on two days or more (from 14 days "
    "before admission to the end; an episode still open counts with its latest score). A score that the instrument "
    "cannot have is left out. Means with Student's t "
    "interval; improved and worse by at least the change that matters on that scale. Who was scored once only is not "
    "in it: those who stay are scored again, so change looks better than for all who came. Groups are those of the "
    "episode's first stay."
)
SOURCE = "PHQ-9 (Kroenke 2001), GAD-7 (Spitzer 2006), BAM (Cacciola 2013); Student's t and Wilson intervals, 95 %"


def outcomes(connection: Connection, filters: Filters, instrument: str | None = None) -> list[ReportRow]:
    """One row a group and scale: episodes, mean first and last score, mean change, shares improved and worse.

    Raises:
        FilterError: no such scale, group or filter.
    """
    if instrument is not None and instrument not in SCALES:
        msg = f"no scale {instrument!r}: choose from {', '.join(SCALES)}"
        raise FilterError(msg)
    firsts = _histograms(FIRST, connection, filters)
    changes = _histograms(CHANGE, connection, filters)
    return [
        {
            **dict(zip(filters.by, group, strict=True)),
            "instrument": name,
            **_row(SCALES[name], firsts[group, name], changes[group, name]),
        }
        for group in in_order(filters, {group for group, _ in changes})
        for name in ([instrument] if instrument else SCALES)
        if (group, name) in changes
    ]


def _histograms(tally: Tally, connection: Connection, filters: Filters) -> dict[tuple[Group, str], Counter[float]]:
    histograms: dict[tuple[Group, str], Counter[float]] = {}
    for group, (name, value), n in tally.read(connection, filters):
        histograms.setdefault((group, name), Counter())[value] += n
    return histograms


def _row(scale: Scale, firsts: Counter[float], changes: Counter[float]) -> ReportRow:
    total = changes.total()
    better = sum(n for change, n in changes.items() if change * scale.sign >= scale.matters)
    worse = sum(n for change, n in changes.items() if -change * scale.sign >= scale.matters)
    mean = mean_of(changes)
    start = mean_of(firsts).mean
    return {
        "episodes": total,
        "mean_first": start,
        "mean_last": None if start is None or mean.mean is None else start + mean.mean,
        "mean_change": mean.mean,
        "sd_change": mean.sd,
        "change_low": mean.low,
        "change_high": mean.high,
        **estimated(better, total),
        "worse": worse,
    }
