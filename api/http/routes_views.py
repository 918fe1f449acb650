"""Saved views: questions under a name, listed, kept, changed, shared, pinned, taken away and answered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import AtPosition, KnownParameters, ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.routes_clients import NO_STORE, READ_PROBLEMS
from api.http.routes_commands import WRITE_PROBLEMS
from api.http.routes_reports import CSV_ANSWER, answered, check_scope, negotiated
from api.http.views import ReportView
from domain.entries import moment
from infra.bootstrap import Services
from infra.drilldown.answer import Moment
from infra.reporting.question import FILTERS
from infra.views.folder import not_written
from infra.views.papers import Every, timing_of
from infra.views.schedule import schedule_view
from infra.views.view import LONGEST_NAME, LONGEST_VALUE, PinPlace, View, checked_name, checked_question

router = APIRouter(tags=["views"])

ROOT = "/api/v1/views"
Id = Annotated[str, Path(alias="view", pattern="^[0-9a-f]{32}$", description="The view's id, as the list has it")]
Reader = Annotated[Principal, Depends(allowed("reports"))]
Name = Annotated[str, Field(max_length=10 * LONGEST_NAME, description="One line; it is no place for a client's name")]
Shared = Annotated[bool, Field(description="Whether everybody who may read reports may open it")]
Pinned = Annotated[list[PinPlace], Field(max_length=2, description="Where you keep it in sight; nobody else is asked")]
Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
_WRITES = (*WRITE_PROBLEMS, "internal", "not-ready")
_QUESTION = "The report's filters as pages have them in their address, as period: last_quarter; none names a client"


class Schedule(BaseModel):
    """When a view is written to the folder of the settings, as PDF."""

    model_config = ConfigDict(extra="forbid")

    every: Every
    on: Annotated[int, Field(ge=0, le=28, description="weekly: 1 (Monday) to 7; monthly: 1 to 28; daily: 0")] = 0
    language: Literal["en", "es"] = "en"


class NewView(BaseModel):
    """A question to be kept."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    report: Annotated[str, Field(json_schema_extra={"enum": list(FILTERS)})]
    question: Annotated[dict[str, Value], Field(max_length=20, description=_QUESTION)] = {}
    shared: Shared = False
    pinned: Pinned = []


