"""Overlay databases: how a moment's tables and the live ones come together on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from domain.days import Calendar
from infra.history.as_of.overlay import NoOverlayError, OverlaidReads
from infra.history.as_of.overlay_views import Schemas
from infra.history.as_of.recorded_blocks import Knowledge
from infra.history.as_of.touched import Touched, touched_table
from infra.migrations.model import MigrationError
from infra.readmodels.connections import TEMPORARY, session_of
from infra.readmodels.generations import Generation
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel
from projections.catalogue import READ_MODELS


def overlaid_reads(
    live: ReadStore, models: Sequence[ReadModel], calendar: Calendar, knowledge: Knowledge, touched: Touched
) -> OverlaidReads:
    """The read models of a moment over live ones, in the database that these are in.

    Raises:
        NoOverlayError: it is in memory, or this login may make no temporary table there.
    """
    if live.is_sqlite:
        if not Path(_path(live)).is_file():
            raise NoOverlayError
        return _OverSQLite(TEMPORARY, live, models, calendar, knowledge, touched)
    try:
        return _OverPostgreSQL(live.url, live, models, calendar, knowledge, touched)
    except (DBAPIError, MigrationError) as error:
        raise NoOverlayError from error


class _OverSQLite(OverlaidReads):
    """In a database without a name, to which the live one is attached; its views stay until others are live."""

    schemas = Schemas("live", "main")
    begin = "BEGIN"

    def migrate(self) -> None:
        super().migrate()
        with self.engine.connect() as connection:
            connection.exec_driver_sql("ATTACH DATABASE ? AS live", (f"file:{quote(_path(self._live))}?mode=ro",))
            connection.exec_driver_sql("PRAGMA live.cache_size=-32768")
            connection.exec_driver_sql(touched_table(self.schemas.here, " WITHOUT ROWID"))

    def _version(self, connection: Connection) -> object:
        return connection.exec_driver_sql("PRAGMA live.data_version").scalar_one()

    def _lay(self, connection: Connection, generations: Sequence[Generation]) -> None:
        super()._lay(connection, generations)
        for name, selection in self._selections().items():
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS temp.{name}")
            connection.exec_driver_sql(f"CREATE TEMP VIEW {name} AS {selection}")
        for model in READ_MODELS:
            for table in () if model.name in self.models else model.all_tables:
                # else the name would mean the live table: numbers of now as numbers of then
                sql = f"CREATE TEMP VIEW IF NOT EXISTS {table.name} AS SELECT * FROM main.not_of_this_moment"
                connection.exec_driver_sql(sql)

    @contextmanager
    def _shown(self, connection: Connection) -> Generator[None]:  # noqa: ARG002 - they are there
        yield


class _OverPostgreSQL(OverlaidReads):
    """In the temporary tables of one session; a name without its schema means one of these, never a live table.

    A view over a live table would keep it from being dropped. So views are there within one transaction, whose locks a
    switch of generations waits for as for any reader's.
    """

    begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

    def _opened(self, url: str) -> Engine:
        engine = session_of(url)
        with engine.connect() as connection:
            live = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid=to_regclass('generation')"
            self.schemas = Schemas(connection.exec_driver_sql(live).scalar_one(), "pg_temp")
            connection.exec_driver_sql("SET search_path TO pg_temp")
            connection.commit()
        return engine

    def migrate(self) -> None:
        self._sharded = False
        try:
            super().migrate()
            with self.engine.begin() as connection:
                connection.exec_driver_sql(touched_table(self.schemas.here, ""))
        except BaseException:
            self.close()
            raise

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction of this session, which nobody else writes to."""
        with self.engine.begin() as connection:
            yield connection

    def _version(self, connection: Connection) -> object:
        return connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()

    @contextmanager
    def _shown(self, connection: Connection) -> Generator[None]:
        views = connection.begin_nested()
        for name, selection in self._selections().items():
            connection.exec_driver_sql(f"CREATE TEMP VIEW {name} AS {selection}")
        try:
            yield
        finally:
            views.rollback()


def _path(live: ReadStore) -> str:
    return live.url.removeprefix("sqlite:///")
