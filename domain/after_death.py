"""What is later than the recorded death: one of the two is wrong, so it is listed, marked, and counts nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from domain.entries import Entry
from domain.events import (
    AppointmentCancelled,
    ChartClosed,
    ChartsMerged,
    ClientDetailsUpdated,
    ClientDied,
    ClientErased,
    ClientRegistered,
    ConsentRevoked,
    CoverageDenied,
    EntrySetAside,
    EntryTakenUp,
    ErasureRequested,
    Event,
    FlagAssigned,
    FlagDone,
    FlagSnoozed,
    GroupLeft,
    HandoffAssigned,
    HandoffClosed,
    MergedChartContinued,
    NoteAdded,
    NotSamePerson,
    OverlapResolved,
)
from domain.journey import Journey

ALLOWED: Final[frozenset[type[Event]]] = frozenset(
    {
        ChartClosed,
        ChartsMerged,
        MergedChartContinued,
        OverlapResolved,
        NotSamePerson,
        EntrySetAside,
        EntryTakenUp,
        ErasureRequested,
        ClientErased,
    }
)
"""The keeping of charts goes on."""

STILL_COUNTS: Final[frozenset[type[Event]]] = ALLOWED | frozenset(
    {
        ClientRegistered,
        ClientDetailsUpdated,
        ClientDied,
        ConsentRevoked,
        CoverageDenied,
        AppointmentCancelled,
        GroupLeft,
        HandoffAssigned,
        HandoffClosed,
        FlagAssigned,
        FlagSnoozed,
        FlagDone,
        NoteAdded,
    }
)
"""Refused and listed as the rest, but it says who somebody was, what is over or what is to be done: never care."""


def later_than_death(journey: Journey, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that nobody may make: later than the death, no keeping of charts, no consent of a representative."""
    died = journey.died
    return [] if died is None else [entry for entry in entries if entry.at > died and not _is_allowed(entry.event)]


def _is_allowed(event: Event) -> bool:
    return type(event) in ALLOWED or event.may_follow_death


def uncounted(journey: Journey, entries: Iterable[Entry]) -> set[str]:
    """The ids of those among them that would say that a dead client had care, or did something."""
    return {entry.event_id for entry in later_than_death(journey, entries) if type(entry.event) not in STILL_COUNTS}


def counting(journey: Journey, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Entries (corrections and retractions applied) without those that count nowhere."""
    late = uncounted(journey, entries)
    return [entry for entry in entries if entry.event_id not in late] if late else entries
