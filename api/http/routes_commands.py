"""Commands: one operation for each, under the client's chart number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from api.addresses import Reference
from api.http.access import AMENDING_COMMANDS
from api.http.bodies import (
    EXAMPLE_MOMENT,
    CommandBody,
    CorrectBody,
    KeepApartBody,
    MergeBody,
    ReceiptAnswer,
    RecordingBody,
    RegisterBody,
    ResolveOverlapBody,
    RetractBody,
    TransferBody,
    recording_body,
)
from api.http.context import (
    Expected,
    Key,
    ServicesHere,
    check_home,
    check_other,
    check_site,
    get_appended,
)
from api.http.correlation import request_id
from api.http.examples import EXAMPLES
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from domain.commands import RECORDING
from domain.events import ClientRegistered
from domain.refusals import CommandRefusedError, Refusal
from infra.bootstrap import Services
from infra.commands.handle import BEGINNING, handle, keep_apart, merge
from infra.disclosure.record_guard import NotYoursError, is_recorded
from infra.eventstore.client_chart import is_registered
from infra.eventstore.log import Receipt
from infra.privacy.names.duplicates import Candidates, candidates

router = APIRouter(tags=["commands"])

PATH = "/api/v1/clients/{reference}/commands/"
NUMBER_TAKEN = Refusal("number_is_free", "the number is taken", "Give another number.")
WRITE_PROBLEMS = (
    "malformed",
    "not-signed-in",
    "not-allowed",
    "too-large",
    "unsupported-media-type",
    "invalid",
)
_OF_COMMANDS = (*WRITE_PROBLEMS, "no-such-chart", "stale", "gone", "refused", "key-reused", "internal", "not-ready")
_PROBLEMS = responses(*_OF_COMMANDS)
_REGISTERING = responses(*_OF_COMMANDS, "possible-duplicate")
_HEADERS = {
    "ETag": {"description": "The chart's sequence, for the next If-Match", "schema": {"type": "string"}},
    "X-Request-Id": {"description": "The request's id", "schema": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class Call:
    """What a command's request says beside its body."""

    services: Services
    appended: Callable[[], Any]
    reference: str
    expected: int | None
    key: str | None
    request: Request


async def _call(
    request: Request,
    services: ServicesHere,
    appended: Annotated[Callable[[], Any], Depends(get_appended)],
    reference: Reference,
    expected: Expected,
    key: Key,
) -> Call:
    return Call(services, appended, reference, expected, key, request)


CallHere = Annotated[Call, Depends(_call)]


def scoped(who: Principal, key: str | None) -> str | None:
    """An idempotency key belongs to the person who chose it."""
    return None if key is None else f"{who.person.key}:{key}"


def receipt_answer(reference: str, receipt: Receipt, alike: Candidates | None = None) -> ReceiptAnswer:
    """A receipt as it is answered, with the charts that look like a person who was registered."""
    return ReceiptAnswer.model_validate(
        {
            "client": reference,
            "client_id": receipt.client_id,
            "sequence": receipt.sequence,
            "position": receipt.position,
            "event_ids": list(receipt.event_ids),
            "replayed": receipt.replayed,
            "possible_duplicates": {"clients": alike.clients, "others": alike.others} if alike else None,
        }
    )


def recorded(reference: str, receipt: Receipt, alike: Candidates | None = None) -> Response:
    """The answer to a command that was recorded."""
    # rendered here: what FastAPI would check and render once more goes to a thread of its own for that
    text = receipt_answer(reference, receipt, alike).model_dump_json(exclude_defaults=True)
    return Response(text, 201, {"ETag": f'"{receipt.sequence}"'}, "application/json")


def _check_chart(body: Any, call: Call, who: Principal) -> None:
    """Let a command reach a chart of this person's, or open one where there is none.

    Raises:
        NotYoursError, ChartErasedError: as ``reach``.
        CommandRefusedError: a new chart is to have the number of one that they may not open.
    """
    client_id = call.services.log.client_id(call.reference)
    opens = isinstance(body, RecordingBody) and isinstance(body.data, BEGINNING)
    if opens and not is_recorded(call.services, client_id):
        check_home(who, body.site or "")
        return
    try:
        check_site(call.services, who, client_id)
    except NotYoursError:
        raise CommandRefusedError([NUMBER_TAKEN]) if opens else NotYoursError from None


