"""Connections to the read database, SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, StaticPool, create_engine, event

from infra.eventstore.conninfo import connection_parameters
from infra.runtime.private_files import make_private, make_private_folder

TEMPORARY = "sqlite:"  # a database that nobody else can open, gone with its connection

# Tables that several logins make and drop belong to the role that they share: whoever owns `generation`.
_OWNER = """SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass('generation')
    AND relowner <> (SELECT oid FROM pg_roles WHERE rolname = session_user)
    AND pg_has_role(session_user, relowner, 'MEMBER')"""


def engine_of(url: str) -> Engine:
    """An engine for ``sqlite:///FILE`` or ``postgresql://…`` with one or several hosts; or for ``TEMPORARY``.

    Raises:
        DatabaseUrlError: libpq cannot read the URL.
    """
    if url == TEMPORARY:
        return _temporary()
    return _sqlite(url) if url.startswith("sqlite") else _postgres(url)


def _temporary() -> Engine:
    """What does not fit into memory goes to a file that has no name any more once it is open: a crash leaves nothing.

    It is seen through one connection, so by one thread at a time.
    """

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect("", check_same_thread=False, isolation_level=None, uri=True)
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-32768", "temp_store=FILE"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=StaticPool)


def session_of(url: str) -> Engine:
    """One session of PostgreSQL, for what goes with it; by one thread at a time. What asks after its end fails.

    Raises:
        DatabaseUrlError: libpq cannot read the URL.
    """
    import psycopg  # loads when it is needed

    connect = _connecting(url)
    begun: list[bool] = []

    def once() -> psycopg.Connection[Any]:
        if begun:  # another session would not have its tables, but tables of that name
            msg = "the session has ended"
            raise psycopg.OperationalError(msg)
        begun.append(True)
        return connect()

    return create_engine("postgresql+psycopg://", creator=once, poolclass=StaticPool)


def _postgres(url: str) -> Engine:
    import psycopg  # loads when it is needed

    engine = create_engine("postgresql+psycopg://", creator=_connecting(url), pool_pre_ping=True)

    def on_error(context: ExceptionContext) -> None:
        # a standby by now: the next connection looks for the server that takes writes
        if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
            context.is_disconnect = True

    event.listen(engine, "handle_error", on_error)
    return engine


def _connecting(url: str) -> Callable[[], Any]:
    import psycopg  # loads when it is needed

    parameters = connection_parameters(url)

    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(**parameters)  # type: ignore[arg-type]
        owner = connection.execute(_OWNER).fetchone()
        if owner is not None:
            connection.execute(f"SET ROLE {owner[0]}".encode())
        connection.commit()
        return connection

    return connect


def _sqlite(url: str) -> Engine:
    path = Path(url.removeprefix("sqlite:///"))
    make_private_folder(path.parent)
    make_private(path)
    engine = create_engine(url, connect_args={"timeout": 60, "check_same_thread": False})

    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by hand: see reading and writing
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_up)
    return engine
