"""Entries that rested on one that was corrected or retracted."""

from __future__ import annotations

from typing import Final

from domain.decisions import History
from domain.entries import Entry, effective
from domain.events import DrugScreenResulted, EntryCorrected, EntryRetracted, LapseRecorded, RelapseRecorded

RESTING_DAYS: Final = 14
"""So many days around a positive screen a lapse of what it found is taken to rest on it."""


def lapses_left_alone(history: History, amendment: Entry) -> tuple[str, list[Entry]]:
    """The id of the entry that a correction or retraction is about in the end, and the lapses and relapses that count,
    were recorded after it as a screen, and are of what it showed before and shows no longer.
    """
    target = _target(history, amendment)
    earlier = effective([entry for entry in history.entries if entry.position < amendment.position])
    before = next((entry for entry in earlier if entry.event_id == target), None)
    dropped = _found(before) - _found(next((entry for entry in history.counted if entry.event_id == target), None))
    if before is None or not dropped:
        return target, []
    return target, [entry for entry in history.counted if _rests(entry, before, dropped)]


def _rests(entry: Entry, screen: Entry, dropped: frozenset[str]) -> bool:
    event = entry.event
    return (
        isinstance(event, LapseRecorded | RelapseRecorded)
        and event.substance.casefold() in dropped
        and entry.position > screen.position
        and abs(entry.day - screen.day) <= RESTING_DAYS
    )


def _found(entry: Entry | None) -> frozenset[str]:
    """What a screen shows; nothing where it is none, or not valid."""
    event = entry.event if entry else None
    if not isinstance(event, DrugScreenResulted) or event.valid is False:
        return frozenset()
    return frozenset(substance.casefold() for substance in event.positive)


def _target(history: History, amendment: Entry) -> str:
    """The id of the entry that is amended, by however many corrections and retractions of them."""
    by_id = {entry.event_id: entry for entry in history.entries}
    current: Entry | None = amendment
    last = ""
    while current is not None and isinstance(current.event, EntryCorrected | EntryRetracted):
        last = current.event.target.hex
        current = by_id.get(last)
    return last
