"""Tallies: sums over clients by level and one more dimension, for a period or for ever.

A tally's rows hold what one client adds: where (level, program, site), when (the first and last day of the
stay that it belongs to), and what (the keys). Its counts hold the sums of all clients, so that a question
about a level and one other dimension, over whole months, reads a small table however long history is. Any
other question is answered from the rows, with the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    func,
    select,
)

from domain.levels import LEVELS
from projections.base import Cells, Row, Rows, count_table, fetch
from projections.columns import OF_STAY, names
from projections.filters import Filters, days_of
from projections.running_sums import since, spans
from projections.stays.fold import month_of
from projections.stays.tables import by_dimension

GROUPS = names(OF_STAY)
DIMENSIONS = ("program", "site")
Group = tuple[str, ...]


def place_columns() -> tuple[Column[Any], ...]:
    """Where and when: the columns that end each row of a tally; ``end_day`` is empty while the stay is open."""
    return (
        Column("level", String(40), nullable=False),
        Column("program", String(200), nullable=False),
        Column("site", String(200), nullable=False),
        Column("start_day", Integer, nullable=False),
        Column("end_day", Integer),
    )


def tally_table(name: str, *keys: Column[Any]) -> Table:
    """A table of sums: ``basis`` is "ever" (no month) or the cohort that ``month`` belongs to."""
    return count_table(
        name,
        Column("basis", String(10)),
        Column("dimension", String(20)),
        Column("month", String(7)),
        Column("level", String(40)),
        Column("value", String(200)),
        *keys,
    )


def pending_table(name: str, counts: Table, keys: Sequence[str]) -> Table:
    """A table of running sums of a tally's rows by their due day, for ever only; its keys are those of the sums."""
    return count_table(
        name,
        Column("dimension", String(20)),
        Column("span", SmallInteger),
        Column("day", Integer),
        Column("level", String(40)),
        Column("value", String(200)),
        *(Column(key, counts.c[key].type) for key in keys),
    )


@lru_cache(maxsize=50_000)
def places(level: str, program: str, site: str, admitted: str, discharged: str) -> tuple[Row, ...]:
    """The cells of a tally that a stay belongs to; months are ``YYYY-MM``, empty while the stay is open."""
    cells: list[Row] = []
    for dimension, value in by_dimension(program, site):
        cells.append(("ever", dimension, "", level, value))
        cells.append(("admission", dimension, admitted, level, value))
        if discharged:
            cells.append(("discharge", dimension, discharged, level, value))
    return tuple(cells)


@lru_cache(maxsize=10_000)
def undated(level: str, program: str, site: str) -> tuple[Row, ...]:
    """The cells of a tally that sums for ever only."""
    return tuple(
        ("ever", *where) for where in (("", "", level, ""), ("program", "", level, program), ("site", "", level, site))
    )


def cells_of(placed: Iterable[tuple[Sequence[Any], Iterable[tuple[Row, int]]]], *, dated: bool = True) -> Counter[Row]:
    """The sums of (where and when, (keys, amount) of each sum); amounts are above 0."""
    sums: Counter[Row] = Counter()
    for (level, program, site, start_day, end_day), amounts in placed:
        discharged = "" if end_day is None else month_of(end_day)
        cells = (
            places(level, program, site, month_of(start_day), discharged) if dated else undated(level, program, site)
        )
        for keys, amount in amounts:
            for place in cells:
                key = place + keys
                sums[key] = sums.get(key, 0) + amount
    return sums


