"""Who stands where on the work list: read by urgency from an index, as many as are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, exists, func, or_, select

from projections.base import fetch
from projections.status.flag_rows import stands
from projections.status.flags import URGENCIES
from projections.status.tables import FLAG, FLAG_PLACES

_OTHER = FLAG.alias("other")


class FlagCursor(NamedTuple):
    """A flag's place on the list, which is also where a page after it goes on."""

    urgency: int
    since_day: int
    client_id: str


class ListedFlag(NamedTuple):
    """A flag on the list: its place, and what its words are made of."""

    place: FlagCursor
    flag: str
    of_day: int
    detail: str
    assigned_to: str
    snoozed_until: int | None


@dataclass(frozen=True, slots=True)
class WorkQuery:
    """What of the list is asked for.

    ``where`` filters by places of the client (``FLAG_PLACES``), ``flag`` and ``assigned_to``; ``snoozed`` asks for what
    is left alone until a day, instead of what presses. ``sites`` are those whose clients alone are asked for
    (None: all), ``but`` clients that are left out; the page begins ``after`` a place.
    """

    day: int
    limit: int
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    sites: Collection[str] | None = None
    but: Collection[str] = ()
    after: FlagCursor | None = None
    snoozed: bool = False


def places(connection: Connection, question: WorkQuery, *, of_clients: bool) -> list[ListedFlag]:
    """The flags that stand, the most pressing first, then those that stand the longest.

    ``of_clients`` takes each client once: by the flag that is filtered by, or else by the most pressing that stands.
    """
    listed: list[ListedFlag] = []
    for urgency in range(question.after.urgency if question.after else 0, len(URGENCIES)):
        if question.where.get("flag") in (None, URGENCIES[urgency].flag):
            listed += _of_urgency(
                connection, replace(question, limit=question.limit - len(listed)), urgency, of_clients
            )
        if len(listed) == question.limit:
            break
    return listed


def _of_urgency(connection: Connection, question: WorkQuery, urgency: int, of_clients: bool) -> list[ListedFlag]:  # noqa: FBT001
    """As one site has its own stretch of the index, several are read each from its own and put together."""
    query = query_of(question, urgency, of_clients)
    if question.sites is None:
        return _fetched(connection, query)
    each = [_fetched(connection, query.where(FLAG.c.site == site)) for site in sorted(question.sites)]
    return sorted((rows for row in each for rows in row), key=lambda row: row.place)[: question.limit]


def query_of(question: WorkQuery, urgency: int, of_clients: bool) -> Select[Any]:  # noqa: FBT001
    """The flags of one urgency, in their order, up to the limit."""
    flag = FLAG.c
    conditions = [flag.urgency == urgency, stands(FLAG, question.day), *_stretch(question, urgency)]
    conditions += [
        *_shelf(question),
        *(flag[name] == question.where[name] for name in FLAG_PLACES if name in question.where),
    ]
    if question.but:
        conditions.append(flag.client_id.not_in(sorted(question.but)))
    if of_clients and "flag" not in question.where and urgency:
        other = _OTHER.c
        more = (other.client_id == flag.client_id) & (other.urgency < urgency) & stands(_OTHER, question.day)
        conditions.append(~exists().where(more, *_beside(_OTHER, question)))
    facts = [flag.flag, flag.of_day, flag.detail, flag.assigned_to, flag.snoozed_until]
    columns = [flag.urgency, flag.since_day, flag.client_id, *facts]
    return select(*columns).where(*conditions).order_by(flag.since_day, flag.client_id).limit(question.limit)


def _shelf(question: WorkQuery) -> Iterator[ColumnElement[bool]]:
    """Which flags are asked for at all, by what was done about them."""
    yield FLAG.c.snoozed.is_(question.snoozed)
    if "assigned_to" in question.where:
        yield FLAG.c.assigned_to == question.where["assigned_to"]


def _beside(flag: FromClause, question: WorkQuery) -> Iterator[ColumnElement[bool]]:
    """The same of another flag of the client: in words that no index takes, so that it is found by the client."""
    yield flag.c.snoozed.is_not(not question.snoozed)
    if "assigned_to" in question.where:
        yield func.coalesce(flag.c.assigned_to, "") == question.where["assigned_to"]


def _stretch(question: WorkQuery, urgency: int) -> Iterator[ColumnElement[bool]]:
    """Between which days a flag that stands began: what came to its end long ago is not looked through."""
    since, flag_kind = FLAG.c.since_day, URGENCIES[urgency]
    if flag_kind.dated:
        yield since <= question.day
    if flag_kind.lasts is not None:
        yield since > question.day - flag_kind.lasts
    if question.after and question.after.urgency == urgency:
        _, day, client_id = question.after
        yield since >= day
        yield or_(since > day, FLAG.c.client_id > client_id)


def _fetched(connection: Connection, query: Select[Any]) -> list[ListedFlag]:
    return [ListedFlag(FlagCursor(*row[:3]), *row[3:]) for row in fetch(connection, query)]
