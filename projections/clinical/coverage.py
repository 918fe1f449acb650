"""The days on which medication for opioid use disorder is covered: by doses, by what was dispensed, by prescriptions.

What one dose or supply covers, ``projections.clinical.products`` says; days are ``Entry.day``, the facility's. Supplies
to take home that overlap are carried forward, over each other and over doses on site, as in CBE 3175: nobody takes two
doses of one day. An injection, an implant and a dose on site cover their days by the calendar and are carried nowhere.

A prescription covers days for a drug without any recorded dose in the chart, and a drug with one is judged by its
doses alone. It lasts from its start to its stop (that day not counted). Without a stop it lasts to the end of the last
stay, and while one is open to the day on which the client was last seen: what was not seen is not covered, and may be.
One that began after the last stay, or of a client without a stay, covers nothing for sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    AlumniContacted,
    AssessmentCompleted,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    InstrumentScored,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    SessionAttended,
    UseReported,
)
from projections.chart import Chart
from projections.clinical.medication import MAT_CLASSES, Prescription, medications
from projections.clinical.periods import Span
from projections.clinical.products import INGREDIENTS, days_covered, ingredient, long_acting

FOR_EVER: Final = 10**9

SEEN: Final[tuple[type[Event], ...]] = (
    AbstinenceReported,
    AlumniContacted,
    AssessmentCompleted,
    DrugScreenResulted,
    FollowUpCompleted,
    InstrumentScored,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    SessionAttended,
    UseReported,
)
"""Entries that say that the client was there, or told of themselves."""


def prescriptions(chart: Chart) -> list[tuple[str, Prescription, Entry]]:
    """(ingredient, prescription, its first order as medication for addiction treatment), of those that have one."""
    for_addiction: list[tuple[str, Prescription, Entry]] = []
    for prescription in medications(chart).prescriptions:
        order = next((order.entry for order in prescription.orders if order.for_addiction), None)
        if order is not None:
            for_addiction.append((ingredient(prescription.latest.event.drug), prescription, order))
    return for_addiction


def doses(chart: Chart) -> list[tuple[Entry, MedicationGiven]]:
    """The doses, supplies, injections and implants of medication for addiction treatment, in clinical order.

    That is what was ordered as such, and methadone, buprenorphine and naltrexone unless they were ordered for
    something else alone.
    """
    ordered: dict[str, bool] = {}
    for _, event in chart.events(MedicationStarted):
        name = ingredient(event.drug)
        ordered[name] = ordered.get(name, False) or event.class_ in MAT_CLASSES
    return [
        (entry, event)
        for entry, event in chart.events(MedicationGiven)
        if event.dose_mg != 0 and ordered.get(name := ingredient(event.drug), name in INGREDIENTS)
    ]


def coverage(chart: Chart) -> list[Span]:
    """What covers which days, by first day; nothing is covered from the day of death on."""
    given = doses(chart)
    dosed = {ingredient(event.drug) for _, event in given}
    ordered = [(prescription, order) for name, prescription, order in prescriptions(chart) if name not in dosed]
    spans = [*_of_doses(given), *(_prescribed(chart, prescription, order) for prescription, order in ordered)]
    death = chart.journey.death
    if death is not None:
        spans = [
            span._replace(end=min(span.end, max(span.first, death.day)), latest=min(span.latest, death.day))
            for span in spans
            if span.first <= death.day
        ]
    return sorted(spans, key=lambda span: (span.first, span.end, span.entry.at))


def _of_doses(given: Sequence[tuple[Entry, MedicationGiven]]) -> list[Span]:
    """The days of doses; supplies to take home lie behind each other, and beside the doses taken on site."""
    kept = [(entry, event) for entry, event in given if not _is_long_acting(event)]
    on_site = {entry.day for entry, event in kept if event.days_supply is None}
    spans = [_calendar(entry, event) for entry, event in given if event.days_supply is None or _is_long_acting(event)]
    used_up = 0
    for entry, event in kept:
        if event.days_supply is not None:
            first = _next_without(on_site, max(entry.day, used_up))
            used_up = _after(on_site, first, event.days_supply)
            spans.append(Span(first, used_up, used_up, entry))
    return spans


def _is_long_acting(event: MedicationGiven) -> bool:
    return long_acting(event.drug, event.route, event.dose_mg) > 0


def _calendar(entry: Entry, event: MedicationGiven) -> Span:
    end = entry.day + days_covered(event)
    return Span(entry.day, end, end, entry)


def _next_without(days: set[int], day: int) -> int:
    while day in days:
        day += 1
    return day


def _after(on_site: set[int], first: int, days: int) -> int:
    """The day after the last of so many days, those with a dose on site not counted."""
    day = first
    for _ in range(days - 1):
        day = _next_without(on_site, day + 1)
    return day + 1


def _prescribed(chart: Chart, prescription: Prescription, order: Entry) -> Span:
    first, stop = order.day, prescription.ended
    if is_outside(chart, order):
        return Span(first, first, FOR_EVER, order, stop, is_open=stop is None)
    if stop is not None:
        return Span(first, stop.day, stop.day, order, stop)
    ends = [stay.end_day for stay in chart.journey.stays]
    if None not in ends:
        end = max(first, *(day for day in ends if day is not None))
        return Span(first, end, end, order, is_open=True)
    return Span(first, max(first, last_seen(chart)), FOR_EVER, order, is_open=True)


def is_outside(chart: Chart, order: Entry) -> bool:
    """Whether an order began after the last stay, or the client has none: nobody here knows what became of it."""
    return not any(stay.end is None or order.at < stay.end for stay in chart.journey.stays)


def last_seen(chart: Chart) -> int:
    """The day of the latest entry by which the client was seen; 0 without any."""
    return max((entries[-1].day for kind in SEEN if (entries := chart.of(kind))), default=0)
