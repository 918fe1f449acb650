"""Read one client's chart from the log: opened, with the charts that were merged into it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.days import Calendar
from domain.decisions import History
from domain.entries import Entry, known_at
from domain.events import ClientRegistered
from domain.journey import journey_of
from infra.store.log import EventLog
from projections.chart import with_merged


class NoSuchChartError(LookupError):
    """Nothing is recorded under this chart number."""

    def __init__(self) -> None:
        """Never repeat the number: it may be a personal datum."""
        super().__init__("no chart has this number: check it, or register the client")


class NotKnownThenError(LookupError):
    """Nothing of this chart was recorded yet at the knowledge time that was asked for: no chart, not an empty one."""

    def __init__(self) -> None:
        """Say nothing of when it was."""
        super().__init__("not known then: the first entry of this chart was recorded later")


@dataclass(frozen=True, slots=True)
class OpenedChart:
    """A client's recorded entries with their personal fields, in the order of recording; all, or as known once.

    ``reference`` is the chart number as it was first given.
    """

    client_id: str
    reference: str
    entries: list[Entry]
    calendar: Calendar

    @property
    def sequence(self) -> int:
        """The last sequence of the client's own stream."""
        return max((entry.sequence for entry in self.entries if entry.client_id == self.client_id), default=0)

    @property
    def history(self) -> History:
        """What the entries add up to, for decisions."""
        return History.of(self.client_id, self.entries, self.calendar)


def survivor_of(log: EventLog, chart: OpenedChart) -> str | None:
    """The number of the chart that this one was merged into, if it was."""
    closed_into = journey_of(chart.entries).closed_into
    return log.reference(closed_into) if closed_into else None


def is_registered(log: EventLog, reference: str) -> bool:
    """Whether the chart of a number has a registration, whatever became of it."""
    return any(isinstance(entry.event, ClientRegistered) for entry in log.stream(log.client_id(reference)))


def open_chart(log: EventLog, reference: str, *, merged: bool = True, as_of: int | None = None) -> OpenedChart:
    """The chart of a chart number; as known at ``as_of`` (µs UTC): without what was recorded or merged later.

    Raises:
        NoSuchChartError: nothing is recorded under it.
        NotKnownThenError: nothing was recorded under it then.
    """

    def stream(client_id: str) -> list[Entry]:
        recorded = log.stream(client_id, opened=True)
        return recorded if as_of is None else known_at(recorded, as_of)

    client_id = log.client_id(reference)
    entries = stream(client_id)
    if not entries:
        raise NotKnownThenError if as_of is not None and log.recorder.streams([client_id]) else NoSuchChartError
    if merged:
        entries = with_merged(entries, stream)
    return OpenedChart(client_id, log.reference(client_id) or reference, entries, log.calendar)
