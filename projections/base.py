"""What a read model is: tables, a fold that fills them for one client, and counts that sum over clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import BigInteger, Column, Connection, Executable, Index, MetaData, String, Table

from domain.events import Event
from projections.chart import Chart

R = TypeVar("R")
Row = tuple[Any, ...]
Rows = Mapping[str, Sequence[Row]]
Cells = Mapping[str, "Counter[Row]"]

METADATA = MetaData()


@dataclass(frozen=True)
class ReadModel:
    """One read model.

    ``tables`` hold rows of clients: their first column is ``client_id``. ``counts`` hold sums over clients:
    key columns, then ``n``. ``fold`` gives a client's rows; ``cells`` says what rows add to the counts, so that
    a client's old rows can be taken out and its new ones put in. ``version`` rises when either changes.
    ``provider``: it is folded from the provider's own streams, and from no client's. ``reads``: the only types of
    entries that its rows depend on, corrections and retractions of them apart; empty where it may be any.
    ``reads_last_day``: beside what these say, rows depend on the latest day of any entry (``Chart.last_day``).
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    counts: tuple[Table, ...]
    fold: Callable[[Chart], Rows]
    cells: Callable[[Rows], Cells]
    provider: bool = False
    reads: frozenset[type[Event]] = frozenset()
    reads_last_day: bool = False

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """Row tables, then count tables."""
        return (*self.tables, *self.counts)


def row_table(name: str, *columns: Column[Any], index: Sequence[Sequence[str]] = ()) -> Table:
    """A table of clients' rows; ``client_id`` (32 hex digits) comes first and is indexed.

    An index that holds all that a question reads is many times quicker than rows looked up one by one: it is named
    after its first two columns.
    """
    all_columns = (Column("client_id", String(32), nullable=False), *columns)
    indexes = [Index(f"ix_{name}_{'_'.join(names[:2])}", *names) for names in (("client_id",), *index)]
    return Table(name, METADATA, *all_columns, *indexes)


def count_table(name: str, *keys: Column[Any]) -> Table:
    """A table of sums over clients: the keys are its primary key, ``n`` the sum."""
    for key in keys:
        key.primary_key = True
        key.nullable = False
    return Table(name, METADATA, *keys, Column("n", BigInteger, nullable=False), sqlite_with_rowid=False)


def mappings(connection: Connection, query: Executable, _: type[R]) -> list[R]:
    """The rows of a query by their columns' names, in the type that is named for them."""
    # plain names: SQLAlchemy's own kind of string is none that JSON writers take as a key
    rows = connection.execute(query).mappings()
    return [cast("R", {str(name): value for name, value in values.items()}) for values in rows]


def fetch(connection: Connection, query: Executable) -> list[Row]:
    """The rows of a query as plain tuples."""
    return [tuple(cast("Iterable[Any]", row)) for row in connection.execute(query)]
