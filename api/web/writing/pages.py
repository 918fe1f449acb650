"""The pages that write: one form for each command, a new client, corrections and retractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import NumberInPath, address_of
from api.http.access import may
from api.http.errors import about
from api.i18n.asam import DIMENSIONS
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.rendering import Pages
from api.web.frame.responses import AnsweredError, refusals
from api.web.writing.defaults import defaults
from api.web.writing.fields import Field, as_given, fields_of, read
from api.web.writing.lengths import kept_length, usual_minutes
from api.web.writing.menu import TITLES
from api.web.writing.moments import as_local, with_offsets
from api.web.writing.submission import Outcome, Posted, hidden, moment_of, posted, submit
from domain.commands import RECORDING, Correct, Record, Retract, Transfer
from domain.entries import Entry, effective
from domain.events import CATALOGUE, ClientRegistered, Event, InvalidDataError, LevelOfCareEnded, LevelOfCareStarted
from domain.events.catalogue import BOOKKEEPING
from domain.numbers import ChartNumberError, as_shown
from domain.phrases import Phrase
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import OpenedChart
from infra.privacy.names.duplicates import Candidates, candidates
from projections.timeline.words import summary_of, title_of

Form = Annotated[Posted, Depends(posted)]
Handler = Callable[..., Response]

_END = {field.name: field for field in fields_of(LevelOfCareEnded)}
_NO_LENGTHS: Mapping[str, int] = {}
TRANSFER_FIELDS = (_END["reason"], *fields_of(LevelOfCareStarted), _END["summary"])


def add_writing_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("writing")
    registering = guard.area("command:register-client")
    router.add_api_route("/clients/new", _new(pages, registering), methods=["GET"])
    router.add_api_route("/clients/new", _register(pages, registering), methods=["POST"])
    router.add_api_route("/clients/{reference}/record/{command}", _open(pages, check), methods=["GET"])
    router.add_api_route("/clients/{reference}/record/{command}", _record(pages, check), methods=["POST"])
    amending = guard.area("command:correct")
    router.add_api_route("/clients/{reference}/entries/{event_id}", _entry(pages, amending), methods=["GET"])
    router.add_api_route("/clients/{reference}/entries/{event_id}", _amend(pages, amending), methods=["POST"])


def fields_for(command: str) -> tuple[Field, ...]:
    """The fields of a command's form."""
    return TRANSFER_FIELDS if command == "transfer" else fields_of(CATALOGUE.current(RECORDING[command]))


def _command(
    command: str, fields: tuple[Field, ...], form: Posted, pages: Pages, usual: Mapping[str, int] = _NO_LENGTHS
) -> Any:
    """The command that a form says.

    Raises:
        InvalidDataError: it does not fit.
    """
    at = moment_of(form.one("occurred_at"), pages.zone)
    data = with_offsets(fields, read(fields, form.given), pages.zone)
    asked = kept_length(form, usual)
    if asked:
        raise InvalidDataError([asked])
    if command != "transfer":
        return Record(CATALOGUE.parse(RECORDING[command], data), at)
    reason, summary = data.pop("reason", "transferred"), data.pop("summary", None)
    start = CATALOGUE.parse("LevelOfCareStarted", data)
    assert isinstance(start, LevelOfCareStarted)
    return Transfer(start, at, reason, None, summary)


def _usual(command: str, chart: OpenedChart, who: Identity) -> dict[str, int]:
    """The usual minutes of each kind of session, where the form is one for a session."""
    if command != "attend-session":
        return {}
    return usual_minutes(defaults(command, chart.entries, who.name).get("level", ""))


def _chart(pages: Pages, request: Request, who: Identity, reference: str) -> OpenedChart:
    with refusals(pages, request, who, reference):
        return open_seen(pages.services, who, reference)


def _message(pages: Pages, request: Request, who: Identity, code: int, heading: str, text: str) -> Response:
    values = {"heading": heading, "text": text, "way_on": "/clients", "way_on_name": "All clients"}
    return pages.page(request, "message.html", who, code, **values)


def _known(pages: Pages, request: Request, who: Identity, command: str) -> None:
    """Answer where there is no such form for this person.

    Raises:
        AnsweredError: there is none.
    """
    if command not in TITLES or command == "register-client":
        text = "Choose one from the client's page."
        raise AnsweredError(_message(pages, request, who, 404, "No such form", text))
    if not may(who.role, f"command:{command}"):
        text = f"{TITLES[command]} is not for {who.role}."
        raise AnsweredError(_message(pages, request, who, 403, "Not for your role", text))


