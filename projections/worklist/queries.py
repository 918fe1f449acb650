"""Clients with at least one flag, the most pressing first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from projections.filters import FilterError, Filters
from projections.status.flags import FLAG_TITLES, worded
from projections.status.queries import CLIENT_FILTERS, status_of_each
from projections.status.rows import FlaggedRow, StatusRow
from projections.worklist.places import FlagCursor, ListedFlag, WorkQuery, places

OF_FLAGS = ("flag", "assigned_to")
DEFINITION = (
    "Clients with at least one flag: sessions missed in a row, a positive screen, no contact, follow-ups, plan reviews "
    "and planned ends due, authorisations and consents running out, assessments too old to open a level, leave, "
    "stays that overlap. In the order of what presses, then of how long it stands. A flag that was snoozed is left out "
    "until its day, one that is done until it comes up anew. Rows of clients, for those who care for them."
)


R = TypeVar("R")


class Page(NamedTuple, Generic[R]):
    """Rows of the list with the place of each, and the place after which the next page begins; None after the last."""

    rows: list[R]
    places: list[FlagCursor]
    after: FlagCursor | None


def clients(connection: Connection, question: WorkQuery) -> Page[StatusRow]:
    """Flagged clients with their status and all their flags, each where the most pressing stands.

    With the filter ``flag`` those who have it, each where that one stands.

    Raises:
        FilterError: no such flag or filter.
    """
    listed, after = _page(connection, question, of_clients=True)
    each = status_of_each(
        connection, [row.place.client_id for row in listed], date.fromordinal(question.day), snoozed=question.snoozed
    )
    return Page([each[row.place.client_id] for row in listed], [row.place for row in listed], after)


def flags(connection: Connection, question: WorkQuery) -> Page[FlaggedRow]:
    """One row a client and flag (or that flag only): who, where, why, what next.

    Raises:
        FilterError: no such flag or filter.
    """
    listed, after = _page(connection, question, of_clients=False)
    each = status_of_each(connection, [item.place.client_id for item in listed], date.fromordinal(question.day))
    rows: list[FlaggedRow] = []
    for item in listed:
        status = each[item.place.client_id]
        flag = worded(item.flag, item.of_day, item.detail, question.day)
        rows.append(
            {
                "client_id": item.place.client_id,
                "level": status["level"],
                "program": status["program"],
                "site": status["site"],
                "clinician": status["clinician"],
                "flag": flag.id,
                "reason": flag.reason,
                "next_step": flag.next_step,
                "since": _iso(item.place.since_day),
                "assigned_to": item.assigned_to,
                "snoozed_until": _iso(item.snoozed_until),
            }
        )
    return Page(rows, [item.place for item in listed], after)


def _iso(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _page(
    connection: Connection, question: WorkQuery, *, of_clients: bool
) -> tuple[list[ListedFlag], FlagCursor | None]:
    _check(question)
    listed = places(connection, replace(question, limit=question.limit + 1), of_clients=of_clients)
    shown = listed[: question.limit]
    return shown, shown[-1].place if len(listed) > question.limit else None


def _check(question: WorkQuery) -> None:
    wanted = question.where.get("flag")
    if wanted is not None and wanted not in FLAG_TITLES:
        msg = f"no flag {wanted!r}: choose from {', '.join(FLAG_TITLES)}"
        raise FilterError(msg)
    of_clients = {name: value for name, value in question.where.items() if name not in OF_FLAGS}
    Filters(by=(), where=of_clients).checked(CLIENT_FILTERS)
