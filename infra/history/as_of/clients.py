"""One client as of a recorded time: the status row, and every derived row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.entries import microseconds
from infra.history.as_of.context import HasKnowledge
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.store import store_as_of
from infra.history.changes.client import ClientEntries
from infra.history.changes.rows import client_rows
from projections.status.queries import client_status
from projections.status.rows import StatusRow


def status_at(
    services: HasKnowledge, client_id: str, at: datetime | None, until: int | None = None
) -> StatusRow | None:
    """A client's status, now or as known at ``at`` (aware); None where there is none, as of a chart that was merged.

    With ``until``, what stands behind that position of the log is left out.
    """
    if at is None:
        with services.reads.reading() as connection:
            return client_status(connection, client_id, services.today())
    past = store_as_of(services, at, models_of("status"), clients=[client_id], until=until)
    with past as then, then.reads.reading() as connection:
        return client_status(connection, client_id, then.today())


def rows_at(services: HasKnowledge, client_id: str, at: datetime | None) -> dict[str, list[dict[str, Any]]]:
    """Every row that read models derive of a client, by table: folded from the log, now or as known at ``at``."""
    moment = min(at, services.now()) if at else services.now()
    return client_rows(ClientEntries(services.log, client_id), microseconds(moment))
