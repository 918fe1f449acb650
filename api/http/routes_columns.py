"""What each column of a report means: for the question that the report would be asked, without an answer to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.context import KnownParameters, ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.report_params import NAMES, Name, report_params
from api.http.routes_clients import READ_PROBLEMS
from api.http.views import ColumnView
from infra.reporting.reports import REPORTS, ReportParams, check_asked, columns_said

router = APIRouter(tags=["reports"])


@router.get(
    "/api/v1/reports/{report}/columns",
    operation_id="get-report-columns",
    summary="What each column of a report means",
    response_model=list[ColumnView],
    responses=responses(*READ_PROBLEMS, "not-found"),
    dependencies=[KnownParameters],
)
def get_columns(
    report: Name,
    services: ServicesHere,
    _: Annotated[Principal, Depends(allowed("definitions"))],
    params: Annotated[ReportParams, Depends(report_params)],
) -> list[ColumnView]:
    """The columns of the rows that the same query of the report gives, in their order; no numbers.

    The query says which: ``show``, ``per_client``, ``measure``, ``unit``, ``by`` and ``compare``.
    """
    if report not in REPORTS:
        raise ProblemError("not-found", f"No such report. There are: {', '.join(NAMES)}.")
    check_asked(report, params)
    columns = columns_said(report, services.settings, params)
    return [ColumnView(name=column.name, kind=column.kind, meaning=column.meaning) for column in columns]
