"""Recorded times of the log by block: which ones an as-of read can skip.

The log is cut into blocks of so many entries; of each the earliest and the latest knowledge time is kept, beside the
read models. A block never changes, so the same blocks come out whoever looks; what is not a whole block yet is one
more part, of which nothing is known beforehand. Without these blocks every answer is the same, but slower.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from infra.eventstore.mapper import recorded_of
from infra.eventstore.rows import LogRecorder, LogRow
from infra.history.as_of.recorded_streams import Kept, are_ours, forget_streams, kept_of
from infra.readmodels.readstore import ReadStore

BLOCK_ENTRIES = 2_000
_SELECT = "SELECT after_position, last_position, earliest, latest FROM knowledge_block {} ORDER BY after_position"
_BLOCK = {"after_position": "bigint", "last_position": "bigint", "earliest": "bigint", "latest": "bigint"}
_AT_ONCE = 10  # blocks read together
JOINED_ENTRIES = 20_000  # entries of blocks that are read together


class Block(NamedTuple):
    """So many entries after position ``after``, up to ``last``; knowledge times in µs UTC."""

    after: int
    last: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Part:
    """A run of entries to read: ``size`` after position ``after`` up to ``last``; ``whole``: all of them were known."""

    after: int
    last: int
    size: int
    whole: bool


class Knowledge:
    """The blocks of one log, kept in its read database where this login may write there."""

    def __init__(self, recorder: LogRecorder, reads: ReadStore) -> None:
        """Look at nothing yet."""
        self._recorder = recorder
        self._reads = reads
        self._blocks: list[Block] | None = None
        self._turn = threading.Lock()

    def parts(self, at: int, after: int, head: int, joined: int | None = None, since: int | None = None) -> list[Part]:
        """What may hold entries known at ``at`` (µs UTC) after a position, in order of position.

        With ``since``, only what may hold some that became known after that moment. Neighbours are joined up to
        ``joined`` entries. All that is recorded up to ``head`` must be so already.
        """
        blocks = self.blocks()
        parts: list[Part] = []
        for block in blocks:
            if block.last > after and block.earliest <= at and (since is None or block.latest > since):
                part = Part(max(after, block.after), block.last, BLOCK_ENTRIES, block.latest <= at)
                parts[-1:] = _joined(parts[-1:], part, JOINED_ENTRIES if joined is None else joined)
        end = max(after, blocks[-1].last if blocks else 0)
        if end < head:
            parts.append(Part(end, head, BLOCK_ENTRIES, whole=False))
        return parts

    def blocks(self) -> Sequence[Block]:
        """Every whole block of the log as it is now."""
        while self.look():
            pass
        return self._blocks or []

    def look(self) -> bool:
        """Take in the next blocks; False where there was no whole one more. For whoever has nothing else to do."""
        with self._turn:
            if self._blocks is None:
                self._blocks = self._kept()
            last = self._blocks[-1].last if self._blocks else 0
            fresh = self._next(last) if self._recorder.head() - last >= BLOCK_ENTRIES else []
            self._blocks = [*self._blocks, *fresh]  # anew: others go through the list as it was
            return bool(fresh)

    def forget(self) -> None:
        """Begin again with what is kept: what could not be kept is looked through once more."""
        with self._turn:
            self._blocks = None

    def _next(self, last: int) -> list[Block]:
        """The next blocks: those that another process kept meanwhile, else made of the log."""
        kept = self._kept_after(last)
        if kept:
            return kept
        rows = self._rows(last)
        fresh = _blocks(last, rows)
        if fresh:
            self._keep(fresh, rows)
        return fresh

    def _kept_after(self, last: int) -> list[Block]:
        with self._reads.reading() as connection:
            later = connection.exec_driver_sql(_SELECT.format(f"WHERE after_position>={last}"))
            blocks = [Block(*row) for row in later]
        return blocks if blocks and blocks[0].after == last else []

    def _rows(self, after: int, blocks: int = _AT_ONCE) -> Sequence[LogRow]:
        rows = self._recorder.page(after, blocks * BLOCK_ENTRIES)
        return rows[: len(rows) - len(rows) % BLOCK_ENTRIES]

    def _kept(self) -> list[Block]:
        """The blocks that are kept, if they are this log's: the last one is read again."""
        with self._reads.reading() as connection:
            blocks = [Block(*row) for row in connection.exec_driver_sql(_SELECT.format(""))]
            others = blocks and not are_ours(connection)
        # kept of another log, as before a restore; or by a release that reads other entries, or kept none of streams
        if blocks and (others or _blocks(blocks[-1].after, self._rows(blocks[-1].after, 1)) != blocks[-1:]):
            if self._reads.may_write:
                with suppress(DBAPIError), self._reads.noting() as connection:
                    connection.exec_driver_sql("DELETE FROM knowledge_block")
                    forget_streams(connection)
            return []
        return blocks

    def _keep(self, blocks: Sequence[Block], rows: Sequence[LogRow]) -> None:
        """Keep them, unless somebody else was here first (theirs are the same) or nothing can be written now."""
        if not self._reads.may_write:
            return
        with suppress(DBAPIError), self._reads.noting() as connection:
            if not self._follow(connection, blocks[0].after):
                return
            if not blocks[0].after:
                forget_streams(connection)  # of a log that was here before
            most = "max" if self._reads.is_sqlite else "greatest"
            _add(
                connection,
                [Kept("knowledge_block", _BLOCK, "DO NOTHING", blocks), *kept_of(self._recorder, rows, most)],
            )

    def _follow(self, connection: Connection, after: int) -> bool:
        """Whether what stands before a position is kept whole, and by this release: else nothing may be added."""
        kept = connection.exec_driver_sql("SELECT max(last_position) FROM knowledge_block").scalar_one()
        return not after if kept is None else kept == after and are_ours(connection)


def _add(connection: Connection, kept: Sequence[Kept]) -> None:
    """On PostgreSQL by one statement: who is paused between several keeps others from theirs, without a limit."""
    filled = [part for part in kept if part.rows]
    if connection.dialect.name == "sqlite":
        for table, columns, conflict, rows in filled:
            places = ",".join("?" * len(columns))
            sql = f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places}) ON CONFLICT {conflict}"
            connection.exec_driver_sql(sql, [tuple(row) for row in rows])
        return
    parts: list[str] = []
    for table, columns, conflict, _ in filled:
        given = ",".join(f"%s::{name}[]" for name in columns.values())
        into = f"INSERT INTO {table} ({','.join(columns)}) SELECT * FROM unnest({given}) ON CONFLICT {conflict}"
        parts.append(f"_{table} AS ({into})")
    values = tuple(list(column) for part in filled for column in zip(*part.rows, strict=True))
    connection.exec_driver_sql(f"WITH {', '.join(parts)} SELECT 1", values)


def _blocks(after: int, rows: Sequence[LogRow]) -> list[Block]:
    blocks: list[Block] = []
    for start in range(0, len(rows), BLOCK_ENTRIES):
        chunk = rows[start : start + BLOCK_ENTRIES]
        moments = [recorded_of(row.state) for row in chunk]
        blocks.append(Block(blocks[-1].last if blocks else after, chunk[-1].position, min(moments), max(moments)))
    return blocks


def _joined(before: Sequence[Part], part: Part, most: int) -> list[Part]:
    """The part added to the one before it, where they touch and are of one kind, and not too long together."""
    for earlier in before:
        if earlier.last == part.after and earlier.whole == part.whole and earlier.size + part.size <= most:
            return [Part(earlier.after, part.last, earlier.size + part.size, earlier.whole)]
    return [*before, part]
