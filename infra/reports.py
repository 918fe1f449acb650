"""Reports by name: what the command line, the API and the dashboards ask, answered the same way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from infra import comparing, measure_reports, safe_reports
from infra.report_kinds import (
    ALL as ALL,
    Report as Report,
    ReportParams as ReportParams,
    Rows as Rows,
    by_level,
    by_reference,
    with_references,
)
from infra.services import Services
from projections.abstinence import queries as abstinence
from projections.census import queries as census
from projections.completion import definition as completion_definition, queries as completion
from projections.filters import FilterError
from projections.retention import queries as retention
from projections.status import queries as status
from projections.suppression import SMALLEST_SHOWN, hide_counts, hide_estimates, small
from projections.worklist import queries as worklist


def run_report(name: str, services: Services, params: ReportParams) -> Rows:
    """Answer a report from one consistent read of the read models.

    Raises:
        FilterError: no such report, or a group, filter or measure that it does not have.
    """
    report = REPORTS.get(name)
    if report is None:
        msg = f"no report {name!r}: choose from {', '.join(REPORTS)}"
        raise FilterError(msg)
    if params.suppress and (params.per_client or name == "worklist"):
        msg = "this role sees aggregates only: leave out what lists clients"
        raise FilterError(msg)
    if params.show and params.show not in report.shows:
        known = ", ".join(report.shows) or "nothing else"
        msg = f"{name} cannot show {params.show!r}: choose from {known}, or leave it out"
        raise FilterError(msg)
    if params.suppress:
        return _safe(name, report, services, params)
    with services.reads.reading() as connection:
        return _answer(name, report, services, connection, params)


def _safe(name: str, report: Report, services: Services, params: ReportParams) -> Rows:
    """What people may see who see no clients: no question that could be compared until a small group is left."""
    safe_reports.check_question(name, params)
    params = report.grouped(params) if params.where else params
    with services.reads.reading() as connection:
        rows = safe_reports.answered(name, services, connection, params)
        if rows is not None:
            return rows
        table = safe_reports.as_table(params) if not params.compare and name != "comparison" else params
        whole = _answer(name, report, services, connection, table)
        if table is not params and not safe_reports.is_table_of(whole, params):
            table, whole = params, _answer(name, report, services, connection, params)
    hidden = suppressed("comparison" if params.compare else name, table, whole)
    return safe_reports.filtered(hidden, params) if table is not params else hidden


def _answer(name: str, report: Report, services: Services, connection: Connection, params: ReportParams) -> Rows:
    if params.compare and name != "comparison":
        return comparing.answer(services, connection, params, name)
    return report.answer(services, connection, params)


def _status(services: Services, connection: Connection, params: ReportParams) -> Rows:
    if params.per_client:
        rows = status.clients(connection, params.filters(()), services.today(), limit=1_000_000)
        return by_reference(services, rows)
    return status.status_counts(connection, params.filters(("state", "level")))


def _worklist(services: Services, connection: Connection, params: ReportParams) -> Rows:
    found = worklist.worklist(connection, params.filters(()), services.today())
    if params.show == "flags":
        return with_references(services, worklist.by_flag(found, params.where.get("flag")))[: params.limit]
    rows = by_reference(services, found)
    return sorted(rows, key=lambda row: -len(row["flags"]))[: params.limit]


def _census(services: Services, connection: Connection, params: ReportParams) -> Rows:
    filters = params.filters(("level",))
    rows = census.census(connection, filters, services.today(), services.settings.site_capacity)
    return census.average_daily_census(rows, filters.by) if params.show == "average" else rows


def _completion(services: Services, connection: Connection, params: ReportParams) -> Rows:
    known = completion_definition.denominators(services.settings.measures_file)
    if params.denominator not in known:
        msg = f"no denominator {params.denominator!r}: choose from {', '.join(known)}"
        raise FilterError(msg)
    if params.unit == "episode":
        return completion.episodes(connection, params.filters(("last_level",)), known[params.denominator])
    if params.show == "lengths":
        return completion.lengths_of_stay(connection, params.filters(("level",)))
    return completion.completion(connection, params.filters(("level",)), known[params.denominator])


def _abstinence(services: Services, connection: Connection, params: ReportParams) -> Rows:
    measures = abstinence.all_measures(services.settings.measures_file)
    if params.per_client:
        rows = abstinence.per_client(connection, params.filters(()), measures, params.measure)
        return by_reference(services, rows)
    return abstinence.rates(connection, params.filters(("program",)), measures, params.measure)


def _retention(services: Services, connection: Connection, params: ReportParams) -> Rows:
    filters = params.filters(("level",))
    if params.show == "curve":
        return retention.curves(connection, filters, services.today())
    if params.show == "compare":
        return retention.compare(connection, filters, services.today())
    return retention.retention(connection, filters, services.today())


def suppressed(name: str, params: ReportParams, rows: Rows) -> Rows:
    """The rows of a report with small groups hidden, as every role but clinician and auditor sees them."""
    hide = REPORTS[name].hide
    if hide is not None:
        return hide(params, rows)
    match name, params.show:
        case "completion", "lengths":
            return _hidden_lengths(rows)
        case "census", "average":
            return hide_counts(rows, (), "average_daily_census", ("admissions", "discharges"))
        case "census", _:
            return _hidden_days(rows)
        case "abstinence", _:
            derived = ("stays", "share", "ci_low", "ci_high", "mean", "q1", "median", "q3")
            return _hidden_measures(rows, derived)
        case "retention", "compare":
            return hide_estimates(rows, "stays", "stays", ("statistic", "p_value"))
        case "retention", "curve":
            return [row for row in rows if row["at_risk"] >= SMALLEST_SHOWN]
        case _:
            return [_hidden_tail(row) for row in hide_estimates(rows, "ended", "stays", ("median_days",))]


def _hidden_lengths(rows: Rows) -> Rows:
    """Quartiles of all ended stays of a group, without counts: those by reason would give hidden reasons away."""
    shown = [row for row in rows if row["reason"] == "all" and row["discharges"] >= SMALLEST_SHOWN]
    return [{**row, "discharges": None, "suppressed": True} for row in shown]


def _hidden_days(rows: Rows) -> Rows:
    """Days of the census: small changes are hidden wherever a small census or a small change stands."""
    hidden = hide_counts(rows, (), "census", ("occupancy",) if rows and "occupancy" in rows[0] else ())
    for row in hidden:
        if row["census"] is None or small(row["admissions"]) or small(row["discharges"]):
            row["admissions"] = row["discharges"] = None
            row["suppressed"] = True
    return hidden


def _hidden_measures(rows: Rows, derived: tuple[str, ...]) -> Rows:
    by_measure: dict[str, Rows] = {}
    for row in rows:
        by_measure.setdefault(row["measure"], []).append(row)
    return [row for own in by_measure.values() for row in hide_estimates(own, "numerator", "denominator", derived)]


def _hidden_tail(row: dict[str, Any]) -> dict[str, Any]:
    """Points of a curve with few people at risk are hidden too."""
    for day in retention.MILESTONES:
        if row["suppressed"] or row[f"at_risk_{day}"] < SMALLEST_SHOWN:
            for name in (f"retained_{day}", f"retained_{day}_low", f"retained_{day}_high", f"at_risk_{day}"):
                row[name] = None
    return row


REPORTS: dict[str, Report] = {
    "status": Report(
        "Current status", status.DEFINITION, "docs/measures.md, Status", _status, default_by={"": ("state", "level")}
    ),
    "worklist": Report("Work list", worklist.DEFINITION, "docs/measures.md, Status", _worklist, shows=("flags",)),
    "census": Report(
        "Census",
        census.DEFINITION,
        "docs/measures.md, Status",
        _census,
        shows=("average",),
        default_by=by_level("", "average"),
    ),
    "completion": Report(
        "Completion",
        "How ended stays ended (TEDS discharge reasons), per group, with the rate of the chosen denominator.",
        completion_definition.SOURCE,
        _completion,
        shows=("lengths",),
        default_by=by_level("", "lengths"),
    ),
    "abstinence": Report(
        "Abstinence", abstinence.DEFINITION, abstinence.SOURCE, _abstinence, default_by={"": ("program",)}
    ),
    "retention": Report(
        "Retention",
        retention.DEFINITION,
        retention.SOURCE,
        _retention,
        shows=("curve", "compare"),
        default_by=by_level("", "curve", "compare"),
    ),
    **measure_reports.REPORTS,
    "comparison": comparing.REPORT,
}
