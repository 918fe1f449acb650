"""Generations: tables of one build of a read model, and its sharded counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    Text,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import quoted_name

from projections.base import ReadModel

OWN = MetaData()
DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}
SHARD = "shard"
LOG_SHARD = -1  # of whoever follows the log itself; a worker's is a partition that it holds

GENERATION = Table(
    "generation",
    OWN,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("zones", String(32), nullable=False),
    Column("began", BigInteger, nullable=False),
)

NEVER_BUILT = 0  # the version of a read model that came with a newer release, until that has built it
State = Literal["live", "building", "previous", "left"]

# ``sequence`` and ``position``: how far the client's stream was then. Times are µs UTC, 0 where an older release wrote.
QUARANTINE = Table(
    "quarantine",
    OWN,
    Column("generation", Integer, primary_key=True),
    Column("client_id", String(32), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("entry_sequence", Integer, nullable=False),
    Column("entry_position", BigInteger, nullable=False),
    Column("first_failed", BigInteger, nullable=False),
    Column("last_failed", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
)


# How far workers are in each partition of the topic: see ``ownership``.
PARTITION = Table(
    "stream_partition",
    OWN,
    Column("topic", String(249), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("topic_id", String(40), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
)


@dataclass(frozen=True)
class Generation:
    """One build of a read model: its tables are named after its id.

    ``state`` is "live" (readers see it), "building" (beside the live one), "previous" (kept for a rollback) or "left":
    gone, and noted since somebody went back from its version.
    ``sharded``: each count is a sum of several rows, so that writers do not wait for one another. ``zones`` is the
    fingerprint of the calendar that gave its entries their days; ``began`` is when its building began, µs UTC, 0
    where that is not known.
    """

    id: int
    model: ReadModel
    version: int
    position: int
    state: State
    zones: str
    sharded: bool
    began: int = 0

    def table(self, table: Table) -> Table:
        """This generation's own copy of a table."""
        return _copied(table, self.id, self.sharded and table in self.model.counts)

    def shown(self, table: Table) -> Select[Any]:
        """What readers see of a table: for sharded counts, the sums that are not nothing."""
        return _shown(self.table(table))

    def view(self, table: Table, dialect: str) -> str:
        """The same as the text of a view: its name, and what it selects."""
        return f"{table.name} AS {_shown_text(self.table(table), dialect)}"

    def progress_table(self) -> Table:
        """Up to which sequence each client is folded in this generation."""
        return _progress_table(self.model.name, self.id)

    def own_tables(self) -> list[Table]:
        """Every table of this generation."""
        return [*(self.table(table) for table in self.model.all_tables), self.progress_table()]


# A page of one entry must not pay for describing tables, nor for compiling the same statements anew: kept by id.
@lru_cache(maxsize=500)
def _copied(table: Table, generation: int, sharded: bool) -> Table:  # noqa: FBT001
    copy = table.to_metadata(MetaData(), name=f"{table.name}_g{generation}")
    if sharded:
        copy.append_column(Column(SHARD, SmallInteger, primary_key=True, autoincrement=False))
    for index in copy.indexes:
        index.name = quoted_name(f"{index.name}_g{generation}", quote=None)
    return copy


def _shown(generation_table: Table) -> Select[Any]:
    if SHARD not in generation_table.columns:
        return select(generation_table)
    keys = [column for column in generation_table.primary_key if column.name != SHARD]
    total = func.sum(generation_table.c.n)
    summed = select(*keys, cast(total, BigInteger).label("n")).group_by(*keys)
    return summed.having(total != literal_column("0"))


@lru_cache(maxsize=500)
def _shown_text(generation_table: Table, dialect: str) -> str:
    return str(_shown(generation_table).compile(dialect=DIALECTS[dialect]()))


@lru_cache(maxsize=100)
def _progress_table(model: str, generation: int) -> Table:
    return Table(
        f"{model}_client_g{generation}",
        MetaData(),
        Column("client_id", String(32), primary_key=True),
        Column("sequence", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
