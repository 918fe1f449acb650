"""The entries behind a case: why a client is in a number, each entry with what it says of the case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    ClientDied,
    ClientRegistered,
    DrugScreenResulted,
    Event,
    FollowUpCompleted,
    InstrumentScored,
    LapseRecorded,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    RelapseRecorded,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from domain.journey import STRUCTURAL, Stay
from projections.agreement.fold import paired
from projections.chart import Chart
from projections.clinical.course import episode_numbers
from projections.drilldown import evidence_services, evidence_times
from projections.drilldown.evidence_services import Case, NamedEntries, place_of, place_of_stay
from projections.outcomes.scales import scored


class Evidence(NamedTuple):
    """One entry: ``what`` it is to the case, its id (32 hex digits), type, and when it happened (with its offset)."""

    what: str
    event_id: str
    type: str
    occurred_at: str
    day: int


def evidence(chart: Chart, kind: str, number: str, case: Case) -> list[Evidence]:
    """The entries behind a case of some kind, in clinical order; corrections are applied to what they say."""
    by_id: dict[str, tuple[str, Entry]] = {}
    for what, entry in _KINDS[kind](chart, number, case):
        by_id.setdefault(entry.event_id, (what, entry))
    ordered = sorted(by_id.values(), key=lambda item: (item[1].at, item[1].position))
    return [
        Evidence(what, entry.event_id, entry.type, entry.occurred_at.isoformat(), entry.day) for what, entry in ordered
    ]


def stay_of(chart: Chart, case: Case) -> Stay | None:
    """The stay that a case is about."""
    wanted = place_of(case)
    return next((stay for stay in chart.journey.stays if place_of_stay(stay) == wanted), None)


def around(chart: Chart, stay: Stay | None) -> NamedEntries:
    """What a stay began and ended with: the latest assessment before it, its start, its end."""
    if stay is None:
        return
    assessed = chart.journey.assessment_before(stay.start)
    if assessed is not None:
        yield "assessed", assessed
    for entry in chart.of(LevelOfCareStarted):
        if entry.event_id == stay.event_id:
            yield "admitted", entry
    yield from _end(chart, stay)


def _end(chart: Chart, stay: Stay) -> NamedEntries:
    for entry in chart.of(LevelOfCareEnded, ClientDied):
        if entry.event_id == stay.ended_by:
            yield "died" if isinstance(entry.event, ClientDied) else "ended", entry


def _stay(chart: Chart, _: str, case: Case) -> NamedEntries:
    stay = stay_of(chart, case)
    yield from around(chart, stay)
    following = case.get("target")
    if stay is not None and following:
        after = [s for s in chart.journey.stays if s.level == following and s.start > stay.start]
        first = min(after, key=lambda s: s.start, default=None)
        yield from (("followed", entry) for entry in chart.of(LevelOfCareStarted) if _is(first, entry))


def _is(stay: Stay | None, entry: Entry) -> bool:
    return stay is not None and entry.event_id == stay.event_id


def _episode(chart: Chart, _: str, case: Case) -> NamedEntries:
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    for stay, number in zip(stays, episode_numbers(stays), strict=True):
        if number == case["n"] and stay.level != "alumni":
            yield from around(chart, stay)


def _client(chart: Chart, _: str, case: Case) -> NamedEntries:
    """What put a client into a state: the open levels, the last end, the death, or the registration."""
    state = case["state"]
    if state in {"in_treatment", "alumni"}:
        for stay in chart.journey.open_stays():
            yield from around(chart, stay)
        return
    death = chart.journey.death
    if state == "died" and death is not None:
        yield "died", death
        return
    kind, word = (LevelOfCareEnded, "ended") if state == "discharged" else (ClientRegistered, "registered")
    yield from ((word, entry) for entry in chart.of(kind)[-1:])


def _scores(chart: Chart, _: str, case: Case) -> NamedEntries:
    days = {case["first_score_day"], case["last_score_day"]}
    for entry, event in chart.events(InstrumentScored):
        if entry.day in days and any(name == case["instrument"] for name, _score in scored(event)):
            yield "scored", entry


def _screens(chart: Chart, _: str, case: Case) -> NamedEntries:
    place = place_of(case)
    for entry, entry_place, target, pair in paired(chart):
        if (entry_place, target, pair) == (place, case["target"], case["pair"]):
            yield "screened", entry


def _reports(chart: Chart, number: str, _: Case) -> NamedEntries:
    kinds: Iterable[type[Event]] = (UseReported,) if number == "reported_use" else (UseReported, AbstinenceReported)
    yield from (("reported", entry) for entry in chart.of(*kinds))


def _with_stay(
    more: Callable[[Chart, Stay | None, str, Case], NamedEntries],
) -> Callable[[Chart, str, Case], NamedEntries]:
    """The stay's own entries, then what was found in it."""

    def evidence_of(chart: Chart, number: str, case: Case) -> NamedEntries:
        stay = stay_of(chart, case)
        yield from around(chart, stay)
        yield from more(chart, stay, number, case)

    return evidence_of


_KINDS: dict[str, Callable[[Chart, str, Case], NamedEntries]] = {
    "stay": _stay,
    "episode": _episode,
    "client": _client,
    "scores": _scores,
    "screens": _screens,
    "reports": _reports,
    "time": evidence_times.time,
    "sessions": evidence_services.sessions,
    "weeks": _with_stay(evidence_services.weeks),
    "pattern": _with_stay(evidence_services.screens),
    "milestone": _with_stay(evidence_services.milestone),
    "index": _with_stay(evidence_services.index),
}
_SESSIONS = (SessionAttended, SessionMissed)
_MEDICATION = (MedicationStarted, MedicationStopped, MedicationGiven)
_REPORTS = (UseReported, AbstinenceReported)
_READ: dict[str, tuple[type[Event], ...]] = {
    "scores": (InstrumentScored,),
    "screens": (*_MEDICATION, *_REPORTS, DrugScreenResulted),
    "reports": _REPORTS,
    "sessions": _SESSIONS,
    "weeks": _SESSIONS,
    "pattern": (DrugScreenResulted,),
    "milestone": (*_REPORTS, DrugScreenResulted, LapseRecorded, RelapseRecorded, FollowUpCompleted),
}


_READ_FOR: dict[str, Callable[[Case], tuple[type[Event], ...]]] = {
    "time": evidence_times.read_for,
    "index": evidence_services.read_for,
}


def types_read(kind: str, cases: Iterable[Case]) -> frozenset[str]:
    """The types of entries that the evidence of these cases is found among; no other has to be decoded."""
    read_for = _READ_FOR.get(kind)
    types = {cls for case in cases for cls in read_for(case)} if read_for else _READ.get(kind, ())
    return frozenset(cls.__name__ for cls in (*STRUCTURAL, ClientRegistered, *types))
