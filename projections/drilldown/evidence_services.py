"""The entries behind cases of services and signs: sessions, screens, reports, medication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    DiagnosisRecorded,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    LapseRecorded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from domain.journey import Stay
from domain.levels import LEVELS, TWENTY_FOUR_HOUR_LEVELS
from projections.attendance.fold import kind_and_slot, outcomes_of
from projections.chart import Chart
from projections.clinical.course import stay_of
from projections.clinical.coverage import SEEN
from projections.prevalence.fold import LOOK_BACK_DAYS
from projections.quality.evidence import behind
from projections.quality.medication import MEDICATION
from projections.quality.services import Services

Case = Mapping[str, Any]
NamedEntries = Iterator[tuple[str, Entry]]
StayPlace = tuple[Any, ...]
_OUTCOMES = {"offered": ("attended", "missed"), "no_shows": ("no_show",)}
_ANY, _NONE, _RESIDENTIAL = frozenset[str](LEVELS), frozenset[str](), frozenset({"residential"})
# By what measures are called: the levels whose start they look for; those that look for any look for nothing else.
_STARTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("readmission_", "lower_level_"), _ANY),
    **dict.fromkeys(("iet_", "follow_up_", "detox_continuity_"), _RESIDENTIAL),
    "continuation_": frozenset[str](TWENTY_FOUR_HOUR_LEVELS),
}
_INDEX = (MedicationStarted, MedicationStopped, MedicationGiven, *SEEN, DiagnosisRecorded)
_SIGNS = (DrugScreenResulted, LapseRecorded, RelapseRecorded)
_WORDS = {
    "SessionAttended": "attended",
    "SessionMissed": "missed",
    "MedicationStarted": "medication",
    "MedicationGiven": "medication",
    "MedicationStopped": "medication",
    "LevelOfCareStarted": "followed",
    "DiagnosisRecorded": "diagnosed",
}


def place_of(case: Case) -> StayPlace:
    """What tells the stay of a case from others."""
    return tuple(case[name] for name in ("level", "program", "site", "first_day", "last_day"))


def place_of_stay(stay: Stay) -> StayPlace:
    """The same of a stay."""
    return stay.level, stay.program, stay.site, stay.start_day, stay.end_day


def sessions(chart: Chart, number: str, case: Case) -> NamedEntries:
    """The sessions of a stay, kind and slot that a number counts: as many as the case adds."""
    wanted = set(_OUTCOMES.get(number, (number,)))
    place = place_of(case)
    for stay, entry, event in _sessions(chart):
        same = place_of_stay(stay) == place and kind_and_slot(stay, event) == (case["kind"], case["slot"])
        if same and wanted & set(outcomes_of(event)):
            yield _WORDS[entry.type], entry


def weeks(chart: Chart, stay: Stay | None, _: str, __: Case) -> NamedEntries:
    """The sessions attended in a stay."""
    for of_stay, entry, event in _sessions(chart):
        if of_stay == stay and isinstance(event, SessionAttended):
            yield "attended", entry


def screens(chart: Chart, _: Stay | None, __: str, case: Case) -> NamedEntries:
    """The screens of a pattern's weeks: from the day after the stay's start to its planned end."""
    first, last = case["first_day"] + 1, case["planned_end_day"]
    yield from (("screened", entry) for entry in chart.of(DrugScreenResulted) if first <= entry.day <= last)


def milestone(chart: Chart, stay: Stay | None, _: str, case: Case) -> NamedEntries:
    """The follow-up interview at a milestone, and the signs of the 30 days up to it."""
    end = case["last_day"]
    interviews = [
        entry
        for entry, event in chart.events(FollowUpCompleted)
        if event.milestone_days == case["milestone"] and (stay is None or entry.at >= (stay.end or 0))
    ]
    yield from (("followed_up", entry) for entry in interviews[-1:])
    day = interviews[-1].day if interviews else end + case["milestone"]
    first = max(end + 1, day - LOOK_BACK_DAYS + 1)
    signs = [(entry.day, entry) for entry in chart.of(*_SIGNS)]
    signs += [(event.on.toordinal(), entry) for entry, event in chart.events(UseReported)]
    signs += [(event.through.toordinal(), entry) for entry, event in chart.events(AbstinenceReported)]
    for seen, entry in signs:
        if first <= seen <= day:
            yield "screened" if isinstance(entry.event, DrugScreenResulted) else "reported", entry


def index(chart: Chart, _: Stay | None, __: str, case: Case) -> NamedEntries:
    """The index event of a measure, and what it looks for from there to the end of the window."""
    measure, first, last = case["measure"], case["index_day"], case["due_day"]
    if measure.startswith("iet_"):
        yield from (("diagnosed", entry) for entry in chart.of(DiagnosisRecorded) if entry.day == first)
    if measure in MEDICATION:
        yield from ((_WORDS[entry.type], entry) for entry in behind(chart, measure, first))
        return
    for entry in _looked_for(chart, measure):
        if first <= entry.day <= last:
            yield _WORDS[entry.type], entry


def read_for(case: Case) -> tuple[type[Event], ...]:
    """What the evidence of an index event is found among."""
    measure = case["measure"]
    looks_at_levels = measure not in MEDICATION and _levels_of(measure) is _ANY
    return (LevelOfCareStarted,) if looks_at_levels else _INDEX


def _levels_of(measure: str) -> frozenset[str]:
    return next((levels for start, levels in _STARTS.items() if measure.startswith(start)), _NONE)


def _looked_for(chart: Chart, measure: str) -> Iterator[Entry]:
    levels = _levels_of(measure)
    yield from (entry for entry, event in chart.events(LevelOfCareStarted) if event.level in levels)
    if levels is not _ANY:
        served = Services.of(chart, chart.journey.stays)
        services = (served.visits, served.medication, served.orders)
        yield from (service.entry for group in services for service in group)


def _sessions(chart: Chart) -> Iterator[tuple[Stay, Entry, SessionAttended | SessionMissed]]:
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    for entry in chart.of(SessionAttended, SessionMissed):
        event = entry.event
        assert isinstance(event, SessionAttended | SessionMissed)
        stay = stay_of(stays, entry)
        if stay is not None:
            yield stay, entry, event
