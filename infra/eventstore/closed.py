"""Set of charts closed by a merge, read within a write transaction."""

from __future__ import annotations

from domain.events import ChartClosed
from infra.eventstore.rows import Writing


class ClosedCharts:
    """Follows the log, so that a batch of an import costs no look at the streams of its clients."""

    def __init__(self) -> None:
        """Know of none yet: the first look is at the whole log."""
        self._position = 0
        self._streams = set[str]()

    def known(self, tx: Writing) -> frozenset[str]:
        """The streams that hold an entry by which a merge closed them, whether or not it still counts."""
        table, place = tx.events_table, tx.position_column
        [(head,)] = tx.rows(f"SELECT COALESCE(MAX({place}), 0) FROM {table}")
        if head > self._position:
            sql = f"SELECT DISTINCT originator_id FROM {table} WHERE {place}>? AND {place}<=? AND topic LIKE ?"
            rows = tx.rows(sql, (self._position, head, f"{ChartClosed.__name__}.%"))
            self._streams |= {client_id if isinstance(client_id, str) else client_id.hex for (client_id,) in rows}
            self._position = head
        return frozenset(self._streams)
