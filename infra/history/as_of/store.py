"""As-of store: temporary read models as of a recorded time.

It is the live projector over another log: one that holds what was known then. So folds, tables and queries are those
of the live read models. Their rows are kept in a database without a name (``connecting.TEMPORARY``), wherever the log
is: nothing else can open it, memory stays flat, and neither the end nor a crash leaves anything of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from domain.entries import microseconds
from infra.history.as_of.overlay_databases import overlaid_reads
from infra.history.as_of.recorder import log_as_of
from infra.history.as_of.touched import Touched
from infra.readmodels.connections import TEMPORARY
from infra.readmodels.fold import Folded, fold_clients
from infra.readmodels.projector import CLIENTS_AT_ONCE, chunks
from infra.readmodels.readstore import ReadStore
from infra.readmodels.writer import Writers
from projections.base import ReadModel
from projections.catalogue import READ_MODELS

if TYPE_CHECKING:
    from infra.history.as_of.context import HasKnowledge

Progress = Callable[[int, int], None]
S = TypeVar("S", bound="HasKnowledge")


@contextmanager
def store_as_of(
    services: S,
    at: datetime,
    models: Sequence[ReadModel] = READ_MODELS,
    clients: Sequence[str] | None = None,
    progress: Progress | None = None,
    until: int | None = None,
) -> Generator[S]:
    """The services as they would have answered at ``at`` (aware): its log, its read models, and its clock.

    A moment to come is the latest one. ``clients`` fills in these streams only. ``progress`` is called with
    (position, head); ``until`` is as in ``opened_then``. Nothing of it is left when the block ends. It is for one
    thread at a time.
    """
    store = opened_then(services, at, models, until)
    try:
        if clients is None:
            store.projector.catch_up(progress)
        else:
            _fill(store, clients)
        yield store
    finally:
        store.reads.close()


def opened_then(services: S, at: datetime, models: Sequence[ReadModel], until: int | None = None) -> S:
    """The services of a moment with empty read models; who opens them closes ``reads``.

    With ``until``, what stands behind that position of the log is left out.
    """
    log = log_as_of(services.log, services.knowledge, microseconds(at), until)
    reads = ReadStore(TEMPORARY, models, log.calendar)
    return services.over(log, reads, lambda: min(at, services.now()))


def opened_over_live(services: S, at: datetime, models: Sequence[ReadModel], until: int | None = None) -> S:
    """The same, over the live read models as they are (see ``overlay``).

    Raises:
        NoOverlayError: they are not to be had so, or a replay is as quick.
    """
    moment = microseconds(at)
    log = log_as_of(services.log, services.knowledge, moment, until)
    touched = Touched(services.log, log, models, moment, until)
    reads = overlaid_reads(services.reads, models, log.calendar, services.knowledge, touched)
    return services.over(log, reads, lambda: min(at, services.now()))


def put(reads: ReadStore, folded: Folded | None) -> None:
    """Hold this one client alone, or nobody."""
    with reads.writing() as connection:
        generations = reads.generations(connection)
        for generation in generations:
            for table in generation.own_tables():
                connection.exec_driver_sql(f"DELETE FROM {table.name}")
        if folded is not None:
            writers = Writers(connection, generations)
            writers.write([folded], [{} for _ in generations])
            writers.finish()


def _fill(then: HasKnowledge, clients: Sequence[str]) -> None:
    models = list(then.reads.models.values())
    with then.reads.writing() as connection:
        writers = Writers(connection, then.reads.generations(connection))
        for client_ids in chunks(clients, CLIENTS_AT_ONCE):
            writers.write(list(fold_clients(then.log, models, client_ids)), [{} for _ in models])
        writers.finish()
