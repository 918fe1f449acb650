"""The fold of outcomes: the first and the last score of each scale within an episode."""

from __future__ import annotations

from domain.events import InstrumentScored
from domain.journey import STAYS
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import episode_numbers
from projections.outcomes import tables
from projections.outcomes.scales import scored

BEFORE_DAYS = 14


def fold(chart: Chart) -> Rows:
    """One row an episode and scale that was scored on two days or more.

    Scores count from 14 days before the episode's first stay to the end of its last; level, program and site
    are those of its first stay.
    """
    if chart.closed or not chart.of(InstrumentScored):
        return {}
    scores = [
        (entry.day, scale, score) for entry, event in chart.events(InstrumentScored) for scale, score in scored(event)
    ]
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    numbered = [
        (number, stay)
        for number, stay in zip(episode_numbers(stays), stays, strict=True)
        if number and stay.level != "alumni"
    ]
    rows: list[Row] = []
    for number in sorted({number for number, _ in numbered}):
        members = [stay for episode_number, stay in numbered if episode_number == number]
        first = members[0]
        ends = [stay.end_day for stay in members if stay.end_day is not None]
        end = max(ends) if len(ends) == len(members) else None
        earliest = first.start_day - BEFORE_DAYS
        within = [point for point in scores if earliest <= point[0] and (end is None or point[0] <= end)]
        place = (first.level, first.program, first.site, first.start_day, end)
        by_scale: dict[str, list[tuple[int, float]]] = {}
        for day, name, score in within:
            by_scale.setdefault(name, []).append((day, score))
        for scale, series in sorted(by_scale.items()):
            if series[0][0] < series[-1][0]:
                change = series[-1][1] - series[0][1]
                rows.append((chart.client_id, scale, series[0][1], change, *place, series[0][0], series[-1][0]))
    return {"outcome": rows}


def cells(rows: Rows) -> Cells:
    """Episodes by scale and first score, and by scale and change."""
    outcome_rows = rows.get("outcome", ())
    return {
        "outcome_first_count": tables.FIRST.cells([(*row[:3], *row[4:9]) for row in outcome_rows]),
        "outcome_change_count": tables.CHANGE.cells([(*row[:2], *row[3:9]) for row in outcome_rows]),
    }


MODEL = ReadModel(
    name="outcomes",
    version=5,
    tables=(tables.OUTCOME,),
    counts=(tables.FIRST_COUNT, tables.CHANGE_COUNT),
    fold=fold,
    cells=cells,
    reads=STAYS | {InstrumentScored},
)
