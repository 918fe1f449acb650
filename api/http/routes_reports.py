"""Reports: every dashboard as data, in JSON or CSV."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api.http.access import may
from api.http.context import AsOf, AtPosition, Day, KnownParameters, ServicesHere
from api.http.errors import request_id
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_clients import READ_PROBLEMS
from api.http.views import DefinitionView, ReportView
from api.tabular import as_csv
from infra.access.charts import see_references, seen_by
from infra.access.people import SITE_BOUND
from infra.access.questions import ask
from infra.asof.reports import report_at
from infra.definitions import rows as definition_rows
from infra.reports import REPORTS, ReportParams, check_asked, columns_of, run_report
from infra.small_numbers import has_small_numbers
from projections.filters import Cohort
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint, EventName, Start

router = APIRouter(tags=["reports"])

NAMES = list(REPORTS)
Name = Annotated[str, Path(max_length=40, json_schema_extra={"enum": NAMES}, description="Which report")]
CLIENT_ROWS = frozenset({"worklist"})
SHOWS = ["", *dict.fromkeys(show for report in REPORTS.values() for show in report.shows)]
SHOW_HELP = "; ".join(f"{name}: {', '.join(found.shows)}" for name, found in REPORTS.items() if found.shows)
COMPARE_HELP = "Two groups, as site=A,site=B, or two periods, as 2026-01-01..2026-03-31,2026-04-01..2026-06-30"
_CSV = {"schema": {"type": "string", "description": "The rows with a header; yes/no is true/false"}}

By = Annotated[str, Query(max_length=200, description="Groups, as level,program; all for one group")]
Where = Annotated[list[str] | None, Query(description="Filter, as level=residential; may be repeated")]
From = Annotated[
    Day | Start | None,
    Query(alias="from", description="First day, included; time-to-event: the start that the clock runs from"),
]
To = Annotated[
    Day | EventName | None, Query(description="Last day, included; time-to-event: the event that stops the clock")
]
FromDay = Annotated[Day | None, Query(description="First day, where from names a start")]
ToDay = Annotated[Day | None, Query(description="Last day, where to names an event")]
Substance = Annotated[str, Query(max_length=200, description="time-to-event: a class or name, as alcohol")]
Censor = Annotated[
    Literal["", "last_contact", "today"],
    Query(description="time-to-event, retention: until when who has no event counts; the event's own default"),
]
Competing = Annotated[
    str, Query(max_length=200, description="time-to-event, retention: reasons of an end that end observation, as died")
]
Days = Annotated[
    str,
    Query(max_length=200, pattern=r"^(\d{1,5}(,\d{1,5})*)?$", description="time-to-event: read the curve at, as 30,90"),
]
Position = Annotated[
    int | None, Query(ge=0, le=2**62, description="With as_of: from the log up to here, as an answer gave it")
]


async def report_params(
    by: By = "",
    start: From = None,
    to: To = None,
    cohort: Annotated[Cohort, Query(description="Which day of a stay lies in the period")] = "discharge",
    where: Where = None,
    measure: Annotated[str | None, Query(max_length=200, description="Only this measure, by its id")] = None,
    per_client: Annotated[bool, Query(description="One row a client, if the report has them")] = False,
    denominator: Annotated[str, Query(max_length=40, description="completion: which one")] = "completed",
    unit: Annotated[Literal["stay", "episode"], Query(description="completion: what is counted")] = "stay",
    show: Annotated[str, Query(max_length=20, json_schema_extra={"enum": SHOWS}, description=SHOW_HELP)] = "",
    compare: Annotated[str, Query(max_length=500, description=COMPARE_HELP)] = "",
    from_day: FromDay = None,
    to_day: ToDay = None,
    substance: Substance = "",
    censor: Censor = "",
    competing: Competing = "",
    days: Days = "",
    limit: Annotated[int, Query(ge=1, le=100_000, description="Rows of the work list")] = 500,
) -> ReportParams:
    """The query as a report takes it.

    Raises:
        ProblemError: a filter is not of the form name=value, or a period is given twice.
    """
    usual = USE_AFTER_ADMISSION
    return ReportParams(
        by=_listed(by),
        start=_day_of(start, from_day, "from_day"),
        end=_day_of(to, to_day, "to_day"),
        cohort=cohort,
        where=pairs_of(where, "where"),
        measure=measure,
        per_client=per_client,
        denominator=denominator,
        unit=unit,
        show=show,
        compare=compare,
        endpoint=Endpoint(
            start if isinstance(start, str) else usual.start,
            to if isinstance(to, str) else usual.event,
            substance,
            censor,
            _listed(competing),
        ),
        days=tuple(map(int, _listed(days))),
        limit=limit,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _day_of(given: date | str | None, beside: date | None, field: str) -> date | None:
    """The day that one of two parameters says.

    Raises:
        ProblemError: both do.
    """
    if not isinstance(given, date):
        return beside
    if beside is not None:
        problem = {"field": field, "problem": f"{field.partition('_')[0]} is a day already: leave out one of them"}
        raise ProblemError("invalid", "The period begins or ends twice.", {"errors": [problem]})
    return given


def pairs_of(texts: list[str] | None, field: str) -> dict[str, str]:
    """Parameters of the form name=value.

    Raises:
        ProblemError: one is not.
    """
    pairs = [text.partition("=") for text in texts or ()]
    if any(not equals for _, equals, _ in pairs):
        problem = {"field": field, "problem": "write it as level=residential"}
        raise ProblemError("invalid", "A filter cannot be read.", {"errors": [problem]})
    return {name.strip(): value.strip() for name, _, value in pairs}


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
        200: {"content": {"text/csv": _CSV}},
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
    until = until_of(as_of, position)
    held = services.projector.reached()
    rows = (
        run_report(report, services, params)
        if as_of is None
        else report_at(services, report, params, as_of, until=until)
    )
    if _lists_clients(report, params):
        rows = seen_by(services, who, rows)
        see_references(services, who, dict.fromkeys(row["client"] for row in rows))
    ask(services, who, report, params, {"as_of": as_of, "position": until}, request_id(request.scope))
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if chosen == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{report}.csv"'
        return Response(as_csv(rows, columns_of(report, services, params)), media_type="text/csv", headers=headers)
    found = REPORTS[report]
    view = {
        "report": report,
        "title": found.title,
        "definition": found.definition,
        "source": found.source,
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
    if _lists_clients(report, params):
        if not may(who.role, "client-rows"):
            raise ProblemError("not-allowed", f"Your role ({who.role}) sees aggregates, no rows of clients.")
        if who.role in SITE_BOUND and who.sites is not None and params.where.get("site") not in who.sites:
            raise ProblemError("not-allowed", "Filter by a site where you work, as where=site=north.")


def _lists_clients(report: str, params: ReportParams) -> bool:
    return report in CLIENT_ROWS or params.per_client
