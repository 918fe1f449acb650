"""The entries behind a case of time to event: what started the clock, and the event or what was seen last."""

from __future__ import annotations

from domain.events import (
    ClientDied,
    DiagnosisRecorded,
    DrugScreenResulted,
    Event,
    LapseRecorded,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    RelapseRecorded,
    SessionAttended,
    UseReported,
)
from projections.chart import Chart
from projections.drilldown.evidence_services import Case, NamedEntries
from projections.time_to_event.fold import CONTACTS, FIRST_CONTACTS

_ENDS = (LevelOfCareEnded, ClientDied)
_STARTS: dict[str, tuple[type[Event], ...]] = {
    "admission": (LevelOfCareStarted,),
    "randomization": (LevelOfCareStarted,),
    "discharge": (LevelOfCareEnded,),
    "diagnosis": (DiagnosisRecorded,),
    "medication_started": (MedicationStarted,),
    "first_contact": FIRST_CONTACTS,
}
_EVENTS: dict[str, tuple[type[Event], ...]] = {
    "use": (UseReported, DrugScreenResulted),
    "reported_use": (UseReported,),
    "positive_screen": (DrugScreenResulted,),
    "lapse": (LapseRecorded, RelapseRecorded),
    "discharge": _ENDS,
    "medication_given": (MedicationGiven,),
    "last_dose": (MedicationGiven,),
    "session": (SessionAttended,),
    "death": _ENDS,
}
_STARTED = (LevelOfCareStarted,)


def read_for(case: Case) -> tuple[type[Event], ...]:
    """What the evidence of a case is found among."""
    return *_STARTS[case["start"]], *_last(case)


def time(chart: Chart, _: str, case: Case) -> NamedEntries:
    """What stands on the day of the start and is one, then on the day of the event, or on the last day anybody saw."""
    first, last = case["first_day"], case["last_day"]
    yield from (("started", entry) for entry in chart.of(*_STARTS[case["start"]]) if entry.day == first)
    came = case["outcome"] == "event"
    for entry in chart.of(*_last(case)):
        event = entry.event
        day = event.on.toordinal() if came and isinstance(event, UseReported) else entry.day
        if day == last:
            yield "event" if came else "last_seen", entry


def _last(case: Case) -> tuple[type[Event], ...]:
    """What the time of a case ends with."""
    match case["outcome"]:
        case "event":
            return _EVENTS.get(case["event"], _STARTED)
        case "stopped":
            return _ENDS
        case _:
            return CONTACTS