def _perform(body: Any, call: Call, who: Principal) -> Response:
    services = call.services
    if body.site and not who.at(body.site):
        raise ProblemError("not-allowed", "You do not work at the site that the command names.")
    _check_chart(body, call, who)
    options: dict[str, Any] = {
        "author": who.author(body.site or "", request_id(call.request.scope)),
        "now": services.now(),
        "expected": call.expected,
        "key": scoped(who, call.key),
    }
    alike: Candidates | None = None
    if isinstance(body, MergeBody):
        other = body.data.other_client
        check_other(call.request, services, who, other)
        receipt = merge(services.log, call.reference, other, overlaps=body.overlaps(), **options)
    elif isinstance(body, KeepApartBody):
        other = body.data.other_client
        check_other(call.request, services, who, other)
        receipt = keep_apart(services.log, call.reference, other, **options)
    else:
        if isinstance(body, RegisterBody):
            alike = _alike(services, who, call.reference, body)
        receipt = handle(services.log, call.reference, body.command(), **options)
    call.appended()
    return recorded(call.reference, receipt, alike)


def _alike(services: Services, who: Principal, reference: str, body: RegisterBody) -> Candidates | None:
    """The charts that look like a person who has none yet.

    Raises:
        ProblemError: there are some, and the caller wants to be asked first.
    """
    new: ClientRegistered = body.data
    if body.confirm_new_person or new.name is None or new.birth_date is None or is_registered(services.log, reference):
        return None
    possible = candidates(services, who, reference, new.name, new.birth_date)
    if not possible.clients and not possible.others:
        return None
    if body.confirm_new_person is None:
        return possible
    detail = (
        "Charts look like this person: look at them first. If it is somebody else, send it again with "
        "confirm_new_person true; if it is the same person, write to that chart. Nothing was written."
    )
    raise ProblemError("possible-duplicate", detail, {"clients": possible.clients, "others": possible.others})


def _operation(name: str, model: type[CommandBody], summary: str) -> None:
    """Add one command's operation."""
    who = Annotated[Principal, Depends(allowed(f"command:{name}"))]

    def endpoint(body: Any, call: CallHere, who: Any) -> Response:
        return _perform(body, call, who)

    example = {"occurred_at": EXAMPLE_MOMENT, "data": EXAMPLES[name]}
    given = Body(openapi_examples={"simulated": {"summary": "A simulated entry", "value": example}})
    endpoint.__annotations__ |= {"body": Annotated[model, given], "who": who, "call": CallHere, "return": Response}
    router.add_api_route(
        PATH + name,
        endpoint,
        methods=["POST"],
        status_code=201,
        response_model=ReceiptAnswer,
        operation_id=name,
        summary=summary,
        response_description="Recorded, durably",
        responses={201: {"headers": _HEADERS}, **(_REGISTERING if name == "register-client" else _PROBLEMS)},
    )


_AMENDING: dict[str, type[CommandBody]] = {
    "transfer": TransferBody,
    "correct": CorrectBody,
    "retract": RetractBody,
    "merge": MergeBody,
    "resolve-overlap": ResolveOverlapBody,
    "keep-apart": KeepApartBody,
}

for _name, _type in RECORDING.items():
    _operation(_name, recording_body(_name), f"{_name.replace('-', ' ').capitalize()} (records {_type})")
for _name in AMENDING_COMMANDS:
    _operation(_name, _AMENDING[_name], _AMENDING[_name].__doc__ or _name)


@router.post(PATH + "{name}", include_in_schema=False)
def unknown_command() -> None:
    """Name the commands that there are.

    Raises:
        ProblemError: always.
    """
    known = ", ".join((*RECORDING, *AMENDING_COMMANDS))
    raise ProblemError("not-found", f"No such command. There are: {known}.")