class ViewChange(BaseModel):
    """What is to be otherwise; what is left out stays. Only its owner changes and shares a view; everybody pins."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    question: Annotated[dict[str, Value], Field(max_length=20, description=_QUESTION)] | None = None
    shared: Shared | None = None
    pinned: Pinned | None = None


class SavedView(BaseModel):
    """A saved view, as its reader has it."""

    view: str
    name: str
    report: str
    question: dict[str, str]
    shared: bool
    owner: str = Field(description="Who saved it, by name")
    own: bool = Field(description="Whether that is you")
    pinned: list[PinPlace]
    made_at: datetime
    schedule: Schedule | None = Field(description="null: it is written to no folder; its owner alone sees it")
    not_written: date | None = Field(description="The day for which its document could not be written; null: none")
    deleted_at: datetime | None = Field(description="null: it is there")


@router.get(
    ROOT,
    operation_id="list-views",
    summary="Your views, and those that others share",
    responses=responses(*READ_PROBLEMS),
)
def get_views(
    services: ServicesHere,
    who: Reader,
    response: Response,
    deleted: Annotated[bool, Query(description="Instead: those that you deleted in the last 30 days")] = False,
) -> list[SavedView]:
    """By name."""
    response.headers["Cache-Control"] = NO_STORE
    views = services.views.deleted(who.person) if deleted else services.views.of(who.person)
    return [_view(services, views, who) for views in views]


@router.post(
    ROOT,
    operation_id="save-view",
    summary="Keep a question under a name",
    status_code=201,
    responses=responses(*_WRITES),
)
def post_view(services: ServicesHere, who: Reader, body: NewView) -> SavedView:
    """Refused where the report cannot answer it. A period in words is seen from the day on which the view is asked."""
    name, question = checked_name(body.name), checked_question(services, body.report, body.question)
    kept = services.views.save(who.person, name, body.report, question, shared=body.shared)
    return _view(services, services.views.pin(who.person, kept.id, body.pinned), who)


@router.get(
    f"{ROOT}/{{view}}", operation_id="get-view", summary="One view", responses=responses(*READ_PROBLEMS, "not-found")
)
def get_view(view: Id, services: ServicesHere, who: Reader, response: Response) -> SavedView:
    """Your own, or one that is shared."""
    response.headers["Cache-Control"] = NO_STORE
    return _view(services, services.views.find(who.person, view), who)


@router.patch(
    f"{ROOT}/{{view}}",
    operation_id="change-view",
    summary="Rename a view, have it ask otherwise, share or pin it",
    responses=responses(*_WRITES, "not-found"),
)
def patch_view(view: Id, services: ServicesHere, who: Reader, body: ViewChange) -> SavedView:
    """A new question takes the place of the one before, whole; its report stays."""
    if body.name is not None or body.shared is not None or body.question is not None:
        report = services.views.owned(who.person, view).report
        name = None if body.name is None else checked_name(body.name)
        question = None if body.question is None else checked_question(services, report, body.question)
        services.views.change(who.person, view, name=name, shared=body.shared, question=question)
    if body.pinned is not None:
        services.views.pin(who.person, view, body.pinned)
    return _view(services, services.views.find(who.person, view), who)


@router.delete(
    f"{ROOT}/{{view}}",
    operation_id="delete-view",
    summary="Take a view away, from those it was shared with too",
    status_code=204,
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def delete_view(view: Id, services: ServicesHere, who: Reader) -> None:
    """For 30 days it can be restored."""
    services.views.delete(who.person, view)


@router.post(
    f"{ROOT}/{{view}}/restoration",
    operation_id="restore-view",
    summary="Bring a deleted view back as it was",
    responses=responses(*_WRITES, "not-found"),
)
def restore_view(view: Id, services: ServicesHere, who: Reader) -> SavedView:
    """Within 30 days, and where no other view of yours has its name by now."""
    return _view(services, services.views.restore(who.person, view), who)


@router.put(
    f"{ROOT}/{{view}}/schedule",
    operation_id="schedule-view",
    summary="Write a view of yours to the folder of the settings, as PDF, daily, weekly or monthly",
    responses=responses(*_WRITES, "not-found"),
)
def put_schedule(view: Id, services: ServicesHere, who: Reader, body: Schedule) -> SavedView:
    """From its next due day on, today included, in the facility's zone; refused where the settings name no folder."""
    schedule_view(services, who, view, timing_of(body.every, body.on, body.language))
    return _view(services, services.views.find(who.person, view), who)


@router.delete(
    f"{ROOT}/{{view}}/schedule",
    operation_id="unschedule-view",
    summary="Write a view no more; what was written stays",
    status_code=204,
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def delete_schedule(view: Id, services: ServicesHere, who: Reader) -> None:
    """One without a schedule has none already."""
    schedule_view(services, who, view, None)


@router.get(
    f"{ROOT}/{{view}}/answer",
    operation_id="answer-view",
    summary="What a view says now, asked with your own rights",
    response_model=ReportView,
    responses={200: {"content": {"text/csv": CSV_ANSWER}}, **responses(*READ_PROBLEMS, "not-found", "not-acceptable")},
    dependencies=[AtPosition, KnownParameters],
)
def get_answer(
    view: Id,
    services: ServicesHere,
    request: Request,
    who: Reader,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Wins over Accept")] = None,
    accept: Annotated[str, Header()] = "*/*",
) -> Response:
    """As `GET /api/v1/reports/{report}` with its question, recorded as that is."""
    saved = services.views.find(who.person, view)
    params = saved.params(services.today())
    check_scope(saved.report, params, who)
    return answered(services, request, who, saved.report, params, Moment(None, None), form or negotiated(accept))


def _view(services: Services, saved: View, who: Principal) -> SavedView:
    is_mine = saved.owner == who.person.key
    paper = services.papers.every().get(saved.id) if is_mine else None
    return SavedView(
        view=saved.id,
        name=saved.name,
        report=saved.report,
        question=dict(saved.question),
        shared=saved.shared,
        owner=saved.by,
        own=is_mine,
        pinned=sorted(saved.pinned),
        schedule=Schedule(**asdict(paper.timing)) if paper else None,
        not_written=not_written(services, [paper]).get(saved.id) if paper else None,
        made_at=moment(saved.made),
        deleted_at=moment(saved.deleted) if saved.deleted else None,
    )
