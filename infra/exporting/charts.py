"""Every chart of the log, one after another, in memory that does not grow with its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infra.store.log import EventLog
from infra.store.mapper import decode
from infra.store.rows import LogRow
from projections.chart import Chart, with_merged

_PAGE = 20_000
_CLIENTS_AT_ONCE = 200

Progress = Callable[[int, int], None]


def charts(log: EventLog, *, opened: bool = False, progress: Progress | None = None) -> Iterator[Chart]:
    """Charts in the order of their first entry, corrections and merges applied; those merged into another are left out.

    ``opened`` also opens personal fields. ``progress`` is called with (position, head).

    Raises:
        UnreadableEntryError: an entry is of a type or version that this release does not know.
    """
    head = log.head()
    for client_ids, position in _clients(log):
        for client_id, rows in log.streams(client_ids):
            chart = _chart(log, client_id, rows, opened=opened)
            if not chart.closed:
                yield chart
        if progress:
            progress(position, head)


def _chart(log: EventLog, client_id: str, rows: list[LogRow], *, opened: bool) -> Chart:
    sealer = log.sealer(client_id) if opened else None
    entries = [decode(row, sealer) for row in rows]
    merged = with_merged(entries, lambda other: log.stream(other, opened=opened))
    return Chart(client_id, rows[-1].sequence, merged)


def _clients(log: EventLog) -> Iterator[tuple[list[str], int]]:
    """Clients not met before, in runs, with the position up to which the log was looked through."""
    seen: set[str] = set()
    position = 0
    while page := log.recorder.touched(position, _PAGE):
        position = page[-1][0]
        fresh = list(dict.fromkeys(client_id for _, client_id, _ in page if client_id not in seen))
        seen.update(fresh)
        for start in range(0, len(fresh), _CLIENTS_AT_ONCE):
            yield fresh[start : start + _CLIENTS_AT_ONCE], position
