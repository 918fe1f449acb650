"""Load one client's chart, decrypted, with the charts merged into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.days import Calendar
from domain.decisions import History
from domain.entries import Entry, microseconds, set_aside
from domain.errors import ExpectedError
from domain.events import ClientRegistered
from domain.journey import journey_of
from infra.eventstore.asides import places_set_aside
from infra.eventstore.event_ids import event_id_at
from infra.eventstore.log import EventLog
from infra.eventstore.stream import applicable, read_stream
from infra.eventstore.unreadable import SetAsideBy, Unread, left_out
from projections.chart import with_merged


class NoSuchChartError(ExpectedError, LookupError, kind="no-such-chart"):
    """Nothing is recorded under this chart number."""

    def __init__(self) -> None:
        """Never repeat the number: it may be a personal datum."""
        super().__init__("no chart has this number: check it, or register the client")


class NotKnownThenError(ExpectedError, LookupError, kind="not-known-then"):
    """Nothing of this chart was recorded yet at the knowledge time that was asked for: no chart, not an empty one."""

    def __init__(self) -> None:
        """Say nothing of when it was."""
        super().__init__("not known then: the first entry of this chart was recorded later")


@dataclass(frozen=True, slots=True)
class OpenedChart:
    """A client's recorded entries with their personal fields, in the order of recording; all, or as known once.

    ``reference`` is the chart number as it was first given. ``unread`` are the entries that this release cannot read:
    they stand in the chart, and nothing is made of them; those that were set aside name the decision.
    """

    client_id: str
    reference: str
    entries: list[Entry]
    calendar: Calendar
    unread: list[Unread] = field(default_factory=list[Unread])

    def owns(self, entry: Entry | Unread) -> bool:
        """Whether an entry stands in the client's own stream."""
        return entry.client_id == self.client_id

    @property
    def sequence(self) -> int:
        """The last sequence of the client's own stream, of entries that cannot be read as well."""
        return max((entry.sequence for entry in (*self.entries, *self.unread) if self.owns(entry)), default=0)

    @property
    def history(self) -> History:
        """What the entries add up to, for decisions."""
        unread = {entry.event_id: entry.type for entry in self.unread if entry.event_id}
        return History.of(self.client_id, self.entries, self.calendar, unread)

    @property
    def missing(self) -> list[Unread]:
        """The entries that cannot be read, and that nobody decided to go on without."""
        return [entry for entry in self.unread if entry.aside is None]

    @property
    def left_out(self) -> list[Unread]:
        """Everything that does not count for want of a reading: what is missing, and what was set aside, even where it
        can be read by now.
        """
        aside = set_aside(self.entries)
        known = [entry for entry in self.entries if entry.event_id in aside]
        return [*self.unread, *(left_out(entry, aside=SetAsideBy.of(aside[entry.event_id])) for entry in known)]


def survivor_of(log: EventLog, chart: OpenedChart) -> str | None:
    """The number of the chart that this one was merged into, if it was."""
    closed_into = journey_of(chart.entries).closed_into
    return log.reference(closed_into) if closed_into else None


def is_registered(log: EventLog, reference: str) -> bool:
    """Whether the chart of a number has a registration, whatever became of it."""
    return any(isinstance(entry.event, ClientRegistered) for entry in read_stream(log, log.client_id(reference)))


class NoSuchPlaceError(ExpectedError, LookupError, kind="not-found"):
    """The chart has no entry of this number."""

    def __init__(self, last: int) -> None:
        """Say which there are."""
        super().__init__(f"this chart has entries 1 to {last}: give one of them")


def at_entry(chart: OpenedChart, log: EventLog, sequence: int) -> OpenedChart:
    """A chart as it stood when an entry of its own stream was the last one, with what was merged into it by then.

    Raises:
        NoSuchPlaceError: it has no such entry.
    """
    if not 1 <= sequence <= chart.sequence:
        raise NoSuchPlaceError(chart.sequence)
    unread: list[Unread] = []

    def stream(client_id: str, before: int | None = None) -> list[Entry]:
        return read_stream(log, client_id, before, opened=True, left=unread)

    stream_entries = read_stream(
        log, chart.client_id, opened=True, left=unread, known=lambda entry: entry.sequence <= sequence
    )
    unread[:] = [entry for entry in unread if not chart.owns(entry) or entry.sequence <= sequence]
    entries = applicable(with_merged(stream_entries, stream), unread)
    return replace(chart, entries=entries, unread=_decided(log, entries, unread))


def last_recorded(chart: OpenedChart) -> datetime | None:
    """When the newest of a chart's own entries was recorded; None where none of them can be read."""
    known = (*chart.entries, *chart.unread)
    return max((entry.recorded_at for entry in known if chart.owns(entry) and entry.recorded_at), default=None)


def open_chart(log: EventLog, reference: str, *, merged: bool = True, as_of: int | None = None) -> OpenedChart:
    """The chart of a chart number; as known at ``as_of`` (µs UTC): without what was recorded or merged later.

    Raises:
        NoSuchChartError: nothing is recorded under it.
        NotKnownThenError: nothing was recorded under it then.
    """
    unread: list[Unread] = []

    def known(entry: Entry) -> bool:
        return as_of is None or entry.recorded <= as_of

    def stream(client_id: str, before: int | None = None) -> list[Entry]:
        return read_stream(log, client_id, before, opened=True, left=unread, known=known)

    client_id = log.client_id(reference)
    entries = stream(client_id)
    if not entries and not _known_then(unread, as_of):
        raise NotKnownThenError if as_of is not None and log.recorder.streams([client_id]) else NoSuchChartError
    if merged:
        entries = applicable(with_merged(entries, stream), unread)
    number = log.reference(client_id) or reference
    return OpenedChart(client_id, number, entries, log.calendar, _decided(log, entries, _known_then(unread, as_of)))


def _decided(log: EventLog, entries: Sequence[Entry], unread: list[Unread]) -> list[Unread]:
    """The unread entries with their ids, and with what these entries decide of them."""
    if not unread:
        return []
    aside = places_set_aside(log, entries)
    named = (
        entry if entry.event_id else replace(entry, event_id=event_id_at(log.recorder, entry.position))
        for entry in unread
    )
    return [replace(o, aside=SetAsideBy.of(aside[o.position])) if o.position in aside else o for o in named]


def _known_then(unread: list[Unread], as_of: int | None) -> list[Unread]:
    """Those that were recorded by then, or nobody knows when."""
    return [
        entry
        for entry in unread
        if as_of is None or entry.recorded_at is None or microseconds(entry.recorded_at) <= as_of
    ]