def _open(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, command: str) -> Response:
        who = check(request)
        _known(pages, request, who, command)
        chart = _chart(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        known = defaults(command, chart.entries, who.name)
        fields = [field.holding(known.get(field.name)) for field in fields_for(command)]
        return _form(pages, request, who, chart, command, fields)

    return handler


def _record(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, command: str, form: Form) -> Response:
        who = check(request)
        _known(pages, request, who, command)
        chart = _chart(pages, request, who, reference)
        fields = fields_for(command)
        site = form.one("site") if who.at(form.one("site")) else ""
        usual = _usual(command, chart, who)

        def said() -> Any:
            return _command(command, fields, form, pages, usual)

        outcome = submit(pages, request, who, reference, form, said, site)
        if outcome.receipt:
            return _done(reference, outcome)
        typed = [as_given(field, form.given) for field in fields]
        return _form(pages, request, who, chart, command, typed, form, outcome)

    return handler


def _done(reference: str, outcome: Outcome) -> Response:
    assert outcome.receipt is not None
    event_id = UUID(hex=outcome.receipt.event_ids[-1])
    return RedirectResponse(f"{address_of(reference)}?recorded={event_id}", 303)


def _form(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    command: str,
    fields: list[Field],
    form: Posted | None = None,
    outcome: Outcome | None = None,
) -> Response:
    local = pages.services.now().astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    return pages.page(
        request,
        "record.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        duplicates=None,
        heading=TITLES[command],
        action=f"{address_of(chart.reference)}/record/{command}",
        fields=fields,
        occurred_at=form.one("occurred_at") if form else local,
        zone=pages.zone.key,
        **hidden(chart.sequence, form, outcome),
        outcome=outcome,
        overridable=command in {"start-level", "transfer"},
        usual=_usual(command, chart, who),
        for_kind=form.one("kind") if form else "group",
        dimensions=DIMENSIONS,
    )


def _new(pages: Pages, check: Check) -> Handler:
    def handler(request: Request) -> Response:
        who = _registering(pages, request, check(request))
        return _registration(pages, request, who, [*fields_of(ClientRegistered)])

    return handler


def _register(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, form: Form) -> Response:
        who = _registering(pages, request, check(request))
        fields = fields_of(ClientRegistered)
        reference = form.one("chart_number")
        problem = _number_problem(reference)
        if problem:
            outcome = Outcome(problems=[Phrase(N_("Chart number: {problem}"), problem=problem)])
        elif who.bound_to and not _home(who, form):
            outcome = Outcome(problems=[N_("Site: choose where the client is registered")])
        elif pages.services.log.recorder.streams([pages.services.log.client_id(reference)]):
            about(request.scope, [pages.services.log.client_id(reference)])
            outcome = Outcome(problems=[N_("Chart number: it is taken. Give another, or open the chart that has it")])
        else:
            duplicates = _duplicates(pages, who, reference, form)
            if duplicates:
                typed = [as_given(field, form.given) for field in fields]
                return _registration(pages, request, who, typed, form, Outcome(), duplicates)
            command = partial(_command, "register-client", fields, form, pages)
            outcome = submit(pages, request, who, reference, form, command, _home(who, form))
        if outcome.receipt:
            return _done(reference, outcome)
        typed = [as_given(field, form.given) for field in fields]
        return _registration(pages, request, who, typed, form, outcome)

    return handler


def _registering(pages: Pages, request: Request, who: Identity) -> Identity:
    """The person, unless a chart that they open would be at no site, and so closed to them.

    Raises:
        AnsweredError: they work at no site.
    """
    if who.bound_to is None or who.bound_to:
        return who
    text = _("You work at no site: ask for one, then register the client there.")
    raise AnsweredError(_message(pages, request, who, 403, _("No site"), text))


def _home(who: Identity, form: Posted) -> str:
    """The site that a new chart is opened at: as chosen, of one's own; nothing for whoever is bound to none."""
    chosen = form.one("site")
    return who.only_site if not chosen or not who.at(chosen) else chosen


def _site_field(who: Identity, form: Posted | None) -> list[Field]:
    """The choice of a site, for whoever works at several."""
    if who.bound_to is None or who.only_site:
        return []
    choices = tuple((site, site) for site in sorted(who.bound_to))
    field = Field(
        "site", N_("Site"), "choice", required=True, choices=choices, help=N_("Where the client is registered")
    )
    return [as_given(field, form.given) if form else field]


def _number_problem(reference: str) -> Phrase | None:
    """Why this cannot be a new chart's number."""
    try:
        as_shown(reference)
    except ChartNumberError as error:
        return error.args[0]
    return None


def _duplicates(pages: Pages, who: Identity, reference: str, form: Posted) -> Candidates | None:
    """The charts that look like this person, unless the form says that it is somebody else."""
    try:
        birth = date.fromisoformat(form.one("birth_date"))
    except ValueError:
        return None  # the form is refused for that
    if form.one("confirm_new_person") or not form.one("name"):
        return None
    found = candidates(pages.services, who, reference, form.one("name"), birth)
    return found if found.clients or found.others else None


def _registration(
    pages: Pages,
    request: Request,
    who: Identity,
    fields: list[Field],
    form: Posted | None = None,
    outcome: Outcome | None = None,
    duplicates: Candidates | None = None,
) -> Response:
    local = pages.services.now().astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    number = Field("chart_number", "Chart number", "text", required=True, help="The provider's own number")
    return pages.page(
        request,
        "record.html",
        who,
        409 if duplicates else (outcome.status if outcome else 200),
        chart="",
        duplicates=duplicates,
        heading="New client",
        action="/clients/new",
        usual=_NO_LENGTHS,
        fields=[as_given(number, form.given) if form else number, *_site_field(who, form), *fields],
        occurred_at=form.one("occurred_at") if form else local,
        zone=pages.zone.key,
        **(hidden(None, form, outcome) | {"seen": ""}),
        outcome=outcome,
        overridable=False,
        dimensions=DIMENSIONS,
    )


def _entry(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, event_id: str) -> Response:
        who = check(request)
        chart = _chart(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        entry = _found(chart, event_id)
        if entry is None:
            return _message(pages, request, who, 404, "No such entry", "It may have been retracted: look at the chart.")
        shown = _entry_fields(entry.event)
        data = as_local(shown, entry.event.model_dump(mode="json", by_alias=True, exclude_none=True), pages.zone)
        fields = [field.holding(data.get(field.name)) for field in shown]
        return _amendment(pages, request, who, chart, entry, fields)

    return handler


def _amend(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, event_id: str, form: Form) -> Response:
        who = check(request)
        chart = _chart(pages, request, who, reference)
        entry = _found(chart, event_id)
        if entry is None:
            return _message(pages, request, who, 404, "No such entry", "It may have been retracted: look at the chart.")
        fields = _entry_fields(entry.event)
        command = _retraction if form.one("do") == "retract" else _correction
        outcome = submit(pages, request, who, reference, form, lambda: command(entry, fields, form, pages))
        if outcome.receipt:
            return _done(reference, outcome)
        typed = [as_given(field, form.given) for field in fields]
        return _amendment(pages, request, who, chart, entry, typed, form, outcome)

    return handler


def _retraction(entry: Entry, _: tuple[Field, ...], form: Posted, __: Pages) -> Retract:
    return Retract(UUID(hex=entry.event_id), form.one("reason") or "recorded by mistake")


def _correction(entry: Entry, fields: tuple[Field, ...], form: Posted, pages: Pages) -> Correct:
    at = moment_of(form.one("occurred_at"), pages.zone)
    data = with_offsets(fields, read(fields, form.given), pages.zone)
    kept = entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)
    shown = {field.name for field in fields}
    whole = {**{name: value for name, value in kept.items() if name not in shown}, **data}
    CATALOGUE.parse(entry.type, whole)
    return Correct(UUID(hex=entry.event_id), entry.type, at, whole, form.one("reason"))


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
) -> Response:
    local = entry.occurred_at.astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M")
    return pages.page(
        request,
        "amend.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        heading=title_of(entry.event),
        summary=summary_of(entry.event),
        action=f"{address_of(chart.reference)}/entries/{UUID(hex=entry.event_id)}",
        fields=fields,
        occurred_at=form.one("occurred_at") if form else local,
        reason=form.one("reason") if form else "",
        zone=pages.zone.key,
        **hidden(chart.sequence, form, outcome),
        outcome=outcome,
        overridable=False,
        dimensions=DIMENSIONS,
    )
