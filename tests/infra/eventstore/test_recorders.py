"""Our recorders are the library's: its own suite of tests holds for them."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.sqlite import SQLiteDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase
from psycopg.conninfo import conninfo_to_dict

from infra.eventstore.postgres import PostgresLogRecorder
from infra.eventstore.sqlite import SQLiteLogRecorder


class TestSQLiteRecorder(ApplicationRecorderTestCase[SQLiteLogRecorder]):
    """On a file."""

    def setUp(self) -> None:
        """A fresh file."""
        self.threads = set(threading.enumerate())
        self.folder = TemporaryDirectory()
        self.datastore = SQLiteDatastore(str(Path(self.folder.name) / "log.db"), originator_id_type="text")

    def tearDown(self) -> None:
        """No file is left. The library's suite leaves readers running: closing under them would crash SQLite."""
        for thread in set(threading.enumerate()) - self.threads:
            thread.join(30)
        self.datastore.close()
        self.folder.cleanup()

    def create_recorder(self) -> SQLiteLogRecorder:
        """A recorder with its tables."""
        recorder = SQLiteLogRecorder(self.datastore)
        recorder.create_table()
        return recorder

    def new_originator_id(self) -> str:
        """Ids are text on this store."""
        return uuid4().hex

    test_performance = None  # type: ignore[assignment]  # measurements belong to the benchmarks
    test_concurrent_throughput = None  # type: ignore[assignment]


class TestPostgresRecorder(ApplicationRecorderTestCase[PostgresLogRecorder]):
    """On a server."""

    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    @pytest.fixture(autouse=True)
    def _database(self, postgres_url: str) -> Any:
        parts = conninfo_to_dict(postgres_url)
        given: dict[str, Any] = {name: str(parts[name]) for name in ("dbname", "host", "port", "user", "password")}
        self.datastore = PostgresDatastore(**given, pool_size=5, max_overflow=10)
        yield
        self.datastore.close()

    def create_recorder(self) -> PostgresLogRecorder:
        """A recorder with its tables."""
        recorder = PostgresLogRecorder(self.datastore, events_table_name="events")
        recorder.create_table()
        return recorder

    def new_originator_id(self) -> UUID:
        """Ids are UUIDs on this store."""
        return uuid4()

    test_performance = None  # type: ignore[assignment]  # measurements belong to the benchmarks
    test_concurrent_throughput = None  # type: ignore[assignment]
