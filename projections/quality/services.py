"""What counts as a service: visits, medication events and days in 24-hour care, each with its entry."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.entries import Entry
from domain.events import MedicationStarted, SessionAttended
from domain.journey import Stay
from domain.levels import TWENTY_FOUR_HOUR_LEVELS
from projections.chart import Chart
from projections.clinical.coverage import doses
from projections.clinical.medication import MAT_CLASSES
from projections.clinical.products import ingredient, long_acting

FOR_EVER = 10**9
WITHDRAWAL, RESIDENTIAL = "medical_detox", "residential"


class Service(NamedTuple):
    """One service: the day it was given, by whom ("" where that is not said), and the entry that says so."""

    day: int
    provider: str
    entry: Entry
    long_acting: bool = False


@dataclass(frozen=True, slots=True)
class Services:
    """A client's services, each list in order of days.

    ``visits`` are the sessions attended outside of 24-hour care: within it they are part of the stay. Alumni meetings
    are no treatment. ``medication`` are medication events for addiction outside of withdrawal management: each dose
    given, and of drugs without any recorded dose each order (``orders``, those within withdrawal management too).
    """

    visits: Sequence[Service]
    medication: Sequence[Service]
    orders: Sequence[Service]

    @classmethod
    def of(cls, chart: Chart, stays: Sequence[Stay]) -> Services:
        """The services of a chart; ``stays`` are its stays, of which those of 24-hour care matter."""
        inpatient = [stay for stay in stays if stay.level in TWENTY_FOUR_HOUR_LEVELS]
        withdrawal = [stay for stay in inpatient if stay.level == WITHDRAWAL]
        visits = [
            Service(entry.day, event.clinician or "", entry)
            for entry, event in chart.events(SessionAttended)
            if event.kind != "alumni_meeting" and not within(inpatient, entry)
        ]
        orders = list(_orders(chart))
        events = sorted([*_doses(chart), *orders], key=_day)
        medication = [dose for dose in events if not within(withdrawal, dose.entry)]
        return cls(sorted(visits, key=_day), medication, orders)


def within(stays: Sequence[Stay], entry: Entry) -> bool:
    """Whether one of these stays was open at the moment of an entry."""
    at = entry.at
    for stay in stays:  # noqa: SIM110 - every session asks it: any() takes three times as long
        if stay.covers(at):
            return True
    return False


def _day(service: Service) -> int:
    return service.day


def _doses(chart: Chart) -> Iterator[Service]:
    """Doses of what is ordered for addiction, or, where nobody ordered it, known to be for addiction."""
    for entry, event in doses(chart):
        yield Service(entry.day, "", entry, long_acting(event.drug, event.route, event.dose_mg) > 0)


def _orders(chart: Chart) -> Iterator[Service]:
    """Orders of drugs of which no dose is on record: the only sign that they were taken."""
    dosed = {ingredient(event.drug) for _, event in doses(chart)}
    for entry, event in chart.events(MedicationStarted):
        if event.class_ in MAT_CLASSES and ingredient(event.drug) not in dosed:
            yield Service(entry.day, "", entry, long_acting(event.drug) > 0)


def between(services: Sequence[Service], first: int, last: int) -> Sequence[Service]:
    """Those of services in order that lie in a range of days, both ends included."""
    return services[bisect_left(services, first, key=_day) : bisect_right(services, last, key=_day)]


def separate(visits: Iterable[tuple[int, str]]) -> int:
    """How many visits, each as (day, provider), count: of one day only those known to be with different providers."""
    providers: defaultdict[int, set[str]] = defaultdict(set)
    for day, provider in visits:
        providers[day].add(provider)
    return sum(max(1, len(known - {""})) for known in providers.values())


def spans_of_24h_care(stays: Sequence[Stay]) -> list[tuple[int, int]]:
    """(first day, day it ends) of detox and residential stays; the day of discharge does not count."""
    return [
        (stay.start_day, FOR_EVER if stay.end_day is None else stay.end_day)
        for stay in stays
        if stay.level in TWENTY_FOUR_HOUR_LEVELS
    ]


def days_inside(spans: Sequence[tuple[int, int]], first: int, last: int) -> int:
    """How many days of a range, both ends included, lie in at least one span."""
    inside: set[int] = set()
    for start, end in spans:
        inside.update(range(max(first, start), min(last + 1, end)))
    return len(inside)
