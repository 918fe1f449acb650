"""What the provider says of itself at a moment."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, or_, select

from domain.entries import microseconds
from domain.events.provider import KINDS
from projections.base import Row, fetch
from projections.filters import FilterError
from projections.provider.tables import DEFINITION, PROVIDER_STREAM


@dataclass(frozen=True, slots=True)
class Definition:
    """What was in force of one thing: the data of its event, from when, until when (µs UTC; None: still).

    ``stream`` is that of the thing (32 hex digits), ``event_id`` the entry that said it.
    """

    stream: str
    kind: str
    key: str
    since: int
    until: int | None
    data: dict[str, Any]
    event_id: str

    @staticmethod
    def of(row: Row) -> Definition:
        """The definition of a row of the table."""
        stream, kind, key, since, until, _, data, event_id = row
        return Definition(stream, kind, key, since, until, cast("dict[str, Any]", json.loads(data)), event_id)

    @property
    def name(self) -> str:
        """What it is called; the key itself of what has no other name."""
        return str(self.data.get("name", self.key))

    def holds(self, at: int) -> bool:
        """Whether it was in force at a moment (µs UTC)."""
        return self.since <= at and (self.until is None or at < self.until)


def definitions(connection: Connection, kind: str, at: datetime) -> list[Definition]:
    """The things of a kind as they were defined at a moment, by key; of some that had no definition then, none.

    Raises:
        FilterError: there is no such kind.
    """
    moment = microseconds(at)
    table = DEFINITION.c
    query = select(DEFINITION).where(
        table.kind == known_kind(kind), table.from_at <= moment, or_(table.until_at.is_(None), table.until_at > moment)
    )
    return in_order(Definition.of(row) for row in fetch(connection, query))


def defined_between(
    connection: Connection, kind: str, start: datetime, end: datetime, sites: Collection[str] | None = None
) -> list[Definition]:
    """The definitions of a kind that were in force at some moment between two: by key, then in clinical order; of what
    is at these sites, or anywhere.

    Raises:
        FilterError: there is no such kind.
    """
    table = DEFINITION.c
    query = select(DEFINITION).where(
        table.kind == known_kind(kind),
        table.from_at <= microseconds(end),
        or_(table.until_at.is_(None), table.until_at > microseconds(start)),
    )
    if sites is not None:
        query = query.where(table.site.in_(sorted(sites)))
    return in_order(Definition.of(row) for row in fetch(connection, query.order_by(table.from_at)))


def ever_defined(connection: Connection, kind: str) -> list[Definition]:
    """Every definition of the things of a kind, in force or not: by key, then in clinical order.

    Raises:
        FilterError: there is no such kind.
    """
    query = select(DEFINITION).where(DEFINITION.c.kind == known_kind(kind)).order_by(DEFINITION.c.from_at)
    return in_order(Definition.of(row) for row in fetch(connection, query))


def streams(connection: Connection, kind: str) -> Sequence[str]:
    """The streams of every thing that was ever defined of a kind, or of which nothing is left to say of what kind.

    Raises:
        FilterError: there is no such kind.
    """
    query = select(PROVIDER_STREAM.c.client_id).where(PROVIDER_STREAM.c.kind.in_([known_kind(kind), ""]))
    return sorted(str(row[0]) for row in fetch(connection, query))


def in_order(ordered: Iterable[Definition]) -> list[Definition]:
    """By key, without case."""
    return sorted(ordered, key=lambda definition: (definition.key.casefold(), definition.stream))


def known_kind(kind: str) -> str:
    """The kind, if it is one.

    Raises:
        FilterError: it is none.
    """
    if kind not in KINDS:
        msg = f"kind: is none of {', '.join(KINDS)}"
        raise FilterError(msg)
    return kind
