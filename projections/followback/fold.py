"""The fold of timeline follow-back: the last day of use, the longest run without, days in a controlled environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from domain.events import AbstinenceReported, LeaveEnded, LeaveStarted, UseReported
from domain.journey import STAYS
from domain.levels import TWENTY_FOUR_HOUR_LEVELS
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.followback import tables
from projections.prevalence.fold import use_days

CONTROLLED_LEAVES = frozenset({"hospital", "jail"})
FOR_EVER = 10**9
Span = tuple[int, int]


def fold(chart: Chart) -> Rows:
    """One row for a client who reported use or abstinence."""
    if chart.closed:
        return {}
    used = sorted(set(use_days(chart)))
    clean = clean_days(chart) - set(used)
    if not used and not clean:
        return {}
    controlled = controlled_spans(chart)
    last_use = used[-1] if used else None
    first, last = longest_run(sorted(clean))
    since = (
        0
        if last_use is None
        else sum(inside(span, last_use + 1, FOR_EVER) for span in controlled if span[1] != FOR_EVER)
    )
    row: Row = (
        chart.client_id,
        last_use,
        last - first + 1 if clean else 0,
        *_place(chart, last_use or max(clean)),
        first if clean else None,
        last if clean else None,
        sum(inside(span, first, last + 1) for span in controlled) if clean else 0,
        max((after - before - 1 for before, after in pairwise(used)), default=None),
        len(used),
        len(clean),
        since,
        next((start for start, end in controlled if end == FOR_EVER), None),
    )
    return {"followback": [row]}


def clean_days(chart: Chart) -> set[int]:
    """Every day that the client reports as without use of any substance."""
    days: set[int] = set()
    for _, event in chart.events(AbstinenceReported):
        if event.substances is None:
            through = event.through.toordinal()
            days.update(range(max(1, through - event.days + 1), through + 1))
    return days


def longest_run(days: Sequence[int]) -> Span:
    """The first and last day of the longest run of sorted days, the earliest of several; (0, 0) for none."""
    best, start = (0, 0), 0
    for place, day in enumerate(days):
        if place == 0 or day != days[place - 1] + 1:
            start = day
        if best == (0, 0) or day - start > best[1] - best[0]:
            best = (start, day)
    return best


def controlled_spans(chart: Chart) -> list[Span]:
    """Disjoint (first day, day it ends) in detox, residential care, hospital or jail, in order."""
    spans = [
        (stay.start_day, FOR_EVER if stay.end_day is None else stay.end_day)
        for stay in chart.journey.stays
        if stay.level in TWENTY_FOUR_HOUR_LEVELS
    ]
    away: int | None = None
    for entry in chart.of(LeaveStarted, LeaveEnded):
        event = entry.event
        if away is not None:
            spans.append((away, entry.day))
        away = entry.day if isinstance(event, LeaveStarted) and event.kind in CONTROLLED_LEAVES else None
    if away is not None and chart.journey.leave is not None:
        spans.append((away, FOR_EVER))
    return _merged(spans)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return merged


def inside(span: Span, first: int, end: int) -> int:
    """How many days of a span lie in ``first`` to ``end``, the last not counted."""
    return max(0, min(span[1], end) - max(span[0], first))


def _place(chart: Chart, day: int) -> Row:
    """Where the client is or was last treated; who never was counts by the day of the latest report."""
    stays = [stay for stay in chart.journey.stays if stay.level != "alumni"]
    if not stays:
        return ("", "", "", day, day)
    last = max(stays, key=lambda stay: stay.start)
    return (last.level, last.program, last.site, last.start_day, last.end_day)


def cells(rows: Rows) -> Cells:
    """Clients by the last day of use and by the longest run without."""
    client_rows = rows.get("followback", ())
    return {
        "last_use_count": tables.LAST_USE.cells([(*row[:2], *row[3:8]) for row in client_rows if row[1] is not None]),
        "clean_run_count": tables.RUN.cells([(row[0], row[2], *row[3:8]) for row in client_rows]),
    }


MODEL = ReadModel(
    name="followback",
    version=4,
    tables=(tables.FOLLOWBACK,),
    counts=(tables.LAST_USE_COUNT, tables.RUN_COUNT),
    fold=fold,
    cells=cells,
    reads=STAYS | {AbstinenceReported, LeaveEnded, LeaveStarted, UseReported},
)
