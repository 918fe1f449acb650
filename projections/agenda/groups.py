"""Groups that clients are in, or were."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from projections.agenda.tables import GROUP_MEMBER


def known_groups(connection: Connection) -> list[str]:
    """The ids of every group that a client ever joined, in order."""
    group_id = GROUP_MEMBER.c.group_id
    # from each id to the next in the index: there are few groups, each with all who were ever in it
    known = select(func.min(group_id).label("id")).where(group_id != "").cte("known", recursive=True)
    following = select(func.min(group_id)).where(group_id > known.c.id).scalar_subquery()
    known = known.union_all(select(following).where(known.c.id.is_not(None)))
    return list(connection.scalars(select(known.c.id).where(known.c.id.is_not(None)).order_by(known.c.id)))
