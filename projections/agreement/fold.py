"""The fold of agreement: each screen beside what the client reports of the days it can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    DrugScreenResulted,
    UseReported,
)
from domain.journey import STAYS
from projections.abstinence.targets import is_target
from projections.agreement import tables
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import stay_of
from projections.clinical.medication import PRESCRIBED, medications
from projections.clinical.screens import unexpected

DETECTED_DAYS = 3
TARGETS = ("opioid", "alcohol", "cocaine", "any_illicit")
PAIRS = {(True, True): "both", (True, False): "screen", (False, True): "report", (False, False): "neither"}
Reports = tuple[dict[str, set[int]], dict[str, set[int]]]


def fold(chart: Chart) -> Rows:
    """One row a stay, target set and kind of pair; a screen belongs to the stay that was open (``stay_of``)."""
    if chart.closed:
        return {}
    counts = Counter((place, target, pair) for _, place, target, pair in paired(chart))
    return {"agreement": [(chart.client_id, target, pair, n, *place) for (place, target, pair), n in counts.items()]}


def paired(chart: Chart) -> Iterator[tuple[Entry, Row, str, str]]:
    """(screen, its stay's place, target set, pair) of every screen that stands beside a report."""
    if not (chart.of(UseReported) or chart.of(AbstinenceReported)):
        return
    used, clean = _reports(chart)
    prescribed = medications(chart)
    for entry, event in chart.events(DrugScreenResulted):
        stay = None if event.valid is False else stay_of(chart.journey.stays, entry)
        if stay is None:
            continue
        place = (stay.level, stay.program, stay.site, stay.start_day, stay.end_day)
        screened = _targets_among(unexpected(event.positive, prescribed.classes_at(entry)))
        for target in TARGETS:
            reported = _said(used[target], clean[target], entry.day)
            if reported is not None:
                yield entry, place, target, PAIRS[target in screened, reported]


@lru_cache(1_024)
def _targets_among(names: frozenset[str]) -> frozenset[str]:
    """The target sets that these substances belong to."""
    return frozenset(target for target in TARGETS if any(is_target(name, (target,)) for name in names))


def _said(used: set[int], clean: set[int], day: int) -> bool | None:
    """Use on the day or in the three before it; no use if all three were reported as without; else nothing."""
    window = range(day - DETECTED_DAYS, day)
    if not used.isdisjoint((day, *window)):
        return True
    return False if clean.issuperset(window) else None


def _reports(chart: Chart) -> Reports:
    """For each target set, the days of reported use and the days reported as without it."""
    used: dict[str, set[int]] = {target: set() for target in TARGETS}
    for _, event in chart.events(UseReported):
        for target in _targets_among(unexpected((event.substance,), {})):
            used[target].add(event.on.toordinal())
    spans = chart.events(AbstinenceReported)
    everything = {day for _, event in spans if event.substances is None for day in _days(event)}
    clean: dict[str, set[int]] = dict.fromkeys(TARGETS, everything)
    for _, event in spans:
        for target in _targets_among(unexpected(event.substances or (), {})):
            clean[target] = clean[target].union(_days(event))
    return used, clean


def _days(event: AbstinenceReported) -> range:
    through = event.through.toordinal()
    return range(max(1, through - event.days + 1), through + 1)


MODEL = ReadModel(
    name="agreement",
    version=5,
    tables=(tables.AGREEMENT,),
    counts=(tables.AGREEMENT_COUNT,),
    fold=fold,
    cells=tables.TALLY.adds,
    reads=STAYS | PRESCRIBED | {AbstinenceReported, DrugScreenResulted, UseReported},
)
