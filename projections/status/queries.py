"""Current status by client and by group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Select, func, select

from domain.levels import LEVELS, LEVELS_OF_CARE
from projections.base import fetch, mappings
from projections.columns import ReportRow, names
from projections.filters import Filters
from projections.status.columns import CLIENT_PLACES, GROUP_COLUMNS
from projections.status.flag_rows import AT_ONCE, flags_of
from projections.status.flags import Flag
from projections.status.rows import FlagRow, StatusRow
from projections.status.tables import STATUS, STATUS_COUNT

GROUPS = names(GROUP_COLUMNS)
CLIENT_FILTERS = tuple(dict.fromkeys((*GROUPS, *names(CLIENT_PLACES))))
STATES = ("in_treatment", "alumni", "discharged", "not_admitted", "died")
DEFINITION = (
    "Where each client is now: the open level that is the most intensive and not concurrent; in treatment, alumni, "
    "discharged (no open level), not admitted yet (no level so far), or died."
)
_DAYS = (
    "since_day",
    "planned_end",
    "review_due",
    "last_contact_day",
    "last_screen_day",
    "last_positive_day",
    "last_use_day",
    "last_assessment_day",
    "authorized_to",
    "consent_expires",
    "discharged_day",
)

_UNSHOWN = frozenset({*_DAYS, "recent_sessions", "followed_up", "overlap_day"})


def status_counts(connection: Connection, filters: Filters) -> list[ReportRow]:
    """Clients by group.

    Raises:
        FilterError: a group or filter that the status does not have.
    """
    filters = filters.checked(GROUPS)
    columns = [STATUS_COUNT.c[name] for name in filters.by]
    query = select(*columns, func.sum(STATUS_COUNT.c.n)).group_by(*columns)
    for name, value in filters.where.items():
        query = query.where(STATUS_COUNT.c[name] == value)
    rows = [(tuple(row[:-1]), int(row[-1])) for row in connection.execute(query)]
    rows.sort(key=lambda row: tuple(_rank(value) for value in row[0]))
    return [{**dict(zip(filters.by, group, strict=True)), "clients": n} for group, n in rows]


def client_count(
    connection: Connection, filters: Filters, sites: Collection[str] | None = None, but: Collection[str] = ()
) -> int:
    """How many clients ``clients`` would give in all, from the counts by group.

    Raises:
        FilterError: a filter that the counts do not have.
    """
    filters.checked(GROUPS)
    query = select(func.coalesce(func.sum(STATUS_COUNT.c.n), 0))
    for name, value in filters.where.items():
        query = query.where(STATUS_COUNT.c[name] == value)
    if sites is not None:
        query = query.where(STATUS_COUNT.c.site.in_(sorted(sites)))
    count = int(connection.execute(query).scalar_one())
    if not but:
        return count
    columns = [STATUS.c[name] for name in ("site", *filters.where)]
    left_out = select(*columns).where(STATUS.c.client_id.in_(sorted(but)))  # as in changes: by the clients alone
    wanted = tuple(filters.where.values())
    rows = fetch(connection, left_out)
    return count - sum(row[1:] == wanted and (sites is None or row[0] in sites) for row in rows)


def clients(
    connection: Connection,
    filters: Filters,
    today: date,
    *,
    after: str = "",
    limit: int = 100,
    sites: Collection[str] | None = None,
    but: Collection[str] = (),
) -> list[StatusRow]:
    """Status rows of clients with their flags, in order of client id after ``after`` (a cursor).

    ``sites`` are those whose clients alone are asked for; ``None`` is every client, ``but`` those that are left out.

    Raises:
        FilterError: a filter that the status does not have.
    """
    replace(filters, by=()).checked(CLIENT_FILTERS)
    query = select(STATUS).where(STATUS.c.client_id > after).order_by(STATUS.c.client_id).limit(limit)
    return _described_rows(connection, among(query, filters.where, sites, but), today)


def ids_where(
    connection: Connection,
    where: Mapping[str, str],
    limit: int,
    sites: Collection[str] | None = None,
    but: Collection[str] = (),
) -> list[str]:
    """Who has these values in columns of their status, in order of client id; ``sites`` and ``but`` as ``clients``."""
    query = select(STATUS.c.client_id).order_by(STATUS.c.client_id).limit(limit)
    return [client_id for (client_id,) in fetch(connection, among(query, where, sites, but))]


def client_status(connection: Connection, client_id: str, today: date) -> StatusRow | None:
    """One client's status, or None when nothing is recorded of them."""
    rows = _described_rows(connection, select(STATUS).where(STATUS.c.client_id == client_id), today)
    return rows[0] if rows else None


