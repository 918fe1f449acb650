"""Clients with at least one flag, the most pressing first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from projections.filters import FilterError, Filters
from projections.status.columns import CLIENT_PLACES
from projections.status.flags import FLAG_TITLES
from projections.status.queries import CLIENT_FILTERS, described_rows
from projections.status.tables import STATUS

DEFINITION = (
    "Clients with at least one flag: sessions missed in a row, a positive screen, no contact, follow-ups, plan reviews "
    "and planned ends due, authorisations and consents running out, assessments too old to open a level, leave, "
    "stays that overlap. Rows of clients, for those who care for them."
)
_STATES = ("in_treatment", "alumni", "discharged", "not_admitted")


def worklist(connection: Connection, filters: Filters, today: date) -> list[dict[str, Any]]:
    """Status rows of flagged clients; the filter ``flag`` keeps those with that flag.

    Raises:
        FilterError: no such flag or filter.
    """
    wanted = filters.where.get("flag")
    if wanted is not None and wanted not in FLAG_TITLES:
        msg = f"no flag {wanted!r}: choose from {', '.join(FLAG_TITLES)}"
        raise FilterError(msg)
    own = replace(filters, by=(), where={name: value for name, value in filters.where.items() if name != "flag"})
    own.checked(CLIENT_FILTERS)
    query = select(STATUS).where(STATUS.c.state.in_(_STATES))
    for name, value in own.where.items():
        query = query.where(STATUS.c[name] == value)
    rows = described_rows(connection, query, today)
    return [row for row in rows if row["flags"] and (wanted is None or wanted in _ids(row))]


def by_flag(rows: list[dict[str, Any]], wanted: str | None = None) -> list[dict[str, Any]]:
    """One row a client and flag (or that flag only), in the order in which they press: who, where, why, what next."""
    order = list(FLAG_TITLES)
    found = [
        {
            "client_id": row["client_id"],
            **{column.name: row[column.name] for column in CLIENT_PLACES},
            "flag": flag["id"],
            "reason": flag["reason"],
            "next_step": flag["next_step"],
        }
        for row in rows
        for flag in row["flags"]
        if wanted in (None, flag["id"])
    ]
    return sorted(found, key=lambda row: (order.index(row["flag"]), row["client_id"]))


def _ids(row: dict[str, Any]) -> set[str]:
    return {flag["id"] for flag in row["flags"]}
