"""Erasure: one administrator asks, another confirms. Neither sees the chart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.addresses import Reference
from api.http.context import ServicesHere, get_appended
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import responses
from domain.events.base import Text, Word
from domain.vocabulary import ErasureGround
from infra.privacy.erasure.erase import erase
from infra.privacy.erasure.requests import request, waiting_requests, withdraw

router = APIRouter(tags=["erasure"])

PATH = "/api/v1/clients/{reference}/erasure"
Who = Annotated[Principal, Depends(allowed("erasure"))]
_READ = ("malformed", "not-signed-in", "not-allowed", "internal", "not-ready")
_WRITE = responses(*_READ, "too-large", "unsupported-media-type", "invalid", "no-such-chart", "refused", "too-many")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErasureBody(_Body):
    """Why a chart is to be erased."""

    ground: ErasureGround
    basis: Text | None = Field(default=None, description="More on why; sealed, and goes with the chart")


class WithdrawalBody(_Body):
    """Why a request is taken back."""

    reason: Word


class ConfirmationBody(_Body):
    """Nothing: the path says which chart."""


class AskedView(BaseModel):
    """A request that waits for somebody else's confirmation."""

    client: str
    client_id: UUID
    request_id: UUID
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    ground: ErasureGround


class WaitingView(BaseModel):
    """Every request that waits."""

    requests: list[AskedView]


class WithdrawnView(BaseModel):
    """The request was taken back."""

    client: str
    sequence: int


class ErasedView(BaseModel):
    """What was erased."""

    client: str = Field(description="What stands for the chart number from now on")
    client_id: UUID
    sequence: int
    charts: int = Field(description="How many charts: this one and those merged into it")
    complete: bool = Field(description="False: keys are destroyed, files are cleared when the service starts next")


@router.get(
    "/api/v1/erasures",
    operation_id="list-erasures",
    summary="Requests to erase that wait for confirmation",
    responses=responses(*_READ, "too-many"),
)
def list_erasures(services: ServicesHere, _: Who) -> WaitingView:
    """Those that can still be confirmed, oldest first."""
    return WaitingView(requests=_waiting(services))


@router.post(
    PATH, operation_id="request-erasure", status_code=201, summary="Ask that a chart be erased", responses=_WRITE
)
def request_erasure(
    services: ServicesHere,
    who: Who,
    reference: Reference,
    body: ErasureBody,
    request_: Request,
    appended: Annotated[Callable[[], Any], Depends(get_appended)],
) -> AskedView:
    """Recorded in the chart; another administrator confirms it within the time allowed."""
    author = who.author("", request_id(request_.scope))
    hours = services.settings.erasure_hours
    receipt = request(
        services.log, reference, author=author, ground=body.ground, basis=body.basis, now=services.now(), hours=hours
    )
    appended()
    return next(view for view in _waiting(services) if view.client_id == UUID(hex=receipt.client_id))


@router.post(PATH + "/withdrawal", operation_id="withdraw-erasure", summary="Take a request back", responses=_WRITE)
def withdraw_erasure(
    services: ServicesHere,
    who: Who,
    reference: Reference,
    body: WithdrawalBody,
    request_: Request,
    appended: Annotated[Callable[[], Any], Depends(get_appended)],
) -> WithdrawnView:
    """The request is retracted in the chart."""
    author = who.author("", request_id(request_.scope))
    receipt = withdraw(services.log, reference, author=author, reason=body.reason, now=services.now())
    appended()
    return WithdrawnView(client=reference, sequence=receipt.sequence)


@router.post(
    PATH + "/confirmation",
    operation_id="confirm-erasure",
    summary="Confirm what somebody else asked for: the personal data is destroyed",
    responses=_WRITE,
)
def confirm_erasure(
    services: ServicesHere,
    who: Who,
    reference: Reference,
    _: ConfirmationBody,
    request_: Request,
    appended: Annotated[Callable[[], Any], Depends(get_appended)],
) -> ErasedView:
    """Final. The chart's entries stay, without anything personal; rates still count the client."""
    author = who.author("", request_id(request_.scope))
    receipts, complete = erase(services, reference, author=author)
    appended()
    receipt = receipts[0]
    return ErasedView(
        client=services.log.reference(receipt.client_id) or "",
        client_id=UUID(hex=receipt.client_id),
        sequence=receipt.sequence,
        charts=len(receipts),
        complete=complete,
    )


def _waiting(services: ServicesHere) -> list[AskedView]:
    waiting = waiting_requests(services.log, services.now())
    numbers = services.log.references([request_open.client_id for request_open in waiting])
    return [
        AskedView(
            client=numbers[request_open.client_id],
            client_id=UUID(hex=request_open.client_id),
            request_id=UUID(hex=request_open.request_id),
            requested_by=request_open.requested_by,
            requested_at=request_open.requested_at,
            expires_at=request_open.expires_at,
            ground=request_open.ground,
        )
        for request_open in waiting
    ]
