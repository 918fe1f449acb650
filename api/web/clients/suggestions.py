"""What the find box of every page suggests: charts while somebody types, and once what else can be gone to.

The text comes by POST, so that no name stands in an address or a log; what is shown is recorded as a look at these
charts, once for each answer.
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.addresses import address_of
from api.http.access import may
from api.http.correlation import request_id
from api.i18n.language import _, translated
from api.web.frame.guard import Guard, Page
from api.web.frame.pages import Pages
from api.web.frame.places import pages_open_to
from api.web.writing.menu import menu
from domain.levels import title
from infra.bootstrap import Services
from infra.identity.people import Principal
from infra.privacy.names.suggest import suggest
from projections.status.queries import client_status
from projections.timeline.words import words

MOST = 8


def add_suggestions(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    router.add_api_route("/clients/suggest", _clients(pages, guard), methods=["POST"])
    router.add_api_route("/palette.json", _palette(guard), methods=["GET"])


def _clients(pages: Pages, guard: Guard) -> Page:
    def handler(request: Request, chart: Annotated[str, Form(max_length=200)]) -> Response:
        who = guard.chart(request)
        return _json({"clients": suggested(pages.services, who, chart, request_id(request.scope))})

    return handler


def suggested(services: Services, who: Principal, text: str, request: str = "") -> list[dict[str, str]]:
    """The charts that fit, of this person's sites: name or number, what tells it apart, address. The look is recorded.

    Nothing where this installation keeps no index of names.
    """
    if not services.settings.name_search:
        return []
    suggestions: list[dict[str, str]] = []
    seen: list[str] = []
    with services.reads.reading() as connection:
        for match in suggest(services, text, MOST, who.bound_to):
            row = client_status(connection, match.client_id, services.today())
            if row is None or not who.at(row["site"]):
                continue
            where = translated(title(row["level"])) if row["level"] else translated(words(row["state"]) or "")
            former = _("formerly {name}").format(name=match.former) if match.former else ""
            about = [match.reference if match.name else "", where, row["site"] or "", former]
            name = match.name or match.reference
            suggestion = {"name": name, "about": " · ".join(filter(None, about)), "to": address_of(match.reference)}
            suggestions.append(suggestion)
            seen.append(match.client_id)
    services.people.log.read(who, seen, request=request)
    return suggestions


def _palette(guard: Guard) -> Page:
    """The pages that a role may open, and the forms that it may fill in for a client; neither names anybody."""

    def handler(request: Request) -> Response:
        who = guard.area("definitions")(request)
        pages = [{"name": _(name), "place": _(place), "to": to} for place, name, to in pages_open_to(who.role)]
        forms = (
            [
                {"name": translated(text), "command": command}
                for _, commands in menu(who.role)
                for command, text in commands
            ]
            if may(who.role, "writing")
            else []
        )
        return _json({"pages": pages, "forms": forms})

    return handler


def _json(values: dict[str, Any]) -> Response:
    return Response(orjson.dumps(values), media_type="application/json", headers={"Cache-Control": "no-store"})
