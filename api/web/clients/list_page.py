"""The list of clients, and the search by chart number or name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import address_of
from api.i18n.formats import words
from api.i18n.language import _
from api.sessions import Identity
from api.web.clients.list_order import ListOrder
from api.web.clients.row_names import with_clients
from api.web.frame.first_run import ways_in
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from domain.levels import LEVELS, title
from infra.bootstrap import Services
from infra.disclosure.record_guard import hidden_from, within_reach
from infra.privacy.names.search import Match, search
from infra.privacy.names.suggest import suggest
from infra.provider.names import called, named, names_of
from projections.filters import Filters
from projections.status.order import clients_in_order
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
    names = names_of(services)
    values: dict[str, Any] = {
        "rows": [named(names, row) for row in shown],
        "total": len(shown),
        "more": "",
        "later": False,
        "filters": [],
        "problem": "",
        "order": None,
        "heads": {},
        "sort": {},
    }
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
        total = client_count(connection, filters, sites, but)
        order = ListOrder.of(query.get("sort", ""), whole=total <= PAGE_ROWS)
        following = ""
        some: dict[str, Any] = {"limit": PAGE_ROWS, "sites": sites, "but": but}
        if order.by_name:
            rows = clients(connection, filters, services.today(), **some)
        else:
            rows, following = clients_in_order(connection, filters, services.today(), order.by_day, after=after, **some)
        options = known_places(connection)
    sort = {"sort": order.sort} if query.get("sort") == order.sort else {}
    onward = f"/clients?{urlencode({**where, **sort, 'after': following})}" if following else ""
    services.people.log.read(who, [row["client_id"] for row in rows])
    names = names_of(services)
    shown: list[dict[str, Any]] = [{**named(names, row), "former": ""} for row in rows]
    with_clients(pages, shown)
    choices = [
        ("state", [(state, words(state)) for state in STATES], where.get("state", "")),
        ("level", [(level, title(level)) for level in LEVELS], where.get("level", "")),
        *(
            (field, [(key, called(names, field, key)) for key in options[field]], where.get(field, ""))
            for field in ("site", "program")
        ),
    ]
    values: dict[str, Any] = {
        "rows": order.named(shown) if order.by_name else shown,
        "total": total,
        "more": onward,
        "later": bool(after) and not order.by_name,
        "filters": choices,
        "problem": problem,
        "order": order,
        "heads": order.heads(where),
        "sort": sort,
        "page_rows": PAGE_ROWS,
    }
    return pages.page(
        request,
        "clients.html",
        who,
        status,
        unfound=unfound if who.bound_to is not None else "",
        ways=ways_in(pages, who),
        **values,
    )
