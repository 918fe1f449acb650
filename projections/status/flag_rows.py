"""The flags that stand on a day, from the rows that say when each does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, or_, select

from projections.base import Row, fetch
from projections.status.flags import Flag, worded
from projections.status.tables import FLAG

AT_ONCE = 500
_SAID = ("flag", "of_day", "detail", "since_day", "assigned_to", "snoozed_until")
_NAMES = FLAG.columns.keys()


def stands(flag: FromClause, day: int) -> ColumnElement[bool]:
    """Whether a row of flags stands on a day (proleptic ordinal)."""
    return (flag.c.from_day <= day) & or_(flag.c.until_day.is_(None), flag.c.until_day > day)


def flags_of(
    connection: Connection, client_ids: Sequence[str], day: int, *, snoozed: bool | None = None
) -> Mapping[str, list[Flag]]:
    """The flags of clients on a day, of each client the most pressing first; with ``snoozed`` those alone, or others.

    Without it, those that are snoozed come last.
    """
    flags: defaultdict[str, list[Flag]] = defaultdict(list)
    for first in range(0, len(client_ids), AT_ONCE):
        some = client_ids[first : first + AT_ONCE]
        query = (
            select(FLAG.c.client_id, FLAG.c.snoozed, *(FLAG.c[name] for name in _SAID))
            .where(FLAG.c.client_id.in_(some), stands(FLAG, day))
            .order_by(FLAG.c.client_id, FLAG.c.snoozed, FLAG.c.urgency, FLAG.c.since_day)
        )
        # not asked of the database: SQLite would go through all that are not snoozed to find those of some clients
        for client_id, is_snoozed, *values in fetch(connection, query):
            if snoozed is None or is_snoozed == snoozed:
                flags[client_id].append(_flag(dict(zip(_SAID, values, strict=True)), day))
    return flags


def flags_on(rows: Iterable[Row], day: int) -> list[Flag]:
    """The same of one client's rows, as the fold gives them."""
    named: list[dict[str, Any]] = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    return [
        _flag(row, day)
        for row in sorted(named, key=lambda row: (row["snoozed"], row["urgency"], row["since_day"]))
        if row["from_day"] <= day and (row["until_day"] is None or day < row["until_day"])
    ]


def _flag(row: Mapping[str, Any], day: int) -> Flag:
    flag = worded(row["flag"], row["of_day"], row["detail"], day)
    return replace(flag, since=row["since_day"], assigned_to=row["assigned_to"], snoozed_until=row["snoozed_until"])
