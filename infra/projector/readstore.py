"""The read database: generations of read models, their positions, quarantine, and the views readers use."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.sql.elements import quoted_name

from projections.base import ReadModel

_OWN = MetaData()

GENERATION = Table(
    "generation",
    _OWN,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
)

State = Literal["live", "building", "previous"]

QUARANTINE = Table(
    "quarantine",
    _OWN,
    Column("generation", Integer, primary_key=True),
    Column("client_id", String(32), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
)


@dataclass(frozen=True)
class Generation:
    """One build of a read model: its tables are named after its id.

    ``state`` is "live" (readers see it), "building" (beside the live one) or "previous" (kept for a rollback).
    """

    id: int
    model: ReadModel
    version: int
    position: int
    state: State

    def table(self, table: Table) -> Table:
        """This generation's own copy of a table."""
        return _copied(table, self.id)

    def progress_table(self) -> Table:
        """Up to which sequence each client is folded in this generation."""
        return _progress_table(self.model.name, self.id)

    def own_tables(self) -> list[Table]:
        """Every table of this generation."""
        return [*(self.table(table) for table in self.model.all_tables), self.progress_table()]


# A page of one entry must not pay for describing tables, nor for compiling the same statements anew: kept by id.
@lru_cache(maxsize=500)
def _copied(table: Table, generation: int) -> Table:
    copy = table.to_metadata(MetaData(), name=f"{table.name}_g{generation}")
    for index in copy.indexes:
        index.name = quoted_name(f"{index.name}_g{generation}", quote=None)
    return copy


@lru_cache(maxsize=100)
def _progress_table(model: str, generation: int) -> Table:
    return Table(
        f"{model}_client_g{generation}",
        MetaData(),
        Column("client_id", String(32), primary_key=True),
        Column("sequence", Integer, nullable=False),
        sqlite_with_rowid=False,
    )


class ReadStore:
    """Connections to the read database, and what it says of its generations."""

    def __init__(self, url: str, models: Sequence[ReadModel]) -> None:
        """Open (SQLite: WAL, synchronous=NORMAL, since every row can be folded again from the log)."""
        self.models = {model.name: model for model in models}
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        with self.writing() as connection:
            _OWN.create_all(connection)
            for model in models:
                self._ensure_live(connection, model)

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One write transaction; a second projector waits here until the first one has committed."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(7214091)"))
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One read transaction: everything in it is seen at the same position."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                connection.rollback()

    def generations(self, connection: Connection, state: State | None = "live") -> list[Generation]:
        """The generations of models known here, oldest first; ``None`` gives those of every state."""
        query = select(GENERATION).order_by(GENERATION.c.id)
        if state is not None:
            query = query.where(GENERATION.c.state == state)
        return [
            Generation(row.id, self.models[row.name], row.version, row.position, row.state)
            for row in connection.execute(query)
            if row.name in self.models
        ]

    def create(self, connection: Connection, model: ReadModel, state: State = "building") -> Generation:
        """Make empty tables for a new generation."""
        columns = {"name": model.name, "version": model.version, "position": 0, "state": state}
        result = connection.execute(insert(GENERATION).values(**columns))
        key = result.inserted_primary_key
        assert key is not None
        generation = Generation(int(key[0]), model, model.version, 0, state)
        for table in generation.own_tables():
            table.create(connection)
        return generation

    def switch(self, connection: Connection, generation: Generation) -> None:
        """Make a generation the one that readers see; its predecessor is kept, older ones are dropped."""
        for old in self.generations(connection, None):
            if old.model.name != generation.model.name or old.id == generation.id:
                continue
            if old.state == "live":
                self._set_state(connection, old, "previous")
            else:
                self.drop(connection, old)
        self._set_state(connection, generation, "live")
        self._point_views(connection, generation)

    def drop(self, connection: Connection, generation: Generation) -> None:
        """Remove a generation and its tables."""
        for table in generation.own_tables():
            table.drop(connection, checkfirst=True)
        connection.execute(QUARANTINE.delete().where(QUARANTINE.c.generation == generation.id))
        connection.execute(GENERATION.delete().where(GENERATION.c.id == generation.id))

    def _set_state(self, connection: Connection, generation: Generation, state: State) -> None:
        connection.execute(update(GENERATION).where(GENERATION.c.id == generation.id).values(state=state))

    def move(self, connection: Connection, generation: Generation, position: int) -> None:
        """Store a generation's position."""
        connection.execute(update(GENERATION).where(GENERATION.c.id == generation.id).values(position=position))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _ensure_live(self, connection: Connection, model: ReadModel) -> None:
        if not any(g.model.name == model.name for g in self.generations(connection)):
            self._point_views(connection, self.create(connection, model, "live"))

    def _point_views(self, connection: Connection, generation: Generation) -> None:
        existing = set(inspect(connection).get_view_names())
        for table in generation.model.all_tables:
            if table.name in existing:
                connection.exec_driver_sql(f"DROP VIEW {table.name}")
            connection.exec_driver_sql(f"CREATE VIEW {table.name} AS SELECT * FROM {table.name}_g{generation.id}")


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 60, "check_same_thread": False})

    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by hand: see reading and writing
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_up)
    return engine
