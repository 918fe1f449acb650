"""Rows of the agenda: appointments of days, who is in which group, who is to come, who waits between levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from domain.entries import moment
from projections.agenda.rows import AppointmentRow, ArrivalRow, HandoffRow
from projections.agenda.tables import APPOINTMENT, ARRIVAL, GROUP_MEMBER, HANDOFF
from projections.base import mappings
from projections.columns import ReportRow
from projections.filters import Filters

AGENDA = (
    "Appointments by their start: those of today, or of the days asked for, whatever became of them. Rows of clients, "
    "for those who care for them."
)
ARRIVALS = (
    "Planned arrivals by day: those that are still to come, or, asked by state or days, others too. The first start of "
    "the level from the plan on fulfils it, unless a later plan for that level came before. Rows of clients, for those "
    "who care for them."
)
HANDOFFS = (
    "Ended stays, but by death, whose next level (named at the end, else recommended by the latest assessment since "
    "the stay began) has not begun and which nobody closed; referrals that came and that no level has followed; "
    "referrals to others that somebody was given; asked by state or days, others too. Rows of clients, for those who "
    "care for them."
)


def agenda(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """Appointments of today, or of the period, by their start.

    Raises:
        FilterError: a filter that appointments do not have.
    """
    whole = filters if filters.dated else replace(filters, start=today, end=today)
    query = _asked(APPOINTMENT, APPOINTMENT.c.day, whole, ("clinician", "site", "kind", "state"))
    rows = mappings(connection, query.order_by(APPOINTMENT.c.starts_at, APPOINTMENT.c.client_id), AppointmentRow)
    return [{**_dated(row, ("day",)), "starts": moment(row["starts_at"]).isoformat()} for row in rows]


def groups(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """Who is in which group today.

    Raises:
        FilterError: a filter that groups do not have.
    """
    query = _asked(GROUP_MEMBER, GROUP_MEMBER.c.from_day, replace(filters, start=None, end=today), ("group_id", "site"))
    until = GROUP_MEMBER.c.until_day
    query = query.where(until.is_(None) | (until > today.toordinal()))
    rows = mappings(connection, query.order_by(GROUP_MEMBER.c.group_id, GROUP_MEMBER.c.client_id), ReportRow)
    return [_dated(row, ("from_day", "until_day")) for row in rows]


def arrivals(connection: Connection, filters: Filters) -> list[ReportRow]:
    """Planned arrivals by day.

    Raises:
        FilterError: a filter that arrivals do not have.
    """
    narrowed = _in_state(filters, "planned")
    query = _asked(ARRIVAL, ARRIVAL.c.on_day, narrowed, ("level", "program", "site", "state"))
    rows = mappings(connection, query.order_by(ARRIVAL.c.on_day, ARRIVAL.c.client_id), ArrivalRow)
    return [{**_dated(row, ("on_day",)), "from": row["from_place"]} for row in rows]


def handoffs(connection: Connection, filters: Filters, today: date) -> list[ReportRow]:
    """Hand-offs, the one that has waited longest first.

    Raises:
        FilterError: a filter that hand-offs do not have.
    """
    narrowed = _in_state(filters, "open")
    query = _asked(
        HANDOFF, HANDOFF.c.ended_day, narrowed, ("level", "program", "site", "owner", "state", "outcome", "kind")
    )
    rows = mappings(connection, query.order_by(HANDOFF.c.ended_day, HANDOFF.c.client_id), HandoffRow)
    days = ("ended_day", "due_7_day", "due_14_day")
    return [{**_dated(row, days), "days": max(0, today.toordinal() - row["ended_day"])} for row in rows]


def _in_state(filters: Filters, state: str) -> Filters:
    """Only what is in this state, unless a state or a period is asked for."""
    if filters.dated or "state" in filters.where:
        return filters
    return replace(filters, where={**filters.where, "state": state})


def _asked(table: Table, day: Column[Any], filters: Filters, known: tuple[str, ...]) -> Select[Any]:
    checked = replace(filters, by=()).checked(known)
    query = select(table)
    if checked.start is not None:
        query = query.where(day >= checked.start.toordinal())
    if checked.end is not None:
        query = query.where(day <= checked.end.toordinal())
    for name, value in checked.where.items():
        query = query.where(table.c[name] == value)
    return query


def _dated(row: Mapping[str, object], days: Sequence[str]) -> ReportRow:
    """The row with its days as dates, under their names in the report."""
    shown = {name: value for name, value in row.items() if name not in days}
    for name in days:
        value = row[name]
        shown[name.removesuffix("_day")] = date.fromordinal(value).isoformat() if isinstance(value, int) else None
    return shown
