"""Rebuild every read model from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.application import Application

from infra.bootstrap import Services
from infra.eventstore.mapper import decode
from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, interleaved, timed, timed_cpu
from tests.bench.peers import bulk_load, library_at
from tests.day import UTC_DAYS

PEER = "eventsourcing events into one counter, one event a transaction as its ProjectionRunner does (wall time)"

GOAL = "≥ 0.24 × limit"


def run(setup: Setup) -> Iterator[Row]:
    """Long charts, and two entries a client; all read models together, one process."""
    files = (
        ("150 entries a client", data.charts(setup.folder, setup.size(400, 4_000))),
        ("2 entries a client", data.ended_stays(setup.folder, setup.size(30_000, 300_000))),
    )
    for what, file in files:
        with data.opened(setup.folder) as services:
            import_file(services.log, str(file))
            app = library_at(setup.folder / f"{uuid4().hex}.lib")
            bulk_load(app, file.read_bytes().splitlines()[:2_000])
            rates = interleaved(
                {
                    "limit": lambda services=services: _decode(services),
                    "peer": lambda app=app: _one_by_one(setup.folder, app),
                    "ours": lambda services=services: services.log.head() / timed_cpu(services.projector.rebuild),
                }
            )
            app.close()
        ours = rates["ours"]
        limit_is = "read + decode to typed events"
        yield Row(
            f"rebuild of all read models, {what}",
            "events/CPU s",
            ours,
            rates["limit"],
            limit_is,
            rates["peer"],
            PEER,
            GOAL,
            ours >= 0.24 * rates["limit"],
        )


def _decode(services: Services) -> float:
    def read() -> None:
        position = 0
        while rows := services.log.recorder.page(position, 5_000):
            for row in rows:
                decode(row, None, UTC_DAYS)
            position = rows[-1].position

    return services.log.head() / timed_cpu(read)


def _one_by_one(folder: Path, app: Application[UUID], events: int = 1_000) -> float:
    path = folder / f"{uuid4().hex}.view"
    view = sqlite3.connect(path, isolation_level=None)
    view.execute("PRAGMA journal_mode=WAL")
    view.execute("CREATE TABLE counted (name TEXT PRIMARY KEY, n INTEGER, position INTEGER)")
    found = app.recorder.select_notifications(0, events)

    def project() -> None:
        for stored in islice(found, events):
            name = type(app.mapper.to_domain_event(stored)).__name__
            view.execute("BEGIN IMMEDIATE")
            view.execute(
                "INSERT INTO counted VALUES (?,1,?) ON CONFLICT (name) DO UPDATE SET n=n+1, position=excluded.position",
                (name, stored.id),
            )
            view.execute("COMMIT")

    seconds = timed(project)
    view.close()
    path.unlink()
    return len(found) / seconds
