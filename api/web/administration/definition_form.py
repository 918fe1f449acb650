"""The form that defines a thing of the provider's, or changes it from a moment on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import available_timezones

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.i18n.language import _
from api.sessions import Identity
from api.web.administration.definition_entries import Outcome, hidden, record, since_of, summary
from api.web.administration.definition_texts import typed
from api.web.administration.definition_values import data_of
from api.web.administration.kind_page import page_of
from api.web.administration.kinds import Page
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.writing.submission import Posted, posted
from domain.commands import Command, Record
from domain.events import CATALOGUE
from domain.numbers import canonical
from domain.provider import label
from infra.provider.definitions import defined
from projections.provider.queries import Definition

Form = Annotated[Posted, Depends(posted)]


def opened(pages: Pages, check: Check) -> Handler:
    """The form: filled in with what is in force of the ``key`` in the address."""

    def handler(request: Request, kind: str) -> Response:
        who = check(request)
        page = page_of(pages, request, who, kind)
        return _form(pages, request, who, page, request.query_params.get("key", ""))

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """What the form says is recorded, else shown again with what does not fit."""

    def handler(request: Request, kind: str, form: Form) -> Response:
        who = check(request)
        page = page_of(pages, request, who, kind)
        key = form.text(page.key_field)
        changes = form.text("changes") == "yes"
        # a thing that is new has no entries that its author knows of; one in force is changed from its own form
        fresh = 0 if in_force(pages, page, key) else None
        outcome = record(
            pages,
            request,
            who,
            form,
            label(page.kind, key),
            lambda: _command(pages, page, form),
            form.seen if changes else fresh,
        )
        if outcome.recorded:
            return RedirectResponse(f"/administration/{kind}?{urlencode({'saved': key})}", 303)
        if outcome.stale and not changes:
            outcome = Outcome({page.key_field: _("It is defined already: change that one, or give another.")})
        return _form(pages, request, who, page, key, form, outcome)

    return handler


def in_force(pages: Pages, page: Page, key: str) -> Definition | None:
    """How a thing is defined now."""
    now = defined(pages.services, page.kind, pages.services.now())
    return next((definition for definition in now if canonical(definition.key) == canonical(key)), None)


def _command(pages: Pages, page: Page, form: Posted) -> Command:
    """What a form says.

    Raises:
        InvalidDataError: it does not fit.
    """
    event = CATALOGUE.parse(page.event, data_of(page, form))
    return Record(event, since_of(pages, form))


def _form(
    pages: Pages,
    request: Request,
    who: Identity,
    page: Page,
    key: str,
    form: Posted | None = None,
    outcome: Outcome | None = None,
) -> Response:
    current = in_force(pages, page, key) if key else None
    changes = form.text("changes") == "yes" if form else current is not None
    data = current.data if current else {page.key_field: key} if key else {}
    given = form.given if form else {field.name: typed(field, data) for field in page.fields}
    return pages.page(
        request,
        "definition_form.html",
        who,
        outcome.status if outcome else 200,
        page=page,
        name=key,
        changes=changes,
        taken=current is not None and not changes,
        given={name: list(values) for name, values in given.items()},
        since=form.text("since") if form else "",
        zone=pages.zone.key,
        labels=page.labels,
        problems=outcome.problems if outcome else {},
        summary=summary(outcome) if outcome else "",
        offered=_offered(pages, page),
        **hidden(pages, label(page.kind, key), form, outcome),
    )


def _offered(pages: Pages, page: Page) -> dict[str, Sequence[str]]:
    """What is offered while somebody types: time zones, and the keys of other things, by the field's name."""
    now = pages.services.now()
    zones = {field.name: _zones() for field in page.fields if field.widget == "zone"}
    known = {
        field.name: [definition.key for definition in defined(pages.services, field.known, now)]
        for field in page.fields
        if field.known
    }
    return {**zones, **known}


@cache
def _zones() -> list[str]:
    """The IANA names that are places, and UTC."""
    return [*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC"]
