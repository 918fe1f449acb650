"""The fold of weekly patterns: one for each stay in treatment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from domain.events import DrugScreenResulted, TreatmentPlanSet
from domain.journey import STAYS, Stay
from domain.levels import LEVELS_OF_CARE
from projections.abstinence import tables
from projections.abstinence.measures import BUILT_IN, evaluate_all, has_it
from projections.abstinence.pattern import Screen, has_no_screens, pattern_of, weekly_findings
from projections.abstinence.targets import DEFAULT_TARGETS
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.due import planned
from projections.clinical.medication import PRESCRIBED, medications
from projections.clinical.screens import unexpected

LEVELS_WITH_PATTERN = frozenset(level for level, care in LEVELS_OF_CARE.items() if care.weekly_pattern)


def fold(chart: Chart) -> Rows:
    """A client's weekly patterns, one for each stay at a treatment level after detox.

    Weeks run from the stay's start to its planned end (intention to treat): an early end does not cut them.
    Without a plan they run to the stay's end, and while it is open to the chart's latest day.
    """
    if chart.closed:
        return {}
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    wanted = [(n, stay) for n, stay in enumerate(stays, start=1) if stay.level in LEVELS_WITH_PATTERN]
    if not wanted:
        return {}
    screens = list(_screens(chart))
    rows: list[Row] = []
    for n, stay in wanted:
        end_day = _end_day(chart, stay)
        findings = weekly_findings(stay.start_day, end_day, screens)
        pattern = pattern_of(findings, DEFAULT_TARGETS)
        rows.append(
            (
                chart.client_id,
                n,
                stay.level,
                stay.program,
                stay.site,
                stay.start_day,
                end_day,
                stay.end_day,
                pattern,
                findings,
                _met(pattern),
            )
        )
    return {"pattern": rows}


def _end_day(chart: Chart, stay: Stay) -> int:
    """The day the weeks of a stay end."""
    end = planned(chart, stay).end
    if end is not None:
        return end
    return stay.end_day if stay.end_day is not None else chart.last_day


def _screens(chart: Chart) -> Iterator[Screen]:
    prescribed = medications(chart)
    for entry, event in chart.events(DrugScreenResulted):
        substances = unexpected(event.positive, prescribed.classes_at(entry))
        yield Screen(entry.day, not event.unscheduled, event.valid is not False, substances)


def _met(pattern: str) -> int:
    """A bit for each built-in measure: whether the pattern has its event, or its yes."""
    return sum(has_it(result) << place for place, result in enumerate(evaluate_all(pattern)))


def cells(rows: Rows) -> Cells:
    """How many stays have which result of which built-in measure, and which weeks."""
    measure_counts: Counter[Row] = Counter()
    each: Counter[Row] = Counter()
    for row in rows.get("pattern", ()):
        level, program, weeks = row[2], row[3], row[8]
        screened = 0 if has_no_screens(weeks) else 1
        for measure, result in zip(BUILT_IN, evaluate_all(weeks), strict=True):
            event = -1 if result.event is None else result.event
            measure_counts[level, program, measure.id, float(result.value), event, screened] += 1
        each.update((level, program, week, symbol) for week, symbol in enumerate(weeks[: tables.WEEKS], start=1))
    return {"measure_count": measure_counts, "pattern_week_count": each}


MODEL = ReadModel(
    name="abstinence",
    version=7,
    tables=(tables.PATTERN,),
    counts=(tables.MEASURE_COUNT, tables.WEEK_COUNT),
    fold=fold,
    cells=cells,
    reads=STAYS | PRESCRIBED | {DrugScreenResulted, TreatmentPlanSet},
    reads_last_day=True,
)
