"""The form of a new client."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.http.errors import about
from api.i18n.asam import DIMENSIONS
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from api.web.writing.charts import done, message
from api.web.writing.command_forms import NO_LENGTHS, TRANSFER_FIELDS as TRANSFER_FIELDS, command_of
from api.web.writing.fields import Field, as_given, fields_of
from api.web.writing.submission import Form, Outcome, Posted, hidden, submit
from domain.events import ClientRegistered
from domain.numbers import ChartNumberError, as_shown
from domain.phrases import Phrase
from infra.privacy.names.duplicates import Candidates, candidates
from projections.params import known_day

Handler = Callable[..., Response]


def add_registration(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    registering = guard.area("command:register-client")
    router.add_api_route("/clients/new", _new(pages, registering), methods=["GET"])
    router.add_api_route("/clients/new", _register(pages, registering), methods=["POST"])


def _new(pages: Pages, check: Check) -> Handler:
    def handler(request: Request) -> Response:
        who = _registering(pages, request, check(request))
        return _registration(pages, request, who, [*fields_of(ClientRegistered)])

    return handler


def _register(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, form: Form) -> Response:
        who = _registering(pages, request, check(request))
        fields = fields_of(ClientRegistered)
        reference = form.text("chart_number")
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
            command = partial(command_of, "register-client", fields, form, pages)
            outcome = submit(pages, request, who, reference, form, command, _home(who, form))
        if outcome.receipt:
            return done(reference, outcome, "/admission")
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
    raise AnsweredError(message(pages, request, who, 403, _("No site"), text))


def _home(who: Identity, form: Posted) -> str:
    """The site that a new chart is opened at: as chosen, of one's own; nothing for whoever is bound to none."""
    chosen = form.text("site")
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
    birth = known_day(form.text("birth_date"))
    if birth is None:
        return None  # the form is refused for that
    if form.text("confirm_new_person") or not form.text("name"):
        return None
    possible = candidates(pages.services, who, reference, form.text("name"), birth)
    return possible if possible.clients or possible.others else None


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
        board=None,
        ways=(),
        duplicates=duplicates,
        heading="New client",
        action="/clients/new",
        usual=NO_LENGTHS,
        search=None,
        kept=None,
        searches=False,
        fields=[as_given(number, form.given) if form else number, *_site_field(who, form), *fields],
        occurred_at=form.text("occurred_at") if form else local,
        zone=pages.zone.key,
        **(hidden(None, form, outcome) | {"seen": ""}),
        outcome=outcome,
        overridable=False,
        dimensions=DIMENSIONS,
        since="",
        sheet=None,
        to_fill_in=(),
    )
