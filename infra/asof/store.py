"""Read models as they were at a knowledge time: filled in one pass, beside the live ones, and gone afterwards.

They are a SQLite file in a folder that only this user can read, whatever the log is kept in. The folds, the tables
and the queries are those of the live read models; only what a fold is given differs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from domain.entries import microseconds
from infra.asof.folding import fold_known
from infra.collecting import collector_paused
from infra.projector.folding import Folded
from infra.projector.projector import Projector
from infra.projector.readstore import ReadStore
from infra.projector.writing import Writers
from infra.services import Services
from infra.store.log import EventLog
from projections.base import ReadModel
from projections.catalogue import READ_MODELS
from projections.filters import FilterError

_PAGE = 20_000
_CLIENTS_AT_ONCE = 200

Progress = Callable[[int, int], None]


@contextmanager
def known_then(
    services: Services,
    at: datetime,
    models: Sequence[ReadModel] = READ_MODELS,
    clients: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Generator[Services]:
    """The services as they would have answered at ``at`` (aware): its read models, and its clock.

    A moment to come is the latest one. ``clients`` fills in these streams only. ``progress`` is called with
    (position, head). Nothing of it is left when the block ends.
    """
    then = min(at, services.now())
    folder = Path(tempfile.mkdtemp(prefix="carejourney-as-of-"))
    reads = ReadStore(f"sqlite:///{folder / 'then.db'}", models)
    try:
        fill(services.log, reads, microseconds(then), clients, progress)
        own = replace(services, reads=reads, projector=Projector(services.log, reads), clock=lambda: then)
        if "people" in vars(services):
            vars(own)["people"] = services.people
        yield own
    finally:
        reads.close()
        shutil.rmtree(folder, ignore_errors=True)


def check_month(at: datetime) -> None:
    """Refuse a knowledge time that is not the beginning of a month, for people who see no clients.

    Two answers of neighbouring moments differ by what one client's entry did to them.

    Raises:
        FilterError: the moment is within a month.
    """
    if (at.day, at.hour, at.minute, at.second, at.microsecond) != (1, 0, 0, 0, 0):
        msg = "this role asks as of the beginning of a month, as 2026-02-01T00:00:00Z"
        raise FilterError(msg)


def empty(reads: ReadStore) -> None:
    """Take every row out again, so that the tables can be filled anew."""
    with reads.writing() as connection:
        for generation in reads.generations(connection):
            for table in generation.own_tables():
                connection.execute(table.delete())


def put(reads: ReadStore, found: Folded) -> None:
    """Hold this one client alone."""
    empty(reads)
    with reads.writing() as connection:
        generations = reads.generations(connection)
        writers = Writers(connection, generations)
        writers.write([found], [{} for _ in generations])
        writers.finish()


def fill(
    log: EventLog, reads: ReadStore, at: int, clients: Sequence[str] | None = None, progress: Progress | None = None
) -> None:
    """Fold every client, or these, as known at ``at`` (µs UTC), into empty read models, in one transaction."""
    head = log.head()
    models = list(reads.models.values())
    with reads.writing() as connection, collector_paused():
        writers = Writers(connection, reads.generations(connection))
        for position, ids in _runs(log, connection, clients):
            found = list(fold_known(log, models, ids, at, head))
            writers.write(found, [{} for _ in models])
            if progress:
                progress(position, head)
        writers.finish()
        reads.move(connection, reads.generations(connection), head)


def _runs(log: EventLog, connection: Connection, clients: Sequence[str] | None) -> Generator[tuple[int, Sequence[str]]]:
    """Clients in runs, each once, with the position up to which the log was looked through."""
    if clients is not None:
        for start in range(0, len(clients), _CLIENTS_AT_ONCE):
            yield 0, clients[start : start + _CLIENTS_AT_ONCE]
        return
    connection.exec_driver_sql("CREATE TEMP TABLE met (client_id TEXT PRIMARY KEY) WITHOUT ROWID")
    position = 0
    while page := log.recorder.touched(position, _PAGE):
        position = page[-1][0]
        fresh = _fresh(connection, sorted({client_id for _, client_id, _ in page}))
        for start in range(0, len(fresh), _CLIENTS_AT_ONCE):
            yield position, fresh[start : start + _CLIENTS_AT_ONCE]


def _fresh(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those not met before; from now on they are. In a table, so that memory does not grow with the log."""
    fresh: list[str] = []
    for client_id in ids:
        done = connection.exec_driver_sql("INSERT OR IGNORE INTO met VALUES (?)", (client_id,))
        if done.rowcount:
            fresh.append(client_id)
    return fresh
