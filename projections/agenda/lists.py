"""Short lists of the agenda for one person's day: at their sites, without some charts, never more than asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, func, or_, select

from domain.numbers import canonical
from projections.agenda.groups import known_groups
from projections.agenda.rows import AppointmentRow, ArrivalRow
from projections.agenda.tables import APPOINTMENT, ARRIVAL, GROUP_MEMBER, HANDOFF
from projections.base import mappings
from projections.status.tables import STATUS


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose lists: charts of ``sites`` (None: of all), wherever they are to come; without ``but``; ``limit`` rows."""

    sites: Collection[str] | None = None
    but: Collection[str] = ()
    limit: int = 50


def appointments_of(
    connection: Connection, day: int, scope: Scope, clinician: str = "", *, open_first: bool = False
) -> list[AppointmentRow]:
    """A day's appointments (proleptic ordinal) by their start, whatever became of them; of all or one clinician.

    ``open_first`` keeps to those still to be settled where there are more than the limit; in the order of their start.
    """
    settled = [case((APPOINTMENT.c.state == "scheduled", 0), else_=1)] if open_first else []
    query = _appointments(select(APPOINTMENT), day, clinician)
    query = query.order_by(*settled, APPOINTMENT.c.starts_at, APPOINTMENT.c.client_id)
    rows = mappings(connection, _first(query, APPOINTMENT, scope), AppointmentRow)
    return sorted(rows, key=lambda row: (row["starts_at"], row["client_id"]))


def appointment_count(connection: Connection, day: int, scope: Scope, clinician: str = "") -> int:
    """How many a day has; whatever the limit of the scope."""
    return _count(
        connection, _appointments(select(func.count()).select_from(APPOINTMENT), day, clinician), APPOINTMENT, scope
    )


def planned_arrivals(connection: Connection, until: int, scope: Scope) -> list[ArrivalRow]:
    """Arrivals still to come, planned for a day up to ``until``: overdue ones first."""
    query = _planned(select(ARRIVAL), until).order_by(ARRIVAL.c.on_day, ARRIVAL.c.client_id)
    return mappings(connection, _first(query, ARRIVAL, scope), ArrivalRow)


def planned_arrival_count(connection: Connection, until: int, scope: Scope) -> int:
    """How many are still to come; whatever the limit of the scope."""
    return _count(connection, _planned(select(func.count()).select_from(ARRIVAL), until), ARRIVAL, scope)


def open_handoff_count(connection: Connection, scope: Scope) -> int:
    """How many hand-offs nobody closed; whatever the limit of the scope."""
    query = select(func.count()).select_from(HANDOFF).where(HANDOFF.c.state == "open")
    return _count(connection, query, HANDOFF, scope)


def members(connection: Connection, group_id: str, day: int, scope: Scope) -> list[str]:
    """The ids of who is in a group on a day (proleptic ordinal), in whatever spelling they joined it."""
    column, spelled = GROUP_MEMBER.c.client_id, _spellings(connection, [group_id])
    query = select(column).where(GROUP_MEMBER.c.group_id.in_(spelled), _in_group(day)).order_by(column)
    return list(connection.scalars(_first(query, GROUP_MEMBER, scope)))


def member_counts(connection: Connection, group_ids: Collection[str], day: int) -> dict[str, int]:
    """How many clients are in each of these groups on a day (proleptic ordinal); of an empty one nothing."""
    column, until = GROUP_MEMBER.c.group_id, GROUP_MEMBER.c.until_day
    spelled = _spellings(connection, group_ids)
    query = select(column, GROUP_MEMBER.c.client_id).where(column.in_(spelled), GROUP_MEMBER.c.from_day <= day)
    clients_of: dict[str, set[str]] = {}
    for still_in in (until.is_(None), until > day):  # one after the other: their index leaves out who was in it once
        for name, client_id in connection.execute(query.where(still_in)):
            clients_of.setdefault(spelled[name], set()).add(client_id)
    return {name: len(clients) for name, clients in clients_of.items()}


def _spellings(connection: Connection, group_ids: Collection[str]) -> dict[str, str]:
    """By each spelling in which clients joined one of these groups, the group as it was asked for."""
    by_canonical = {canonical(group_id): group_id for group_id in group_ids}
    return {name: by_canonical[canonical(name)] for name in known_groups(connection) if canonical(name) in by_canonical}


def _in_group(day: int) -> ColumnElement[bool]:
    until = GROUP_MEMBER.c.until_day
    return and_(GROUP_MEMBER.c.from_day <= day, or_(until.is_(None), until > day))


def _appointments(query: Select[Any], day: int, clinician: str) -> Select[Any]:
    query = query.where(APPOINTMENT.c.day == day)
    return query.where(APPOINTMENT.c.clinician == clinician) if clinician else query


def _planned(query: Select[Any], until: int) -> Select[Any]:
    return query.where(ARRIVAL.c.state == "planned", ARRIVAL.c.on_day <= until)


def _count(connection: Connection, query: Select[Any], table: Table, scope: Scope) -> int:
    return int(connection.execute(_within(query, table, scope)).scalar_one())


def _first(query: Select[Any], table: Table, scope: Scope) -> Select[Any]:
    return _within(query, table, scope).limit(scope.limit)


def _within(query: Select[Any], table: Table, scope: Scope) -> Select[Any]:
    if scope.sites is not None:
        charted = select(STATUS.c.client_id).where(STATUS.c.site.in_(sorted(scope.sites)))
        query = query.where(table.c.client_id.in_(charted))
    if scope.but:
        query = query.where(table.c.client_id.not_in(sorted(scope.but)))
    return query
