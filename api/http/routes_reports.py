"""Reports: every dashboard as data, in JSON or CSV."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from api.http.access import may
from api.http.context import AsOf, AtPosition, KnownParameters, ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.report_params import NAMES, Name, report_params
from api.http.routes_clients import READ_PROBLEMS
from api.http.views import DefinitionView, ReportView
from api.tabular import as_csv
from infra.bootstrap import Services
from infra.disclosure.record_guard import hidden_from, see_references, seen_by
from infra.drilldown.answer import Moment
from infra.drilldown.questions import ask
from infra.drilldown.small_numbers import has_small_numbers
from infra.history.as_of.reports import report_at
from infra.identity.people import SITE_BOUND
from infra.reporting.definitions import rows as definition_rows
from infra.reporting.reports import REPORTS, ReportParams, check_asked, columns_of, run_report

router = APIRouter(tags=["reports"])

CSV_ANSWER = {"schema": {"type": "string", "description": "The rows with a header; yes/no is true/false"}}
Position = Annotated[
    int | None, Query(ge=0, le=2**62, description="With as_of: from the log up to here, as an answer gave it")
]


def until_of(as_of: datetime | None, position: int | None) -> int | None:
    """Where the log ends that is asked.

    Raises:
        ProblemError: there is no knowledge time beside it.
    """
    if position is not None and as_of is None:
        problem = {"field": "position", "problem": "goes with as_of: take both from an answer"}
        raise ProblemError("invalid", "A position alone says no moment.", {"errors": [problem]})
    return position


@router.get(
    "/api/v1/definitions",
    operation_id="get-definitions",
    summary="What every number means, and where its definition comes from",
    response_model=list[DefinitionView],
    responses=responses(*READ_PROBLEMS),
)
def get_definitions(
    services: ServicesHere, _: Annotated[Principal, Depends(allowed("definitions"))]
) -> list[DefinitionView]:
    """The definitions that the app and the documents show; no numbers."""
    return [DefinitionView(**row) for row in definition_rows(services.settings.measures_file)]


@router.get(
    "/api/v1/reports/{report}",
    operation_id="get-report",
    summary="A dashboard as data, with its definition",
    response_model=ReportView,
    responses={
        200: {"content": {"text/csv": CSV_ANSWER}},
        **responses(*READ_PROBLEMS, "not-found", "not-acceptable"),
    },
    dependencies=[AtPosition, KnownParameters],
)
def get_report(
    report: Name,
    services: ServicesHere,
    request: Request,
    who: Annotated[Principal, Depends(allowed("reports"))],
    params: Annotated[ReportParams, Depends(report_params)],
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Wins over Accept")] = None,
    accept: Annotated[str, Header()] = "*/*",
    as_of: AsOf = None,
    position: Position = None,
) -> Response:
    """Aggregates for every role that has reports; rows of clients only for those who may see charts, at their sites.

    ``as_of`` answers as it was answered then. With a ``position``, what was recorded behind it changes nothing.
    """
    if report not in REPORTS:
        raise ProblemError("not-found", f"No such report. There are: {', '.join(NAMES)}.")
    check_asked(report, params)
    chosen = form or negotiated(accept)
    check_scope(report, params, who)
    moment = Moment(as_of, until_of(as_of, position))
    return answered(services, request, who, report, params, moment, chosen)


def answered(
    services: Services, request: Request, who: Principal, report: str, params: ReportParams, moment: Moment, form: str
) -> Response:
    """The answer of a report in a form, json or csv; what is looked at is recorded before it leaves."""
    as_of, until = moment.as_of, moment.position
    held = services.projector.reached()
    listing = REPORTS[report].lists_clients(params)
    narrowed = replace(params, but=frozenset(hidden_from(services, who))) if listing else params
    rows = (
        run_report(report, services, narrowed)
        if as_of is None
        else report_at(services, report, narrowed, as_of, until=until)
    )
    if listing:
        rows = seen_by(services, who, rows)
        see_references(services, who, dict.fromkeys(row["client"] for row in rows))
    ask(services, who, report, params, {"as_of": as_of, "position": until}, request_id(request.scope))
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if form == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{report}.csv"'
        return Response(as_csv(rows, columns_of(report, services, params)), media_type="text/csv", headers=headers)
    kind = REPORTS[report]
    view = {
        "report": report,
        "title": kind.title,
        "definition": kind.definition,
        "source": kind.source,
        "position": held,
        "as_of": as_of,
        "small_numbers": has_small_numbers(report, params, rows),
        "rows": rows,
    }
    return Response(orjson.dumps(view), media_type="application/json", headers=headers)


def negotiated(accept: str) -> str:
    """JSON or CSV, by the header Accept; JSON where both do.

    Raises:
        ProblemError: it asks for neither.
    """
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for media_type in wanted:
        if media_type in {"*/*", "application/*", "application/json", ""}:
            return "json"
        if media_type in {"text/csv", "text/*"}:
            return "csv"
    raise ProblemError("not-acceptable", "There is application/json and text/csv.")


def check_scope(report: str, params: ReportParams, who: Principal) -> None:
    """Refuse what this person may not ask.

    Raises:
        ProblemError: rows of clients for a role that sees none, or of another site's clients.
    """
    if REPORTS[report].lists_clients(params):
        if not may(who.role, "client-rows"):
            raise ProblemError("not-allowed", f"Your role ({who.role}) sees aggregates, no rows of clients.")
        if who.role in SITE_BOUND and who.sites is not None and params.where.get("site") not in who.sites:
            raise ProblemError("not-allowed", "Filter by a site where you work, as where=site=north.")
