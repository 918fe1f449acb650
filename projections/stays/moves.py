"""Arrivals and departures: stays that began or ended on some days, the latest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from projections.stays.tables import STAY


class Move(NamedTuple):
    """A stay's first or last day; ``note`` is its program at an arrival, the reason at a departure."""

    client_id: str
    day: date
    level: str
    note: str


def arrivals(
    connection: Connection, start: date, end: date, sites: Collection[str] | None, but: Collection[str], limit: int
) -> list[Move]:
    """Stays that began from ``start`` to ``end``, both included; of ``sites`` (None: any), but these clients."""
    return _moves(connection, (STAY.c.start_day, STAY.c.program), (start, end), sites, but, limit)


def departures(
    connection: Connection, start: date, end: date, sites: Collection[str] | None, but: Collection[str], limit: int
) -> list[Move]:
    """Stays that ended from ``start`` to ``end``, as in ``arrivals``."""
    return _moves(connection, (STAY.c.end_day, STAY.c.reason), (start, end), sites, but, limit)


def _moves(
    connection: Connection,
    columns: tuple[ColumnElement[int], ColumnElement[str]],
    days: tuple[date, date],
    sites: Collection[str] | None,
    but: Collection[str],
    limit: int,
) -> list[Move]:
    day, note = columns
    query = (
        select(STAY.c.client_id, day, STAY.c.level, note)
        .where(day.between(days[0].toordinal(), days[1].toordinal()))
        .order_by(day.desc(), STAY.c.client_id)
        .limit(limit)
    )
    if sites is not None:
        query = query.where(STAY.c.site.in_(sorted(sites)))
    if but:
        query = query.where(STAY.c.client_id.not_in(sorted(but)))
    return [Move(row[0], date.fromordinal(row[1]), row[2], row[3]) for row in connection.execute(query)]