def status_of_each(
    connection: Connection, client_ids: Sequence[str], today: date, *, snoozed: bool | None = None
) -> dict[str, StatusRow]:
    """The status of clients by their ids; with ``snoozed`` only those of their flags, or only the others."""
    statuses: list[StatusRow] = []
    for first in range(0, len(client_ids), AT_ONCE):
        query = select(STATUS).where(STATUS.c.client_id.in_(client_ids[first : first + AT_ONCE]))
        statuses += _described_rows(connection, query, today, snoozed=snoozed)
    return {row["client_id"]: row for row in statuses}


def _described_rows(
    connection: Connection, query: Select[Any], today: date, *, snoozed: bool | None = None
) -> list[StatusRow]:
    rows = mappings(connection, query, dict[str, Any])
    flags = flags_of(connection, [row["client_id"] for row in rows], today.toordinal(), snoozed=snoozed)
    return [described(row, flags.get(row["client_id"], ()), today) for row in rows]


def described(row: Mapping[str, Any], flags: Iterable[Flag], today: date) -> StatusRow:
    """A status row with its days as dates, what depends on today (days in level, sessions), and today's flags."""
    ordinal = today.toordinal()
    shown = {name: value for name, value in row.items() if name not in _UNSHOWN}
    for name in _DAYS:
        shown[name.removesuffix("_day")] = _date(row[name])
    since = row["since_day"]
    shown["days_in_level"] = None if since is None else ordinal - since + 1
    use = row["last_use_day"]
    shown["days_since_last_use"] = None if use is None else max(0, ordinal - use)
    shown["sessions_this_week"], shown["hours_this_week"] = _this_week(row["recent_sessions"], today)
    shown["hours_outside_band"] = _outside_band(row["level"], row["recent_sessions"], today)
    shown["flags"] = [_flag(flag) for flag in flags]
    return cast("StatusRow", shown)


def _flag(flag: Flag) -> FlagRow:
    return {
        "id": flag.id,
        "reason": flag.reason,
        "next_step": flag.next_step,
        "since": _date(flag.since),
        "assigned_to": flag.assigned_to,
        "snoozed_until": _date(flag.snoozed_until),
    }


def _this_week(recent: str, today: date) -> tuple[int, float]:
    """Sessions and hours since Monday."""
    monday = (today - timedelta(days=today.weekday())).toordinal()
    minutes = [m for day, m in _sessions(recent) if monday <= day <= today.toordinal()]
    return len(minutes), round(sum(minutes) / 60, 2)


def _outside_band(level: str, recent: str, today: date) -> str:
    """Whether the last whole week's hours lie outside the level's band: "below", "above" or nothing."""
    bounds = LEVELS_OF_CARE.get(level)  # type: ignore[call-overload]
    if not bounds or (bounds.hours_min is None and bounds.hours_max is None):
        return ""
    monday = (today - timedelta(days=today.weekday() + 7)).toordinal()
    hours = sum(m for day, m in _sessions(recent) if monday <= day < monday + 7) / 60
    if hours and bounds.hours_min is not None and hours < bounds.hours_min:
        return "below"
    return "above" if bounds.hours_max is not None and hours > bounds.hours_max else ""


def _date(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _sessions(recent: str) -> list[tuple[int, int]]:
    pairs = (part.split(":") for part in recent.split(",") if part)
    return [(int(day), int(minutes)) for day, minutes in pairs]


def among(
    query: Select[Any], where: Mapping[str, str], sites: Collection[str] | None, but: Collection[str]
) -> Select[Any]:
    """A query of the status for those alone who have these values, at these sites, without those left out."""
    for name, value in where.items():
        query = query.where(STATUS.c[name] == value)
    if sites is not None:
        query = query.where(STATUS.c.site.in_(sorted(sites)))
    return query.where(STATUS.c.client_id.not_in(sorted(but))) if but else query


def _rank(value: str) -> tuple[int, str]:
    known: Sequence[str] = (*STATES, *LEVELS)
    return (known.index(value) if value in known else len(known), value)


def holds_clients(connection: Connection) -> bool:
    """Whether there is any client."""
    return connection.execute(select(STATUS.c.client_id).limit(1)).first() is not None


def known_places(connection: Connection) -> dict[str, list[str]]:
    """The sites and programs that clients are at, in order: what lists of clients can be filtered by."""
    columns = STATUS_COUNT.c.site, STATUS_COUNT.c.program
    return {
        column.name: list(connection.scalars(select(column).distinct().where(column != "").order_by(column)))
        for column in columns
    }
