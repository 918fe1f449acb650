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


class Place(NamedTuple):
    """A flag's place on the list, which is also where a page after it goes on."""

    urgency: int
    since_day: int
    client_id: str


class Found(NamedTuple):
    """A flag on the list: its place, and what its words are made of."""

    place: Place
    flag: str
    of_day: int
    detail: str
    assigned_to: str
    snoozed_until: int | None


@dataclass(frozen=True, slots=True)
class Asked:
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
    after: Place | None = None
    snoozed: bool = False


def places(connection: Connection, asked: Asked, *, of_clients: bool) -> list[Found]:
    """The flags that stand, the most pressing first, then those that stand the longest.

    ``of_clients`` takes each client once: by the flag that is filtered by, or else by the most pressing that stands.
    """
    found: list[Found] = []
    for urgency in range(asked.after.urgency if asked.after else 0, len(URGENCIES)):
        if asked.where.get("flag") in (None, URGENCIES[urgency].flag):
            found += _of_urgency(connection, replace(asked, limit=asked.limit - len(found)), urgency, of_clients)
        if len(found) == asked.limit:
            break
    return found


def _of_urgency(connection: Connection, asked: Asked, urgency: int, of_clients: bool) -> list[Found]:  # noqa: FBT001
    """As one site has its own stretch of the index, several are read each from its own and put together."""
    query = query_of(asked, urgency, of_clients)
    if asked.sites is None:
        return _fetched(connection, query)
    each = [_fetched(connection, query.where(FLAG.c.site == site)) for site in sorted(asked.sites)]
    return sorted((one for own in each for one in own), key=lambda one: one.place)[: asked.limit]


def query_of(asked: Asked, urgency: int, of_clients: bool) -> Select[Any]:  # noqa: FBT001
    """The flags of one urgency, in their order, up to the limit."""
    flag = FLAG.c
    conditions = [flag.urgency == urgency, stands(FLAG, asked.day), *_stretch(asked, urgency)]
    conditions += [
        *_shelf(asked),
        *(flag[name] == asked.where[name] for name in FLAG_PLACES if name in asked.where),
    ]
    if asked.but:
        conditions.append(flag.client_id.not_in(sorted(asked.but)))
    if of_clients and "flag" not in asked.where and urgency:
        other = FLAG.alias("other")
        more = (other.c.client_id == flag.client_id) & (other.c.urgency < urgency) & stands(other, asked.day)
        conditions.append(~exists().where(more, *_beside(other, asked)))
    said = [flag.flag, flag.of_day, flag.detail, flag.assigned_to, flag.snoozed_until]
    columns = [flag.urgency, flag.since_day, flag.client_id, *said]
    return select(*columns).where(*conditions).order_by(flag.since_day, flag.client_id).limit(asked.limit)


def _shelf(asked: Asked) -> Iterator[ColumnElement[bool]]:
    """Which flags are asked for at all, by what was done about them."""
    yield FLAG.c.snoozed.is_(asked.snoozed)
    if "assigned_to" in asked.where:
        yield FLAG.c.assigned_to == asked.where["assigned_to"]


def _beside(flag: FromClause, asked: Asked) -> Iterator[ColumnElement[bool]]:
    """The same of another flag of the client: in words that no index takes, so that it is found by the client."""
    yield flag.c.snoozed.is_not(not asked.snoozed)
    if "assigned_to" in asked.where:
        yield func.coalesce(flag.c.assigned_to, "") == asked.where["assigned_to"]


def _stretch(asked: Asked, urgency: int) -> Iterator[ColumnElement[bool]]:
    """Between which days a flag that stands began: what came to its end long ago is not looked through."""
    since, one = FLAG.c.since_day, URGENCIES[urgency]
    if one.dated:
        yield since <= asked.day
    if one.lasts is not None:
        yield since > asked.day - one.lasts
    if asked.after and asked.after.urgency == urgency:
        _, day, client_id = asked.after
        yield since >= day
        yield or_(since > day, FLAG.c.client_id > client_id)


def _fetched(connection: Connection, query: Select[Any]) -> list[Found]:
    return [Found(Place(*row[:3]), *row[3:]) for row in fetch(connection, query)]
