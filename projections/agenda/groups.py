"""The groups that clients are in, or were."""

from __future__ import annotations

from sqlalchemy import Connection, select

from projections.agenda.tables import GROUP_MEMBER


def known_groups(connection: Connection) -> list[str]:
    """The ids of every group that a client ever joined, in order."""
    column = GROUP_MEMBER.c.group_id
    return list(connection.scalars(select(column).distinct().where(column != "").order_by(column)))
