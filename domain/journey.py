"""The journey: what a client's effective entries, in clinical order, add up to.

``evolve`` takes one entry and never fails on a recorded one, whatever order clinical times come in: history
is what it is. Rules about what may be written next live in ``domain.decisions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from domain.entries import Entry, effective
from domain.events import (
    AssessmentCompleted,
    ChartClosed,
    ClientDied,
    ClientErased,
    ConsentGiven,
    ConsentRevoked,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    SoberLivingEntered,
    SoberLivingLeft,
)
from domain.vocabulary import Level, Living, Reason, Slot


@dataclass(frozen=True, slots=True)
class Stay:
    """One level of care from start to end: a half-open interval, an open end is infinity.

    ``start`` and ``end`` are µs UTC; ``start_day`` and ``end_day`` are the days of their entries (``Entry.day``), the
    end's never before the start's.
    """

    event_id: str
    level: Level
    start: int
    start_day: int
    program: str = ""
    site: str = ""
    clinician: str = ""
    living: Living | None = None
    slot: Slot | None = None
    planned_end: int | None = None
    planned_sessions: int | None = None
    concurrent: bool = False
    overridden: bool = False
    end: int | None = None
    end_day: int | None = None
    reason: Reason | None = None
    next_level: Level | None = None

    @property
    def open(self) -> bool:
        """Whether no end is known."""
        return self.end is None

    @property
    def exclusive(self) -> bool:
        """Whether it may not overlap another exclusive stay (all but concurrent ones and alumni)."""
        return not self.concurrent and self.level != "alumni"

    def covers(self, at: int) -> bool:
        """Whether the stay is open at the moment ``at`` (µs UTC)."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Journey:
    """A client's journey so far."""

    stays: tuple[Stay, ...] = ()
    assessments: tuple[Entry, ...] = ()
    leave: Entry | None = None
    sober_living: Entry | None = None
    consents: dict[str, ConsentGiven] = field(default_factory=dict[str, ConsentGiven])
    died: int | None = None
    closed_into: str | None = None
    erased: bool = False
    unmatched_ends: tuple[Entry, ...] = ()

    def open_stays(self) -> list[Stay]:
        """The stays without an end, first started first."""
        return [stay for stay in self.stays if stay.open]

    def assessment_before(self, at: int) -> Entry | None:
        """The latest assessment by clinical time at or before ``at`` (µs UTC)."""
        return next((entry for entry in reversed(self.assessments) if entry.at <= at), None)


STRUCTURAL = (
    AssessmentCompleted,
    ChartClosed,
    ClientDied,
    ClientErased,
    ConsentGiven,
    ConsentRevoked,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    SoberLivingEntered,
    SoberLivingLeft,
)
_STRUCTURAL = frozenset(STRUCTURAL)


def evolve(journey: Journey, entry: Entry) -> Journey:  # noqa: C901 - one match over what shapes a journey
    """The journey after one more entry; entries come in clinical order."""
    event = entry.event
    match event:
        case LevelOfCareStarted():
            return replace(journey, stays=(*journey.stays, _stay(entry, event)))
        case LevelOfCareEnded():
            return _ended(journey, entry, event)
        case AssessmentCompleted():
            if event.unrated:
                return journey  # it took place, but nobody knows what it found
            return replace(journey, assessments=(*journey.assessments, entry))
        case LeaveStarted():
            return replace(journey, leave=entry)
        case LeaveEnded():
            return replace(journey, leave=None)
        case SoberLivingEntered():
            return replace(journey, sober_living=entry)
        case SoberLivingLeft():
            return replace(journey, sober_living=None)
        case ConsentGiven():
            return replace(journey, consents={**journey.consents, event.consent_id: event})
        case ConsentRevoked():
            left = {key: value for key, value in journey.consents.items() if key != event.consent_id}
            return replace(journey, consents=left)
        case ClientDied():
            return _died(journey, entry)
        case ChartClosed():
            return replace(journey, closed_into=event.merged_into.hex)
        case ClientErased():
            return replace(journey, erased=True)
        case _:
            return journey


def fold(entries: Iterable[Entry]) -> Journey:
    """The journey of effective entries in clinical order."""
    journey = Journey()
    for entry in entries:
        if type(entry.event) in _STRUCTURAL:
            journey = evolve(journey, entry)
    return journey


def journey_of(entries: Sequence[Entry]) -> Journey:
    """The journey of a whole recorded stream, corrections and retractions applied."""
    return fold(effective(entries))


def _stay(entry: Entry, event: LevelOfCareStarted) -> Stay:
    return Stay(
        event_id=entry.event_id,
        level=event.level,
        start=entry.at,
        start_day=entry.day,
        program=event.program or "",
        site=event.site or entry.meta.get("f", ""),
        clinician=event.clinician or "",
        living=event.living,
        slot=event.slot,
        planned_end=event.planned_end_on.toordinal() if event.planned_end_on else None,
        planned_sessions=event.planned_sessions_per_week,
        concurrent=bool(event.concurrent),
        overridden=bool(event.overridden),
    )


def _ended(journey: Journey, entry: Entry, event: LevelOfCareEnded) -> Journey:
    """End the earliest open stay of that level; an end that fits none is kept as an anomaly."""
    for index, stay in enumerate(journey.stays):
        if stay.open and stay.level == event.level:
            ended = replace(_closed(stay, entry, event.reason), next_level=event.next_level)
            stays = (*journey.stays[:index], ended, *journey.stays[index + 1 :])
            away = journey.leave if any(other.open for other in stays) else None  # a leave is from an open level
            return replace(journey, stays=stays, leave=away)
    if journey.died is not None and event.reason == "died":
        return journey  # the death itself has ended the stay
    return replace(journey, unmatched_ends=(*journey.unmatched_ends, entry))


def _died(journey: Journey, entry: Entry) -> Journey:
    """Death ends whatever is still open."""
    stays = tuple(_closed(stay, entry, "died") if stay.open else stay for stay in journey.stays)
    died = entry.at if journey.died is None else journey.died
    return replace(journey, stays=stays, died=died, leave=None)


def _closed(stay: Stay, entry: Entry, reason: Reason | None) -> Stay:
    """The stay as the entry ends it. An end that a site in a zone further west recorded keeps the day of the start."""
    return replace(stay, end=entry.at, end_day=max(entry.day, stay.start_day), reason=reason)
