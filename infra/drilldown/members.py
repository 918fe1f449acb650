"""Cases of a cell as one may see them, page by page, each with its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from
from infra.drilldown.case_charts import charts_read
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import basis_of
from infra.drilldown.number import Listed, Listing, NumberResult
from infra.identity.people import Principal
from projections.base import fetch
from projections.drilldown.cases import PLACE, START, CaseCursor
from projections.drilldown.evidence import Evidence, evidence, types_read
from projections.quality.index import NO_DAY_YET
from projections.status.tables import STATUS


@dataclass(frozen=True, slots=True)
class Member:
    """A case of a number: whose it is, what it adds, where and when it was, what made it count, and its entries.

    ``first_day`` and ``last_day`` are dates; ``last_day`` is None while it is open.
    """

    client: str
    client_id: str
    kind: str
    adds: int
    level: str
    program: str
    site: str
    first_day: date | None
    last_day: date | None
    facts: Mapping[str, Any]
    events: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class Opened:
    """A number with whom it counts. ``number`` is all of them; ``elsewhere`` of it is at sites of others.

    ``cases`` are how many can be listed, ``clients`` how many people these are; ``following`` is where the next
    page begins, None on the last.
    """

    number: int
    elsewhere: int
    cases: int
    clients: int
    members: Sequence[Member]
    following: CaseCursor | None


def listing_for(services: HasPeople, who: Principal, after: CaseCursor = START, limit: int = 50) -> Listing:
    """The page of cases that somebody may see.

    Whoever is bound to sites sees the clients who are at theirs now: those whose charts open without breaking glass.
    """
    hidden = hidden_from(services, who)
    if who.bound_to is None:
        return Listing(after, limit, (lambda client: client not in hidden) if hidden else None)
    with services.reads.reading() as connection:
        at_theirs = select(STATUS.c.client_id).where(STATUS.c.site.in_(who.bound_to))
        theirs = {client for (client,) in fetch(connection, at_theirs)} - hidden
    return Listing(after, limit, theirs.__contains__)


def page_of(
    services: HasPeople, then: HasPeople, who: Principal, cell: Cell, number_read: NumberResult, request: str = ""
) -> Opened | None:
    """A page of the cases that were found of a number ``then``, once it is recorded who sees them; None if none is."""
    listed = number_read.listed
    if listed is None:
        return None
    clients = list(dict.fromkeys(row[0] for row in listed.page.rows))
    services.people.log.read(who, clients, request=request)
    return Opened(
        number=number_read.totals.number,
        elsewhere=number_read.totals.number - listed.seen.number,
        cases=listed.seen.cases,
        clients=listed.seen.clients,
        members=_described(then, listed, clients, basis_of(then, cell).number),
        following=listed.page.following,
    )


def _described(services: HasPeople, page: Listed, ids: Sequence[str], number: str) -> list[Member]:
    names = services.log.references(ids)
    cases = [page.of(row) for row in page.page.rows]
    charts = charts_read(services.log, ids, types_read(page.kind, cases))
    members: list[Member] = []
    for case in cases:
        client_id = case["client_id"]
        chart = charts.get(client_id)
        facts = {name: value for name, value in case.items() if name not in PLACE}
        members.append(
            Member(
                names.get(client_id) or client_id,
                client_id,
                page.kind,
                case["adds"],
                case["level"],
                case["program"],
                case["site"],
                _date(case["first_day"]),
                _date(case["last_day"]),
                {name: _dated(name, value) for name, value in facts.items()},
                evidence(chart, page.kind, number, case) if chart is not None else (),
            )
        )
    return members


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(day)


def _dated(name: str, value: Any) -> Any:
    """Days as dates, a day that nobody knows yet as none; everything else as it is."""
    if not (name.endswith("_day") and isinstance(value, int)):
        return value
    return None if value == NO_DAY_YET else _date(value)
