"""Set aside an entry that cannot be read, or take it up again: for administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.http.bodies import LongText, ReceiptAnswer, Strict
from api.http.context import Key, ServicesHere
from api.http.errors import request_id
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_commands import WRITE_PROBLEMS, receipt_answer, scoped
from domain.commands import SetAside, TakeUp
from infra.bootstrap import Services
from infra.integrity.proofs import NoSuchEntryError
from infra.ops.set_aside import decide_aside

router = APIRouter(tags=["operations"])

Who = Annotated[Principal, Depends(allowed("setting-aside"))]
_PROBLEMS = responses(
    *WRITE_PROBLEMS, "not-found", "no-such-chart", "gone", "refused", "key-reused", "internal", "not-ready"
)


class AsideBody(Strict):
    """Why; sealed, and shown with the decision."""

    reason: LongText


def _decide(
    request: Request, services: Services, who: Principal, command: SetAside | TakeUp, key: str | None
) -> ReceiptAnswer:
    request_key = request_id(request.scope)
    author = who.author("", request_key)
    try:
        receipt = decide_aside(services, who, command, author=author, request=request_key, key=scoped(who, key))
    except NoSuchEntryError as error:
        raise ProblemError("not-found", f"{error}.".capitalize()) from None
    return receipt_answer(services.log.reference(receipt.client_id) or "", receipt)


@router.post(
    "/api/v1/operations/entries/{event_id}/set-aside",
    operation_id="set-entry-aside",
    summary="Go on without an entry that cannot be read",
    status_code=201,
    responses=_PROBLEMS,
)
def set_aside(
    request: Request, services: ServicesHere, who: Who, event_id: UUID, body: AsideBody, key: Key
) -> ReceiptAnswer:
    """Its client counts with every other entry; what can be read is retracted instead."""
    return _decide(request, services, who, SetAside(event_id, body.reason), key)


@router.post(
    "/api/v1/operations/entries/{event_id}/take-up",
    operation_id="take-entry-up",
    summary="Let an entry count again that was set aside",
    status_code=201,
    responses=_PROBLEMS,
)
def take_up(
    request: Request, services: ServicesHere, who: Who, event_id: UUID, body: AsideBody, key: Key
) -> ReceiptAnswer:
    """As what it says where it can be read by now, as unreadable where not."""
    return _decide(request, services, who, TakeUp(event_id, body.reason), key)