@dataclass(frozen=True)
class Tally:
    """A row table whose rows each count as one (or as their ``amount``), and its sums by ``keys``.

    Where the row table has a ``due_day``, a row is settled once that day has passed: before it, what it says
    may still change; ``pending`` sums rows by that day. A tally whose keys have as many values as there are clients
    is not ``dated``: it sums for ever only, and answers questions about periods from the rows.
    """

    rows: Table
    counts: Table
    keys: tuple[str, ...]
    amount: str = ""
    dated: bool = True
    pending: Table | None = None

    def cells(self, rows: Iterable[Row]) -> Counter[Row]:
        """What rows of the row table add: client, keys, amount (if any), where and when, and whatever follows."""
        last = 1 + len(self.keys)
        place = last + bool(self.amount)
        return cells_of(
            ((row[place : place + 5], ((tuple(row[1:last]), row[last] if self.amount else 1),)) for row in rows),
            dated=self.dated,
        )

    def adds(self, rows: Rows) -> Cells:
        """What a client's rows add, by table: the ``cells`` of a read model that is this tally and nothing else."""
        tally_rows = rows.get(self.rows.name, ())
        added = {self.counts.name: self.cells(tally_rows)}
        if self.pending is not None:
            added[self.pending.name] = self._pending(tally_rows)
        return added

    def _pending(self, rows: Iterable[Row]) -> Counter[Row]:
        """What rows add to the sums by due day; a row without one is settled from the beginning."""
        sums: Counter[Row] = Counter()
        place, due = 1 + len(self.keys), self.rows.columns.keys().index("due_day")
        for row in rows:
            if row[due] is None:
                continue
            level, program, site = row[place : place + 3]
            for span in spans(row[due]):
                for dimension, value in by_dimension(program, site):
                    sums[(dimension, *span, level, value, *row[1:place])] += 1
        return sums

    def read(self, connection: Connection, filters: Filters) -> Iterator[tuple[Group, Row, int]]:
        """(group, keys, n) of all rows, settled or not.

        Raises:
            FilterError: a group or filter that tallies do not have.
        """
        filters = filters.checked(GROUPS)
        if counts_hold(filters) and (self.dated or not (filters.dated or "month" in filters.by)):
            yield from sums(connection, self.counts, self.keys, filters)
        else:
            yield from self._from_rows(connection, filters)

    def open(self, connection: Connection, filters: Filters, today: int) -> Iterator[tuple[Group, Row, int]]:
        """(group, keys, n) of the rows that are not settled on ``today``: their due day has not passed."""
        filters = filters.checked(GROUPS)
        if self.pending is not None and counts_hold(filters) and not (filters.dated or "month" in filters.by):
            yield from _summed(connection, self.pending, self.keys, filters, since(self.pending, today))
        else:
            yield from self._from_rows(connection, filters, self.rows.c.due_day >= today)

    def _from_rows(
        self, connection: Connection, filters: Filters, *conditions: ColumnElement[bool]
    ) -> Iterator[tuple[Group, Row, int]]:
        names = [name if name != "month" else cohort_day(filters) for name in filters.by]
        columns = [self.rows.c[name] for name in (*names, *self.keys)]
        total = func.sum(self.rows.c[self.amount]) if self.amount else func.count()
        query = in_period(select(*columns, total).where(*conditions), self.rows, filters)
        width = len(names)
        for row in fetch(connection, query.group_by(*columns)):
            group = group_of(filters, row[:width])
            if group is not None:
                yield group, row[width:-1], int(row[-1])


def counts_hold(filters: Filters) -> bool:
    """Whether the sums answer: one dimension beside the level, and whole months."""
    dimensions = {*filters.by, *filters.where} - {"level", "month"}
    return len(dimensions) <= 1 and "month" not in filters.where and (not filters.dated or filters.whole_months())


def sums(
    connection: Connection, counts: Table, keys: Sequence[str], filters: Filters
) -> Iterator[tuple[Group, Row, int]]:
    """(group, keys, n) from a table of sums that holds the answer."""
    yield from _summed(connection, counts, keys, filters, in_months(counts, filters))


def _summed(
    connection: Connection, counts: Table, keys: Sequence[str], filters: Filters, when: ColumnElement[bool]
) -> Iterator[tuple[Group, Row, int]]:
    """(group, keys, n) of those sums that one condition picks by time."""
    dimension = next(iter({*filters.by, *filters.where} - {"level", "month"}), "")
    columns: dict[str, ColumnElement[Any]] = {dimension: counts.c.value, "level": counts.c.level}
    if "month" in counts.c:
        columns["month"] = counts.c.month
    groups = [*(columns[name] for name in filters.by), *(counts.c[name] for name in keys)]
    query = select(*groups, func.sum(counts.c.n)).where(counts.c.dimension == dimension, when)
    for name, value in filters.where.items():
        query = query.where(columns[name] == value)
    width = len(filters.by)
    for row in fetch(connection, query.group_by(*groups)):
        yield row[:width], row[width:-1], int(row[-1])


def in_period(query: Select[Any], rows: Table, filters: Filters) -> Select[Any]:
    """Add the period and the filters to a query over a tally's rows."""
    day = rows.c[cohort_day(filters)]
    if filters.start:
        query = query.where(day >= filters.start.toordinal())
    if filters.end:
        query = query.where(day <= filters.end.toordinal())
    for name, value in filters.where.items():
        if name == "month":
            query = query.where(day.between(*days_of(value)))
        else:
            query = query.where(rows.c[name] == value)
    return query


def cohort_day(filters: Filters) -> str:
    """The column that the period means."""
    return "start_day" if filters.cohort == "admission" else "end_day"


def group_of(filters: Filters, values: Sequence[Any]) -> Group | None:
    """The group of a row, days as months; None for a stay that is open where the month of its end is asked."""
    if "month" in filters.by and None in values:
        return None
    return tuple(month_of(v) if name == "month" else v for name, v in zip(filters.by, values, strict=True))


def in_order(filters: Filters, groups: Iterable[Group]) -> list[Group]:
    """Groups in the order in which people read them: levels as in the continuum, all else by name."""

    def rank(group: Group) -> tuple[Any, ...]:
        pairs = zip(filters.by, group, strict=True)
        return tuple((LEVELS.index(v) if name == "level" and v in LEVELS else 99, v) for name, v in pairs)

    return sorted(groups, key=rank)


def in_months(counts: Table, filters: Filters) -> ColumnElement[bool]:
    """The period, of sums by basis and month: for ever, or the months of the cohort."""
    if not filters.dated and "month" not in filters.by:
        return counts.c.basis == "ever"
    months = [counts.c.basis == filters.cohort]
    if filters.start:
        months.append(counts.c.month >= month_of(filters.start.toordinal()))
    if filters.end:
        months.append(counts.c.month <= month_of(filters.end.toordinal()))
    return and_(*months)
