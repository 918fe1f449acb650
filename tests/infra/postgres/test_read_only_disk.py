"""The server may not open its own files, as on a disk that turned read-only: away for now, not a right that is missing."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from infra.eventstore.setup import UNAVAILABLE, open_log
from tests.day import UTC_DAYS
from tests.infra.postgres.conftest import MASTER
from tests.infra.postgres.servers import Server
from tests.infra.postgres.test_connection_loss import an_append
from tests.spec import NOW


def file_of(server: Server, name: str) -> Path:
    with psycopg.connect(server.admin(name)) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_relation_filepath('carejourney_events')").fetchone()
    assert row
    return server.folder / "data" / row[0]


def test_writers_and_readers_are_told_to_wait(server: Server) -> None:
    name = server.database()
    log = open_log(server.url(name), bytes.fromhex(MASTER), UTC_DAYS, lambda: NOW)
    log.append(an_append("A-1"))
    file = file_of(server, name)
    file.chmod(0o400)
    server.terminate(name)  # who has the file open may go on writing it
    for work in (lambda: log.append(an_append("A-1")), lambda: log.recorder.page(0, 10)):
        with pytest.raises(UNAVAILABLE):
            work()
    file.chmod(0o600)
    assert log.append(an_append("A-1")).sequence == 2
    assert len(log.recorder.page(0, 10)) == 2
    log.close()
