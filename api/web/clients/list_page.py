"""The list of clients, and the search by chart number or name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import address_of
from api.i18n.language import _
from api.sessions import Identity
from api.web.clients.agenda_section import with_clients
from api.web.frame.first_run import ways_in
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from domain.levels import LEVELS
from infra.bootstrap import Services
from infra.disclosure.record_guard import hidden_from, within_reach
from infra.privacy.names.search import Match, search
from infra.privacy.names.suggest import suggest
from projections.filters import Filters
from projections.status.queries import STATES, client_count, client_status, clients, known_places

PAGE_ROWS = 100
FOUND = 50
FILTERS = ("state", "level", "site", "program")


def clients_page(pages: Pages, check: Check) -> tuple[Page, Page]:
    """The handlers of the list and of the search."""

    def listing(request: Request) -> Response:
        who = check(request)
        return _list(pages, request, who)

    def find(request: Request, chart: Annotated[str, Form(max_length=200)]) -> Response:
        who = check(request)
        number = chart.strip()
        if within_reach(pages.services, who, number):
            log = pages.services.log
            return RedirectResponse(address_of(log.reference(log.client_id(number)) or number), 303)
        fitting = _found(pages.services, who, number)
        if fitting:
            return _matches(pages, request, who, fitting)
        return _list(
            pages, request, who, _("No chart that you may open has this number or name. Check it."), 404, number
        )

    return listing, find


def _found(services: Services, who: Identity, text: str) -> list[Match]:
    """What the find box suggests too: by name, day of birth or the end of a number; short names whole."""
    if not services.settings.name_search:
        return []
    return suggest(services, text, FOUND, who.bound_to) or search(services, text, FOUND, who.bound_to)


def _matches(pages: Pages, request: Request, who: Identity, matches: Sequence[Match]) -> Response:
    """The charts whose names fit, in an answer to a form: no name stands in an address."""
    services = pages.services
    shown: list[dict[str, Any]] = []
    with services.reads.reading() as connection:
        for match in matches:
            row = client_status(connection, match.client_id, services.today())
            if row is not None and who.at(row["site"]):
                shown.append({**row, "client": match.reference, "name": match.name, "former": match.former})
    services.people.log.read(who, [row["client_id"] for row in shown])
    values: dict[str, Any] = {"rows": shown, "total": len(shown), "more": "", "filters": [], "problem": ""}
    return pages.page(request, "clients.html", who, 200, unfound="", ways=[], **values)


def _list(
    pages: Pages, request: Request, who: Identity, problem: str = "", status: int = 200, unfound: str = ""
) -> Response:
    query = request.query_params
    where = {name: query[name] for name in FILTERS if query.get(name)}
    if where.get("level", LEVELS[0]) not in LEVELS:
        del where["level"]
    services = pages.services
    with services.reads.reading() as connection:
        filters, after = Filters((), where=where), query.get("after", "")
        sites, but = who.bound_to, hidden_from(services, who)
        rows = clients(connection, filters, services.today(), after=after, limit=PAGE_ROWS + 1, sites=sites, but=but)
        total = client_count(connection, filters, sites, but)
        options = known_places(connection)
    more = len(rows) > PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    onward = f"/clients?{urlencode({**where, 'after': rows[-1]['client_id']})}" if more else ""
    ids = [row["client_id"] for row in rows]
    services.people.log.read(who, ids)
    shown: list[dict[str, Any]] = [{**row, "former": ""} for row in rows]
    with_clients(pages, shown)
    choices = [
        ("state", STATES, where.get("state", "")),
        ("level", LEVELS, where.get("level", "")),
        ("site", options["site"], where.get("site", "")),
        ("program", options["program"], where.get("program", "")),
    ]
    values: dict[str, Any] = {"rows": shown, "total": total, "more": onward, "filters": choices, "problem": problem}
    return pages.page(
        request,
        "clients.html",
        who,
        status,
        unfound=unfound if who.bound_to is not None else "",
        ways=ways_in(pages, who),
        **values,
    )
