"""The work list: who needs something done, the most pressing first, a page at a time."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from api.http.context import AtPosition, ServicesHere
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_clients import READ_PROBLEMS
from api.http.views import ClientRow
from domain.levels import Level
from infra.disclosure.work import work_of
from projections.status.flags import FLAG_TITLES
from projections.worklist.places import FlagCursor

router = APIRouter(tags=["charts"])

PAGE = 50
_NUMBER = re.compile(r"[0-9]{1,9}")
_ID = re.compile(r"[0-9a-f]{32}")


class WorkPage(BaseModel):
    """A page of flagged clients, each where the most pressing flag stands; with ``flag``, where that one does."""

    clients: list[ClientRow]
    next_cursor: str | None
    flagged: int = Field(description="Clients with any flag at your sites, or at the site that is asked for")
    counts: dict[str, int] = Field(description="The same by flag, whatever else is filtered by")


@router.get(
    "/api/v1/worklist",
    operation_id="list-work",
    summary="Clients who need something done today, the most pressing first",
    responses=responses(*READ_PROBLEMS),
    dependencies=[AtPosition],
)
def list_work(
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("client-rows"))],
    response: Response,
    flag: Annotated[str | None, Query(json_schema_extra={"enum": list(FLAG_TITLES)}, max_length=40)] = None,
    level: Annotated[Level | None, Query(description="Only this level of care")] = None,
    site: Annotated[str | None, Query(max_length=200)] = None,
    program: Annotated[str | None, Query(max_length=200)] = None,
    clinician: Annotated[str | None, Query(max_length=200, description="Only who they treat in the open level")] = None,
    assigned_to: Annotated[str | None, Query(max_length=200, description="Only flags that were given to them")] = None,
    snoozed: Annotated[bool, Query(description="What is left alone until a day, instead of what presses")] = False,
    limit: Limit = PAGE,
    cursor: Cursor = "",
) -> WorkPage:
    """The cursor goes on where the page before ended. Only charts of your sites; the look is recorded."""
    wanted = {"flag": flag, "level": level, "site": site, "program": program, "clinician": clinician}
    wanted["assigned_to"] = assigned_to
    where = {name: value for name, value in wanted.items() if value is not None}
    work = work_of(services, who, where, limit, place_of(cursor), snoozed=snoozed)
    response.headers["Cache-Control"] = "no-store"
    return WorkPage(
        clients=[ClientRow.model_validate(row) for row in work.rows],
        next_cursor=cursor_of(work.after),
        flagged=work.clients,
        counts=dict(work.counts),
    )


def place_of(cursor: str) -> FlagCursor | None:
    """The place that a page goes on after; None for the first page.

    Raises:
        ProblemError: it is not a cursor of this list.
    """
    urgency, day, client_id = decode(cursor, 3)
    if not cursor:
        return None
    if not (_NUMBER.fullmatch(urgency) and _NUMBER.fullmatch(day) and _ID.fullmatch(client_id)):
        problem = {"field": "cursor", "problem": "is not a next_cursor of this list: begin without one"}
        raise ProblemError("invalid", "The cursor cannot be used.", {"errors": [problem]})
    return FlagCursor(int(urgency), int(day), client_id)


def cursor_of(place: FlagCursor | None) -> str | None:
    """The cursor of the page after a place."""
    return encode(*map(str, place)) if place else None
