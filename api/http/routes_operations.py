"""Operations: everything about a deployment's health, and the work that administrators start."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.job_views import JobView, StartedView, job_view, known
from api.http.problems import ProblemError, responses
from api.http.routes_checks import STARTS
from api.http.views import ProjectionView
from infra.ops.overview.overview import overview
from infra.ops.works import NotHereError, start
from infra.readmodels.healed_letters import How

router = APIRouter(tags=["operations"])

_READ = ("malformed", "not-signed-in", "not-allowed", "internal", "not-ready", "too-many")
Operator = Annotated[Principal, Depends(allowed("projections"))]
Work = Annotated[
    Literal["rebuild", "retry"],
    Path(description="rebuild: read models anew beside the live ones; retry: fold quarantined clients again"),
]


class RatedView(ProjectionView):
    """A read model, and how fast it moves."""

    rate: float | None = Field(description="Positions a second since this server was asked before; null at first")


class StoppedView(BaseModel):
    """A client that a read model could not fold; nothing of what the entry says."""

    projection: str
    client_id: str
    sequence: int
    position: int
    type: str
    event_id: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    error: str = Field(description="Its kind, and the field at fault where one is named; never a value")
    first_failed: datetime | None = Field(description="null: an older release noted it")
    last_failed: datetime | None
    tries: int = Field(description="How often folding it was tried")


class HealedView(BaseModel):
    """A client that an entry had stopped in a read model, and stops no more."""

    projection: str
    client_id: str
    sequence: int = Field(description="Of the entry, in its stream")
    position: int
    first_failed: datetime | None = Field(description="null: an older release noted it")
    tries: int
    healed_at: datetime
    how: How = Field(description="folded: with what came next to the log")
    healed_by: str = Field(description="Who asked for it; empty: nobody")


class SealedView(BaseModel):
    """How far a log is sealed."""

    log: str
    number: int = Field(description="Of the newest head; 0: nothing was sealed yet")
    size: int
    sealed_at: datetime | None
    key_id: str
    waiting: int = Field(description="Entries that no head covers; 10,000 stands for that many or more")
    late: bool = Field(description="Something waits for longer than the schedule allows")


class PartitionView(BaseModel):
    """A partition of the topic."""

    number: int
    last_offset: int
    next_offset: int
    lag: int


class StreamView(BaseModel):
    """The way over Kafka."""

    topic: str
    group: str
    position: int
    lag: int = Field(description="Positions of the log that are not in the topic yet")
    beat: datetime | None = Field(description="When the relay that leads was last heard of")
    leads: bool
    partitions: list[PartitionView]


class SignInsView(BaseModel):
    """Sign-ins of the last day."""

    signed_in: int
    refused: int


class OperationsView(BaseModel):
    """Everything as it is now; no client is named, nothing is clinical."""

    at: datetime
    head: int
    projections: list[RatedView]
    stopped: list[StoppedView]
    healed: list[HealedView] = Field(description="The last 100, newest first")
    seals: list[SealedView]
    backup: JobView | None = Field(description="The last one that was noted; null: none yet")
    stream: StreamView | None = Field(description="Null: read models follow the log itself")
    sign_ins: SignInsView
    versions: dict[str, str]


class WorkBody(BaseModel):
    """What is to be rebuilt."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(default="", max_length=40, description="One read model; all of them if it is left out")


@router.get(
    "/api/v1/operations",
    operation_id="get-operations",
    summary="Projections, quarantine, seals, backup, Kafka, sign-ins and versions",
    responses=responses(*_READ),
)
def get_operations(services: ServicesHere, _: Operator) -> OperationsView:
    """Measured now, in one answer."""
    state = overview(services)
    answer: dict[str, Any] = {name: getattr(state, name) for name in ("at", "head", "versions")}
    answer |= {
        "projections": [asdict(row) | {"rate": state.rates[row.projection]} for row in state.projections],
        "stopped": [asdict(row) for row in state.stopped],
        "healed": [asdict(row) for row in state.healed],
        "seals": [asdict(row) for row in state.seals],
        "backup": job_view(state.backup) if state.backup else None,
        "stream": asdict(state.stream) if state.stream else None,
        "sign_ins": {"signed_in": state.sign_ins.signed_in, "refused": state.sign_ins.refused},
    }
    return OperationsView.model_validate(answer)


@router.get(
    "/api/v1/operations/work/{work}",
    operation_id="get-work",
    summary="How far a rebuild or retry is, or what it came to",
    responses=responses(*_READ, "not-found", "invalid"),
)
def get_work(services: ServicesHere, _: Operator, work: Work) -> JobView:
    """The last one that was started here."""
    return known(services.jobs.newest(work))


@router.post(
    "/api/v1/operations/work/{work}",
    operation_id="start-work",
    status_code=202,
    summary="Rebuild read models beside the live ones, or fold quarantined clients again",
    responses=STARTS,
)
def start_work(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("operating"))],
    work: Work,
    body: WorkBody,
) -> StartedView:
    """Readers see the old rows until the new ones take their place. That it was started is in the access log."""
    try:
        job, started = start(services, who, work, body.subject, request_id(request.scope))
    except KeyError:
        problem = {"field": "subject", "problem": f"choose from {', '.join(services.reads.models)}"}
        raise ProblemError("invalid", "There is no such read model.", {"errors": [problem]}) from None
    except NotHereError as error:
        raise ProblemError("not-allowed", f"{error}.".capitalize()) from None
    return StartedView(started=started, job=job_view(job))
