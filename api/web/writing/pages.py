"""The pages that write: one form for each command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.addresses import NumberInPath, address_of
from api.http.access import may
from api.i18n.asam import DIMENSIONS
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.storyboard.board import board_of
from api.web.writing.amendment import add_amending
from api.web.writing.assessments import as_rows, last_assessment, since
from api.web.writing.charts import chart_of, done, message
from api.web.writing.code_search import Search, offers_search, searched
from api.web.writing.command_forms import NOTED, TRANSFER_FIELDS as TRANSFER_FIELDS, command_of, fields_for, form_fields
from api.web.writing.consents import Kept, asked_once, filled_in, kept_ready, with_choices
from api.web.writing.defaults import defaults
from api.web.writing.fields import Field, as_given, asked_for
from api.web.writing.known import with_known
from api.web.writing.lengths import usual_minutes
from api.web.writing.menu import TITLES
from api.web.writing.offered import offering
from api.web.writing.registration import add_registration
from api.web.writing.sheets import TO_FILL_IN, fields_beside, held
from api.web.writing.submission import Form, Outcome, Posted, hidden, submit
from api.web.writing.visits import begins, said_of, visit_of, with_visits
from api.web.writing.ways import Link, links
from domain.decisions import History
from domain.levels import LEVELS
from domain.questionnaires import questionnaire
from domain.remedies import remedies
from infra.eventstore.client_chart import OpenedChart
from projections.timeline.words import instrument_title

Handler = Callable[..., Response]


def add_writing_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("writing")
    add_registration(router, pages, guard)
    router.add_api_route("/clients/{reference}/record/{command}", _open(pages, check), methods=["GET"])
    router.add_api_route("/clients/{reference}/record/{command}", _record(pages, check), methods=["POST"])
    add_amending(router, pages, guard)


def _usual(command: str, chart: OpenedChart, who: Identity) -> dict[str, int]:
    """The usual minutes of each kind of session, where the form is one for a session."""
    if command != "attend-session":
        return {}
    return usual_minutes(defaults(command, chart.entries, who.name).get("level", ""))


def _known(pages: Pages, request: Request, who: Identity, command: str) -> None:
    """Answer where there is no such form for this person.

    Raises:
        AnsweredError: there is none.
    """
    if command not in TITLES or command == "register-client":
        text = "Choose one from the client's page."
        raise AnsweredError(message(pages, request, who, 404, "No such form", text))
    if not may(who.role, f"command:{command}"):
        text = f"{TITLES[command]} is not for {who.role}."
        raise AnsweredError(message(pages, request, who, 403, "Not for your role", text))


def _open(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, command: str) -> Response:
        who = check(request)
        _known(pages, request, who, command)
        chart = chart_of(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        kept = kept_ready(pages, request, command)
        preset = asked_for(fields_for(command), request.query_params)
        visit = visit_of(command, chart.history, preset.get("appointment_id", ""))
        known = defaults(command, chart.entries, who.name, preset.get("level")) | filled_in(pages, kept)
        known |= said_of(visit) | preset
        fields = [field.holding(known.get(field.name)) for field in with_choices(form_fields(command), kept)]
        return _form(pages, request, who, chart, command, fields, at=begins(visit, pages.services.now()), kept=kept)

    return handler


def _record(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, command: str, form: Form) -> Response:
        who = check(request)
        _known(pages, request, who, command)
        chart = chart_of(pages, request, who, reference)
        kept = kept_ready(pages, request, command)
        fields = with_choices(fields_for(command), kept)
        site = form.text("site") if who.at(form.text("site")) else ""
        usual = _usual(command, chart, who)

        def build() -> Any:
            return command_of(command, fields, form, pages, usual)

        results = searched(pages, form) if command == "record-diagnosis" else None
        if results:
            answer_if_merged(pages, request, who, chart, 409)
            typed = [as_given(field, results[0].given) for field in form_fields(command)]
            return _form(pages, request, who, chart, command, typed, form, search=results[1])
        outcome = asked_once(kept, fields, form) or submit(pages, request, who, reference, form, build, site)
        if outcome.receipt:
            return done(reference, outcome, place=0 if command in NOTED else -1)
        typed = [as_given(field, form.given) for field in with_choices(form_fields(command), kept)]
        return _form(pages, request, who, chart, command, typed, form, outcome, kept=kept)

    return handler


def _form(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    command: str,
    fields: list[Field],
    form: Posted | None = None,
    outcome: Outcome | None = None,
    search: Search | None = None,
    kept: Kept | None = None,
    at: datetime | None = None,
) -> Response:
    local = (at or pages.services.now()).astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    last, history = None, chart.history
    sheet = questionnaire(request.query_params.get("instrument", "")) if command == "score-instrument" else None
    if command == "complete-assessment":
        last = last_assessment(chart.entries)
        fields = as_rows(fields, last)
    fields = with_known(with_visits(fields, command, history, pages.zone), command, history, pages)
    fields = offering(pages, fields)
    address = f"{address_of(chart.reference)}/record/{command}"
    return pages.page(
        request,
        "record.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        board=board_of(pages, chart, history),
        ways=_ways(pages, who, chart.reference, history, command, form, outcome),
        duplicates=None,
        heading=instrument_title(sheet.instrument) if sheet else TITLES[command],
        action=_action(address, sheet.instrument if sheet else "", kept),
        fields=fields_beside(fields, sheet) if command == "score-instrument" else fields,
        since=since(last),
        sheet=sheet,
        items=held(sheet, form.given if form else {}) if sheet else {},
        to_fill_in=TO_FILL_IN if command == "score-instrument" else (),
        occurred_at=form.text("occurred_at") if form else local,
        zone=pages.zone.key,
        **hidden(chart.sequence, form, outcome),
        outcome=outcome,
        overridable=command in {"start-level", "transfer"},
        usual=_usual(command, chart, who),
        for_kind=form.text("kind") if form else "group",
        dimensions=DIMENSIONS,
        search=search,
        kept=kept,
        searches=command == "record-diagnosis" and offers_search(pages),
    )


def _action(address: str, instrument: str, kept: Kept | None) -> str:
    """Where the form is sent: with what it was begun with."""
    preset = {"instrument": instrument} if instrument else {"form": kept.key} if kept and kept.chosen else {}
    return f"{address}?{urlencode(preset)}" if preset else address


def _ways(
    pages: Pages,
    who: Identity,
    reference: str,
    history: History,
    command: str,
    form: Posted | None,
    outcome: Outcome | None,
) -> list[Link]:
    """What would help against the refusals."""
    if form is None or outcome is None or not outcome.refusals:
        return []
    starts = command in {"start-level", "transfer"}
    level = form.text("level")
    wanted = level if starts and level in LEVELS else None
    return links(reference, who.role, remedies(history, outcome.refusals, wanted, pages.services.now()))
