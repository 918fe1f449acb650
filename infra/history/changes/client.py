"""One client's entries as of any recorded time, from one read of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from domain.entries import Entry
from domain.events import ChartClosed, EntrySetAside
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.stream import applicable, read_stream
from infra.readmodels.fold import Folded
from projections.base import ReadModel, Rows
from projections.chart import Chart, with_merged

Known = Callable[[Entry], bool]


class ClientEntries:
    """A client's stream, and those of the charts that were ever merged into it."""

    def __init__(self, log: EventLog, client_id: str, *, opened: bool = False) -> None:
        """Read nothing yet; ``opened`` also opens personal fields."""
        self.client_id = client_id
        self._log, self._opened = log, opened
        self._streams: dict[str, Sequence[Entry]] = {}

    @property
    def recorded(self) -> Sequence[Entry]:
        """What is recorded in the client's own stream."""
        return self._stream(self.client_id)

    def met(self) -> list[Entry]:
        """Every entry that was looked at so far: its own, and those of charts that were merged into it at some time."""
        stream = self.recorded
        others = (entries for client_id, entries in self._streams.items() if client_id != self.client_id)
        return [*stream, *(entry for entries in others for entry in entries)]

    def at(self, moment: int) -> list[Entry]:
        """The chart's entries as known at a moment (µs UTC), with what was merged into it by then."""
        return self.where(lambda entry: entry.recorded <= moment)

    def where(self, known: Known) -> list[Entry]:
        """The chart's entries if only these were recorded; nothing where none of its own is."""
        entries = self._applicable([entry for entry in self.recorded if known(entry)])
        merged = with_merged(
            entries,
            lambda other, before: [entry for entry in self._stream(other) if entry.position < before and known(entry)],
        )
        return self._applicable(merged)

    def _applicable(self, entries: list[Entry]) -> list[Entry]:
        """Without corrections that could not be applied until they were set aside."""
        decided = any(isinstance(entry.event, EntrySetAside) for entry in self.recorded)
        return applicable(entries, []) if decided else entries

    def _stream(self, client_id: str) -> Sequence[Entry]:
        if client_id not in self._streams:
            self._streams[client_id] = read_stream(self._log, client_id, opened=self._opened)
        return self._streams[client_id]

    def closed_into(self) -> Iterator[str]:
        """The charts that this one was ever merged into."""
        for entry in self.recorded:
            if isinstance(entry.event, ChartClosed):
                yield entry.event.merged_into.hex


def rows_of(models: Sequence[ReadModel], client_id: str, entries: Sequence[Entry]) -> Folded | None:
    """What read models have of a client, or of a stream of the provider's, with these entries; None where there is no
    entry.
    """
    if not entries:
        return None
    rows: dict[str, Rows] = {}
    chart = Chart(client_id, len(entries), entries)
    for model in models:
        if model.provider != of_provider(client_id):
            continue
        with suppress(Exception):  # the live projector stops this client there, too
            rows[model.name] = model.fold(chart)
    return Folded(client_id, len(entries), entries[-1].position, rows)
