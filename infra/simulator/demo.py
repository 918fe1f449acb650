"""The demo's content: a simulated programme up to now, recorded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson

from infra.eventstore.log import EventLog
from infra.identity.people import in_demo
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.interop.importers.events.origin import Origin
from infra.simulator import definitions, simulate

_BATCH = 200_000  # the usual demo goes in as one transaction: all of it or nothing
_FINGERPRINT = b"demo"
_SOMEBODY = b'"sim-mesa-clinician-1"'
_WHO_SIGNS_IN = orjson.dumps(in_demo("clinician").name)


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
            prepare(number + i, _handed(orjson.dumps(line)), _FINGERPRINT, now, keep_recorded_at=True)
            for i, line in enumerate(batch)
        ]
        number += len(batch)
        write_batch(log, prepared, origin)
    return log.head()


def _handed(line: bytes) -> bytes:
    """A line with one clinician's work in the name of who signs in as clinician: *mine* is no empty list to them."""
    return line.replace(_SOMEBODY, _WHO_SIGNS_IN)


def _simulated(
    log: EventLog, clients: int, seed: int, progress: Callable[[int], None] | None
) -> Iterator[dict[str, Any]]:
    yield from definitions(until=log.clock(), calendar=log.calendar)
    for number, lines in enumerate(simulate(clients, seed, until=log.clock(), calendar=log.calendar), start=1):
        yield from map(dict, lines)
        if progress:
            progress(number)
