"""Ownership of partitions by workers, with an epoch as fencing token.

A worker claims a partition when the group assigns it: the epoch rises. Every batch first moves the rows of its
partitions, under the epochs that it claimed, in the transaction that writes the clients. So a worker that was paused
and comes back after its partitions moved on changes no row: one of its epochs is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, case, select, text
from sqlalchemy.dialects.postgresql import insert

from infra.readmodels.generations import PARTITION
from infra.readmodels.raw import Raw
from infra.readmodels.timeouts import may_idle
from infra.readmodels.turns import TABLE, take_from_silent


class FencedError(Exception):
    """The partition has another owner by now."""


class Claimed(NamedTuple):
    """A partition that is held: under which epoch, and where to go on."""

    epoch: int
    next_offset: int


class Moved(NamedTuple):
    """How far a batch goes in a partition: the next offset, and the highest position of the log in it."""

    epoch: int
    next_offset: int
    position: int


class Held(NamedTuple):
    """How far a partition is folded."""

    topic_id: str
    next_offset: int
    position: int


def claim(connection: Connection, topic: str, topic_id: str, numbers: Sequence[int]) -> dict[int, Claimed]:
    """Become the owner of partitions, at the beginning of a transaction; one that is paused with their rows loses them.

    Those of a topic that was made anew begin at its beginning.
    """
    if not numbers:
        return {}
    wanted = sorted(set(numbers))
    rows = f"""SELECT {may_idle(5)}, (SELECT count(*) FROM (SELECT FROM stream_partition
        WHERE topic = :topic AND number = ANY(:numbers) ORDER BY number FOR UPDATE) AS held)"""
    lock = text(rows).bindparams(topic=topic, numbers=wanted)
    take_from_silent(connection, lock, TABLE, [PARTITION.name])
    column = PARTITION.c
    new = {"topic": topic, "topic_id": topic_id, "epoch": 1, "next_offset": 0, "position": 0}
    statement = insert(PARTITION).values([new | {"number": number} for number in wanted])
    same = column.topic_id == statement.excluded.topic_id
    claiming = statement.on_conflict_do_update(
        index_elements=[column.topic, column.number],
        set_={
            "epoch": column.epoch + 1,
            "next_offset": case((same, column.next_offset), else_=0),
            "position": case((same, column.position), else_=0),
            "topic_id": statement.excluded.topic_id,
        },
    )
    connection.execute(claiming)
    mine = select(column.number, column.epoch, column.next_offset).where(column.topic == topic)
    return {
        row.number: Claimed(row.epoch, row.next_offset)
        for row in connection.execute(mine.where(column.number.in_(wanted)))
    }


def advance(connection: Connection, topic: str, moved: Mapping[int, Moved]) -> None:
    """Move partitions on, under the epochs that they were claimed with; holds them until the transaction ends.

    Raises:
        FencedError: one of them has been claimed by another worker.
    """
    numbers = sorted(moved)
    # in one order: two batches that hold several partitions must not wait for each other
    sql = """
        WITH held AS (SELECT number, epoch FROM stream_partition WHERE topic=? AND number=ANY(?)
                      ORDER BY number FOR UPDATE)
        UPDATE stream_partition p
           SET next_offset=GREATEST(p.next_offset, m.next_offset), position=GREATEST(p.position, m.position)
          FROM held, unnest(?::int[], ?::int[], ?::bigint[], ?::bigint[]) AS m(number, epoch, next_offset, position)
         WHERE p.topic=? AND p.number=m.number AND held.number=m.number AND held.epoch=m.epoch
    """
    columns = [list(values) for values in zip(*(moved[number] for number in numbers), strict=True)]
    if Raw(connection).run(sql, [topic, numbers, numbers, *columns, topic]) != len(numbers):
        raise FencedError


def held(connection: Connection, topic: str) -> dict[int, Held]:
    """How far every partition is folded."""
    column = PARTITION.c
    query = select(column.number, column.topic_id, column.next_offset, column.position).where(column.topic == topic)
    return {row.number: Held(row.topic_id, row.next_offset, row.position) for row in connection.execute(query)}
