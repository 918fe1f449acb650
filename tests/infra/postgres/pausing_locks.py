"""A process that stops itself with a lock of the read database in its hands: see ``pausing``.

``python -m tests.infra.postgres.pausing_locks WHERE URL``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from infra.bootstrap import Services, open_services
from infra.eventstore.rows import LogRecorder
from infra.privacy.names.index import NameIndex
from infra.publications import reporting_sql
from infra.readmodels.ownership import Moved, advance
from infra.settings import Settings
from tests.infra.postgres.pausing import before, pause
from tests.spec import KEY, NOW

TOPIC = "care.entries"


def in_the_midst(services: Services) -> None:
    """A statement is sent and no Sync after it: the server takes the session for active."""
    with services.names.writing() as connection:
        _in_a_pipeline(connection, "DELETE FROM name_token")


def between_two_statements(services: Services) -> None:
    """The client's old marks are gone, the new ones are not there yet."""
    before("_add", NameIndex)
    services.names.rebuild()


def publishing(services: Services) -> None:
    """The schema's lock is taken, and half a statement sent: the server takes the session for active."""

    def asked(_: LogRecorder, connection: Connection) -> int:
        _in_a_pipeline(connection, "SELECT 1")
        return 0

    reporting_sql._missing = asked  # type: ignore[attr-defined]
    reporting_sql.refresh(services.log.recorder, services.reads)


def _in_a_pipeline(connection: Connection, sql: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.pipeline():
        driver.execute(sql)
        pause()


def owning_partitions(services: Services) -> None:
    """A worker within its batch, as ``publishing``."""
    with services.reads.sharing() as connection:
        advance(connection, TOPIC, {1: Moved(1, 10, 10)})
        _in_a_pipeline(connection, "SELECT 1")


WORK: dict[str, Callable[[Services], None]] = {
    work.__name__: work for work in (in_the_midst, between_two_statements, publishing, owning_partitions)
}


def opened(url: str, folder: Path) -> Services:
    key = SecretStr(KEY.hex())
    settings = Settings(database_url=SecretStr(url), master_key=key, erasure_ledger=folder / "erasures")
    return open_services(settings, lambda: NOW)


def main(where: str, url: str, folder: str) -> None:
    """Pause there once, then go on, and say what it came to."""
    services = opened(url, Path(folder))
    try:
        WORK[where](services)
        print("written", flush=True)
    except DBAPIError:
        print("refused", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
