"""Durations: how long each client was followed, and whether the event came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from projections.base import fetch
from projections.filters import Filters, days_of
from projections.tally import month_of
from projections.time_to_event.columns import GROUPS
from projections.time_to_event.definition import LAST_DOSE_GAP_DAYS, Endpoint, is_substance
from projections.time_to_event.tables import EVENT, START

USE = ("reported_use", "positive_screen")
_FACTS = ("client_id", "n", "level", "program", "site", "start_day", "contact_day")


Outcome = Literal["event", "stopped", "censored"]


class Followed(NamedTuple):
    """One client from a start: days until the event, or until nobody saw any more.

    ``contact_day`` is empty for who was never seen since; ``stopped`` are those whose observation a competing reason or
    the death ended.
    """

    client_id: str
    n: int
    level: str
    program: str
    site: str
    start_day: int
    contact_day: int | None
    days: int
    outcome: Outcome


Group = tuple[str, ...]


class Counted(NamedTuple):
    """Clients of a group: how many were followed so many days, by whether the event came (1); and whom nobody saw."""

    durations: Counter[tuple[int, int]]
    never_observed: int


class Clients(NamedTuple):
    """The clients whose ids are at least ``first``, and less than ``past`` if that is said."""

    first: str = ""
    past: str | None = None


EVERYBODY = Clients()


def followed(
    connection: Connection,
    filters: Filters,
    endpoint: Endpoint,
    today: int,
    *,
    each: bool = False,
    clients: Clients = EVERYBODY,
) -> dict[Group, list[Followed]]:
    """Clients by group, each from the first start that fits it; ``each``: every start, those of alumni too.

    The period is that of the start. Groups stand in no order.

    Raises:
        FilterError: a group, filter or endpoint that there is not.
    """
    endpoint, filters = endpoint.checked(), filters.checked(GROUPS)
    by_group: dict[Group, list[Followed]] = {}
    counted: dict[Group, str] = {}
    for *group, client_id, n, level, program, site, start_day, contact, death, event, competing in fetch(
        connection, _query(connection, filters, endpoint, clients, each=each)
    ):
        named = tuple(_text(name, value) for name, value in zip(filters.by, group, strict=True))
        if not each and counted.get(named) == client_id:
            continue
        counted[named] = client_id
        ends = (competing,) if each else (competing, death)  # a death ends the stays that it finds open
        stops = [day for day in ends if day is not None]
        last, outcome = until(endpoint, start_day, today, contact, event, stops)
        episode = Followed(client_id, n, level, program, site, start_day, contact, max(0, last - start_day), outcome)
        by_group.setdefault(named, []).append(episode)
    return by_group


def until(
    endpoint: Endpoint, start: int, today: int, contact: int | None, event: int | None, stops: Sequence[int]
) -> tuple[int, Outcome]:
    """The day of the event, or the last that anybody saw; what ends observation on a day ends it after that day."""
    stop = min(stops, default=None)
    last_day = today if stop is None else min(today, stop)
    if endpoint.event == "last_dose" and event is not None:
        return _last_dose(event, last_day, stopped=stop == last_day)
    if event is not None and event <= last_day:
        return event, "event"
    if endpoint.event == "last_dose":  # who never had one did not stop on any day
        return start, "censored"
    seen = today if endpoint.censors_at == "today" else contact or start
    return (stop, "stopped") if stop is not None and stop <= seen else (seen, "censored")


def _last_dose(event: int, last_day: int, *, stopped: bool) -> tuple[int, Outcome]:
    """Whoever had another dose later, or was not followed for long enough to tell, still went on."""
    goes_on = last_day - event <= LAST_DOSE_GAP_DAYS
    if event > last_day or (goes_on and stopped):
        return min(event, last_day), "stopped"
    return event, "censored" if goes_on else "event"


def _query(
    connection: Connection, filters: Filters, endpoint: Endpoint, clients: Clients, *, each: bool
) -> Select[Any]:
    """Every start that fits, in the order of client and time, with the day of its event and of what competes."""
    event = _first(_events(connection, endpoint, clients), "event")
    # how one stay goes on is nothing that another's end decides
    ends = "discharge" if endpoint.event == "discharge" else "ended"
    ended = _first(and_(EVENT.c.event == ends, EVENT.c.detail.in_(endpoint.competing)), "ended")
    groups = [START.c["start_day" if name == "month" else name] for name in filters.by]
    facts = [START.c[name] for name in (*_FACTS, "death_day")]
    # of some clients SQLite is to walk these: nothing is looked up by the start
    start = START.c.start if clients == EVERYBODY else START.c.start.concat("")
    query = select(*groups, *facts, event, ended).where(start == endpoint.start, *_of(START, clients))
    if not each and endpoint.start in {"admission", "discharge"} and "level" not in filters.where:
        query = query.where(START.c.level != "alumni")
    for name, value in filters.where.items():
        query = query.where(_fits(name, value))
    if filters.start:
        query = query.where(START.c.start_day >= filters.start.toordinal())
    if filters.end:
        query = query.where(START.c.start_day <= filters.end.toordinal())
    return query.order_by(START.c.client_id, START.c.n)


def _of(table: Table, clients: Clients) -> list[ColumnElement[bool]]:
    since = [] if clients == EVERYBODY else [table.c.client_id >= clients.first]
    return since if clients.past is None else [*since, table.c.client_id < clients.past]


def _first(which: ColumnElement[bool], label: str) -> ColumnElement[Any]:
    of = and_(EVENT.c.client_id == START.c.client_id, EVENT.c.n == START.c.n)
    return select(func.min(EVENT.c.day)).where(of, which).scalar_subquery().label(label)


def _events(connection: Connection, endpoint: Endpoint, clients: Clients) -> ColumnElement[bool]:
    event, detail = EVENT.c.event, EVENT.c.detail
    if endpoint.level is not None:
        return and_(event == "level", detail == endpoint.level)
    match endpoint.event:
        case "any_level":
            return and_(event == "level", detail != "alumni")
        case "discharge":
            return and_(event == "discharge", detail.not_in(endpoint.competing))
        case "use" | "reported_use" | "positive_screen" | "lapse":
            kinds = USE if endpoint.event == "use" else (endpoint.event,)
            return or_(
                *(and_(event == kind, detail.in_(_substances(connection, kind, endpoint, clients))) for kind in kinds)
            )
        case _:
            return event == endpoint.event


def _substances(connection: Connection, kind: str, endpoint: Endpoint, clients: Clients) -> list[str]:
    """The recorded names that are the substance asked for."""
    recorded: Iterable[Any] = connection.execute(
        select(EVENT.c.detail).where(EVENT.c.event == kind, *_of(EVENT, clients)).distinct()
    ).scalars()
    return sorted(name for name in recorded if is_substance(name, endpoint.substance))


def _fits(name: str, value: str) -> ColumnElement[bool]:
    if name == "month":
        return START.c.start_day.between(*days_of(value))
    wanted: Any = value == "yes" if name == "dual_diagnosis" else value
    return START.c[name] == wanted


def _text(name: str, value: Any) -> str:
    if name == "month":
        return month_of(value)
    return "yes" if value is True else "no" if value is False else str(value)
