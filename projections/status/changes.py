"""Flags standing on a day, counted from what begins and ends by day, without reading clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, case, func, select

from projections.base import Row, fetch
from projections.running_sums import spans, until
from projections.status.flag_rows import stands
from projections.status.tables import FLAG, FLAG_CHANGE

ANY = ""
_PLACES = [
    FLAG.columns.keys().index(name) for name in ("flag", "from_day", "until_day", "adds_from_day", "site", "snoozed")
]


def flag_changes(rows: Sequence[Row]) -> Counter[Row]:
    """What rows of flags add to the changes; one that is snoozed adds nothing until it is back."""
    changes: Counter[Row] = Counter()
    for row in rows:
        flag, begins, ends, adds, site, snoozed = (row[place] for place in _PLACES)
        if snoozed:
            continue
        for name, first in ((flag, begins), (ANY, adds)):
            for day, kind in ((first, "in"), (ends, "off")):
                if first is not None and day is not None:
                    for span in spans(day):
                        changes[*span, name, site, kind] += 1
    return changes


def standing_counts(
    connection: Connection, day: int, sites: Collection[str] | None = None, but: Collection[str] = ()
) -> dict[str, int]:
    """Clients with each flag on a day (proleptic ordinal) at these sites, or everywhere; with any under ``ANY``.

    ``but`` are clients that are left out.
    """
    change = FLAG_CHANGE.c
    standing = func.sum(case((change.kind == "in", change.n), else_=-change.n))
    query = select(change.flag, standing).where(until(FLAG_CHANGE, day)).group_by(change.flag)
    if sites is not None:
        query = query.where(change.site.in_(sorted(sites)))
    counts = Counter({str(flag): int(n) for flag, n in connection.execute(query)})
    if but:
        counts.subtract(_left_out(connection, day, sites, but))
    return {flag: n for flag, n in counts.items() if n}


def _left_out(connection: Connection, day: int, sites: Collection[str] | None, but: Collection[str]) -> Counter[str]:
    adds = case((FLAG.c.adds_from_day <= day, 1), else_=0)
    # by the clients alone: asked of the database, SQLite would begin with all flags of a site, or that are not snoozed
    query = select(FLAG.c.flag, adds, FLAG.c.snoozed, FLAG.c.site)
    query = query.where(FLAG.c.client_id.in_(sorted(but)), stands(FLAG, day))
    counts: Counter[str] = Counter()
    for flag, n, is_snoozed, site in fetch(connection, query):
        if not is_snoozed and (sites is None or site in sites):
            counts[flag] += 1
            counts[ANY] += n
    return counts
