"""Reports of flow, attendance, quality and outcomes: how each is answered, and what of it a role may see."""

from __future__ import annotations

from sqlalchemy import Connection

from infra.eventstore.context import HasLog
from infra.reporting.kinds import Report, ReportParams, Rows, by_group, by_level, by_reference
from infra.settings import Settings
from projections import comparison
from projections.agreement import columns as agreement_columns, queries as agreement
from projections.attendance import columns as attendance_columns, queries as attendance
from projections.columns import LEVEL, OF_STAY, Columns
from projections.filters import FilterError
from projections.flow import columns as flow_columns, queries as flow
from projections.followback import columns as followback_columns, queries as followback
from projections.outcomes import columns as outcomes_columns, queries as outcomes
from projections.prevalence import columns as prevalence_columns, queries as prevalence
from projections.quality import columns as quality_columns, definition as quality_definition, queries as quality
from projections.time_to_event import columns as time_columns, definition as time_definition, queries as time_to_event


def _flow(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    today = services.today()
    match params.show:
        case "steps":
            return flow.steps(connection, params.filters(("level",)), today)
        case "ends":
            return flow.ends(connection, params.filters(("level",)), today)
        case "entries":
            return flow.entries(connection, params.filters(("level",)))
        case _:
            return flow.matrix(connection, params.filters(()), today)


def _flow_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    if params.show:
        return (*groups, *flow_columns.SHOW_COLUMNS[params.show])
    return (*(column for column in groups if column is not LEVEL), *flow_columns.COLUMNS)


def _attendance(_: HasLog, connection: Connection, params: ReportParams) -> Rows:
    match params.show:
        case "sessions":
            return attendance.sessions(connection, params.filters(("kind",)))
        case "bounds":
            return attendance.bounds(connection, params.filters(("level",)))
        case _:
            return attendance.attendance(connection, params.filters(("level",)))


def _attendance_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    match params.show:
        case "sessions":
            return (*groups, *attendance_columns.SESSION_COLUMNS)
        case "bounds":
            return (*groups, LEVEL, *attendance_columns.BOUND_COLUMNS)
        case _:
            return (*groups, *attendance_columns.COLUMNS)


def _quality(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    return quality.quality(connection, params.filters(()), services.today(), params.measure)


def _prevalence(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    return prevalence.prevalence(connection, params.filters(()), services.today())


def _followback(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    if params.per_client:
        return by_reference(services, followback.per_client(connection, params.filters(()), services.today()))
    return followback.followback(connection, params.filters(("level",)), services.today())


def _followback_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    return followback_columns.CLIENT_COLUMNS if params.per_client else (*groups, *followback_columns.COLUMNS)


def _agreement(_: HasLog, connection: Connection, params: ReportParams) -> Rows:
    return agreement.agreement(connection, params.filters(()))


def _outcomes(_: HasLog, connection: Connection, params: ReportParams) -> Rows:
    return outcomes.outcomes(connection, params.filters(()), params.measure)


def _time_to_event(services: HasLog, connection: Connection, params: ReportParams) -> Rows:
    endpoint, today = params.endpoint, services.today()
    days = time_definition.days_of_curve(params.days)
    if params.compare:
        if params.show:
            raise FilterError("a comparison has one table: leave out what it shows")
        text = comparison.of_group(params.compare, params.groups)
        both = comparison.operands(text, params.filters(()))
        return time_to_event.compared(connection, both, comparison.kind_of(text), endpoint, today, days)
    filters = params.filters(("level",))
    match params.show:
        case "curve":
            return time_to_event.curves(connection, filters, endpoint, today)
        case "compare":
            return time_to_event.pairs(connection, filters, endpoint, today)
        case _:
            return time_to_event.time_to_event(connection, filters, endpoint, today, days)


def _time_columns(_: Settings, params: ReportParams, groups: Columns) -> Columns:
    day_columns = time_columns.columns(time_definition.days_of_curve(params.days))
    if params.compare:
        return (*_side_of(params), *day_columns, *time_columns.TEST_COLUMNS)
    match params.show:
        case "curve":
            return (*groups, *time_columns.CURVE_COLUMNS)
        case "compare":
            return time_columns.COMPARE_COLUMNS
        case _:
            return (*groups, *day_columns)


def _side_of(params: ReportParams) -> Columns:
    """The column that names the two sides of a comparison; none for a dimension that there is not."""
    kind = comparison.kind_of(comparison.of_group(params.compare, params.groups))
    return tuple(column for column in (*time_columns.GROUP_COLUMNS, time_columns.PERIOD) if column.name == kind)


REPORTS: dict[str, Report] = {
    "time-to-event": Report(
        "Time to event",
        time_definition.DEFINITION,
        time_definition.SOURCE,
        _time_to_event,
        _time_columns,
        {"": time_columns.GROUP_COLUMNS},
        shows=("curve", "compare"),
        default_by=by_level("", "curve", "compare"),
    ),
    "flow": Report(
        "Flow between levels",
        flow.DEFINITION,
        flow.SOURCE,
        _flow,
        _flow_columns,
        {"": OF_STAY},
        flow.SHOWS,
        by_level(*flow.SHOWS),
    ),
    "attendance": Report(
        "Attendance and service received",
        attendance.DEFINITION,
        attendance.SOURCE,
        _attendance,
        _attendance_columns,
        {"": OF_STAY, "sessions": attendance_columns.SESSION_GROUP_COLUMNS},
        ("sessions", "bounds"),
        {**by_level("", "bounds"), "sessions": ("kind",)},
    ),
    "quality": Report(
        "Quality of care",
        quality_definition.DEFINITION,
        quality_definition.SOURCE,
        _quality,
        by_group(quality_columns.COLUMNS),
        {"": quality_columns.GROUP_COLUMNS},
    ),
    "prevalence": Report(
        "Abstinence after treatment",
        prevalence.DEFINITION,
        prevalence.SOURCE,
        _prevalence,
        by_group(prevalence_columns.COLUMNS),
        {"": prevalence_columns.GROUP_COLUMNS},
    ),
    "followback": Report(
        "Timeline follow-back",
        followback.DEFINITION,
        followback.SOURCE,
        _followback,
        _followback_columns,
        {"": followback_columns.GROUP_COLUMNS},
        default_by=by_level(""),
        per_client=True,
    ),
    "agreement": Report(
        "Self-report against screens",
        agreement.DEFINITION,
        agreement.SOURCE,
        _agreement,
        by_group(agreement_columns.COLUMNS),
        {"": agreement_columns.GROUP_COLUMNS},
    ),
    "outcomes": Report(
        "Change of scores",
        outcomes.DEFINITION,
        outcomes.SOURCE,
        _outcomes,
        by_group(outcomes_columns.COLUMNS),
        {"": outcomes_columns.GROUP_COLUMNS},
    ),
}
