"""Checks for auditors in the background: verify the logs, compare the live tables with a replay; broken glass."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.job_views import JobView, NothingBody, StartedView, job_view, known
from api.http.problems import ProblemError, responses
from api.http.routes_access import AccessView, view
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_commands import WRITE_PROBLEMS
from infra.access_log.break_glass_review import (
    LONGEST_NOTE,
    AlreadyReviewedError,
    GlassUse,
    NotAUseError,
    OwnUseError,
    mark,
    uses,
)
from infra.ops.works import start

router = APIRouter(tags=["audit"])

Check = Annotated[
    Literal["logs", "replay"],
    Path(description="logs: every hash, link, root and signature; replay: every row of the read models"),
]
Auditor = Annotated[Principal, Depends(allowed("audit"))]
Reviewer = Annotated[Principal, Depends(allowed("access-review"))]
STARTS = responses(*WRITE_PROBLEMS, "internal", "not-ready", "not-found")


class NoteBody(BaseModel):
    """What the review of broken glass came to."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$", description="Sealed like the reason")


class GlassUseView(BaseModel):
    """One use of broken glass."""

    use: AccessView
    reviewed_by: str | None
    reviewed_at: datetime | None
    note: str | None


class GlassUsesView(BaseModel):
    """Every use of broken glass, newest first."""

    uses: list[GlassUseView]


@router.get(
    "/api/v1/audit/checks/{check}",
    operation_id="get-check",
    summary="How far the last check is, or what it came to",
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def get_check(services: ServicesHere, _: Auditor, check: Check) -> JobView:
    """The outcome stays until the check is made again."""
    return known(services.jobs.newest(check))


@router.post(
    "/api/v1/audit/checks/{check}",
    operation_id="start-check",
    status_code=202,
    summary="Start a check in the background; one of each kind runs at a time",
    responses=STARTS,
)
def start_check(request: Request, services: ServicesHere, who: Auditor, check: Check, _: NothingBody) -> StartedView:
    """It changes nothing. That it was started is in the access log."""
    job, started = start(services, who, check, request=request_id(request.scope))
    return StartedView(started=started, job=job_view(job))


@router.get(
    "/api/v1/audit/broken-glass",
    operation_id="list-broken-glass",
    summary="Every use of broken glass with its reason, and whether somebody has reviewed it",
    responses=responses(*READ_PROBLEMS),
)
def list_broken_glass(request: Request, services: ServicesHere, who: Reviewer) -> GlassUsesView:
    """The reasons are opened, so this look is recorded as well."""
    glass_uses = uses(services.people.log.every(opened=True))
    clients = sorted({client for use in glass_uses for client in use.entry.clients})
    services.people.log.read(who, clients, request=request_id(request.scope))
    return GlassUsesView(uses=[_use(use) for use in glass_uses])


@router.post(
    "/api/v1/audit/broken-glass/{position}/review",
    operation_id="review-broken-glass",
    status_code=201,
    summary="Mark a use of broken glass as reviewed",
    responses=STARTS,
)
def review_broken_glass(
    request: Request,
    services: ServicesHere,
    who: Reviewer,
    position: Annotated[int, Path(ge=1, le=2**62, description="Of the use in the access log")],
    body: NoteBody,
) -> GlassUseView:
    """Recorded in the access log, for good."""
    try:
        return _use(mark(services, who, position, body.note, request_id(request.scope)))
    except NotAUseError as error:
        raise ProblemError("not-found", f"{error}.".capitalize()) from None
    except OwnUseError as error:
        raise ProblemError("not-allowed", f"{error}.".capitalize()) from None
    except AlreadyReviewedError:
        problem = {"field": "position", "problem": "somebody has reviewed this use already"}
        raise ProblemError("invalid", "It is reviewed already.", {"errors": [problem]}) from None


def _use(use: GlassUse) -> GlassUseView:
    mark = use.mark
    return GlassUseView(
        use=view(use.entry),
        reviewed_by=mark.name if mark else None,
        reviewed_at=mark.at if mark else None,
        note=(mark.words or {}).get("note") if mark else None,
    )
