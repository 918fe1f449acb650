"""When a person last looked at a chart: what was recorded since is new to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.access_log.entries import Accessed
from infra.access_log.log import AccessLog
from infra.identity.people import Principal

VISIT_GAP = timedelta(minutes=30)
LOOKED_BACK = 400  # looks at one chart, of anybody (an open page is one a minute); who came before is not told


def last_visit(log: AccessLog, who: Principal, client_id: str, now: datetime) -> datetime | None:
    """When a person's visit before this one ended; None if they were never here, or it is too long ago to tell.

    Looks at the same page (``who.doing``) that are less than half an hour apart are one visit, so that what is new
    stays marked while somebody works with the chart. ``now`` is aware; at most ``LOOKED_BACK`` entries are read.
    """
    after, key = now, who.person.key
    for entry in _newest_first(log, client_id):
        if entry.kind != "ChartsRead" or entry.person.key != key or entry.doing != who.doing:
            continue
        if after - entry.at >= VISIT_GAP:
            return entry.at
        after = entry.at
    return None


def _newest_first(log: AccessLog, client_id: str) -> list[Accessed]:
    sql = "SELECT position FROM access_client WHERE client_id=? ORDER BY position DESC LIMIT ?"
    return log.at([int(row[0]) for row in log.recorder.query(sql, (client_id, LOOKED_BACK))])[::-1]
