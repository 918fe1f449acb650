"""The page of definitions, and the one for every address that is no page."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from api.i18n.language import _
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from domain.levels import LEVELS_OF_CARE
from infra.reporting.definitions import definitions
from infra.reporting.tables import tables_of
from projections.columns import KINDS


def definitions_page(pages: Pages, check: Check) -> Page:
    """The handler of the definitions: the same source as the dashboards and the API.

    What the columns mean is shown of one report at a time, the one that the address names.
    """

    def handler(request: Request) -> Response:
        who = check(request)
        settings = pages.services.settings
        listed = definitions(settings.measures_file)
        heads = [definition for definition in listed if definition.id == definition.report]
        reports = [
            (head, [definition for definition in listed if definition.report == head.id and definition is not head])
            for head in heads
        ]
        table_of = request.query_params.get("columns", "")
        known = any(head.id == table_of for head in heads)
        return pages.page(
            request,
            "definitions.html",
            who,
            asked=table_of,
            tables=tables_of(table_of, settings) if known else [],
            levels=LEVELS_OF_CARE,
            reports=reports,
            kinds=KINDS,
        )

    return handler


def no_page(pages: Pages, check: Check) -> Page:
    """The handler of every address that is no page."""

    def handler(request: Request) -> Response:
        who = check(request)
        text = _("This address is no page here. Choose one from the menu.")
        values = {"heading": _("No such page"), "text": text, "way_on": "/", "way_on_name": _("Go to your start page")}
        return pages.page(request, "message.html", who, 404, **values)

    return handler
