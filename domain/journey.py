"""The journey: what a client's effective entries, in clinical order, add up to.

``evolve`` takes one entry and never fails on a recorded one, whatever order clinical times come in: history
is what it is. Rules about what may be written next live in ``domain.decisions``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from domain.entries import Entry, effective
from domain.events import (
    AssessmentCompleted,
    ChartClosed,
    ClientDied,
    ClientErased,
    ConsentGiven,
    ConsentRevoked,
    Event,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    OverlapResolved,
    SoberLivingEntered,
    SoberLivingLeft,
)
from domain.levels import Level
from domain.vocabulary import Living, Reason, Slot


@dataclass(frozen=True, slots=True)
class Stay:
    """One level of care from start to end: a half-open interval, an open end is infinity.

    ``start`` and ``end`` are µs UTC; ``start_day`` and ``end_day`` are the days of their entries (``Entry.day``). No
    stay ends before it starts, neither by moment nor by day. ``event_id`` is the entry that started it, ``ended_by``
    the one that ended it, ``stream`` where it was recorded.
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
    randomized: bool = False
    overridden: bool = False
    end: int | None = None
    end_day: int | None = None
    ended_by: str = ""
    reason: Reason | None = None
    next_level: Level | None = None
    stream: str = ""

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

    def overlaps(self, other: Stay) -> bool:
        """Whether both are open at one moment, though one person cannot be in both.

        Concurrent stays and alumni may lie beside others, but not twice at one level.
        """
        apart = self.exclusive and other.exclusive
        return (apart or self.level == other.level) and (self.covers(other.start) or other.covers(self.start))


@dataclass(frozen=True, slots=True)
class Journey:
    """A client's journey so far. ``death`` is the entry that says when the client died.

    ``not_counted`` are the stays that lost a decision about an overlap, and those that begin after the death: nobody is
    admitted then, so one of the two is wrong. ``decided`` has, for the ids of the first, the log's position of the
    decision; ``last`` is when the client died (µs UTC), known from the first entry on.
    """

    stays: tuple[Stay, ...] = ()
    assessments: tuple[Entry, ...] = ()
    leave: Entry | None = None
    sober_living: Entry | None = None
    consents: dict[str, ConsentGiven] = field(default_factory=dict[str, ConsentGiven])
    death: Entry | None = None
    closed_into: str | None = None
    erased: bool = False
    unmatched_ends: tuple[Entry, ...] = ()
    not_counted: tuple[Stay, ...] = ()
    decided: dict[str, int] = field(default_factory=dict[str, int])
    last: int | None = None

    @property
    def died(self) -> int | None:
        """When the client died (µs UTC), or None."""
        return self.death.at if self.death else None

    def open_stays(self) -> list[Stay]:
        """The stays without an end, first started first."""
        return [stay for stay in self.stays if stay.open]

    def in_care(self, entry: Entry) -> bool:
        """Whether a level was open when an entry happened; one that does not count was, until that was decided, and one
        after the death is wrong by itself.
        """
        at = entry.at
        for stay in self.stays:  # every session and dose asks it
            if _holds(stay, at):
                return True
        return any(
            _holds(stay, entry.at) and entry.position < self.decided.get(stay.event_id, _NEVER)
            for stay in self.not_counted
        )

    def lost_entries(self) -> dict[str, Stay]:
        """Start and end of each stay that does not count, by event id; not what ends one that counts, nor the death."""
        counting = {stay.ended_by for stay in self.stays} | {self.death.event_id if self.death else ""}
        names = ((name, stay) for stay in self.not_counted for name in (stay.event_id, stay.ended_by))
        return {name: stay for name, stay in names if name and name not in counting}

    def is_after_death(self, stay: Stay) -> bool:
        """Whether a stay begins later than the death, by moment."""
        died = self.died if self.last is None else self.last
        return died is not None and stay.start > died

    def assessment_before(self, at: int) -> Entry | None:
        """The latest assessment by clinical time at or before ``at`` (µs UTC)."""
        return next((entry for entry in reversed(self.assessments) if entry.at <= at), None)


_NEVER: Final = 2**63


def _holds(stay: Stay, at: int) -> bool:
    """Whether a moment is within a stay; a level is often ended in the minute of its last session, which is so too."""
    return stay.covers(at) or stay.end == at


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
    OverlapResolved,
    SoberLivingEntered,
    SoberLivingLeft,
)
SHAPING = frozenset(STRUCTURAL)
"""The only types that change a journey."""
_OF_THE_LIVING = frozenset(
    {AssessmentCompleted, LeaveStarted, LeaveEnded, SoberLivingEntered, SoberLivingLeft, ConsentGiven}
)
"""What changes nothing once the client has died; a stay that begins later is kept apart, so that its end is found."""
STAYS = frozenset({LevelOfCareStarted, LevelOfCareEnded, OverlapResolved, ClientDied, ChartClosed})
"""The only types on which a journey's stays, and whether its chart was closed, depend."""


def _is_of_the_living(event: Event) -> bool:
    return type(event) in _OF_THE_LIVING and not event.may_follow_death


