"""Service received and attendance by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Table, func, select

from domain.levels import LEVELS, LEVELS_OF_CARE
from projections.attendance.columns import SESSION_GROUP_COLUMNS
from projections.attendance.tables import OUTCOMES, SERVICE, SERVICE_COUNT, SESSIONS, SESSIONS_COUNT, SUMS
from projections.base import Row, fetch
from projections.columns import EstimateRow, ReportRow, estimated, names
from projections.filters import Filters
from projections.statistics import wilson
from projections.tally import GROUPS, Group, cohort_day, counts_hold, group_of, in_order, in_period, sums

SESSION_GROUPS = names(SESSION_GROUP_COLUMNS)
DEFINITION = (
    "Service received in whole weeks of a stay (week 1 begins on its first day; of an open stay, weeks up to the "
    "chart's latest entry), against the sessions planned a week and the level's bounds: a week outside the band is "
    "flagged, never refused. Stays without any session on record are left out. Weeks in the level are those of ended "
    "stays, part weeks included. Attendance is sessions attended of sessions offered (attended or missed); a no-show "
    "is missed without excuse and for no other cause. A session belongs to the stay that was open at its moment, of "
    "several the one begun last (alumni meetings: the alumni stay), and counts in that stay's slot, or else in its "
    "own; without either it is in no slot, and the rates of the slots leave it out. Outside of every stay it is not "
    "counted. Intervals take sessions, weeks and stays as independent: where a few clients have most of them, "
    "they are too narrow."
)
SOURCE = "ASAM Criteria for weekly hours; the programme's guide for sessions and weeks; NIATx for no-shows"


def attendance(connection: Connection, filters: Filters) -> list[ReportRow]:
    """One row a group: stays, weeks, sessions and hours a week, against plan and bounds, attendance, no-shows.

    Raises:
        FilterError: a group or filter that attendance does not have.
    """
    filters = filters.checked(GROUPS)
    service = _by_group(_read(connection, filters, SERVICE, SERVICE_COUNT, (), SUMS))
    offered = _by_group(_read(connection, filters, SESSIONS, SESSIONS_COUNT, (), OUTCOMES))
    return [
        {
            **dict(zip(filters.by, group, strict=True)),
            **_service(service[group]),
            **_attended(offered.get(group, Counter())),
        }
        for group in in_order(filters, service)
    ]


def sessions(connection: Connection, filters: Filters) -> list[ReportRow]:
    """Attendance and no-shows by group, where ``kind`` and ``slot`` of the session are groups too.

    Raises:
        FilterError: a group or filter that sessions do not have.
    """
    filters = filters.checked(SESSION_GROUPS)
    of_session = tuple(name for name in ("kind", "slot") if name in {*filters.by, *filters.where})
    places = tuple(name for name in filters.by if name not in of_session)
    where = {name: value for name, value in filters.where.items() if name not in of_session}
    narrowed = replace(filters, by=places, where=where)
    counts: dict[Group, Counter[str]] = {}
    for group, (*keys, what), n in _read(connection, narrowed, SESSIONS, SESSIONS_COUNT, of_session, OUTCOMES):
        named = {**dict(zip(places, group, strict=True)), **dict(zip(of_session, keys, strict=True))}
        if all(named[name] == filters.where[name] for name in of_session if name in filters.where):
            counts.setdefault(tuple(named[name] for name in filters.by), Counter())[what] += n
    return [
        {**dict(zip(filters.by, group, strict=True)), **_attended(counts[group])} for group in in_order(filters, counts)
    ]


def bounds(connection: Connection, filters: Filters) -> list[ReportRow]:
    """For each level with bounds: weeks (hours, sessions) and ended stays (weeks) below, within and above them."""
    filters = filters.checked(GROUPS)
    by = filters if "level" in filters.by else replace(filters, by=(*filters.by, "level"))
    totals = _by_group(_read(connection, by, SERVICE, SERVICE_COUNT, (), SUMS))
    rows: list[ReportRow] = []
    for group in in_order(by, totals):
        named = dict(zip(by.by, group, strict=True))
        known = LEVELS_OF_CARE[LEVELS[LEVELS.index(named["level"])]]  # type: ignore[arg-type]
        limits = {
            "hours": (known.hours_min, known.hours_max),
            "sessions": (known.sessions_min, known.sessions_max),
            "weeks": (known.weeks_min, known.weeks_max),
        }
        for what, (least, most) in limits.items():
            if least is not None or most is not None:
                rows.append({**named, "bound": what, "least": least, "most": most, **_band(totals[group], what)})
    return rows


def _read(
    connection: Connection, filters: Filters, rows: Table, counts: Table, keys: Sequence[str], names: Sequence[str]
) -> Iterator[tuple[Group, Row, int]]:
    """(group, keys and name, sum), from the sums where they hold the answer, else from the rows."""
    if counts_hold(filters):
        yield from sums(connection, counts, (*keys, "what"), filters)
    else:
        yield from _from_rows(connection, filters, rows, keys, names)


def _from_rows(
    connection: Connection, filters: Filters, rows: Table, keys: Sequence[str], names: Sequence[str]
) -> Iterator[tuple[Group, Row, int]]:
    places = [name if name != "month" else cohort_day(filters) for name in filters.by]
    columns = [rows.c[name] for name in (*places, *keys)]
    query = in_period(select(*columns, *(func.sum(rows.c[name]) for name in names)), rows, filters)
    for row in fetch(connection, query.group_by(*columns) if columns else query):
        group = group_of(filters, row[: len(places)])
        if group is not None:
            for name, n in zip(names, row[len(columns) :], strict=True):
                if n:
                    yield group, (*row[len(places) : len(columns)], name), int(n)


def _by_group(read: Iterator[tuple[Group, Row, int]]) -> dict[Group, Counter[str]]:
    totals: dict[Group, Counter[str]] = {}
    for group, (what,), n in read:
        totals.setdefault(group, Counter())[what] += n
    return totals


def _service(totals: Counter[str]) -> ReportRow:
    weeks = totals["weeks"]
    planned, planned_weeks = totals["planned"], totals["planned_weeks"]
    within = _band(totals, "hours")
    return {
        "stays": totals["stays"],
        "weeks": weeks,
        "sessions_per_week": totals["sessions"] / weeks if weeks else None,
        "hours_per_week": totals["minutes"] / 60 / weeks if weeks else None,
        "planned_per_week": planned / planned_weeks if planned_weeks else None,
        "received_of_planned": totals["received"] / planned if planned else None,
        "weeks_below_hours": within["below"],
        "weeks_within_hours": within["numerator"],
        "weeks_above_hours": within["above"],
        "within_hours": within["share"],
        "within_hours_low": within["ci_low"],
        "within_hours_high": within["ci_high"],
    }


class _Band(EstimateRow):
    below: int
    above: int


def _band(totals: Counter[str], what: str) -> _Band:
    names = ("weeks_short", "weeks_as_planned", "weeks_long")
    if what != "weeks":
        names = (f"{what}_below", f"{what}_within", f"{what}_above")
    below, within, above = (totals[name] for name in names)
    return {"below": below, "above": above, **estimated(within, below + within + above)}


def _attended(counts: Counter[str]) -> ReportRow:
    offered = counts["attended"] + counts["missed"]
    rate, low, high = wilson(counts["attended"], offered)
    absent, absent_low, absent_high = wilson(counts["no_show"], offered)
    return {
        "offered": offered,
        "attended": counts["attended"],
        "missed": counts["missed"],
        "excused": counts["excused"],
        "no_shows": counts["no_show"],
        "attendance_rate": rate,
        "ci_low": low,
        "ci_high": high,
        "no_show_rate": absent,
        "no_show_low": absent_low,
        "no_show_high": absent_high,
    }
