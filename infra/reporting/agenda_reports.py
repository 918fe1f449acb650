"""Reports whose rows are appointments, groups, arrivals and hand-offs of clients."""

from __future__ import annotations

from sqlalchemy import Connection

from infra.eventstore.context import HasLog
from infra.reporting.kinds import Report, ReportParams, Rows, by_group, natural, with_references
from infra.settings import Settings
from projections.agenda import columns, queries
from projections.columns import Columns, names

_SOURCE = "docs/measures.md, Agenda"


def _agenda(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    answer = queries.groups if params.show == "groups" else queries.agenda
    rows = answer(connection, params.filters(()), services.today())
    by = "group_id" if params.show == "groups" else "starts_at"
    return _shown(services, rows, _agenda_columns(services.settings, params, ()), params, by)


def _agenda_columns(_: Settings, params: ReportParams, __: Columns) -> Columns:
    return columns.GROUP_COLUMNS if params.show == "groups" else columns.AGENDA_COLUMNS


def _arrivals(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    rows = queries.arrivals(connection, params.filters(()))
    return _shown(services, rows, columns.ARRIVAL_COLUMNS, params, "on")


def _handoffs(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    rows = queries.handoffs(connection, params.filters(()), services.today())
    return _shown(services, rows, columns.HANDOFF_COLUMNS, params, "ended")


def _shown(services: HasLog, rows: Rows, shown_columns: Columns, params: ReportParams, by: str) -> Rows:
    """The rows in the order of a value, then of chart numbers, with the columns of the report alone."""
    referenced = with_references(services, rows[: params.limit])
    referenced.sort(key=lambda row: (row[by], natural(row["client"])))
    return [{name: row[name] for name in names(shown_columns)} for row in referenced]


REPORTS: dict[str, Report] = {
    "agenda": Report("Agenda", queries.AGENDA, _SOURCE, _agenda, _agenda_columns, shows=("groups",), of_clients=True),
    "arrivals": Report(
        "Planned arrivals", queries.ARRIVALS, _SOURCE, _arrivals, by_group(columns.ARRIVAL_COLUMNS), of_clients=True
    ),
    "handoffs": Report(
        "Hand-offs", queries.HANDOFFS, _SOURCE, _handoffs, by_group(columns.HANDOFF_COLUMNS), of_clients=True
    ),
}