def evolve(journey: Journey, entry: Entry) -> Journey:  # noqa: C901 - one match over what shapes a journey
    """The journey after one more entry; entries come in clinical order."""
    event = entry.event
    match event:
        case LevelOfCareStarted():
            return _started(journey, _stay(entry, event))
        case LevelOfCareEnded():
            return _ended(journey, entry, event)
        case OverlapResolved():
            return _set_aside(journey, _losers([entry], _that_may_count(journey)))
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
    shaping = [entry for entry in entries if type(entry.event) in SHAPING]
    died = _last_moment(shaping)
    if died is not None:
        shaping = [entry for entry in shaping if entry.at <= died or not _is_of_the_living(entry.event)]
    # who lost is known from the first entry on: an end is never taken from the stay that counts
    starts = {
        entry.event_id
        for entry in shaping
        if isinstance(entry.event, LevelOfCareStarted) and (died is None or entry.at <= died)
    }
    journey = Journey(decided=_losers(shaping, starts), last=died)
    for entry in shaping:
        journey = evolve(journey, entry)
    return journey


def _last_moment(entries: Sequence[Entry]) -> int | None:
    """When the client died: by the first ``ClientDied``, else by the first end of a level that says so."""
    deaths = [entry for entry in entries if isinstance(entry.event, ClientDied)]
    ends = (e for e in entries if isinstance(e.event, LevelOfCareEnded) and e.event.reason == "died")
    first = deaths[0] if deaths else next(ends, None)
    return first.at if first else None


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
        site=event.site or entry.site,
        clinician=event.clinician or "",
        living=event.living,
        slot=event.slot,
        planned_end=event.planned_end_on.toordinal() if event.planned_end_on else None,
        planned_sessions=event.planned_sessions_per_week,
        concurrent=bool(event.concurrent),
        randomized=bool(event.randomized),
        overridden=bool(event.overridden),
        stream=entry.client_id,
    )


def _started(journey: Journey, stay: Stay) -> Journey:
    if stay.event_id in journey.decided or journey.is_after_death(stay):
        return replace(journey, not_counted=(*journey.not_counted, stay))
    if journey.death is not None and stay.start == journey.died and journey.last in {None, journey.died}:
        stay = stay.ended(journey.death, "died")  # begun in the moment of the death, and written down after it
    return replace(journey, stays=(*journey.stays, stay))


def _that_may_count(journey: Journey) -> set[str]:
    return {stay.event_id for stay in (*journey.stays, *journey.not_counted) if not journey.is_after_death(stay)}


def _losers(entries: Iterable[Entry], starts: Collection[str]) -> dict[str, int]:
    """The stays that do not count, each with the position of the decision; one about a stay that is gone is void."""
    return {
        stay.hex: entry.position
        for entry in entries
        if isinstance(entry.event, OverlapResolved) and entry.event.counts.hex in starts
        for stay in entry.event.stays
        if stay != entry.event.counts
    }


def _set_aside(journey: Journey, losers: Mapping[str, int]) -> Journey:
    decided = {**journey.decided, **losers}
    return replace(
        journey,
        decided=decided,
        stays=tuple(stay for stay in journey.stays if stay.event_id not in decided),
        not_counted=(*journey.not_counted, *(stay for stay in journey.stays if stay.event_id in decided)),
    )


def _ended(journey: Journey, entry: Entry, event: LevelOfCareEnded) -> Journey:
    """End the open stay of that level that the entry is about, and what repeats it; keep what fits none as an anomaly.

    The reason ``died`` is a death too.
    """
    ending = _to_end(journey, entry, event.level)
    if ending is None:
        if journey.death is None or event.reason != "died":  # a death has ended the stay itself
            journey = replace(journey, unmatched_ends=(*journey.unmatched_ends, entry))
        return _died(journey, entry) if event.reason == "died" else journey

    def after(stay: Stay) -> Stay:
        again = not journey.decided and _may_end(entry, event.level, stay) and stay.repeats(ending)
        return stay.ended(entry, event.reason, event.next_level) if stay is ending or again else stay

    stays, others = (tuple(map(after, group)) for group in (journey.stays, journey.not_counted))
    away = journey.leave if any(other.open for other in stays) else None  # a leave is from an open level
    journey = replace(journey, stays=stays, not_counted=others, leave=away)
    return _died(journey, entry) if event.reason == "died" else journey


def _ended_after_death(journey: Journey, entry: Entry, level: Level) -> Stay | None:
    stays = (stay for stay in journey.not_counted if journey.is_after_death(stay))
    return next((stay for stay in stays if _may_end(entry, level, stay)), None)


def _may_end(entry: Entry, level: Level, stay: Stay) -> bool:
    return stay.open and stay.level == level and stay.start <= entry.at


def _to_end(journey: Journey, entry: Entry, level: Level) -> Stay | None:
    """The open stay of a level that an end is about: the earliest, one of the chart that the end is from before those
    of charts merged with it; none that does not count by an end that was recorded after the decision.
    """
    stays = [stay for stay in journey.stays if _may_end(entry, level, stay)]
    if journey.decided:
        stays += [
            stay
            for stay in journey.not_counted
            if _may_end(entry, level, stay) and entry.position < journey.decided.get(stay.event_id, 0)
        ]
    earliest = min(stays, key=lambda stay: (stay.stream != entry.client_id, stay.start), default=None)
    return earliest or _ended_after_death(journey, entry, level)


def _died(journey: Journey, entry: Entry) -> Journey:
    """Death ends whatever is still open. The first counts; a ``ClientDied`` corrects what the end of a level says."""

    def after(stay: Stay) -> Stay:
        is_ended = stay.open and stay.start <= entry.at and not journey.is_after_death(stay)
        return stay.ended(entry, "died") if is_ended else stay

    stays, others = (tuple(map(after, group)) for group in (journey.stays, journey.not_counted))
    corrects = isinstance(entry.event, ClientDied) and journey.death and not isinstance(journey.death.event, ClientDied)
    death = entry if corrects or journey.death is None else journey.death
    return replace(journey, stays=stays, not_counted=others, death=death, leave=None)
