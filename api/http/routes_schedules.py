"""The schedules of saved views, whoever's they are: which rest, which are behind; and the end of one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.http.access import reads_reports
from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.routes_clients import NO_STORE, READ_PROBLEMS
from api.http.routes_views import Id, Schedule
from infra.views.folder import not_written
from infra.views.scheduled import scheduled, stop

router = APIRouter(tags=["views"])

Administrator = Annotated[Principal, Depends(allowed("schedules"))]


class ScheduledView(BaseModel):
    """A view that is written to the folder of documents: by report and question, since somebody typed its name."""

    view: str
    report: str
    question: dict[str, str]
    owner: str = Field(description="Who saved it, by name")
    role: str = Field(description="In which its owner was last heard of; empty: not known")
    schedule: Schedule
    since: date = Field(description="The day on which it was scheduled")
    written: date | None = Field(description="The last day that it was written for; null: none yet")
    rests: bool = Field(description="Whether nothing is written while that role reads no reports")
    not_written: date | None = Field(description="The day for which its document could not be written; null: none")


@router.get(
    "/api/v1/schedules",
    operation_id="list-schedules",
    summary="The views that are written to the folder of documents, whoever's they are",
    responses=responses(*READ_PROBLEMS),
)
def get_schedules(services: ServicesHere, _: Administrator, response: Response) -> list[ScheduledView]:
    """By id."""
    response.headers["Cache-Control"] = NO_STORE
    schedules = scheduled(services, reads_reports)
    late = not_written(services, [schedule.paper for schedule in schedules if not schedule.rests])
    return [
        ScheduledView(
            view=schedule.view.id,
            report=schedule.view.report,
            question=dict(schedule.view.question),
            owner=schedule.view.by,
            role=schedule.role,
            schedule=Schedule(**asdict(schedule.paper.timing)),
            since=schedule.paper.since,
            written=schedule.paper.written,
            rests=schedule.rests,
            not_written=late.get(schedule.view.id),
        )
        for schedule in schedules
    ]


@router.delete(
    "/api/v1/schedules/{view}",
    operation_id="stop-schedule",
    summary="Stop the schedule of anybody's view; the view stays, and what was written too",
    status_code=204,
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def delete_schedule_of(view: Id, services: ServicesHere, who: Administrator, request: Request) -> None:
    """Who stopped it is in the access log. Its owner may schedule it anew."""
    stop(services, who, view, request_id(request.scope))
