"""The work list as one person may see it: their sites, without charts that were erased, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from
from infra.identity.people import Principal
from projections.status.changes import ANY, standing_counts
from projections.worklist import queries as worklist
from projections.worklist.places import FlagCursor, WorkQuery


@dataclass(frozen=True, slots=True)
class Work:
    """A page of the list (``client`` is the chart number) and the place after which the next begins, if there is one.

    ``counts`` are the clients with each flag at these sites, whatever else is filtered by; ``clients`` those with any.
    """

    rows: list[dict[str, Any]]
    after: FlagCursor | None
    counts: Mapping[str, int]
    clients: int


def work_of(
    services: HasPeople,
    who: Principal,
    where: Mapping[str, str],
    limit: int,
    after: FlagCursor | None = None,
    *,
    snoozed: bool = False,
) -> Work:
    """A page of what presses, or of what is snoozed; ``where`` filters as the report does. The look is recorded.

    Raises:
        FilterError: no such flag or filter.
    """
    day, but = services.today().toordinal(), hidden_from(services, who)
    sites = who.bound_to
    if "site" in where:
        sites = {where["site"]} & (sites if sites is not None else {where["site"]})
    question = WorkQuery(
        day, limit, {name: value for name, value in where.items() if name != "site"}, sites, but, after, snoozed
    )
    with services.reads.reading() as connection:
        page = worklist.clients(connection, question)
        counts = standing_counts(connection, day, sites, but)
    ids = [row["client_id"] for row in page.rows]
    services.people.log.read(who, ids)
    names = services.log.references(ids)
    rows = [{**row, "client": names.get(row["client_id"], "?")} for row in page.rows]
    return Work(rows, page.after, {flag: n for flag, n in counts.items() if flag != ANY}, counts.get(ANY, 0))
