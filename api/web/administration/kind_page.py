"""A kind's page: what is in force at a moment, as was known at one; and the same as CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.files import csv_of
from api.http.access import may
from api.i18n.language import N_, _, error_text, translated
from api.sessions import Identity
from api.web.administration.definition_texts import cell
from api.web.administration.kinds import PAGES, Page
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.frame.recorded_time import AS_OF, local, moment_of
from api.web.frame.responses import AnsweredError
from domain.consent_elements import missing_on_paper
from domain.entries import moment
from domain.events import ConsentFormDefined
from infra.provider.definitions import defined
from infra.provider.gaps import deciding_zone, undefined
from projections.filters import FilterError
from projections.provider.queries import Definition

AT = "at"


def listing(pages: Pages, check: Check) -> Handler:
    """The page of a kind."""

    def handler(request: Request, kind: str) -> Response:
        who = check(request)
        return _listed(pages, request, who, page_of(pages, request, who, kind))

    return handler


def as_csv(pages: Pages, check: Check) -> Handler:
    """The table of a kind as a file: its fields by their names in the events."""

    def handler(request: Request, kind: str) -> Response:
        page = page_of(pages, request, check(request), kind)
        columns = (*(field.name for field in page.fields), "since", "until")
        try:
            at, as_of = _asked(pages, request)
        except FilterError as error:
            return Response(f"{error_text(error)}\n", 422, media_type="text/plain; charset=utf-8")
        definition = defined(pages.services, kind, at or pages.services.now(), as_of)
        rows: list[dict[str, Any]] = [
            {
                **definition.data,
                "since": moment(definition.since).isoformat(),
                "until": None if definition.until is None else moment(definition.until).isoformat(),
            }
            for definition in definition
        ]
        return csv_of(f"{kind}s", rows, columns)

    return handler


def page_of(pages: Pages, request: Request, who: Identity, kind: str) -> Page:
    """The page of a kind.

    Raises:
        AnsweredError: there is none.
    """
    if kind in PAGES:
        return PAGES[kind]
    text = _("Choose a page of Administration.")
    values = {"heading": _("No such page"), "text": text, "way_on": "/administration/site", "way_on_name": _("Sites")}
    raise AnsweredError(pages.page(request, "message.html", who, 404, **values))


def _listed(pages: Pages, request: Request, who: Identity, page: Page) -> Response:
    problem, at, as_of = "", None, None
    try:
        at, as_of = _asked(pages, request)
    except FilterError as error:
        problem = error_text(error)
    definition = defined(pages.services, page.kind, at or pages.services.now(), as_of)
    query = {name: request.query_params.get(name, "") for name in (AT, AS_OF)}
    return pages.page(
        request,
        "administration.html",
        who,
        422 if problem else 200,
        page=page,
        problem=problem,
        rows=[_row(pages, page, definition) for definition in definition],
        gaps=[] if at or as_of else undefined(pages.services, page.kind, definition),
        at=local(pages, at),
        as_of=local(pages, as_of),
        asked=bool(at or as_of),
        query=urlencode({name: value for name, value in query.items() if value and not problem}),
        defines=may(who.role, "defining"),
        saved=request.query_params.get("saved", ""),
    )


def _asked(pages: Pages, request: Request) -> tuple[datetime | None, datetime | None]:
    """The moment at which the things are to hold, and that at which it is to have been known."""
    query = request.query_params
    at = moment_of(pages, query.get(AT, ""), N_("In force on"))
    return at, moment_of(pages, query.get(AS_OF, ""))


def _row(pages: Pages, page: Page, definition: Definition) -> dict[str, Any]:
    zone = deciding_zone(pages.services.log.calendar, definition) if page.kind == "site" else ""
    return {
        "key": definition.key,
        "cells": [cell(field, definition.data) for field in page.fields[1:]],
        "since": moment(definition.since).isoformat(),
        "until": "" if definition.until is None else moment(definition.until).isoformat(),
        "zone": str(definition.data.get("zone", "")),
        "decides": zone,
        "missing": _missing(definition) if page.kind == "consent_form" else [],
    }


def _missing(definition: Definition) -> list[str]:
    """What the printed form does not say and has to."""
    return [translated(words) for words in missing_on_paper(ConsentFormDefined.model_validate(definition.data))]
