"""Leases on projection: one holder for live rows, one for builds.

Whoever got a lock of the read store takes its lease: the token rises when the holder is another one than before. What
is written is written under the token that it was begun with, in the same transaction. So a holder that was paused, and
wakes when another one has gone on, changes no row: it looks where things are and begins anew.

On PostgreSQL a holder beats while it folds. One whose lease has not moved while somebody waited for 12 seconds (by the
clock of who waits, that only counts up: no clock that is set changes it), and whose session asks nothing, is ended. A
SQLite file belongs to who writes it until that process ends; there the others wait, and say so.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Engine, String, Table, text
from sqlalchemy.exc import DBAPIError

from infra.readmodels.generations import OWN
from infra.readmodels.turns import ADVISORY, end_silent

LIVE, BUILDING = "live", "building"
BEAT_SECONDS = 3.0
SILENT_SECONDS = 12.0
_UNASKED_SECONDS = 10  # of its session: a holder whose heart alone has stopped is at work

LEASE = Table(
    "lease",
    OWN,
    Column("name", String(20), primary_key=True),
    Column("holder", String(40), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("beats", BigInteger, nullable=False),
    Column("beaten_at", BigInteger, nullable=False),  # µs UTC by the database's clock: to be shown, decides nothing
)

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
}
_TAKE = """INSERT INTO lease VALUES (:name, :holder, 1, 0, {now})
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = lease.token + 1, beaten_at = excluded.beaten_at
    RETURNING token"""
_BEAT = "UPDATE lease SET beats = beats + 1, beaten_at = {now} WHERE name = :name AND token = :token"


class LeaseLostError(Exception):
    """Somebody else went on while this process was paused: what it was about to write is not written."""


class Held(NamedTuple):
    """Who holds a lease (the number of its process and a random part), and how long ago it was heard of (seconds)."""

    holder: str
    age: float


def new_holder() -> str:
    """A name for a process: its number, and what tells it from one of the same number on another machine."""
    return f"{os.getpid()}-{secrets.token_hex(3)}"


def held(connection: Connection, name: str = LIVE) -> Held | None:
    """Who holds it; None where nobody ever did."""
    now = _NOW[connection.dialect.name]
    query = text(f"SELECT holder, {now} - beaten_at AS age FROM lease WHERE name = :name")
    row = connection.execute(query, {"name": name}).first()
    return None if row is None else Held(row.holder, max(0, row.age) / 1e6)


@dataclass
class Lease:
    """One process's side of a lease; ``token`` 0: not taken yet."""

    engine: Engine
    name: str
    holder: str
    token: int = 0

    @contextmanager
    def kept(self, connection: Connection) -> Generator[None]:
        """Within a transaction that has the lock: take the lease, and before the commit see that it is held still.

        Raises:
            LeaseLostError: it is not.
        """
        self._take(connection)
        with self._beating():
            yield
        if not self._beat(connection):
            self.token = 0
            raise LeaseLostError

    def beat(self) -> None:
        """Say that its holder is alive though there is nothing to write; nothing where another one holds it."""
        if self.token:
            with suppress(DBAPIError), self._beside() as connection:
                self._beat(connection)

    def _take(self, connection: Connection) -> None:
        current_token = connection.execute(
            text("SELECT token FROM lease WHERE name = :name"), {"name": self.name}
        ).scalar()
        if self.token and current_token == self.token:
            return
        if self.engine.dialect.name == "sqlite":
            self.token = self._taken(connection)
        else:  # at once, and beside the transaction: else it would hold the row that is to beat
            with self._beside() as beside:
                self.token = self._taken(beside)

    def _beside(self) -> Connection:
        """One statement is one transaction, so that no pause between the two holds the row."""
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _taken(self, connection: Connection) -> int:
        sql = text(_TAKE.format(now=_NOW[self.engine.dialect.name]))
        return int(connection.execute(sql, {"name": self.name, "holder": self.holder}).scalar_one())

    def _beat(self, connection: Connection) -> bool:
        sql = text(_BEAT.format(now=_NOW[self.engine.dialect.name]))
        return connection.execute(sql, {"name": self.name, "token": self.token}).rowcount == 1

    @contextmanager
    def _beating(self) -> Generator[None]:
        if self.engine.dialect.name == "sqlite":  # its transaction keeps everybody from writing, itself included
            yield
            return
        over = threading.Event()
        threading.Thread(target=self._beat_until, args=(over,), name="heart", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _beat_until(self, over: threading.Event) -> None:
        while not over.wait(BEAT_SECONDS):
            self.beat()


@dataclass
class Watch:
    """What one who waits for locks on PostgreSQL sees of their holders."""

    engine: Engine
    locks: dict[str, int]
    _seen: dict[str, tuple[object, float]] = field(default_factory=dict[str, "tuple[object, float]"])

    def look(self) -> None:
        """End the sessions of holders that are paused."""
        with self.engine.connect() as connection:
            made = connection.execute(text("SELECT to_regclass('lease')")).scalar()  # by whoever has the lock, perhaps
            rows = connection.execute(text("SELECT name, token, beats FROM lease")).all() if made else ()
            now = time.monotonic()
            leases = {str(row[0]): tuple(row[1:]) for row in rows}
            for name in self.locks:
                before = self._seen.get(name)
                if before is None or before[0] != leases.get(name):
                    self._seen[name] = leases.get(name), now
            silent = [name for name in self.locks if now - self._seen[name][1] >= SILENT_SECONDS]
            if silent:
                connection.rollback()
                end_silent(connection, ADVISORY, [self.locks[name] for name in silent], _UNASKED_SECONDS)
