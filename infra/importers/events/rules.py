"""What a live command would have refused of an imported history: counted, never silently accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.criteria import start_refusals
from domain.entries import Entry, effective
from domain.events import LevelOfCareStarted
from domain.invariants import broken_rules
from domain.journey import Journey, evolve, fold
from infra.store.log import EventLog
from infra.store.mapper import UnreadableEntryError, decode

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Unmet:
    """One entry that a live command would have refused: where it stands and which criterion it breaks."""

    client_id: str
    event_id: str
    sequence: int
    type: str
    criterion: str


def unmet_rules(
    log: EventLog, client_ids: Sequence[str], progress: Callable[[int], None] | None = None
) -> Iterator[Unmet]:
    """Every entry of these clients that a live command would have refused, with the criterion it breaks."""
    for start in range(0, len(client_ids), _AT_ONCE):
        for client_id, rows in log.streams(client_ids[start : start + _AT_ONCE]):
            try:
                yield from unmet_in([decode(row) for row in rows])
            except UnreadableEntryError:
                yield Unmet(client_id, "", rows[-1].sequence, "", "readable_entry")
        if progress:
            progress(min(start + _AT_ONCE, len(client_ids)))


def unmet_in(entries: Sequence[Entry]) -> Iterator[Unmet]:
    """The same for one client's recorded history."""
    counted = effective(entries)
    by_id = {entry.event_id: entry for entry in entries}
    for criterion, event_id in [*broken_rules(fold(counted), counted), *_unmet_starts(counted)]:
        entry = by_id[event_id]
        yield Unmet(entry.client_id, event_id, entry.sequence, entry.type, criterion)


def _unmet_starts(counted: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    journey = Journey()
    for entry in counted:
        event = entry.event
        if isinstance(event, LevelOfCareStarted) and not event.overridden:
            for refusal in start_refusals(journey, event, entry.at):
                yield refusal.criterion, entry.event_id
        journey = evolve(journey, entry)
