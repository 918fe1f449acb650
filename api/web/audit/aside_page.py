"""An entry that cannot be read: go on without it, or with it again; asked once more before it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import request_id
from api.i18n.language import N_, _, sentence, translated
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.writing.submission import Form, Posted
from domain.commands import SetAside, TakeUp
from domain.errors import ExpectedError
from domain.events import InvalidDataError
from domain.refusals import CommandRefusedError
from infra.disclosure.record_guard import NotYoursError
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.erased import ChartErasedError
from infra.eventstore.log import IdempotencyKeyReusedError
from infra.integrity.proofs import NoSuchEntryError
from infra.ops.set_aside import Judged, check_aside, decide_aside, judged

PLACE = "/operations/entries"
SET_ASIDE, TAKE_UP = "set-aside", "take-up"
LONGEST = 2_000
_COMMANDS: Mapping[str, type[SetAside | TakeUp]] = {SET_ASIDE: SetAside, TAKE_UP: TakeUp}
_NOT_HERE = (NoSuchEntryError, NoSuchChartError, NotYoursError, ChartErasedError)
SAVED = {
    SET_ASIDE: N_("Set aside. Its client is folded anew without it."),
    TAKE_UP: N_("Taken up again. It counts where it can be read, and stops its client where not."),
}
SAVED_OF_DEFINITIONS = {
    SET_ASIDE: N_("Set aside. What is defined is made anew without it."),
    TAKE_UP: N_("Taken up again. It counts where it can be read; where not, what was defined before it stays."),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a decision has come: asked once more where nothing is wrong."""

    do: str
    reason: str
    key: str
    problems: Mapping[str, str]


def add_aside_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("setting-aside")
    router.add_api_route(PLACE + "/{event_id}", _opened(pages, check), methods=["GET"])
    router.add_api_route(PLACE + "/{event_id}", _sent(pages, check), methods=["POST"])


def _opened(pages: Pages, check: Check) -> Page:
    def handler(request: Request, event_id: str) -> Response:
        who = check(request)
        return _page(pages, request, who, _judged(pages, request, who, event_id))

    return handler


def _sent(pages: Pages, check: Check) -> Page:
    def handler(request: Request, event_id: str, form: Form) -> Response:
        who = check(request)
        judgement = _judged(pages, request, who, event_id)
        do = TAKE_UP if form.text("do") == TAKE_UP else SET_ASIDE
        try:
            _decide(pages, request, who, form, _COMMANDS[do](UUID(event_id), _reason(form)))
        except InvalidDataError as error:
            problems = {"reason": translated(error.problems[0])}
        except CommandRefusedError as error:
            problems = {
                "": " ".join(f"{translated(refusal.value)}. {translated(refusal.remedy)}" for refusal in error.refusals)
            }
        except (*_NOT_HERE, IdempotencyKeyReusedError) as error:
            problems = {"": sentence(error)}
        else:
            if form.text("sure"):
                return RedirectResponse(f"{PLACE}/{event_id}?saved={do}", 303)
            problems = {}
        return _page(pages, request, who, judgement, Stage(do, form.text("reason"), form.key, problems))

    return handler


def _reason(form: Posted) -> str:
    """Why, as the form says it.

    Raises:
        InvalidDataError: it says nothing, or too much.
    """
    reason = form.text("reason")
    if not reason:
        raise InvalidDataError([N_("Say why: it is shown with the decision.")])
    if len(reason) > LONGEST:
        raise InvalidDataError([N_("Say it in 2,000 characters.")])
    return reason


def _decide(pages: Pages, request: Request, who: Identity, form: Posted, command: SetAside | TakeUp) -> None:
    """Record the decision where it was asked once more, else see whether it may be taken."""
    services, request_key = pages.services, request_id(request.scope)
    if not form.text("sure"):
        check_aside(services.log, command, role=who.role, now=services.now())
        return
    author, key = who.author("", request_key), f"{who.person.key}:form:{form.key}"
    receipt = decide_aside(services, who, command, author=author, request=request_key, key=key)
    request.app.state.appended()
    services.wait_for(receipt.position)


def _judged(pages: Pages, request: Request, who: Identity, event_id: str) -> Judged:
    """What stands of the entry that an address names.

    Raises:
        AnsweredError: there is none that somebody could decide about.
    """
    text = _("No entry has this id.")
    with suppress(ValueError):
        try:
            return judged(pages.services.log, UUID(event_id))
        except ExpectedError as error:
            text = sentence(error)
    values = {"heading": N_("No such entry"), "text": text, "way_on": "/operations", "way_on_name": N_("Operations")}
    raise AnsweredError(pages.page(request, "message.html", who, 404, **values))


def _page(pages: Pages, request: Request, who: Identity, judgement: Judged, stage: Stage | None = None) -> Response:
    wrong = bool(stage and stage.problems)
    values: dict[str, Any] = {
        "entry": judgement.standing.entry,
        "definition": judgement.standing.is_definition,
        "merged": len(judgement.standing.streams) > 1,
        "reason": judgement.reason,
        "aside": judgement.aside,
        "do": TAKE_UP if judgement.aside else SET_ASIDE,
        "longest": LONGEST,
        "saved": (SAVED_OF_DEFINITIONS if judgement.standing.is_definition else SAVED).get(
            request.query_params.get("saved", ""), ""
        ),
        "key": stage.key if stage else uuid4().hex,
        "typed": stage.reason if stage else "",
        "sure": stage is not None and not wrong,
        "problems": stage.problems if stage else {},
        "summary": _("Nothing was recorded yet.") if wrong else "",
    }
    return pages.page(request, "aside.html", who, 422 if wrong else 200, **values)
