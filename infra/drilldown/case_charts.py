"""Charts of a page of cases, decoded as far as their entries need."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events import ChartsMerged, EntryCorrected, EntryRetracted, EntrySetAside, EntryTakenUp, OverlapResolved
from infra.eventstore.asides import ChartReading
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.readmodels.fold import load_chart
from projections.chart import Chart

_AMENDING = frozenset(cls.__name__ for cls in (EntryCorrected, EntryRetracted))
_DECIDING = frozenset(cls.__name__ for cls in (OverlapResolved, EntrySetAside, EntryTakenUp))


def charts_read(log: EventLog, client_ids: Sequence[str], types: frozenset[str]) -> dict[str, Chart]:
    """The charts of clients, each with at least its entries of these types, amended as they are.

    Raises:
        UnreadableEntryError: an entry's type, version or payload is not known here.
    """
    return {
        client_id: load_chart(log, client_id, _kept(log, rows, types)) for client_id, rows in log.streams(client_ids)
    }


def _kept(log: EventLog, rows: Sequence[LogRow], types: frozenset[str]) -> Sequence[LogRow]:
    """The rows of these types, those that amend, and those that are amended: a correction may change the type."""
    names = [row.topic.partition(".")[0] for row in rows]
    if ChartsMerged.__name__ in names:
        return rows
    amending = [row for row, name in zip(rows, names, strict=True) if name in _AMENDING | _DECIDING]
    events = [entry.event for entry in ChartReading(log).entries(amending)]
    targets = [_target(event) for event in events if isinstance(event, EntryCorrected | EntryRetracted)]
    wanted = types | _AMENDING | _DECIDING
    kept = [
        row
        for row, name in zip(rows, names, strict=True)
        if name in wanted or any(target in row.state for target in targets)
    ]
    return kept or rows[:1]


def _target(amendment: EntryCorrected | EntryRetracted) -> bytes:
    """What the stored state of the entry that is amended holds: its id."""
    return b'"i":"%b"' % amendment.target.hex.encode()
