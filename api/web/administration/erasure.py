"""Erasure by two people: one administrator asks, another confirms. Neither sees the chart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import request_id
from api.i18n.language import N_, _, sentence, translated
from api.sessions import Identity
from api.web.administration.definition_entries import Outcome
from api.web.administration.definition_form import Form
from api.web.administration.definition_values import by_field, problem_at
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.writing.submission import Posted
from domain.events import CATALOGUE, ErasureRequested, InvalidDataError
from domain.numbers import canonical
from domain.people import may_be_same
from domain.refusals import CommandRefusedError
from domain.vocabulary import ErasureGround
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.erased import ChartErasedError
from infra.privacy.erasure.done import done
from infra.privacy.erasure.erase import erase
from infra.privacy.erasure.requests import open_requests, request as ask, withdraw

PLACE = "/administration/erasure"
GROUNDS = get_args(ErasureGround)
SAVED = {
    "request": N_("Asked for. Another administrator confirms it."),
    "withdraw": N_("Withdrawn: the chart stays."),
    "confirm": N_("Erased. What could be read of this person is destroyed."),
    "unclear": N_("Erased. Keys are destroyed; files are cleared when the service starts next."),
}
LABELS = {
    "chart": N_("Chart number"),
    "ground": N_("Ground"),
    "basis": N_("Basis"),
    "reason": N_("Reason"),
    "typed": N_("Chart number, typed again"),
}
_SHOWN = 50


def opened(pages: Pages, check: Check) -> Handler:
    """The page."""

    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """A chart is asked to be erased, a request taken back, or confirmed."""

    def handler(request: Request, form: Form) -> Response:
        who = check(request)
        do = form.text("do") if form.text("do") in {"withdraw", "confirm"} else "request"
        try:
            saved = _DOING[do](pages, request, who, form)
        except InvalidDataError as error:
            return _page(pages, request, who, form, Outcome(by_field(error.problems)))
        except CommandRefusedError as error:
            text = " ".join(f"{translated(refusal.value)}. {translated(refusal.remedy)}" for refusal in error.refusals)
            return _page(pages, request, who, form, Outcome({_at(do): text}))
        except (NoSuchChartError, ChartErasedError) as error:
            return _page(pages, request, who, form, Outcome({_at(do): sentence(error)}))
        request.app.state.appended()
        return RedirectResponse(f"{PLACE}?{urlencode({'saved': saved})}", 303)

    return handler


def _at(do: str) -> str:
    """The input that a refusal is shown at."""
    return {"request": "chart", "withdraw": "reason", "confirm": "typed"}[do]


def _ask(pages: Pages, request: Request, who: Identity, form: Posted) -> str:
    services = pages.services
    if not form.text("chart"):
        raise InvalidDataError([problem_at("chart", N_("Fill this in."))])
    given = {"requested_by": who.name, "ground": form.text("ground"), "expires_at": services.now()}
    basis = {"basis": form.text("basis")} if form.text("basis") else {}
    wanted = CATALOGUE.parse("ErasureRequested", {**given, **basis})
    assert isinstance(wanted, ErasureRequested)
    author, hours = who.author("", request_id(request.scope)), services.settings.erasure_hours
    how: dict[str, Any] = {"author": author, "ground": wanted.ground, "basis": wanted.basis, "hours": hours}
    ask(services.log, form.text("chart"), now=services.now(), **how)
    return "request"


def _withdraw(pages: Pages, request: Request, who: Identity, form: Posted) -> str:
    reason = form.text("reason")
    if not reason:
        raise InvalidDataError([problem_at("reason", N_("Say why it is withdrawn."))])
    author = who.author("", request_id(request.scope))
    withdraw(pages.services.log, form.text("client"), author=author, reason=reason[:200], now=pages.services.now())
    return "withdraw"


def _confirm(pages: Pages, request: Request, who: Identity, form: Posted) -> str:
    if not form.text("typed") or canonical(form.text("typed")) != canonical(form.text("client")):
        raise InvalidDataError([problem_at("typed", N_("Type the chart number as it stands in the request."))])
    _receipts, clear = erase(pages.services, form.text("client"), author=who.author("", request_id(request.scope)))
    return "confirm" if clear else "unclear"


_DOING = {"request": _ask, "withdraw": _withdraw, "confirm": _confirm}


def _page(
    pages: Pages, request: Request, who: Identity, form: Posted | None = None, outcome: Outcome | None = None
) -> Response:
    services = pages.services
    return pages.page(
        request,
        "erasure.html",
        who,
        outcome.status if outcome else 200,
        rows=_rows(pages, who, services.now()),
        erased=done(services.log, _SHOWN),
        grounds=GROUNDS,
        labels=LABELS,
        hours=services.settings.erasure_hours,
        saved=SAVED.get(request.query_params.get("saved", ""), ""),
        did=(form.text("do") or "request") if form else "",
        client=form.text("client") if form else "",
        typed={name: form.text(name) if form else "" for name in LABELS},
        problems=outcome.problems if outcome else {},
        summary=_("Nothing was recorded yet.") if outcome else "",
    )


def _rows(pages: Pages, who: Identity, now: datetime) -> list[dict[str, Any]]:
    """Every request that nobody took back, oldest first: who may confirm it, and until when."""
    waiting = open_requests(pages.services.log)
    numbers = pages.services.log.references([request_open.client_id for request_open in waiting])
    return [
        {
            "client": numbers.get(request_open.client_id, request_open.client_id),
            "requested_by": request_open.requested_by,
            "requested_at": request_open.requested_at.isoformat(),
            "expires_at": request_open.expires_at.isoformat(),
            "ground": request_open.ground,
            "over": request_open.expires_at <= now,
            "mine": may_be_same(request_open.person, who.person),
        }
        for request_open in waiting
    ]
