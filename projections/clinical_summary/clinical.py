"""Diagnoses, screens, scores and use, as they stand at a clinical time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.entries import Entry
from domain.events import (
    DiagnosisRecorded,
    DrugScreenResulted,
    Event,
    IncidentRecorded,
    InstrumentScored,
    LapseRecorded,
    RelapseRecorded,
    UseReported,
)
from projections.chart import Chart
from projections.clinical_summary.within import Within, always


@dataclass(frozen=True, slots=True)
class Scores:
    """One instrument's first and latest score, and how often it was taken."""

    instrument: str
    first: float
    first_day: int
    last: float
    last_day: int
    times: int


@dataclass(frozen=True, slots=True)
class Use:
    """One substance's last known use and how it is known; ``times`` counts the reports and judgements."""

    substance: str
    last_day: int
    times: int
    source: str


def diagnoses(chart: Chart, within: Within = always) -> list[tuple[Entry, DiagnosisRecorded]]:
    """The latest statement of each diagnosis by its code, in the order in which they were first made."""
    by_code: dict[str, tuple[Entry, DiagnosisRecorded]] = {}
    for entry, event in chart.events(DiagnosisRecorded):
        if within(entry):
            by_code[event.icd10.upper()] = (entry, event)
    return list(by_code.values())


def screens(chart: Chart) -> list[tuple[Entry, DrugScreenResulted]]:
    """Drug screens, the latest first."""
    return list(reversed(chart.events(DrugScreenResulted)))


def scores(chart: Chart, within: Within = always) -> list[Scores]:
    """First and latest score of each instrument, of those taken ``within`` a time."""
    by_name: dict[str, Scores] = {}
    for entry, event in chart.events(InstrumentScored):
        if not within(entry):
            continue
        before = by_name.get(event.instrument)
        now = Scores(event.instrument, event.score, entry.day, event.score, entry.day, 1)
        if before is not None:
            now = replace(before, last=event.score, last_day=entry.day, times=before.times + 1)
        by_name[event.instrument] = now
    return [by_name[name] for name in sorted(by_name)]


def use(chart: Chart, within: Within = always) -> list[Use]:
    """Known use by substance, the latest first: what the client reported, and what a clinician judged."""
    by_substance: dict[str, Use] = {}
    for entry in chart.of(UseReported, LapseRecorded, RelapseRecorded):
        event = entry.event
        if not isinstance(event, UseReported | LapseRecorded | RelapseRecorded) or not within(entry):
            continue
        used = event.on.toordinal() if isinstance(event, UseReported) else entry.day
        before = by_substance.get(event.substance)
        times = before.times + 1 if before else 1
        if before is not None and before.last_day > used:
            by_substance[event.substance] = replace(before, times=times)
        else:
            by_substance[event.substance] = Use(event.substance, used, times, _SOURCES[type(event)])
    return sorted(by_substance.values(), key=lambda item: (-item.last_day, item.substance))


def incidents(chart: Chart, within: Within = always) -> list[tuple[Entry, IncidentRecorded]]:
    """Incidents ``within`` a time, in clinical order."""
    return [(entry, event) for entry, event in chart.events(IncidentRecorded) if within(entry)]


_SOURCES: dict[type[Event], str] = {UseReported: "reported", LapseRecorded: "lapse", RelapseRecorded: "relapse"}
