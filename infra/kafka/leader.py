"""Leader: one relay at a time, by an advisory lock of the log's database.

The same connection hears of appends and stores what is published: a relay that has lost it can store nothing, and
stops. A leader that is stopped without losing its connection (a paused machine) is noticed by its missing beat; the
one that stands by then ends the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from infra.eventstore.conninfo import connection_parameters
from infra.eventstore.listener import CHANNEL
from infra.kafka.relay_position import Relayed

_LOCK_SPACE = 7_214_093
_SILENT_SECONDS = 15
LOST: tuple[type[Exception], ...] = (psycopg.OperationalError, psycopg.InterfaceError)


class Leadership:
    """A candidate's connection to the log's database."""

    def __init__(self, url: str, topic: str) -> None:
        """Connect.

        Raises:
            psycopg.OperationalError: the database is away.
        """
        self._topic = topic
        where = connection_parameters(url) | {"application_name": "carejourney relay"}
        self._connection = psycopg.connect(autocommit=True, **where)  # type: ignore[arg-type]
        self._connection.execute(f'LISTEN "{CHANNEL}"'.encode())

    def won(self) -> bool:
        """Whether this one leads now; ends a leader that has been silent for too long.

        Raises:
            psycopg.OperationalError: the connection is lost.
        """
        if self._run("SELECT pg_try_advisory_lock(%s, hashtext(%s))", _LOCK_SPACE, self._topic)[0][0]:
            self.beat()
            return True
        self._run(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "LEFT JOIN relay r ON r.topic=%s WHERE l.locktype='advisory' "
            "AND l.granted AND l.classid=%s AND l.objid=(hashtext(%s)::bigint & 4294967295)::oid "
            "AND l.database=(SELECT oid FROM pg_database WHERE datname=current_database()) "
            "AND coalesce(r.beat, a.state_change) < clock_timestamp() - make_interval(secs => %s)",
            self._topic,
            _LOCK_SPACE,
            self._topic,
            _SILENT_SECONDS,
        )
        return False

    def begin(self, topic_id: str) -> Relayed:
        """Where to go on: at the start for a topic that is another than before."""
        with self._connection.transaction():
            rows = self._run("SELECT topic_id, position FROM relay WHERE topic=%s FOR UPDATE", self._topic)
            if rows and rows[0][0] == topic_id:
                offsets = self._run("SELECT number, last_offset FROM relay_partition WHERE topic=%s", self._topic)
                return Relayed(topic_id, rows[0][1], {row[0]: row[1] for row in offsets})
            self._run("DELETE FROM relay_partition WHERE topic=%s RETURNING 1", self._topic)
            self._run(
                "INSERT INTO relay (topic, topic_id, position) VALUES (%s, %s, 0) "
                "ON CONFLICT (topic) DO UPDATE SET topic_id=excluded.topic_id, position=0, beat=now() RETURNING 1",
                self._topic,
                topic_id,
            )
        return Relayed(topic_id)

    def store(self, topic_id: str, position: int, last_offsets: Mapping[int, int]) -> None:
        """Note what the brokers have acknowledged, in one transaction.

        Raises:
            psycopg.OperationalError: the connection, and with it the leadership, is lost.
        """
        numbers, offsets = list(last_offsets), list(last_offsets.values())
        self._run(
            "WITH moved AS (UPDATE relay SET position=%s, beat=clock_timestamp() WHERE topic=%s AND topic_id=%s "
            "RETURNING topic) INSERT INTO relay_partition SELECT moved.topic, g.number, g.last_offset FROM moved, "
            "unnest(%s::int[], %s::bigint[]) AS g(number, last_offset) ON CONFLICT (topic, number) "
            "DO UPDATE SET last_offset=excluded.last_offset RETURNING 1",
            position,
            self._topic,
            topic_id,
            numbers,
            offsets,
        )

    def wait(self, seconds: float) -> None:
        """Until something is appended, at most so long; and say that the leader is alive.

        Raises:
            psycopg.OperationalError: the connection is lost.
        """
        self.beat()
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    def beat(self) -> None:
        """Say that the leader is alive.

        Raises:
            psycopg.OperationalError: the connection is lost.
        """
        self._run("UPDATE relay SET beat=clock_timestamp() WHERE topic=%s RETURNING 1", self._topic)

    def close(self) -> None:
        """Give up the lead."""
        self._connection.close()

    def _run(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.encode(), params).fetchall()
