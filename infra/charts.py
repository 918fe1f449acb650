"""Read one client's chart from the log: opened, with the charts that were merged into it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.entries import Entry
from infra.store.log import EventLog
from projections.chart import with_merged


class NoSuchChartError(LookupError):
    """Nothing is recorded under this chart number."""

    def __init__(self) -> None:
        """Never repeat the number: it may be a personal datum."""
        super().__init__("no chart has this number: check it, or register the client")


@dataclass(frozen=True, slots=True)
class OpenedChart:
    """A client's recorded entries with their personal fields, in the order of recording."""

    client_id: str
    reference: str
    entries: list[Entry]

    @property
    def sequence(self) -> int:
        """The last sequence of the client's own stream."""
        return max((entry.sequence for entry in self.entries if entry.client_id == self.client_id), default=0)


def open_chart(log: EventLog, reference: str, *, merged: bool = True) -> OpenedChart:
    """The chart of a chart number.

    Raises:
        NoSuchChartError: nothing is recorded under it.
    """
    client_id = log.client_id(reference)
    entries = log.stream(client_id, opened=True)
    if not entries:
        raise NoSuchChartError
    if merged:
        entries = with_merged(entries, lambda other: log.stream(other, opened=True))
    return OpenedChart(client_id, reference, entries)
