"""Measures of medication for opioid use disorder: 180 days of it (CBE 3175; NCQA POD), and ever dosed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from projections.clinical.coverage import coverage
from projections.clinical.periods import Period, Span, periods
from projections.quality.index import Client, IndexEvent
from projections.quality.induction import ever_dosed
from projections.quality.place import place_at
from projections.quality.tables import State

MEDICATION = frozenset({"medication_180", "pod_180", "ever_dosed"})
LONG_ENOUGH_DAYS = 180
NEW_AFTER_DAYS = 31


def medication(client: Client) -> Iterator[IndexEvent]:
    """The rows of a client: one of CBE 3175, one of POD for each new period, one of ever dosed for each drug."""
    spans = coverage(client.chart)
    if spans:
        yield _of_180_days(client, "medication_180", spans)
    for begun in new_periods(spans):
        yield _of_180_days(client, "pod_180", begun)
    yield from ever_dosed(client)


def new_periods(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans (by first day) from each new period on: one that begins after 31 days or more without coverage."""
    begun: list[list[Span]] = []
    covered = 0
    for span in spans:
        if not begun or span.first - covered >= NEW_AFTER_DAYS:
            begun.append([])
        begun[-1].append(span)
        covered = max(covered, span.end)
    return begun


def _of_180_days(client: Client, measure: str, spans: Sequence[Span]) -> IndexEvent:
    """Met by what is covered for sure; unknown where only what may be covered is long enough."""
    first = spans[0].entry
    long = long_enough(measure, spans)
    maybe = long_enough(measure, [span.at_most() for span in spans])
    state: State = "met" if long else "unknown" if maybe else "unmet"
    rests = any(span.is_open for span in (long.spans if long else spans))
    due = max(first.day, long.first) + LONG_ENOUGH_DAYS if long else None
    return IndexEvent(measure, state, place_at(client, first), first.day, first.at, due, rests)


def long_enough(measure: str, spans: Sequence[Span]) -> Period | None:
    """The first period of 180 days; of a new one (POD) only that which began it counts."""
    return next(
        (
            period
            for period in periods(spans)
            if period.days >= LONG_ENOUGH_DAYS and (measure != "pod_180" or period.first == spans[0].first)
        ),
        None,
    )
