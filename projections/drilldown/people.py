"""Cases of the current status: clients."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select

from projections.drilldown.cases import Cases, cases
from projections.drilldown.model import DrillDown, Question
from projections.status.queries import GROUPS
from projections.status.tables import STATUS


def status(connection: Connection, question: Question) -> Cases:
    """The clients of a group."""
    filters = question.within(GROUPS)
    if filters is None:
        return Cases("client")

    def narrow(query: Select[Any]) -> Select[Any]:
        return query.where(*(STATUS.c[name] == value for name, value in filters.where.items()))

    return cases(connection, "client", STATUS, ("state",), narrow, days=("since_day", "discharged_day"))


STATES = DrillDown(("clients",), status)
