"""The form by which an entry is corrected or taken back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.addresses import NumberInPath, address_of
from api.i18n.asam import DIMENSIONS
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.storyboard.board import board_of
from api.web.writing.charts import chart_of, done, message
from api.web.writing.code_search import Search, offers_search, searched
from api.web.writing.command_forms import TRANSFER_FIELDS as TRANSFER_FIELDS
from api.web.writing.fields import Field, as_given, fields_of, read
from api.web.writing.moments import as_local, with_offsets
from api.web.writing.offered import offering
from api.web.writing.sheets import answered, beside_items, held, recorded
from api.web.writing.submission import Form, Outcome, Posted, hidden, moment_of, submit
from domain.commands import Correct, Retract
from domain.entries import Entry, effective
from domain.events import CATALOGUE, DiagnosisRecorded, Event, InstrumentScored, LevelOfCareStarted
from domain.events.catalogue import BOOKKEEPING
from domain.questionnaires import questionnaire
from infra.eventstore.client_chart import OpenedChart
from infra.provider.names import named_line, names_of
from projections.timeline.screens import titled

Handler = Callable[..., Response]


def add_amending(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    amending = guard.area("command:correct")
    router.add_api_route("/clients/{reference}/entries/{event_id}", _entry(pages, amending), methods=["GET"])
    router.add_api_route("/clients/{reference}/entries/{event_id}", _amend(pages, amending), methods=["POST"])


def _entry(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, event_id: str) -> Response:
        who = check(request)
        chart = chart_of(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        entry = _found(chart, event_id)
        if entry is None:
            return message(pages, request, who, 404, "No such entry", "It may have been retracted: look at the chart.")
        shown = _entry_fields(entry.event)
        data = as_local(shown, entry.event.model_dump(mode="json", by_alias=True, exclude_none=True), pages.zone)
        fields = [field.holding(data.get(field.name)) for field in shown]
        return _amendment(pages, request, who, chart, entry, fields)

    return handler


def _amend(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, event_id: str, form: Form) -> Response:
        who = check(request)
        chart = chart_of(pages, request, who, reference)
        entry = _found(chart, event_id)
        if entry is None:
            return message(pages, request, who, 404, "No such entry", "It may have been retracted: look at the chart.")
        fields = _entry_fields(entry.event)
        results = searched(pages, form) if isinstance(entry.event, DiagnosisRecorded) else None
        if results:
            answer_if_merged(pages, request, who, chart, 409)
            typed = [as_given(field, results[0].given) for field in fields]
            return _amendment(pages, request, who, chart, entry, typed, form, search=results[1])
        command = _retraction if form.text("do") == "retract" else _correction
        outcome = submit(pages, request, who, reference, form, lambda: command(entry, fields, form, pages))
        if outcome.receipt:
            return done(reference, outcome)
        typed = [as_given(field, form.given) for field in fields]
        return _amendment(pages, request, who, chart, entry, typed, form, outcome)

    return handler


def _retraction(entry: Entry, _: tuple[Field, ...], form: Posted, __: Pages) -> Retract:
    return Retract(UUID(hex=entry.event_id), form.text("reason") or "recorded by mistake")


def _correction(entry: Entry, fields: tuple[Field, ...], form: Posted, pages: Pages) -> Correct:
    at = moment_of(form.text("occurred_at"), pages.zone)
    data = with_offsets(fields, read(fields, form.given), pages.zone)
    if isinstance(entry.event, InstrumentScored):
        data = answered(data, form.given)
    kept = entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)
    shown = {field.name for field in fields}
    whole = {**{name: value for name, value in kept.items() if name not in shown}, **data}
    CATALOGUE.parse(entry.type, whole)
    return Correct(UUID(hex=entry.event_id), entry.type, at, whole, form.text("reason"))


def _entry_fields(event: Event) -> tuple[Field, ...]:
    return () if type(event).__name__ in BOOKKEEPING else fields_of(type(event))


def _found(chart: OpenedChart, event_id: str) -> Entry | None:
    try:
        wanted = UUID(event_id).hex
    except ValueError:
        return None
    return next((entry for entry in effective(chart.entries) if entry.event_id == wanted), None)


def _amendment(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    entry: Entry,
    fields: list[Field],
    form: Posted | None = None,
    outcome: Outcome | None = None,
    search: Search | None = None,
) -> Response:
    sheet = questionnaire(entry.event.instrument) if isinstance(entry.event, InstrumentScored) else None
    items = recorded(sheet, entry.event.items) if sheet and isinstance(entry.event, InstrumentScored) else {}
    title, line = titled(entry, effective(chart.entries))
    local = entry.occurred_at.astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    return pages.page(
        request,
        "amend.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        board=board_of(pages, chart),
        heading=title,
        summary=named_line(
            names_of(pages.services), entry.event.model_dump(mode="json", by_alias=True, exclude_none=True), line
        ),
        action=f"{address_of(chart.reference)}/entries/{UUID(hex=entry.event_id)}",
        fields=offering(pages, beside_items(fields, items)),
        sheet=sheet,
        items=held(sheet, form.given) if sheet and form else items,
        occurred_at=form.text("occurred_at") if form else local,
        reason=form.text("reason") if form else "",
        zone=pages.zone.key,
        **hidden(chart.sequence, form, outcome),
        outcome=outcome,
        overridable=isinstance(entry.event, LevelOfCareStarted),
        dimensions=DIMENSIONS,
        search=search,
        searches=isinstance(entry.event, DiagnosisRecorded) and offers_search(pages),
    )
