"""Cases of a cell: summed in the database, and read a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, literal, select

from projections.base import Row, fetch

# How every case begins; what is peculiar to its kind follows.
PLACE = ("client_id", "adds", "level", "program", "site", "first_day", "last_day")
CaseCursor = tuple[str, int]
"""Where a page begins: in or after a client, past so many of that client's cases."""
START: CaseCursor = ("", 0)
Keep = Callable[[str], bool]
"""Whether the cases of a client are told of."""


class Totals(NamedTuple):
    """What cases add up to, how many they are, and of how many clients."""

    number: int = 0
    cases: int = 0
    clients: int = 0


class Page(NamedTuple):
    """Cases, and where the next page of them begins; None on the last."""

    rows: Sequence[Row] = ()
    following: CaseCursor | None = None


class Source(Protocol):
    """Where cases lie, in one read transaction."""

    def totals(self) -> Totals:
        """Of all cases."""
        ...

    def added(self) -> Iterable[tuple[str, int]]:
        """The client of each case and what it adds, in no order."""
        ...

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """The first cases from a client on, in order of client and always in the same; at most so many."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Cases that have been read already, in order."""

    every: Sequence[Row] = ()

    def totals(self) -> Totals:
        """As ``Source`` says."""
        return totals_of(self.added())

    def added(self) -> Iterable[tuple[str, int]]:
        """As ``Source`` says."""
        return ((row[0], row[1]) for row in self.every)

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """As ``Source`` says."""
        return list(islice((row for row in self.every if row[0] >= first), most))


@dataclass(frozen=True, slots=True)
class Selected:
    """Rows of a table: ``query`` has the columns of the cases, ``order`` is theirs, that of the client first."""

    connection: Connection
    query: Select[Any]
    order: Sequence[Column[Any]]
    adds: ColumnElement[int]

    def totals(self) -> Totals:
        """As ``Source`` says."""
        client = self.order[0]
        sums = (func.coalesce(func.sum(self.adds), 0), func.count(), func.count(client.distinct()))
        ((number, added, clients),) = fetch(self.connection, self.query.with_only_columns(*sums))
        return Totals(int(number), added, clients)

    def added(self) -> Iterable[tuple[str, int]]:
        """As ``Source`` says."""
        query = self.query.with_only_columns(self.order[0], self.adds)
        return ((client, adds) for client, adds in fetch(self.connection, query))

    def rows(self, first: str, most: int) -> Sequence[Row]:
        """As ``Source`` says."""
        # said of the first page too: it has SQLite walk the clients, and not sort all that some other index finds
        query = self.query.where(self.order[0] >= first)
        return fetch(self.connection, query.order_by(*self.order).limit(most))


@dataclass(frozen=True, slots=True)
class Cases:
    """What a number counts, in order of client: each row is a case, ``names`` are its columns.

    The number is the sum of ``adds``, which is 1 but where a case is a stay with several sessions, weeks or screens.
    """

    kind: str
    names: tuple[str, ...] = PLACE
    source: Source = Listed()

    def totals(self, keep: Keep | None = None) -> Totals:
        """What they add up to; with ``keep``, those of the clients that it says."""
        if keep is None:
            return self.source.totals()
        return totals_of(row for row in self.source.added() if keep(row[0]))

    def page(self, after: CaseCursor = START, limit: int = 50, keep: Keep | None = None) -> Page:
        """At most so many cases from a place on."""
        first, given = after
        kept = (row for row in walked(self.source, first, given + limit + 1) if keep is None or keep(row[0]))
        head = list(islice(kept, given))
        begun = head if head and head[0][0] == first else []
        rows = [*head[len(begun) :], *islice(kept, max(0, limit + 1 - len(head) + len(begun)))]
        page = rows[:limit]
        if not page or len(rows) == len(page):
            return Page(page)
        last = page[-1][0]
        return Page(page, (last, _at_end([*begun, *page], last)))


def walked(source: Source, first: str, size: int) -> Iterator[Row]:
    """Every case from a client on, read in growing parts of which the first has so many."""
    known = 0
    while True:
        rows = source.rows(first, known + size)
        yield from rows[known:]
        if len(rows) < known + size:
            return
        first = rows[-1][0]
        known = _at_end(rows, first)
        size *= 2


def totals_of(added: Iterable[tuple[str, int]]) -> Totals:
    """The totals of cases, each a client and what it adds."""
    every = list(added)
    return Totals(sum(adds for _, adds in every), len(every), len({client for client, _ in every}))


def _at_end(rows: Sequence[Row], client: str) -> int:
    """How many rows at the end are of a client."""
    return sum(1 for _ in takewhile(lambda row: row[0] == client, reversed(rows)))


def cases(
    connection: Connection,
    kind: str,
    table: Table,
    facts: Sequence[str],
    narrow: Callable[[Select[Any]], Select[Any]],
    adds: ColumnElement[int] | None = None,
    days: tuple[str, str] = ("start_day", "end_day"),
    level: str = "level",
    renamed: Mapping[str, str] | None = None,
) -> Cases:
    """The rows of a table that a question keeps, as cases; ``adds`` is what each counts for, 1 if nothing is said.

    ``days`` are the columns of the first and the last day, ``renamed`` gives facts another name than their column's.
    """
    columns = table.c
    weight = literal(1) if adds is None else adds
    place = [columns[name] for name in (level, "program", "site", *days)]
    query = select(columns.client_id, weight, *place, *(columns[name] for name in facts))
    if adds is not None:
        query = query.where(adds != 0)
    order = [columns[name] for name in ("client_id", days[0], level, *facts)]
    names = [(renamed or {}).get(name, name) for name in facts]
    return Cases(kind, (*PLACE, *names), Selected(connection, narrow(query), order, weight))
