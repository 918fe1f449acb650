"""Reports by name: what the command line, the API and the dashboards ask, answered the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from infra.eventstore.context import HasLog
from infra.readmodels.context import HasReads
from infra.reporting import agenda_reports, comparison as comparing, measure_reports
from infra.reporting.kinds import (
    ALL as ALL,
    EPISODE,
    Report as Report,
    ReportParams as ReportParams,
    Rows as Rows,
    by_level,
    by_reference,
    natural,
    with_references,
)
from infra.settings import Settings
from projections.abstinence import columns as abstinence_columns, queries as abstinence
from projections.abstinence.measures import Measure
from projections.census import columns as census_columns, queries as census
from projections.census.places import Places
from projections.columns import OF_STAY, Columns, names
from projections.completion import (
    columns as completion_columns,
    definition as completion_definition,
    queries as completion,
)
from projections.filters import STAY_GROUPS, FilterError
from projections.provider.queries import ever_defined
from projections.retention import columns as retention_columns, queries as retention
from projections.status import columns as status_columns, queries as status
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint
from projections.worklist import columns as worklist_columns, queries as worklist
from projections.worklist.places import WorkQuery

UNITS = ("stay", EPISODE)
TIME_TO_EVENT = "time-to-event"
_USUAL = ReportParams()
_WITH_MEASURES = frozenset({"abstinence", "quality", "outcomes", "comparison"})
_WITH_DENOMINATORS = frozenset({"completion", "comparison"})


def run_report(name: str, services: HasReads, params: ReportParams) -> Rows:
    """Answer a report from one consistent read of the read models.

    Raises:
        FilterError: no such report, or a group, filter or measure that it does not have.
    """
    report = check_table(name, params)
    with services.reads.reading() as connection:
        return _answer(name, report, services, connection, params)


def check_table(name: str, params: ReportParams) -> Report:
    """The report that is asked, if it has the table that is asked for.

    Raises:
        FilterError: no such report, or a table that it does not have.
    """
    report = REPORTS.get(name)
    if report is None:
        msg = f"no report {name!r}: choose from {', '.join(REPORTS)}"
        raise FilterError(msg)
    if params.show and params.show not in report.shows:
        known = ", ".join(report.shows) or "nothing else"
        msg = f"{name} cannot show {params.show!r}: choose from {known}, or leave it out"
        raise FilterError(msg)
    if params.show and params.unit == "episode":
        raise FilterError("episodes have one table: leave out what it shows, or the unit")
    if params.compare and report.of_clients:
        msg = f"{name} has rows of clients and nothing to compare: leave out what asks for it"
        raise FilterError(msg)
    if params.per_client and (params.compare or not report.per_client):
        msg = f"{name} has no rows of clients to give here: leave out what asks for them"
        raise FilterError(msg)
    return report


def check_asked(name: str, params: ReportParams) -> None:
    """A parameter that changes nothing would leave people with another number than they asked for.

    Raises:
        FilterError: a measure, denominator or unit that this report does not have.
    """
    if params.unit not in UNITS:
        msg = f"no unit {params.unit!r}: choose from {', '.join(UNITS)}"
        raise FilterError(msg)
    if params.endpoint != asked_of(name, params.endpoint):
        msg = f"{name} has no such start, event, substance or censoring to choose: leave them out"
        raise FilterError(msg)
    checks = {
        "measure": params.measure is not None and not params.compare and name not in _WITH_MEASURES,
        "denominator": params.denominator != _USUAL.denominator and name not in _WITH_DENOMINATORS,
        "unit": params.unit == "episode" and name != "completion",
        "days": bool(params.days) and name != TIME_TO_EVENT,
    }
    for parameter in (key for key, is_strange in checks.items() if is_strange):
        msg = f"{name} has no {parameter} to choose: leave it out"
        raise FilterError(msg)


def asked_of(name: str, endpoint: Endpoint) -> Endpoint:
    """What of an endpoint a report takes: all, its censoring and reasons, or nothing."""
    if name == TIME_TO_EVENT:
        return endpoint
    if name == "retention":
        return Endpoint(censor=endpoint.censor, competing=endpoint.competing)
    return USE_AFTER_ADMISSION


def columns_said(name: str, settings: Settings, params: ReportParams) -> Columns:
    """The columns of every row of a report's answer, in their order: what it is asked says them, not what it finds.

    Raises:
        FilterError: no such report, table, group or measure.
    """
    report = check_table(name, params)
    compared = params.compare and name != TIME_TO_EVENT
    return (REPORTS["comparison"] if compared else report).columns_of(settings, params)


def columns_of(name: str, services: HasLog, params: ReportParams) -> tuple[str, ...]:
    """Their names.

    Raises:
        FilterError: as ``columns_said``.
    """
    return names(columns_said(name, services.settings, params))


def _answer(name: str, report: Report, services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    if params.compare and name not in {"comparison", TIME_TO_EVENT}:
        return comparing.answer(services, connection, params, name)
    return report.answer(services, connection, params)


def _status(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    if params.per_client:
        rows = status.clients(connection, params.filters(()), services.today(), limit=1_000_000)
        return by_reference(services, rows)
    return status.status_counts(connection, params.filters(("state", "level")))


def _status_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    return status_columns.CLIENT_COLUMNS if params.per_client else (*groups, *status_columns.COLUMNS)


def _worklist(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    question = WorkQuery(services.today().toordinal(), params.limit, params.where, but=params.but)
    question = replace(question, snoozed=params.show == "snoozed")
    page = (worklist.flags if params.show else worklist.clients)(connection, question)
    # of those who stand equal the chart number decides, not the stream's id, which differs from store to store
    ranked = zip(with_references(services, page.rows), page.places, strict=True)
    order = sorted(
        ranked, key=lambda ranking: (ranking[1].urgency, ranking[1].since_day, natural(ranking[0]["client"]))
    )
    return [row for row, _ in order]


def _worklist_columns(_: Settings, params: ReportParams, __: Columns) -> Columns:
    return worklist_columns.FLAG_COLUMNS if params.show else worklist_columns.COLUMNS


def _census(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    filters = params.filters(("level",))
    rows = census.census(connection, filters, services.today(), _places(services, connection))
    return census.average_daily_census(rows, filters.by) if params.show == "average" else rows


def _places(services: HasLog, connection: Connection) -> Places:
    """Those of the setting; without one, those of the sites as they were defined."""
    setting = services.settings.site_capacity
    if setting:
        return Places.by_setting(setting)
    return Places.by_definition(ever_defined(connection, "site"), services.log.calendar)


def _census_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    if params.show == "average":
        return (*groups, *census_columns.AVERAGE_COLUMNS)
    return (census_columns.DAY, *groups, *census_columns.COLUMNS)


def _completion(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    known = completion_definition.denominators(services.settings.measures_file)
    if params.denominator not in known:
        msg = f"no denominator {params.denominator!r}: choose from {', '.join(known)}"
        raise FilterError(msg)
    if params.unit == "episode":
        return completion.episodes(connection, params.filters(("last_level",)), known[params.denominator])
    if params.show == "lengths":
        return completion.lengths_of_stay(connection, params.filters(("level",)))
    return completion.completion(connection, params.filters(("level",)), known[params.denominator])


def _completion_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    return (*groups, *(completion_columns.LENGTH_COLUMNS if params.show == "lengths" else completion_columns.COLUMNS))


def _abstinence(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    measures = _measures(services.settings)
    if params.per_client:
        rows = abstinence.per_client(connection, params.filters(()), measures, params.measure)
        return by_reference(services, rows)
    return abstinence.rates(connection, params.filters(("program",)), measures, params.measure)


def _abstinence_columns(settings: Settings, params: ReportParams, groups: Columns) -> Columns:
    if not params.per_client:
        return (*groups, *abstinence_columns.COLUMNS)
    return abstinence.client_columns(_measures(settings), params.measure)


def _measures(settings: Settings) -> Mapping[str, Measure]:
    return abstinence.all_measures(settings.measures_file)


def _retention(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    answers = {"curve": retention.curves, "compare": retention.compare}
    answer = answers.get(params.show, retention.retention)
    return answer(connection, params.filters(("level",)), services.today(), retention.endpoint_of(params.endpoint))


def _retention_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    match params.show:
        case "curve":
            return (*groups, *retention_columns.CURVE_COLUMNS)
        case "compare":
            return retention_columns.COMPARE_COLUMNS
        case _:
            return (*groups, *retention_columns.COLUMNS)


REPORTS: dict[str, Report] = {
    "status": Report(
        "Current status",
        status.DEFINITION,
        "docs/measures.md, Status",
        _status,
        _status_columns,
        {"": status_columns.GROUP_COLUMNS},
        default_by={"": ("state", "level")},
        per_client=True,
    ),
    "worklist": Report(
        "Work list",
        worklist.DEFINITION,
        "docs/measures.md, Status",
        _worklist,
        _worklist_columns,
        shows=("flags", "snoozed"),
        per_client=True,
        of_clients=True,
    ),
    **agenda_reports.REPORTS,
    "census": Report(
        "Census",
        census.DEFINITION,
        "docs/measures.md, Status",
        _census,
        _census_columns,
        {"": census_columns.GROUPS},
        shows=("average",),
        default_by=by_level("", "average"),
    ),
    "completion": Report(
        "Completion",
        "How ended stays ended (TEDS discharge reasons), per group, with the rate of the chosen denominator.",
        completion_definition.SOURCE,
        _completion,
        _completion_columns,
        {"": STAY_GROUPS, EPISODE: completion_columns.EPISODE_COLUMNS},
        shows=("lengths",),
        default_by={**by_level("", "lengths"), EPISODE: ("last_level",)},
    ),
    "abstinence": Report(
        "Abstinence",
        abstinence.DEFINITION,
        abstinence.SOURCE,
        _abstinence,
        _abstinence_columns,
        {"": OF_STAY},
        default_by={"": ("program",)},
        per_client=True,
    ),
    "retention": Report(
        "Retention",
        retention.DEFINITION,
        retention.SOURCE,
        _retention,
        _retention_columns,
        {"": retention_columns.GROUP_COLUMNS},
        shows=("curve", "compare"),
        default_by=by_level("", "curve", "compare"),
    ),
    **measure_reports.REPORTS,
    "comparison": comparing.REPORT,
}
