"""How many clients the rows of a table come from, where what it counts are sessions or screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select

from projections.base import Row, fetch
from projections.filters import Filters
from projections.tally import Group, cohort_day, group_of, in_period


def clients(connection: Connection, rows: Table, filters: Filters, keys: Sequence[str]) -> dict[tuple[Group, Row], int]:
    """Different clients by group and keys; ``filters.by`` may name columns of the table beside those of tallies."""
    places = [name if name != "month" else cohort_day(filters) for name in filters.by]
    columns = [rows.c[name] for name in (*places, *keys)]
    if "month" not in filters.by:
        query = in_period(select(*columns, func.count(rows.c.client_id.distinct())), rows, filters)
        found = fetch(connection, query.group_by(*columns) if columns else query)
        return {(row[: len(places)], row[len(places) : -1]): int(row[-1]) for row in found}
    query = in_period(select(rows.c.client_id, *columns).distinct(), rows, filters)
    seen: dict[tuple[Group, Row], set[str]] = {}
    for client, *values in fetch(connection, query):
        group = group_of(filters, values[: len(places)])
        if group is not None:
            seen.setdefault((group, tuple(values[len(places) :])), set()).add(client)
    return {place: len(who) for place, who in seen.items()}
