"""Publishing, for administrators: the plan, a preview, the publication itself, and the proof that nothing was altered.

These are long work: what starts it answers at once, and the same path under GET says how far it is and what it came to.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.http.context import Key, ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.job_views import JobView, NothingBody, StartedView, job_view, known
from api.http.problems import ProblemError, responses
from api.http.publication_views import PlanBody, PlanView
from api.http.routes_checks import STARTS
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_commands import scoped
from api.http.routes_publications import ROOT
from infra.bootstrap import Services
from infra.publications import jobs
from infra.publications.plan import Plan, PlanError
from infra.publications.publisher import plan_of

router = APIRouter(tags=["publications"])

_READ = responses(*READ_PROBLEMS, "not-found")
_STARTS = {**STARTS, **responses("not-ready", "no-key")}
Publisher = Annotated[Principal, Depends(allowed("publishing"))]


@router.get(
    f"{ROOT}/plan",
    operation_id="get-publication-plan",
    summary="The plan that is published by",
    responses=responses(*READ_PROBLEMS),
)
def get_plan(services: ServicesHere, _: Publisher) -> PlanView:
    """To begin one's own with."""
    return PlanView(plan=_plan(services, None))


@router.post(
    f"{ROOT}/preview",
    operation_id="start-publication-preview",
    status_code=202,
    summary="Find out what would be published now; nothing is kept",
    responses=_STARTS,
)
def start_preview(request: Request, services: ServicesHere, who: Publisher, body: PlanBody) -> StartedView:
    """Its outcome: the tables, how many numbers each shows, what is left out, how many numbers the attack finds."""
    plan = _plan(services, body.plan)
    job, started = jobs.start_preview(services, who, plan, request_id(request.scope))
    return StartedView(started=started, job=job_view(job))


@router.get(
    f"{ROOT}/preview",
    operation_id="get-publication-preview",
    summary="How far the last preview is, or what it came to",
    responses=_READ,
)
def get_preview(services: ServicesHere, _: Publisher) -> JobView:
    """The last one that was started."""
    return known(services.jobs.newest(jobs.PREVIEW))


@router.post(
    ROOT,
    operation_id="publish",
    status_code=202,
    summary="Publish every closed period that was not published yet, signed, for good",
    responses={**_STARTS, **responses("invalid", "key-reused")},
)
def publish(request: Request, services: ServicesHere, who: Publisher, body: PlanBody, key: Key) -> StartedView:
    """Refused if the attack finds anybody. With an `Idempotency-Key` the request is safe to send again."""
    plan = _plan(services, body.plan)
    job, started = jobs.start_publishing(services, who, plan, request_id(request.scope), scoped(who, key))
    return StartedView(started=started, job=job_view(job))


@router.get(
    f"{ROOT}/publishing",
    operation_id="get-publishing",
    summary="How far the last publishing is, or what it came to",
    responses=_READ,
)
def get_publishing(services: ServicesHere, _: Publisher) -> JobView:
    """Its outcome names the publication, or says why there is none."""
    return known(services.jobs.newest(jobs.PUBLISH))


@router.post(
    f"{ROOT}/verification",
    operation_id="start-publication-verification",
    status_code=202,
    summary="Prove that no publication was altered, then attack all of them together",
    responses=_STARTS,
)
def start_verification(request: Request, services: ServicesHere, who: Publisher, _: NothingBody) -> StartedView:
    """It changes nothing."""
    job, started = jobs.start_verification(services, who, request_id(request.scope))
    return StartedView(started=started, job=job_view(job))


@router.get(
    f"{ROOT}/verification",
    operation_id="get-publication-verification",
    summary="How far the last verification is, or what it found",
    responses=_READ,
)
def get_verification(services: ServicesHere, _: Publisher) -> JobView:
    """`holds`: nothing was altered, and the attack finds nobody."""
    return known(services.jobs.newest(jobs.VERIFICATION))


def _plan(services: Services, given: Plan | None) -> Plan:
    """The plan of a request, or that of the settings.

    Raises:
        ProblemError: the settings' plan is refused.
    """
    try:
        return given or plan_of(services)
    except PlanError as error:
        problem = {"field": "CAREJOURNEY_PUBLICATION_PLAN_FILE", "problem": str(error)}
        raise ProblemError("invalid", "The plan of the settings is refused.", {"errors": [problem]}) from None
