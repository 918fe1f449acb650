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

    ``start`` and ``end`` are µs UTC; ``start_day`` and ``end_day`` are the days of their entries (``Entry.day``). No
    stay ends before it starts, neither by moment nor by day. ``event_id`` is the entry that started it, ``ended_by``
    the one that ended it.
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
    ended_by: str = ""
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

    def repeats(self, other: Stay) -> bool:
        """Whether it says again that the client is where the other one has them: an admission entered twice."""
        return self.exclusive and other.exclusive and self._place == other._place

    @property
    def _place(self) -> tuple[str, str, str]:
        return self.level, self.program, self.site

    def ended(self, entry: Entry, reason: Reason, next_level: Level | None = None) -> Stay:
        """The stay with its end; an end written on a day before the start counts on the start's day."""
        day = max(self.start_day, entry.day)
        return replace(self, end=entry.at, end_day=day, ended_by=entry.event_id, reason=reason, next_level=next_level)


@dataclass(frozen=True, slots=True)
class Journey:
    """A client's journey so far. ``death`` is the entry that says when the client died."""

    stays: tuple[Stay, ...] = ()
    assessments: tuple[Entry, ...] = ()
    leave: Entry | None = None
    sober_living: Entry | None = None
    consents: dict[str, ConsentGiven] = field(default_factory=dict[str, ConsentGiven])
    death: Entry | None = None
    closed_into: str | None = None
    erased: bool = False
    unmatched_ends: tuple[Entry, ...] = ()

    @property
    def died(self) -> int | None:
        """When the client died (µs UTC), or None."""
        return self.death.at if self.death else None

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
    """End the earliest open stay of that level that had begun, and what repeats it; keep what fits none as an anomaly.

    The reason ``died`` is a death too.
    """
    ending = next((stay for stay in journey.stays if _ends(entry, event, stay)), None)
    if ending is None:
        if journey.death is None or event.reason != "died":  # a death has ended the stay itself
            journey = replace(journey, unmatched_ends=(*journey.unmatched_ends, entry))
    else:
        stays = tuple(
            stay.ended(entry, event.reason, event.next_level)
            if stay is ending or (_ends(entry, event, stay) and stay.repeats(ending))
            else stay
            for stay in journey.stays
        )
        away = journey.leave if any(other.open for other in stays) else None  # a leave is from an open level
        journey = replace(journey, stays=stays, leave=away)
    return _died(journey, entry) if event.reason == "died" else journey


def _ends(entry: Entry, event: LevelOfCareEnded, stay: Stay) -> bool:
    return stay.open and stay.level == event.level and stay.start <= entry.at


def _died(journey: Journey, entry: Entry) -> Journey:
    """Death ends whatever is still open. The first counts; a ``ClientDied`` corrects what the end of a level says."""
    stays = tuple(stay.ended(entry, "died") if stay.open and stay.start <= entry.at else stay for stay in journey.stays)
    said = isinstance(entry.event, ClientDied) and journey.death and not isinstance(journey.death.event, ClientDied)
    death = entry if said or journey.death is None else journey.death
    return replace(journey, stays=stays, death=death, leave=None)
