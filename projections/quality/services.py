"""What counts as a service: the days on which a client was served, and how."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from domain.events import MedicationGiven, MedicationStarted, SessionAttended
from domain.journey import Stay
from domain.vocabulary import TWENTY_FOUR_HOUR_LEVELS
from projections.chart import Chart
from projections.clinical.medication import MAT_CLASSES, drug_key

FOR_EVER = 10**9


@dataclass(frozen=True, slots=True)
class Services:
    """Days of services, each list sorted and with one entry a service (not a day)."""

    sessions: list[int]
    medication: list[int]
    starts: list[int]
    every: list[int]

    @classmethod
    def of(cls, chart: Chart, treatment: Sequence[Stay]) -> Services:
        """The services of a chart; ``treatment`` are its stays but for alumni."""
        orders = [(entry, event) for entry, event in chart.events(MedicationStarted) if event.class_ in MAT_CLASSES]
        drugs = {drug_key(event.drug) for _, event in orders}
        started = [entry.day for entry, _ in orders]
        given = [entry.day for entry, event in chart.events(MedicationGiven) if drug_key(event.drug) in drugs]
        sessions = sorted(entry.day for entry in chart.of(SessionAttended))
        medication = sorted([*started, *given])
        starts = sorted(stay.start_day for stay in treatment)
        return cls(sessions, medication, starts, sorted([*sessions, *medication, *starts]))


def between(days: Sequence[int], first: int, last: int) -> int:
    """How many of sorted days lie in a range, both ends included."""
    return max(0, bisect_right(days, last) - bisect_left(days, first))


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
