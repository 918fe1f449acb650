"""What comes to a chart that was merged follows the survivor: an entry there takes it over.

It is derived from the late entry, in the same transaction, so that the survivor is folded anew because its own stream
moved. Where the survivor was merged as well, that entry is itself a late one, and the next chart gets one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.entries import Entry, effective
from domain.events import ChartClosed, ClientErased, EntryCorrected, EntryRetracted, EntrySetAside, EntryTakenUp
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import Plain, opened, plain
from infra.eventstore.merge import continuing, continuing_id
from infra.eventstore.rows import Writing
from infra.eventstore.stream import readable

_CLOSING = f"{ChartClosed.__name__}."
_DECIDING = tuple(
    f"{cls.__name__}." for cls in (ChartClosed, EntryCorrected, EntryRetracted, EntrySetAside, EntryTakenUp)
)
# A merge takes along what came before it; an erasure reaches every chart by an entry of its own.
_ALONE = tuple(f"{cls.__name__}." for cls in (ChartClosed, ClientErased))


class ToRecord(NamedTuple):
    """An entry of a batch: whose it is, what it says, and the knowledge time (µs UTC) of one that keeps its own."""

    client_id: str
    reference: str
    event_id: str
    state: Plain
    recorded: int | None


class Followers:
    """The entries of a batch, each followed by what it makes survivors take over."""

    def __init__(self, log: EventLog, tx: Writing) -> None:
        """Look at what is recorded when the transaction begins."""
        self._log = log
        self._closed = set(log.closed.known(tx))
        self._deciding: dict[str, list[Entry]] = {}
        self._into: dict[str, str | None] = {}
        self._references: dict[str, str] = {}

    def after(self, entry: ToRecord) -> Iterable[ToRecord]:
        """What follows from an entry that comes next."""
        self._references.setdefault(entry.client_id, entry.reference)
        self._see(entry)
        return self._continued(entry) if entry.client_id in self._closed else ()

    def _continued(self, entry: ToRecord) -> Iterator[ToRecord]:
        """What survivors take over of an entry of a chart that was closed."""
        seen = {entry.client_id}
        while not entry.state.topic.startswith(_ALONE) and (survivor := self._survivor(entry.client_id)):
            if survivor in seen or (reference := self._reference(survivor)) is None:
                return  # merged in a circle, or into a chart that is not here
            seen.add(survivor)
            meta, _ = opened(entry.state)
            event_id = continuing_id(entry.event_id)
            meta["i"], meta["k"] = event_id, entry.event_id
            state = plain(meta, continuing(entry.client_id))
            entry = ToRecord(survivor, reference, event_id, state, entry.recorded)
            yield entry

    def _see(self, entry: ToRecord) -> None:
        """Keep what closes a chart or opens it again."""
        if entry.state.topic.startswith(_CLOSING):
            self._closed.add(entry.client_id)
        if entry.client_id in self._closed and entry.state.topic.startswith(_DECIDING):
            meta, event = opened(entry.state)
            decided = self._decided(entry.client_id)
            decided.append(Entry(entry.client_id, len(decided) + 1, 0, meta, event, self._log.calendar))
            self._into.pop(entry.client_id, None)

    def _survivor(self, client_id: str) -> str | None:
        """The chart that the first merge that counts made of this one."""
        if client_id not in self._closed:
            return None
        if client_id not in self._into:
            decided = self._decided(client_id)
            counted = {entry.event_id for entry in effective(decided)}
            closings = (e.event for e in decided if isinstance(e.event, ChartClosed) and e.event_id in counted)
            self._into[client_id] = next((closing.merged_into.hex for closing in closings), None)
        return self._into[client_id]

    def _decided(self, client_id: str) -> list[Entry]:
        if client_id not in self._deciding:
            rows = (row for row in self._log.recorder.streams([client_id]) if row.topic.startswith(_DECIDING))
            # a chart with an unreadable entry is stopped elsewhere, which must stop no import
            self._deciding[client_id] = readable(self._log, rows, None, [])
        return self._deciding[client_id]

    def _reference(self, client_id: str) -> str | None:
        if client_id not in self._references:
            reference = self._log.reference(client_id)
            if reference is None:
                return None
            self._references[client_id] = reference
        return self._references[client_id]
