"""The demo's content: a simulated programme up to now, recorded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson

from infra.eventstore.log import EventLog
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.interop.importers.events.origin import Origin
from infra.simulator import definitions, simulate

_BATCH = 200_000  # the usual demo goes in as one transaction: all of it or nothing
_FINGERPRINT = b"demo"


def fill(log: EventLog, clients: int, seed: int, progress: Callable[[int], None] | None = None) -> int:
    """Record ``clients`` simulated clients unless the log holds something already; gives the entries in it."""
    if log.head():
        return log.head()
    now = log.clock()
    lines = _simulated(log, clients, seed, progress)
    number = 0
    origin = Origin()
    while batch := list(islice(lines, _BATCH)):
        prepared = [
            prepare(number + i, orjson.dumps(line), _FINGERPRINT, now, keep_recorded_at=True)
            for i, line in enumerate(batch)
        ]
        number += len(batch)
        write_batch(log, prepared, origin)
    return log.head()


def _simulated(
    log: EventLog, clients: int, seed: int, progress: Callable[[int], None] | None
) -> Iterator[dict[str, Any]]:
    yield from definitions(until=log.clock(), calendar=log.calendar)
    for number, lines in enumerate(simulate(clients, seed, until=log.clock(), calendar=log.calendar), start=1):
        yield from map(dict, lines)
        if progress:
            progress(number)
