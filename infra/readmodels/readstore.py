"""Read store: the read database with its locks, generations, and the views that readers use.

Locks on PostgreSQL (a SQLite file has one writer at a time anyway):

* *live*, exclusive: whoever follows the log itself, mends the quarantine or switches generations; shared: workers
  that write clients of the partitions they hold, side by side.
* *building*: whoever fills new generations beside the live ones.
* the table ``generation``, shared: readers, from their first statement to their last; exclusive: the switch. So no
  reader finds one generation in its first query and another in its second. It is waited for a moment at a time, and
  with no other lock: one slow reader must not keep everybody from reading and projecting.

Who waits for the first two looks every other second whether their holder is paused: see ``leases``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, insert, inspect, text, update
from sqlalchemy.exc import ProgrammingError

from domain.days import Calendar
from infra.migrations.model import Component, Dialect, Execute
from infra.migrations.runner import bring_up, is_outstanding, not_allowed
from infra.migrations.steps import READ_MODELS
from infra.readmodels.connections import engine_of
from infra.readmodels.generations import GENERATION, NEVER_BUILT, Generation, State
from infra.readmodels.indexes import make_tables
from infra.readmodels.leases import BUILDING, LIVE, Lease, Watch, new_holder
from infra.readmodels.own_rows import OwnRows
from infra.readmodels.removal import drop, empty
from infra.readmodels.timeouts import may_idle, patience
from infra.readmodels.turns import take
from projections.base import ReadModel

_LOCKS = {LIVE: 7_214_091, BUILDING: 7_214_092}


class ReadStore:
    """Connections to the read database, and what it says of its generations."""

    def __init__(self, url: str, models: Sequence[ReadModel], calendar: Calendar) -> None:
        """Open (SQLite: WAL, synchronous=NORMAL, since every row can be folded again from the log).

        ``calendar`` is that of the log that is folded: generations made by another one are outdated.
        """
        self.models = {model.name: model for model in models}
        self.zones = calendar.fingerprint
        self.url = url
        self.engine = self._opened(url)
        self._own_rows = OwnRows()
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._sharded = not self.is_sqlite
        holder = new_holder()
        self.leases = {name: Lease(self.engine, name, holder) for name in _LOCKS}
        self.migrate()
        self.may_write = self.is_sqlite or self._may_write()

    def _opened(self, url: str) -> Engine:
        return engine_of(url)

    def migrate(self) -> None:
        """Bring the tables to the version of this release, and make those of read models that have none yet.

        Raises:
            MigrationError: something is missing and this login may not make it, or the database is of a newer release.
        """
        with self.engine.connect() as connection:
            if self._is_complete(connection):
                return
        try:
            with self.writing() as connection:
                bring_up(_execute(connection), self._dialect, READ_MODELS)
                self._ensure_live(connection)
        except ProgrammingError as error:
            raise not_allowed(READ_MODELS) from error

    def bring_up(self, component: Component) -> None:
        """Bring tables beside the read models to the version of this release.

        Raises:
            MigrationError: this login may not, or the database is of a newer release.
        """
        with self.engine.connect() as connection:
            if not is_outstanding(_execute(connection), self._dialect, component):
                return
        try:
            with self.writing() as connection:
                bring_up(_execute(connection), self._dialect, component)
        except ProgrammingError as error:
            raise not_allowed(component) from error

    @property
    def _dialect(self) -> Dialect:
        return "sqlite" if self.is_sqlite else "postgresql"

    def _may_write(self) -> bool:
        with self.engine.connect() as connection:
            sql = "SELECT has_table_privilege('generation', 'UPDATE')"
            return bool(connection.exec_driver_sql(sql).scalar_one())

    def _is_complete(self, connection: Connection) -> bool:
        if is_outstanding(_execute(connection), self._dialect, READ_MODELS):
            return False
        return {generation.model.name for generation in self.generations(connection)} == set(self.models)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction of the only writer of live rows: others wait here until it has committed."""
        return self._locked(_exclusive(LIVE), LIVE)

    @contextmanager
    def projecting(self, name: str) -> Generator[Connection]:
        """A transaction of the only writer of live rows (LIVE), or of those that are being built, under its lease.

        Raises:
            LeaseLostError: this process was paused and another went on; nothing was written.
        """
        with self._locked(_exclusive(name), name) as connection, self.leases[name].kept(connection):
            yield connection

    def noting(self) -> AbstractContextManager[Connection]:
        """A transaction that touches no row of clients: a claim of partitions, or a note of the position."""
        return self._locked(may_idle(5))

    def sharing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes live rows of clients that nobody else writes: see ``Ownership``."""
        return self._locked(f"pg_advisory_xact_lock_shared({_LOCKS[LIVE]}), {may_idle(5)}", LIVE)

    def building(self) -> AbstractContextManager[Connection]:
        """A transaction of the only writer of generations that are being built; live writers go on."""
        return self._locked(_exclusive(BUILDING), BUILDING)

    @contextmanager
    def indexing(self) -> Generator[Connection]:
        """``projecting`` of what is being built, where SQLite sorts in a file: an index need not fit into memory.

        Raises:
            LeaseLostError: as there.
        """
        if not self.is_sqlite:
            with self.projecting(BUILDING) as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA temp_store=FILE")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA temp_store=MEMORY")

    def switching(self) -> AbstractContextManager[Connection]:
        """A transaction of the only writer of anything."""
        return self._locked(_exclusive(BUILDING, LIVE), BUILDING, LIVE)

    @contextmanager
    def _locked(self, lock: str, *waits_for: str) -> Generator[Connection]:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                watch = Watch(self.engine, {name: _LOCKS[name] for name in waits_for})
                take(connection, text(f"SELECT {lock}"), watch.look)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One read transaction: everything in it is seen at the same position, of the same generations.

        Statements that ask for columns of this release read rows that have them: see ``own_rows``.
        """
        with self.reading_rows() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE generation IN ACCESS SHARE MODE")
            self._own_rows.read(connection, self.generations(connection, None))
            yield connection

    @contextmanager
    def reading_rows(self) -> Generator[Connection]:
        """A read transaction for the tables of one generation: it may be long, for no switch waits for its end."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                connection.rollback()

    def missing(self) -> list[str]:
        """The read models that this release cannot read, since another one's are live and its own are not built."""
        with self.reading() as connection:
            return self._own_rows.missing(connection, self.generations(connection, None))

    def generations(self, connection: Connection, state: State | None = "live") -> list[Generation]:
        """The generations of models known here, oldest first; ``None`` gives those of every state."""
        # as text: it is read on every page, and a page of one entry must cost little
        rows = connection.exec_driver_sql(
            "SELECT id, name, version, position, state, zones, began FROM generation ORDER BY id"
        )
        return [
            Generation(key, self.models[name], version, position, row_state, zones, self._sharded, began)
            for key, name, version, position, row_state, zones, began in rows
            if name in self.models and (state is None or row_state == state)
        ]

    def is_current(self, generation: Generation) -> bool:
        """Whether this process would fold the same rows: its model is of that version, its days of those zones."""
        return generation.version == generation.model.version and generation.zones == self.zones

    def create(
        self,
        connection: Connection,
        model: ReadModel,
        state: State = "building",
        version: int | None = None,
        began: int = 0,
    ) -> Generation:
        """Make the tables of a new generation, see ``make_tables``; of this release's version unless another is given.

        ``began`` is the moment, in µs UTC.
        """
        version = model.version if version is None else version
        columns = {"name": model.name, "version": version, "position": 0, "state": state}
        columns |= {"zones": self.zones, "began": began}
        result = connection.execute(insert(GENERATION).values(**columns))
        key = result.inserted_primary_key
        assert key is not None
        generation = Generation(int(key[0]), model, version, 0, state, self.zones, self._sharded, began)
        make_tables(connection, generation)
        return generation

    def switch(self, connection: Connection, generation: Generation) -> None:
        """Make a generation the one that readers see; its predecessor is kept, older ones are dropped.

        Raises:
            OperationalError: readers of now have not ended for a moment (``is_lock_refused``); then do it all again.
        """
        if not self.is_sqlite:  # those who come wait for the commit
            connection.execute(text(f"SELECT {patience('1s')}"))
            connection.exec_driver_sql("LOCK TABLE generation IN ACCESS EXCLUSIVE MODE")
        for old in self.generations(connection, None):
            if old.model is generation.model and old.id != generation.id and old.state != "building":
                self._put_aside(connection, old, generation)
        self.set_state(connection, generation, "live")
        self._point_views(connection, generation, _views(connection))

    def _put_aside(self, connection: Connection, old: Generation, now: Generation) -> None:
        """Who goes back from a version leaves it, and that stays known until it is live again."""
        if old.state == "live":
            self.set_state(connection, old, "previous")
        elif old.version <= now.version:
            drop(connection, old.id)
        elif old.state != "left":
            empty(connection, old.id)
            self.set_state(connection, old, "left")

    def set_state(self, connection: Connection, generation: Generation, state: State) -> None:
        """Say what a generation is from now on."""
        connection.execute(update(GENERATION).where(GENERATION.c.id == generation.id).values(state=state))

    def move(self, connection: Connection, generations: Sequence[Generation], position: int) -> None:
        """Store the position of generations that are not further yet."""
        ids = ",".join(str(generation.id) for generation in generations)
        if ids:
            moved = f"UPDATE generation SET position={position:d} WHERE id IN ({ids}) AND position<{position:d}"
            connection.exec_driver_sql(moved)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _ensure_live(self, connection: Connection) -> None:
        live = self.generations(connection)
        # beside others that hold something one is to be built, by whoever fills them: see ``standing``
        late = any(generation.position for generation in live)
        existing = _views(connection)
        there = {generation.model.name for generation in live}
        for model in self.models.values():
            if model.name not in there:
                version = NEVER_BUILT if late else model.version
                self._point_views(connection, self.create(connection, model, "live", version), existing)

    def _point_views(self, connection: Connection, generation: Generation, existing: Set[str]) -> None:
        for table in generation.model.all_tables:
            shown = generation.view(table, connection.dialect.name)
            if table.name not in existing:
                connection.exec_driver_sql(f"CREATE VIEW {shown}")
            elif self.is_sqlite:
                connection.exec_driver_sql(f"DROP VIEW {table.name}")
                connection.exec_driver_sql(f"CREATE VIEW {shown}")
            else:
                _replace_view(connection, table.name, shown)


def _views(connection: Connection) -> Set[str]:
    """The names of the views there are."""
    return set(inspect(connection).get_view_names())


def _execute(connection: Connection) -> Execute:
    """Statements with ``?`` on a connection to either database."""
    place = "?" if connection.dialect.name == "sqlite" else "%s"

    def execute(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        result = connection.exec_driver_sql(sql.replace("?", place) if params else sql, tuple(params) or None)
        return [tuple(row) for row in result] if result.returns_rows else []

    return execute


def _exclusive(*names: str) -> str:
    return ", ".join(f"pg_advisory_xact_lock({_LOCKS[name]})" for name in names)


def _replace_view(connection: Connection, name: str, shown: str) -> None:
    """Views over this one stay, unless its columns are others now."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"CREATE OR REPLACE VIEW {shown}")
    except ProgrammingError:
        connection.exec_driver_sql(f"DROP VIEW {name} CASCADE")
        connection.exec_driver_sql(f"CREATE VIEW {shown}")
