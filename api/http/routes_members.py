"""Drill-down of a number: its meaning, its permalink, and for those who see charts its cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.http.context import AsOf, AtPosition, KnownParameters, ServicesHere
from api.http.correlation import request_id
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.report_params import Name, pairs_of, report_params
from api.http.routes_clients import NO_STORE, READ_PROBLEMS
from api.http.routes_reports import Position, until_of
from api.whole_numbers import whole_number
from infra.drilldown.answer import Answer, Moment, Page, answer
from infra.drilldown.cell import Cell
from infra.drilldown.members import Member
from infra.drilldown.questions import ask_number
from infra.reporting.reports import REPORTS, ReportParams
from projections.drilldown.cases import CaseCursor
from projections.small_counts import small

router = APIRouter(tags=["reports"])

NUMBER = Query(max_length=60, description="A count in the report's rows, by its name", examples=["numerator"])
AT = Query(description="The row, by what names it, as level=residential; may be repeated")
VERSION = Query(max_length=40, description="The version of the definition that an answer gave")


class EvidenceView(BaseModel):
    """An entry behind a case."""

    what: str = Field(description="What it is to the case, as admitted, ended, screened, attended")
    event_id: UUID
    type: str
    occurred_at: datetime


class MemberView(BaseModel):
    """A case that a number counts."""

    client: str = Field(description="The chart number")
    client_id: UUID
    kind: str = Field(description="stay, episode, client, sessions, weeks, screens, pattern, milestone, scores, …")
    adds: int = Field(description="What it adds to the number: 1, or how many sessions, weeks or screens of a stay")
    level: str
    program: str
    site: str
    first_day: date | None
    last_day: date | None
    facts: dict[str, Any] = Field(description="What made it count, as its reason or its weekly pattern")
    events: list[EvidenceView]


class NumberView(BaseModel):
    """A number and what it means."""

    report: str
    number: str
    at: dict[str, str]
    title: str
    definition: str
    source: str
    missing: str = Field(description="How missing data are read; empty where that does not apply")
    value: int
    small_numbers: bool = Field(
        description="It is of 1–10 people: it can point to single people and does not leave the house"
    )
    denominator: str = Field(description="The number of the same row that this is a part of; empty where it is of none")
    denominator_value: int | None
    as_of: datetime | None = Field(description="Sent with position, the same number again; null while workers write")
    position: int | None
    definition_version: str = Field(description="Another one where something else is counted by now")
    definition_changed: bool = Field(description="The definition is not the one that was asked for")
    permalink: str = Field(description="The address of this answer; with as_of and position it gives the number again")


class MembersView(NumberView):
    """A number, what it means, and a page of whom it counts."""

    elsewhere: int = Field(description="What of it clients add who are at sites where you do not work")
    cases: int = Field(description="How many cases can be listed")
    clients: int = Field(description="How many clients these are of")
    members: list[MemberView]
    next_cursor: str | None


async def asked_cell(
    report: Name,
    params: Annotated[ReportParams, Depends(report_params)],
    number: Annotated[str, NUMBER],
    at: Annotated[list[str] | None, AT] = None,
) -> Cell:
    """The number that a request names.

    Raises:
        ProblemError: no such report, or a row that is not of the form name=value.
    """
    if report not in REPORTS:
        raise ProblemError("not-found", f"No such report. There are: {', '.join(REPORTS)}.")
    return Cell(report, params, number, pairs_of(at, "at"))


async def asked_moment(as_of: AsOf = None, position: Position = None) -> Moment:
    """When it is asked for.

    Raises:
        ProblemError: a position without a knowledge time.
    """
    return Moment(as_of, until_of(as_of, position))


CellHere = Annotated[Cell, Depends(asked_cell)]
MomentHere = Annotated[Moment, Depends(asked_moment)]


@router.get(
    "/api/v1/reports/{report}/number",
    operation_id="get-report-number",
    summary="A number of a report, with its definition, its denominator and where it is found again",
    responses=responses(*READ_PROBLEMS, "not-found"),
    dependencies=[AtPosition, KnownParameters],
)
def get_number(
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("reports"))],
    request: Request,
    response: Response,
    cell: CellHere,
    moment: MomentHere,
    definition_version: Annotated[str, VERSION] = "",
) -> NumberView:
    """For every role that has reports; never who is in it."""
    answer_read = answer(services, cell, moment)
    ask_number(services, who, cell, moment, request_id(request.scope))
    response.headers["Cache-Control"] = NO_STORE
    return NumberView(**_described(request, cell, moment, answer_read, definition_version))


@router.get(
    "/api/v1/reports/{report}/members",
    operation_id="get-report-members",
    summary="Who is in a number of a report, and the entries behind it",
    responses=responses(*READ_PROBLEMS, "not-found"),
    dependencies=[AtPosition, KnownParameters],
)
def get_members(
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("client-rows"))],
    request: Request,
    response: Response,
    cell: CellHere,
    moment: MomentHere,
    definition_version: Annotated[str, VERSION] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> MembersView:
    """Each page is recorded in the access log. At a site one sees its clients, and how many others there are.

    With ``as_of`` and the ``position`` of an answer the number is that answer's, whatever was recorded since.
    """
    answer_read = answer(services, cell, moment, Page(who, place_of(cursor), limit, request_id(request.scope)))
    opened = answer_read.opened
    assert opened is not None
    response.headers["Cache-Control"] = NO_STORE
    return MembersView(
        **_described(request, cell, moment, answer_read, definition_version),
        elsewhere=opened.elsewhere,
        cases=opened.cases,
        clients=opened.clients,
        members=[_view(member) for member in opened.members],
        next_cursor=cursor_of(opened.following),
    )


def _described(request: Request, cell: Cell, moment: Moment, answer_read: Answer, wanted: str) -> dict[str, Any]:
    means, stamp = answer_read.meaning, answer_read.stamp
    return {
        "report": cell.report,
        "number": cell.number,
        "at": dict(cell.at),
        "title": means.title,
        "definition": means.definition,
        "source": means.source,
        "missing": means.missing,
        "value": answer_read.value.number,
        "small_numbers": small(answer_read.value.number),
        "denominator": means.whole,
        "denominator_value": answer_read.value.whole,
        "as_of": stamp.at if stamp else moment.as_of,
        "position": stamp.position if stamp else None,
        "definition_version": means.version,
        "definition_changed": wanted not in ("", means.version),
        "permalink": _permalink(request, answer_read),
    }


def _permalink(request: Request, answer_read: Answer) -> str:
    """The address of the request with where the answer is found again in it."""
    new = {
        "definition_version": answer_read.meaning.version,
        **(answer_read.stamp.query() if answer_read.stamp else {}),
    }
    left_out = {*new, "cursor", "min_position"}
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in left_out]
    return f"{request.url.path}?{urlencode([*pairs, *new.items()])}"


def cursor_of(place: CaseCursor | None) -> str | None:
    """The cursor of the page that begins there."""
    return encode(place[0], str(place[1])) if place else None


def place_of(cursor: str) -> CaseCursor:
    """Where a page begins.

    Raises:
        ProblemError: it is no cursor of such a list.
    """
    client_id, given = decode(cursor, 2)
    return client_id, whole_number(given, 9) or 0


def _view(member: Member) -> MemberView:
    return MemberView(
        client=member.client,
        client_id=UUID(member.client_id),
        kind=member.kind,
        adds=member.adds,
        level=member.level,
        program=member.program,
        site=member.site,
        first_day=member.first_day,
        last_day=member.last_day,
        facts=dict(member.facts),
        events=[
            EvidenceView(
                what=event.what,
                event_id=UUID(event.event_id),
                type=event.type,
                occurred_at=datetime.fromisoformat(event.occurred_at),
            )
            for event in member.events
        ],
    )
