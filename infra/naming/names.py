"""Which names a client has, from the entries that count."""

from __future__ import annotations

from collections.abc import Sequence

from domain.entries import effective
from domain.events import ClientErased
from domain.journey import journey_of
from infra.store.keyring import Sealer
from infra.store.log import EventLog
from infra.store.rows import LogRow
from projections.chart import with_merged
from projections.clinical import details

NAMING = frozenset({"ClientRegistered", "ClientDetailsUpdated"})
_AMENDING = frozenset({"EntryCorrected", "EntryRetracted", "ChartsMerged", "ChartClosed", "ClientErased"})
RELEVANT = NAMING | _AMENDING


def kind(row: LogRow) -> str:
    """The type of a stored row."""
    return row.topic.partition(".")[0]


def names_of(log: EventLog, rows: Sequence[LogRow], sealer: Sealer | None) -> list[str]:
    """A client's names, the latest one first; none for a chart that is erased or merged into another.

    Raises:
        UnreadableEntryError: an entry is of a type or version that this release does not know.
    """
    if sealer is None:
        return []
    kinds = {kind(row) for row in rows}
    if kinds.isdisjoint(_AMENDING):  # most charts: what nobody amended can be read alone
        return details.names_of(effective([log.entry(row, sealer) for row in rows if kind(row) in NAMING]))
    entries = [log.entry(row, sealer) for row in rows]
    if journey_of(entries).closed_into is not None or any(isinstance(e.event, ClientErased) for e in entries):
        return []
    return details.names_of(effective(with_merged(entries, lambda other: log.stream(other, opened=True))))
