"""What a live command would have refused of an imported history: counted, never silently accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from domain.corrected_starts import OVERRIDE_BY_CLINICIAN
from domain.criteria import leave_refusals, start_refusals
from domain.entries import Entry, effective, recording_order
from domain.events import (
    ChartClosed,
    ChartsMerged,
    ClientRegistered,
    ConsentRevoked,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareStarted,
)
from domain.invariants import broken_rules
from domain.journey import SHAPING, Journey, evolve, fold
from infra.eventstore.asides import decisions_of, places_set_aside
from infra.eventstore.keyring import Cipher, of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.eventstore.stream import read_stream
from infra.eventstore.unreadable import UNREADABLE
from infra.interop.importers.events.amendments import unmet_amendments
from projections.chart import with_merged

_AT_ONCE = 200
_PAGE = 20_000
_OF_BIRTH = ("ClientRegistered.", "ClientDetailsUpdated.", "EntryCorrected.")  # the personal fields that rules read


@dataclass(frozen=True, slots=True)
class Unmet:
    """One entry that a live command would have refused: where it stands and which criterion it breaks."""

    client_id: str
    event_id: str
    sequence: int
    type: str
    criterion: str


def unmet_rules(log: EventLog, since: int, progress: Callable[[int], None] | None = None) -> Iterator[Unmet]:
    """Every entry that a live command would have refused, of the clients with entries after a position.

    Each client is checked once, on the page that holds its latest entry, so that memory stays flat.
    ``progress`` is called with the position reached.
    """
    position = since
    while page := log.recorder.touched(position, _PAGE):
        latest = {client_id: sequence for _, client_id, sequence in page if not of_provider(client_id)}
        clients = list(latest)
        for start in range(0, len(clients), _AT_ONCE):
            some = clients[start : start + _AT_ONCE]
            ciphers = log.ciphers(some)
            for client_id, rows in log.streams(some):
                if rows[-1].sequence == latest[client_id]:
                    yield from _unmet_rows(log, client_id, rows, ciphers.get(client_id))
        position = page[-1][0]
        if progress:
            progress(position)


def _unmet_rows(log: EventLog, client_id: str, rows: Sequence[LogRow], cipher: Cipher | None) -> Iterator[Unmet]:
    aside = places_set_aside(log, decisions_of(log, rows))
    kept = (row for row in rows if row.position not in aside)
    try:
        entries = [log.entry(row, cipher if row.topic.startswith(_OF_BIRTH) else None) for row in kept]
        merged = with_merged(entries, partial(read_stream, log, opened=True))
        yield from unmet_in(merged, _unmet_alone(entries, merged))
    except UNREADABLE:
        yield Unmet(client_id, "", rows[-1].sequence, "", "readable_entry")


def _unmet_alone(chart_entries: Sequence[Entry], merged: Sequence[Entry]) -> Set[Unmet]:
    """What charts that were taken over would not have met as charts of their own: reported when they came."""
    if len(merged) == len(chart_entries):
        return frozenset()
    others: dict[str, list[Entry]] = {}
    for entry in merged:
        others.setdefault(entry.client_id, []).append(entry)
    others.pop(chart_entries[0].client_id, None)
    return {unmet for entries in others.values() for unmet in unmet_in(entries)}


def unmet_in(entries: Sequence[Entry], known: Set[Unmet] = frozenset[Unmet]()) -> Iterator[Unmet]:
    """The same for one client's recorded history, with that of charts merged into it; without those in ``known``."""
    counted = effective(entries)
    by_id = {entry.event_id: entry for entry in entries}
    journey = fold(counted)
    for criterion, event_id in [
        *broken_rules(journey, counted),
        *_unmet_then(counted, journey, by_id),
        *_registered_again(counted),
        *_merged_when_merged(counted),
        *unmet_amendments(entries),
    ]:
        entry = by_id[event_id]
        unmet = Unmet(entry.client_id, event_id, entry.sequence, entry.type, criterion)
        if unmet not in known:
            yield unmet


def _unmet_then(counted: Sequence[Entry], whole: Journey, recorded: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """What could not begin, end or be revoked by what had happened until then, stays apart that were decided not to
    count; ``recorded`` are the entries as they were first written, by id.
    """
    journey = Journey()
    lost = (stay for stay in whole.not_counted if stay.event_id in whole.decided)
    decided = {name for stay in lost for name in (stay.event_id, stay.ended_by)}
    for entry in counted:
        event = entry.event
        if type(event) not in SHAPING or entry.event_id in decided:
            continue
        if isinstance(event, LevelOfCareStarted):
            refusals = start_refusals(journey, event, entry.at)
            if not event.overridden:
                yield from ((refusal.criterion, entry.event_id) for refusal in refusals)
            elif refusals and _overridden_by(entry, event, recorded[entry.event_id]) not in {"", "clinician"}:
                yield OVERRIDE_BY_CLINICIAN, entry.event_id
        elif isinstance(event, LeaveStarted | LeaveEnded):
            for refusal in leave_refusals(journey, whole, event, entry.at):
                yield refusal.criterion, entry.event_id
        elif isinstance(event, ConsentRevoked) and event.consent_id not in journey.consents:
            yield "consent_in_force", entry.event_id
        journey = evolve(journey, entry)


def _overridden_by(entry: Entry, event: LevelOfCareStarted, first: Entry) -> str:
    """The role of who overrode the criteria of a start: when it was recorded, or when it was corrected."""
    first_event = first.event
    was_so = isinstance(first_event, LevelOfCareStarted) and first_event.overridden and first_event.level == event.level
    return entry.role if was_so or entry.amended_by is None else entry.amended_by.role


def _registered_again(counted: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Registrations after the first that was recorded of the chart, or of one that it had taken over by then."""
    merges = ((entry.event, entry.position) for entry in counted if isinstance(entry.event, ChartsMerged))
    taken = {merge.other_client_id.hex: position for merge, position in merges if merge.other_client_id}
    before: list[str] = []
    for entry in sorted((e for e in counted if type(e.event) is ClientRegistered), key=recording_order):
        if any(
            client_id == entry.client_id or taken.get(client_id, entry.position) < entry.position
            for client_id in before
        ):
            yield "registered_once", entry.event_id
        before.append(entry.client_id)


def _merged_when_merged(counted: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Merges into a chart that was itself merged into another by then: two may have taken each other over."""
    if ChartClosed not in {type(entry.event) for entry in counted}:
        return
    in_order = sorted(counted, key=recording_order)
    closed = next((entry.position for entry in in_order if isinstance(entry.event, ChartClosed)), None)
    for entry in in_order:
        if closed is not None and entry.position > closed and isinstance(entry.event, ChartsMerged):
            yield "chart_not_merged", entry.event_id
