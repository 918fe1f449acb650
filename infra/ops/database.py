"""A whole database: every component brought up, told about, and given its roles."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from infra.access_log.setup import LOG_NAME
from infra.access_log.tables import create_tables
from infra.eventstore.conninfo import connection_parameters, is_postgres
from infra.eventstore.setup import open_recorder
from infra.migrations.model import Component, Dialect, Execute, MigrationError
from infra.migrations.roles import PROJECTOR, roles_sql
from infra.migrations.runner import applied_at, current
from infra.migrations.steps import ACCESS, AUDIT, PUBLICATIONS, READ_MODELS, RELAY, REPORTING, log_component
from infra.publications.reporting_sql import refresh
from infra.readmodels.readstore import ReadStore
from infra.settings import Settings, sqlite_path
from projections.catalogue import READ_MODELS as MODELS


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """A component's version in the database, the one of this release, and since when it has it."""

    component: str
    version: int
    newest: int
    applied_at: str


def migrate(settings: Settings) -> None:
    """Make and bring up every table, and give the roles (if there are any) their rights on what is new.

    Raises:
        MigrationError: this login may not, or the database is of a newer release.
    """
    log_url = settings.database_url.get_secret_value()
    log = open_recorder(log_url)
    try:
        log.migrate(AUDIT)
        log.migrate(PUBLICATIONS)
        if is_postgres(log_url):
            log.migrate(RELAY)
    finally:
        log.close()
    access = open_recorder(settings.access_url, LOG_NAME)
    try:
        create_tables(access)
    finally:
        access.close()
    reads = ReadStore(settings.read_url, MODELS, settings.calendar)
    try:
        if not reads.is_sqlite:
            _publish_again(log_url, reads)
    finally:
        reads.close()
    if is_postgres(log_url) and _is_separated(log_url):
        apply_roles(settings)


def _publish_again(log_url: str, reads: ReadStore) -> None:
    """Bring the schema `reporting` up, with everything that was published."""
    log = open_recorder(log_url)
    try:
        refresh(log, reads)
    finally:
        log.close()


def status(settings: Settings) -> list[ComponentStatus]:
    """Every component's version; nothing is changed."""
    log_url = settings.database_url.get_secret_value()
    postgres = is_postgres(log_url)
    care, access = ("carejourney_events", f"{LOG_NAME}_events") if postgres else ("stored_events", f"{LOG_NAME}_events")
    parts = [
        (log_url, log_component(care, ())),
        (log_url, AUDIT),
        (log_url, PUBLICATIONS),
        *([(log_url, RELAY)] if postgres else []),
        (settings.access_url, log_component(access, ())),
        (settings.access_url, ACCESS),
        (settings.read_url, READ_MODELS),
        *([(settings.read_url, REPORTING)] if is_postgres(settings.read_url) else []),
    ]
    return [_status(url, component) for url, component in parts]


def apply_roles(settings: Settings) -> None:
    """Make the group roles and give them their rights.

    Raises:
        MigrationError: the database is none of PostgreSQL, is not migrated, or this login may not.
    """
    url = settings.database_url.get_secret_value()
    if not is_postgres(url) or {settings.read_url, settings.access_url} != {url}:
        raise MigrationError("roles are for log, read models and access log in one database of PostgreSQL")
    import psycopg

    # tables change their owner: who waits for a reader keeps all others waiting
    with psycopg.connect(**connection_parameters(url, lock_timeout="10s")) as connection:  # type: ignore[arg-type]
        try:
            connection.execute(roles_sql().encode())
        except psycopg.errors.LockNotAvailable:
            raise MigrationError(
                "a table is being read or written for long: nothing was changed, run it again"
            ) from None
        except psycopg.errors.UndefinedTable as error:
            msg = (
                f"not every table is there yet ({error.diag.message_primary}): run `carejourney database migrate` first"
            )
            raise MigrationError(msg) from None
        except psycopg.errors.InsufficientPrivilege as error:
            why = error.diag.message_primary
            msg = f"this login may not make or change roles ({why}): run it as a superuser, or give a superuser the SQL"
            raise MigrationError(f"{msg} of `carejourney database roles --print`") from None


def _is_separated(url: str) -> bool:
    """Whether the read models belong to the projectors' role already."""
    with _session(url) as (execute, _):
        sql = "SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass('generation')"
        return [row[0] for row in execute(sql, ())] == [PROJECTOR]


def _status(url: str, component: Component) -> ComponentStatus:
    with _session(url) as (execute, dialect):
        version = current(execute, dialect, component)
        since = applied_at(execute, dialect, component)
    return ComponentStatus(component.name, version, component.newest, since)


@contextmanager
def _session(url: str) -> Generator[tuple[Execute, Dialect]]:
    """Statements on a database as it is: nothing is made that is missing."""
    path = sqlite_path(url)
    if path is not None:
        where = f"file:{path}?mode=ro" if path.exists() else "file::memory:"
        with closing(sqlite3.connect(where, uri=True)) as embedded:
            yield lambda sql, params: embedded.execute(sql, params).fetchall(), "sqlite"
        return
    import psycopg

    with psycopg.connect(**connection_parameters(url)) as connection:  # type: ignore[arg-type]

        def execute(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
            return connection.execute(sql.replace("?", "%s").encode(), params).fetchall()

        yield execute, "postgresql"
