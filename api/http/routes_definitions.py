"""Define what the provider has: one operation for each definition, and two that amend one."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import Field, create_model

from api.http.bodies import EXAMPLE_MOMENT, LongText, ReceiptAnswer, ReplacementData, Strict
from api.http.context import Key, Moment, ServicesHere, get_appended
from api.http.correlation import request_id
from api.http.examples import DEFINITIONS
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_commands import WRITE_PROBLEMS, recorded, scoped
from domain.commands import Command, Correct, Record, Retract
from domain.events import CATALOGUE
from domain.provider import DEFINING, label_of
from infra.bootstrap import Services
from infra.eventstore.log import Receipt
from infra.provider.define import NoSuchDefinitionError, amend, label_at

router = APIRouter(tags=["provider"])

PATH = "/api/v1/provider/commands/"
_PROBLEMS = responses(*WRITE_PROBLEMS, "not-found", "refused", "key-reused", "internal", "not-ready")
Admin = Annotated[Principal, Depends(allowed("defining"))]
Appended = Annotated[Any, Depends(get_appended)]


class DefiningBody(Strict):
    """Says how something of the provider's is, from a moment on."""

    occurred_at: Moment | None = Field(default=None, description="From when it holds; left out: from now on")
    data: Any


class CorrectDefinitionBody(Strict):
    """What an entry should have said; it stays in the log."""

    target: UUID
    replacement: ReplacementData
    reason: LongText


class RetractDefinitionBody(Strict):
    """Takes an entry back that was made in error."""

    target: UUID
    reason: LongText


def _record(
    request: Request, services: Services, who: Principal, label: str, command: Command, key: str | None
) -> Receipt:
    author = who.author("", request_id(request.scope))
    return amend(services.log, label, command, author=author, now=services.now(), key=scoped(who, key))


def _answer(services: Services, receipt: Receipt, appended: Any) -> Response:
    appended()
    return recorded(services.log.reference(receipt.client_id) or "", receipt)


def _operation(name: str, kind: str) -> None:
    """Add the operation of one definition."""
    event_type = CATALOGUE.current(kind)
    title = "".join(part.title() for part in name.split("-"))
    model = create_model(f"{title}Body", __base__=DefiningBody, data=(event_type, ...))
    model.__doc__ = event_type.__doc__

    def endpoint(
        request: Request, services: ServicesHere, who: Admin, appended: Appended, body: Any, key: Key
    ) -> Response:
        command = Record(body.data, body.occurred_at or services.now())
        receipt = _record(request, services, who, label_of(body.data), command, key)
        return _answer(services, receipt, appended)

    example = {"occurred_at": EXAMPLE_MOMENT, "data": DEFINITIONS[name]}
    given = Body(openapi_examples={"simulated": {"summary": "A simulated definition", "value": example}})
    endpoint.__annotations__ |= {"body": Annotated[model, given]}
    router.add_api_route(
        PATH + name,
        endpoint,
        methods=["POST"],
        status_code=201,
        response_model=ReceiptAnswer,
        operation_id=name,
        summary=f"{name.replace('-', ' ').capitalize()} (records {kind})",
        response_description="Recorded, durably",
        responses=_PROBLEMS,
    )


for _name, _kind in DEFINING.items():
    _operation(_name, _kind)


def _amend(
    request: Request, services: Services, who: Principal, command: Correct | Retract, key: str | None
) -> Receipt:
    try:
        label = label_at(services.log, command.target)
    except NoSuchDefinitionError as error:
        raise ProblemError("not-found", f"{error}.".capitalize()) from None
    return _record(request, services, who, label, command, key)


@router.post(
    PATH + "correct-definition",
    operation_id="correct-definition",
    summary="Say what a definition should have said",
    status_code=201,
    response_model=ReceiptAnswer,
    responses=_PROBLEMS,
)
def correct_definition(
    request: Request, services: ServicesHere, who: Admin, appended: Appended, body: CorrectDefinitionBody, key: Key
) -> Response:
    """From the moment that the replacement names; what was known before stays to be asked by as_of."""
    new = body.replacement
    command = Correct(body.target, new.type, new.occurred_at, new.data, body.reason)
    return _answer(services, _amend(request, services, who, command, key), appended)


@router.post(
    PATH + "retract-definition",
    operation_id="retract-definition",
    summary="Take a definition back that was made in error",
    status_code=201,
    response_model=ReceiptAnswer,
    responses=_PROBLEMS,
)
def retract_definition(
    request: Request, services: ServicesHere, who: Admin, appended: Appended, body: RetractDefinitionBody, key: Key
) -> Response:
    """The definition before it holds again."""
    return _answer(services, _amend(request, services, who, Retract(body.target, body.reason), key), appended)
