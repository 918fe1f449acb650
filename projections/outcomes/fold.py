"""The fold of outcomes: the first and the last score of each scale within an episode."""

from __future__ import annotations

from domain.events import InstrumentScored
from domain.journey import STAYS
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.outcomes import tables
from projections.outcomes.scales import scored
from projections.stays.fold import episode_numbers

BEFORE_DAYS = 14


def fold(chart: Chart) -> Rows:
    """One row an episode and scale that was scored on two days or more.

    Scores count from 14 days before the episode's first stay to the end of its last; level, program and site
    are those of its first stay.
    """
    if chart.closed or not chart.of(InstrumentScored):
        return {}
    scores = [(entry.day, *one) for entry, event in chart.events(InstrumentScored) for one in scored(event)]
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    numbered = [
        (number, stay)
        for number, stay in zip(episode_numbers(stays), stays, strict=True)
        if number and stay.level != "alumni"
    ]
    rows: list[Row] = []
    for number in sorted({number for number, _ in numbered}):
        members = [stay for own, stay in numbered if own == number]
        first = members[0]
        ends = [stay.end_day for stay in members if stay.end_day is not None]
        end = max(ends) if len(ends) == len(members) else None
        within = [one for one in scores if first.start_day - BEFORE_DAYS <= one[0] and (end is None or one[0] <= end)]
        place = (first.level, first.program, first.site, first.start_day, end)
        by_scale: dict[str, list[tuple[int, float]]] = {}
        for day, name, score in within:
            by_scale.setdefault(name, []).append((day, score))
        for scale, own in sorted(by_scale.items()):
            if own[0][0] < own[-1][0]:
                change = own[-1][1] - own[0][1]
                rows.append((chart.client_id, scale, own[0][1], change, *place, own[0][0], own[-1][0]))
    return {"outcome": rows}


def cells(rows: Rows) -> Cells:
    """Episodes by scale and first score, and by scale and change."""
    own = rows.get("outcome", ())
    return {
        "outcome_first_count": tables.FIRST.cells([(*row[:3], *row[4:9]) for row in own]),
        "outcome_change_count": tables.CHANGE.cells([(*row[:2], *row[3:9]) for row in own]),
    }


MODEL = ReadModel(
    name="outcomes",
    version=4,
    tables=(tables.OUTCOME,),
    counts=(tables.FIRST_COUNT, tables.CHANGE_COUNT),
    fold=fold,
    cells=cells,
    reads=STAYS | {InstrumentScored},
)
