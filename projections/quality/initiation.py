"""Initiation and engagement (NCQA IET): what followed a new diagnosis of a substance use disorder.

Read in the text of HEDIS MY 2025. Withdrawal management does not break the time without; its stay is an inpatient
admission, which initiates, but what happens within neither initiates nor engages by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from domain.entries import Entry
from domain.events import DiagnosisRecorded
from domain.journey import Stay
from projections.quality.definition import MEASURES
from projections.quality.index import NO_DAY_YET, Client, IndexEvent, whether
from projections.quality.services import FOR_EVER, between, separate, within
from projections.quality.transfers import chain_end

CLEAN_DAYS = 194
ENGAGED_DAYS = 34
ENOUGH_VISITS = 2


class _Begun(NamedTuple):
    """What initiated treatment: ``day`` is the day after which engagement counts, None while the stay is open."""

    day: int | None


def diagnoses(client: Client) -> Iterator[IndexEvent]:
    """Initiation and engagement after each new diagnosis; the day it was recorded is day 0."""
    known: int | None = None
    last: int | None = None
    for entry, event in client.chart.events(DiagnosisRecorded):
        if event.category != "substance_use":
            continue
        day, again = entry.day, entry.day == last
        last = day
        is_new = not again and (known is None or day - known > CLEAN_DAYS) and not _treated_before(client, day)
        if not within(client.withdrawal, entry):
            known = day
        if is_new:
            yield from _after(client, entry)


def _treated_before(client: Client, day: int) -> bool:
    """Whether a visit, medication or a day in residential care lies in the 194 days before a day."""
    first, last = day - CLEAN_DAYS, day - 1
    if between(client.served.visits, first, last) or between(client.served.medication, first, last):
        return True
    return any(_meets(stay, first, last) for stay in client.residential)


def _meets(stay: Stay, first: int, last: int) -> bool:
    return stay.start_day <= last and (stay.end_day is None or stay.end_day >= first)


def _after(client: Client, entry: Entry) -> Iterator[IndexEvent]:
    day = entry.day
    place = ("", "", entry.site, day, day)  # never the stay: who has one has begun treatment
    begun = _initiated(client, day, day + MEASURES["iet_initiation"].days)
    yield IndexEvent("iet_initiation", whether(met=begun is not None), place, day, entry.at)
    if begun is None:  # nothing can change it any more, and engagement neither
        due: int | None = day + MEASURES["iet_initiation"].days
    else:
        due = NO_DAY_YET if begun.day is None else begun.day + ENGAGED_DAYS
    met = begun is not None and begun.day is not None and _engaged(client, begun.day)
    yield IndexEvent("iet_engagement", whether(met=met), place, day, entry.at, due)


def _initiated(client: Client, first: int, last: int) -> _Begun | None:
    """The first of what initiates: an admission to 24-hour care, a visit, a medication event; of those of one day the
    admission.
    """
    services = [*between(client.served.visits, first, last), *between(client.served.medication, first, last)]
    seen = min((service.day for service in services), default=FOR_EVER)
    admitted = next((stay for stay in client.inpatient if first <= stay.start_day <= last), None)
    if admitted is not None and admitted.start_day <= seen:
        return _Begun(chain_end(client.inpatient, admitted).end_day)
    return None if seen == FOR_EVER else _Begun(seen)


def _engaged(client: Client, begun: int) -> bool:
    """Two visits, a visit and a medication event, or one long-acting dose, on day 1 to 34 after ``begun``."""
    first, last = begun + 1, begun + ENGAGED_DAYS
    medication = between(client.served.medication, first, last)
    if any(dose.long_acting for dose in medication):
        return True
    visits = separate((visit.day, visit.provider) for visit in between(client.served.visits, first, last))
    return visits >= ENOUGH_VISITS or (visits > 0 and bool(medication))
