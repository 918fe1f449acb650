"""Clients in an order that readers know: by their latest contact, or by their days in the level."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import Column, Connection, select, tuple_

from projections.base import Row, fetch
from projections.filters import Filters
from projections.status.queries import CLIENT_FILTERS, among, status_of_each
from projections.status.rows import StatusRow
from projections.status.tables import STATUS

OrderName = Literal["last_contact", "day"]
ORDERS: tuple[OrderName, ...] = get_args(OrderName)
_COLUMNS: dict[OrderName, Column[Any]] = {"last_contact": STATUS.c.last_contact_at, "day": STATUS.c.since_day}
_LONGEST = 19  # digits of a stored value


@dataclass(frozen=True, slots=True)
class Order:
    """By which value; ``descending`` has the latest contact, or the longest in the level, first."""

    name: OrderName
    descending: bool = False

    @property
    def downwards(self) -> bool:
        """Whether the greatest stored value comes first: who is long in the level came early."""
        return self.descending != (self.name == "day")


def clients_in_order(
    connection: Connection,
    filters: Filters,
    today: date,
    order: Order,
    *,
    after: str = "",
    limit: int = 100,
    sites: Collection[str] | None = None,
    but: Collection[str] = (),
) -> tuple[list[StatusRow], str]:
    """At most ``limit`` clients with their flags, and the cursor that goes on after them; empty where nobody follows.

    Who has no such value comes last. ``sites`` and ``but`` are as ``clients`` takes them. Both parts are read along an
    index of the value and the client. A cursor that nobody gave out begins at the front.

    Raises:
        FilterError: a filter that the status does not have.
    """
    replace(filters, by=()).checked(CLIENT_FILTERS)
    column, client = _COLUMNS[order.name], STATUS.c.client_id
    value, last = _read(after)
    columns: list[Column[Any]] = [client, column]
    query = among(select(*columns), filters.where, sites, but)
    pairs: list[Row] = []
    if value is not None or not last:
        place, way = tuple_(column, client), ("desc" if order.downwards else "asc")
        valued = query.where(column.is_not(None)).order_by(getattr(column, way)(), getattr(client, way)())
        if value is not None:
            valued = valued.where(place < (value, last) if order.downwards else place > (value, last))
        pairs += fetch(connection, valued.limit(limit + 1))
        last = ""
    if len(pairs) <= limit:
        without = query.where(column.is_(None), client > last).order_by(client)
        pairs += fetch(connection, without.limit(limit + 1 - len(pairs)))
    ids = [row[0] for row in pairs[:limit]]
    statuses = status_of_each(connection, ids, today)
    return [statuses[client_id] for client_id in ids], _cursor(pairs[limit - 1]) if len(pairs) > limit else ""


def _cursor(row: Row) -> str:
    return f"{'' if row[1] is None else row[1]}.{row[0]}"


def _read(cursor: str) -> tuple[int | None, str]:
    """The value and the client that a cursor stands after; a value of None with a client is one without any."""
    value, _, client_id = cursor.partition(".")
    digits = value.removeprefix("-")
    if not client_id or (value and not (digits.isascii() and digits.isdecimal() and len(digits) < _LONGEST)):
        return None, ""
    return (int(value) if value else None), client_id
