"""The payers of stays: those of open stays, and those that ended stays had, the most usual first."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, func, select

from projections.stays.tables import COMPLETION_COUNT, STAY

_ENDED = (COMPLETION_COUNT.c.basis == "ever", COMPLETION_COUNT.c.dimension == "payer", COMPLETION_COUNT.c.value != "")
_OPEN = (STAY.c.end_day.is_(None), STAY.c.payer != "")


def usual_payers(connection: Connection, most: int) -> list[str]:
    """At most so many payers by name; of equally usual ones in the order of their names."""
    ended = (
        select(COMPLETION_COUNT.c.value, func.sum(COMPLETION_COUNT.c.n))
        .where(*_ENDED)
        .group_by(COMPLETION_COUNT.c.value)
    )
    still = select(STAY.c.payer, func.count()).where(*_OPEN).group_by(STAY.c.payer)
    counts: Counter[str] = Counter()
    for query in (ended, still):
        for payer, count in connection.execute(query):
            counts[payer] += int(count)
    return sorted(counts, key=lambda payer: (-counts[payer], payer))[:most]
