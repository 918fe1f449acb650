"""What a live command would have refused of an imported history: counted, never silently accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from domain.criteria import start_refusals
from domain.entries import Entry, effective
from domain.events import LevelOfCareStarted
from domain.invariants import broken_rules
from domain.journey import Journey, evolve, fold
from infra.store.log import EventLog
from infra.store.mapper import UnreadableEntryError, decode

_AT_ONCE = 200


def unmet_rules(
    log: EventLog, client_ids: Sequence[str], progress: Callable[[int], None] | None = None
) -> Counter[str]:
    """How often each criterion is unmet in the histories of these clients."""
    found: Counter[str] = Counter()
    for start in range(0, len(client_ids), _AT_ONCE):
        for _, rows in log.streams(client_ids[start : start + _AT_ONCE]):
            try:
                found.update(criterion for criterion, _ in unmet_in([decode(row) for row in rows]))
            except UnreadableEntryError:
                found["readable_entry"] += 1
        if progress:
            progress(min(start + _AT_ONCE, len(client_ids)))
    return found


def unmet_in(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """(criterion, event id) of every rule that one client's recorded history breaks."""
    counted = effective(entries)
    broken = list(broken_rules(fold(counted), counted))
    return broken + _unmet_starts(counted)


def _unmet_starts(counted: Sequence[Entry]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    journey = Journey()
    for entry in counted:
        event = entry.event
        if isinstance(event, LevelOfCareStarted) and not event.overridden:
            refusals = start_refusals(journey, event, entry.at)
            found += [(refusal.criterion, entry.event_id) for refusal in refusals]
        journey = evolve(journey, entry)
    return found
