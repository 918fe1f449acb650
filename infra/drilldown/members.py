"""Cases of a cell as one may see them, page by page, each with its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from
from infra.drilldown.case_charts import charts_read
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import basis_of
from infra.identity.people import Principal
from projections.base import Row, fetch
from projections.opening.evidence import Evidence, evidence, types_read
from projections.opening.model import PLACE, Cases
from projections.quality.index import NO_DAY_YET
from projections.status.tables import STATUS

Place = tuple[str, int]
START: Place = ("", 0)


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
    following: Place | None


def page_of(
    services: HasPeople,
    then: HasPeople,
    who: Principal,
    cell: Cell,
    found: Cases,
    after: Place = START,
    limit: int = 50,
    request: str = "",
) -> Opened:
    """A page of the cases that were found of a number ``then``, once it is recorded who sees them.

    Whoever is bound to sites sees the clients who are at theirs now, and how many others there are.
    """
    seen = _at_own_sites(services, who, found)
    rest = [row for row in seen.rows if row[0] >= after[0]]
    begun = after[1] if rest and rest[0][0] == after[0] else 0
    page = rest[begun : begun + limit]
    services.people.log.read(who, list(dict.fromkeys(row[0] for row in page)), request=request)
    return Opened(
        number=found.number,
        elsewhere=found.number - seen.number,
        cases=len(seen.rows),
        clients=len({row[0] for row in seen.rows}),
        members=_described(then, replace(seen, rows=page), basis_of(then, cell).number),
        following=_place(seen.rows, page[-1][0], len(rest) - begun - len(page)) if page else None,
    )


def _place(rows: Sequence[Row], client: str, left: int) -> Place | None:
    """Where the next page begins: in or after the last client, past those of its cases that were given."""
    if not left:
        return None
    given = len(rows) - left
    return client, sum(1 for row in rows[:given] if row[0] == client)


def _at_own_sites(services: HasPeople, who: Principal, found: Cases) -> Cases:
    """The cases of clients whose charts this person may open without breaking glass: by where a client is now."""
    hidden = hidden_from(services, who)
    if who.bound_to is None and not hidden:
        return found
    with services.reads.reading() as connection:
        sites = dict(fetch(connection, select(STATUS.c.client_id, STATUS.c.site)))
    rows = [row for row in found.rows if row[0] not in hidden and who.at(sites.get(row[0], ""))]
    return replace(found, rows=rows)


def _described(services: HasPeople, page: Cases, number: str) -> list[Member]:
    ids = list(dict.fromkeys(row[0] for row in page.rows))
    names = services.log.references(ids)
    charts = charts_read(services.log, ids, types_read(page.kind))
    found: list[Member] = []
    for row in page.rows:
        case, client_id = page.of(row), str(row[0])
        chart = charts.get(client_id)
        facts = {name: value for name, value in case.items() if name not in PLACE}
        found.append(
            Member(
                names.get(client_id, client_id),
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
    return found


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(day)


def _dated(name: str, value: Any) -> Any:
    """Days as dates, a day that nobody knows yet as none; everything else as it is."""
    if not (name.endswith("_day") and isinstance(value, int)):
        return value
    return None if value == NO_DAY_YET else _date(value)
