"""The peer: the `eventsourcing` library as its users use it, with its own mapper and its SQLite recorder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

NAMESPACE = UUID(int=0)


class Chart(Aggregate):
    """A chart that takes any entry."""

    @event("Opened")
    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.entries = 0

    @event("Recorded")
    def record(self, kind: str, occurred_at: str, data: dict[str, Any]) -> None:
        self.entries += 1

    @staticmethod
    def create_id(reference: str) -> UUID:
        return uuid5(NAMESPACE, reference)


def library_at(path: Path) -> Application[UUID]:
    """The library over a SQLite file."""
    env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path), "SQLITE_LOCK_TIMEOUT": "30"}
    return Application(env)


def bulk_load(app: Application[UUID], lines: Sequence[bytes], at_once: int = 50) -> int:
    """Save the lines' events, ``at_once`` of them a transaction; gives how many events were saved."""
    saved = 0
    changed: list[Chart] = []
    pending = 0
    for reference, entries in groupby(map(orjson.loads, lines), lambda line: line["client"]):
        chart = Chart(reference)
        pending += 1
        for part in _parts(entries, at_once):
            for entry in part:
                chart.record(entry["type"], entry["occurred_at"], entry["data"])
            pending += len(part)
            if chart not in changed:
                changed.append(chart)
            if pending >= at_once:
                app.save(*changed)
                saved, pending, changed = saved + pending, 0, []
    app.save(*changed)
    return saved + pending


def decoded(app: Application[UUID], page: int = 1_000) -> int:
    """Read the whole log, mapping each event; gives how many there were."""
    position, read = 0, 0
    while found := app.recorder.select_notifications(position, page, inclusive_of_start=False):
        read += sum(app.mapper.to_domain_event(stored) is not None for stored in found)
        position = found[-1].id
    return read


def _parts(items: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while part := list(islice(items, size)):
        yield part
