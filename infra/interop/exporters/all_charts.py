"""Every chart of the log, one after another, in memory that does not grow with its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from domain.entries import Entry
from infra.eventstore.asides import ChartReading
from infra.eventstore.keyring import MasterKeyError, of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.stream import keys_of, must_apply
from infra.eventstore.unreadable import UNREADABLE
from infra.interop.exporters.left_out import LeftOut
from projections.chart import Chart, with_merged

_PAGE = 20_000
_CLIENTS_AT_ONCE = 200

Progress = Callable[[int, int], None]


def charts(
    log: EventLog, *, opened: bool = False, progress: Progress | None = None, left: LeftOut | None = None
) -> Iterator[Chart]:
    """Charts in the order of their first entry, corrections and merges applied; those merged into another are left out.

    ``opened`` also opens personal fields. ``progress`` is called with (position, head). ``left`` takes the clients of
    whom an entry cannot be read; without it, the first of them ends the walk.

    Raises:
        UnreadableEntryError, UnappliedCorrectionError: an entry cannot be read here.
    """
    for client_id, sequence, entries in recorded(log, opened=opened, progress=progress, left=left):
        chart = Chart(client_id, sequence, entries)
        if not chart.closed:
            yield chart


def recorded(
    log: EventLog, *, opened: bool = False, progress: Progress | None = None, left: LeftOut | None = None
) -> Iterator[tuple[str, int, list[Entry]]]:
    """(stream, its last sequence, what was recorded) of every stream, with the charts that were merged into it.

    Streams that were merged into another come on their own as well. ``left`` as in ``charts``.

    Raises:
        UnreadableEntryError, UnappliedCorrectionError: as ``charts``.
    """
    head = log.head()
    for client_ids, position in _clients(log):
        ciphers, keyless = keys_of(log, client_ids) if opened else ({}, set[str]())
        for client_id, rows in log.streams(client_ids):
            try:
                if left is not None and client_id in keyless:
                    raise MasterKeyError
                reading = ChartReading(log)
                stream = reading.entries(rows, ciphers.get(client_id))
                entries = with_merged(stream, partial(reading.stream, opened=opened))
                must_apply(entries)
            except (*UNREADABLE, MasterKeyError) as error:
                if left is None:
                    raise
                left.add(client_id, error)
            else:
                yield client_id, rows[-1].sequence, entries
        if progress:
            progress(position, head)


def _clients(log: EventLog) -> Iterator[tuple[list[str], int]]:
    """Clients not met before, in runs, with the position up to which the log was looked through."""
    seen: set[str] = set()
    position = 0
    while page := log.recorder.touched(position, _PAGE):
        position = page[-1][0]
        clients = (client_id for _, client_id, _ in page if not of_provider(client_id))
        fresh = list(dict.fromkeys(client_id for client_id in clients if client_id not in seen))
        seen.update(fresh)
        for start in range(0, len(fresh), _CLIENTS_AT_ONCE):
            yield fresh[start : start + _CLIENTS_AT_ONCE], position
