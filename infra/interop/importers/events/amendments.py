"""Corrections and retractions that a live command would have refused: of nothing that is on the chart, of what was
retracted before, of the keeping of charts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from domain.bookkeeping import bookkeeping_refusals
from domain.commands import Correct, Retract
from domain.entries import Entry, recording_order, set_aside
from domain.events import EntryCorrected, EntryRetracted

_AMENDING = (EntryCorrected, EntryRetracted)


def amendment(event: EntryCorrected | EntryRetracted) -> Correct | Retract:
    """The command that would have recorded it."""
    if isinstance(event, EntryRetracted):
        return Retract(event.target, event.reason or "")
    new = event.replacement
    return Correct(event.target, new.type, new.occurred_at, new.data, event.reason or "")


def unmet_amendments(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """(criterion, event id) of those of a chart, given with the entries of charts merged into it.

    What an amendment is of may be recorded after it: lines come in any order.
    """
    amending = [entry for entry in entries if isinstance(entry.event, _AMENDING)]
    by_id = {entry.event_id: entry for entry in entries} if amending else {}
    aside = set_aside(entries).keys() if amending else frozenset[str]()
    retracted: set[UUID] = set()
    for entry in sorted(amending, key=recording_order):
        event = entry.event
        assert isinstance(event, _AMENDING)
        target = by_id.get(event.target.hex)
        of_correction = isinstance(event, EntryCorrected) and target is not None and isinstance(target.event, _AMENDING)
        refusals = bookkeeping_refusals(entries, amendment(event))
        if target is None and event.target.hex not in aside:
            yield "target_is_on_this_chart", entry.event_id
        elif refusals or of_correction:
            yield (refusals[0].criterion if refusals else "target_is_a_clinical_entry"), entry.event_id
        elif event.target in retracted:
            yield "target_not_retracted", entry.event_id
        if isinstance(event, EntryRetracted):
            retracted.add(event.target)
            if target is not None and isinstance(target.event, EntryRetracted):
                retracted.discard(target.event.target)
