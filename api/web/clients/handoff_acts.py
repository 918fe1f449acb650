"""Acts on a hand-off: assign it, or close it with what became of it."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.addresses import NumberInPath
from api.i18n.language import _, translated
from api.sessions import Identity
from api.web.clients.handoff_board import board_page
from api.web.clients.row_acts import act, acting_shown
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from api.web.storyboard.header import name_of
from api.web.writing.submission import Form, Outcome, Posted
from domain.commands import RECORDING, Command, Record
from domain.entries import Entry
from domain.events import CATALOGUE
from domain.handoffs import FIRSTS
from domain.vocabulary import HandoffOutcome
from infra.disclosure.handoffs import partner_of
from infra.disclosure.record_guard import open_seen
from projections.chart import Chart
from projections.clinical.handoffs import Waiting, handoffs_of
from projections.timeline.summary import summary_of
from projections.timeline.words import title_of

BOARD = "/handoffs#board"
MOST_FIRSTS = 30


def add_handoff_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    seeing, closing = guard.area("client-rows"), guard.area("command:close-handoff")
    router.add_api_route("/handoffs", _board(pages, seeing), methods=["GET"])
    router.add_api_route("/handoffs", _acted(pages, guard.area("command:assign-handoff")), methods=["POST"])
    router.add_api_route("/clients/{reference}/handoffs/{handoff}", _closing(pages, closing), methods=["GET"])
    router.add_api_route("/clients/{reference}/handoffs/{handoff}", _closed(pages, closing), methods=["POST"])


def _board(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        return board_page(pages, request, check(request))

    return handler


def _acted(pages: Pages, check: Check) -> Page:
    def handler(request: Request, form: Form) -> Response:
        who = check(request)
        to = form.text("owner") if form.text("do") == "give" else who.name
        answer = act(pages, request, who, form, lambda: _command(pages, form, "assign-handoff", owner=to), BOARD)
        return board_page(pages, request, who, answer) if isinstance(answer, Outcome) else answer

    return handler


def _command(pages: Pages, form: Posted, command: str, **about_it: str) -> Command:
    """The command about the stay or referral that a form names.

    Raises:
        InvalidDataError: something is missing.
    """
    about = {name: form.text(name) for name in ("stay", "referral")}
    data = {name: value for name, value in {**about, **about_it}.items() if value}
    return Record(CATALOGUE.parse(RECORDING[command], data), pages.services.now())


def _closing(pages: Pages, check: Check) -> Page:
    def handler(request: Request, reference: NumberInPath, handoff: str) -> Response:
        return _page(pages, request, check(request), reference, handoff)

    return handler


def _closed(pages: Pages, check: Check) -> Page:
    def handler(request: Request, reference: NumberInPath, handoff: str, form: Form) -> Response:
        who = check(request)
        typed = {name: form.text(name) for name in ("outcome", "first_session")}
        answer = act(
            pages, request, who, form, lambda: _command(pages, form, "close-handoff", **typed), BOARD, reference
        )
        return _page(pages, request, who, reference, handoff, answer, form) if isinstance(answer, Outcome) else answer

    return handler


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    reference: str,
    key: str,
    outcome: Outcome | None = None,
    form: Posted | None = None,
) -> Response:
    """The form that closes a hand-off, with what care may have gone on with."""
    with refusals(pages, request, who, reference):
        opened = open_seen(pages.services, who, reference)
    answer_if_merged(pages, request, who, opened, 409)
    chart = Chart(opened.client_id, opened.sequence, opened.entries)
    waiting = next(
        (waiting for waiting in handoffs_of(chart) if waiting.key == key and waiting.state != "closed"), None
    )
    if waiting is None:
        text = {"heading": _("No such hand-off"), "text": _("It was closed, or taken back. Look at the board.")}
        return pages.page(request, "message.html", who, 404, **text, way_on="/handoffs", way_on_name=_("Hand-offs"))
    return pages.page(
        request,
        "handoff.html",
        who,
        outcome.status if outcome else 200,
        **acting_shown(request, outcome),
        chart=opened.reference,
        name=name_of(opened.entries),
        handoff=waiting,
        title=_("Name the first session") if waiting.state == "begun" else _("Close a hand-off"),
        row=_row(chart, waiting),
        about=str(UUID(hex=key)),
        outcomes=get_args(HandoffOutcome),
        firsts=_firsts(pages, chart, waiting),
        typed={name: form.text(name) for name in ("outcome", "first_session")} if form else _typed(waiting),
    )


def _row(chart: Chart, waiting: Waiting) -> dict[str, str]:
    """A hand-off as the board's rows say from where and to whom it goes."""
    cause = next((entry.event for entry in chart.entries if entry.event_id == waiting.key), None)
    level = waiting.stay.level if waiting.stay else ""
    return {"kind": waiting.kind, "level": level, "next_level": waiting.next_level or "", "partner": partner_of(cause)}


def _typed(waiting: Waiting) -> dict[str, str]:
    """What a new form says: care that went on was kept."""
    return {"outcome": "kept" if waiting.state == "begun" else "", "first_session": ""}


def _firsts(pages: Pages, chart: Chart, waiting: Waiting) -> list[tuple[str, str]]:
    """The sessions and starts since then, the first of them first: what a hand-off that was kept may name."""
    since = (
        waiting.stay.end if waiting.stay else next(entry.at for entry in chart.entries if entry.event_id == waiting.key)
    )
    assert since is not None
    firsts = [entry for entry in chart.of(*FIRSTS) if entry.at >= since][:MOST_FIRSTS]
    return [(str(UUID(hex=entry.event_id)), _words(pages, entry)) for entry in firsts]


def _words(pages: Pages, entry: Entry) -> str:
    words = ": ".join(translated(part) for part in (title_of(entry.event), summary_of(entry.event)) if part)
    return f"{pages.when(entry.occurred_at.isoformat())} · {words}"
