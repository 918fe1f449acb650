"""Pages of people and access: breaking the glass, the accounting of one client, the review of the access log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.http.errors import request_id
from api.http.routes_access import known_client
from api.web.guard import Guard
from api.web.language import N_, _, sentence
from api.web.rendering import Pages
from api.web.session import Identity, WebSessions
from api.web.today_page import Check, Page
from infra.access.disclosures import accesses, accounting
from infra.access.entries import Accessed
from infra.access.glass import ReasonError
from infra.access.review import review
from infra.charts import NoSuchChartError

SHOWN = 200
REVIEWED_DAYS = 30


def add_access_pages(router: APIRouter, pages: Pages, guard: Guard, sessions: WebSessions) -> None:
    """Add the routes."""
    breaking = _break_glass(pages, guard.area("break-glass"), sessions)
    router.add_api_route("/clients/{reference}/break-glass", breaking, methods=["POST"])
    router.add_api_route(
        "/clients/{reference}/disclosures", _disclosures(pages, guard.area("disclosures")), methods=["GET"]
    )
    router.add_api_route("/audit/access", _review(pages, guard.area("access-review")), methods=["GET"])


def glass_page(pages: Pages, request: Request, who: Identity, reference: str, problem: str = "") -> Response:
    """A chart of another site: what it takes to open it."""
    minutes = pages.services.settings.break_glass_minutes
    return pages.page(request, "glass.html", who, 403, chart=reference, minutes=minutes, problem=problem)


def _break_glass(pages: Pages, check: Check, sessions: WebSessions) -> Page:
    def handler(request: Request, reference: str, reason: Annotated[str, Form(max_length=10_000)] = "") -> Response:
        who = check(request)
        if isinstance(who, Response):
            return who
        try:
            client_id = known_client(pages.services, reference)
            pages.services.people.glass.break_for(who, client_id, reason, request_id(request.scope))
        except NoSuchChartError as error:
            return _no_chart(pages, request, who, error)
        except ReasonError as error:
            return glass_page(pages, request, who, reference, sentence(error))
        answer = RedirectResponse(f"/clients/{quote(reference, safe='')}", 303)
        sessions.renew(request, answer)
        return answer

    return handler


def _disclosures(pages: Pages, check: Check) -> Page:
    def handler(request: Request, reference: str) -> Response:
        who = check(request)
        if isinstance(who, Response):
            return who
        services = pages.services
        try:
            client_id = known_client(services, reference)
        except NoSuchChartError as error:
            return _no_chart(pages, request, who, error)
        services.people.log.read(who, [client_id], request=request_id(request.scope))
        found = accesses(services, client_id)
        rows = accounting(services, client_id)
        return pages.page(
            request,
            "disclosures.html",
            who,
            chart=reference,
            disclosures=[{**asdict(row), "at": row.at.isoformat()} for row in rows],
            accesses=[_row(entry) for entry in reversed(found[-SHOWN:])],
            count=len(found),
        )

    return handler


def _review(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        who = check(request)
        if isinstance(who, Response):
            return who
        services = pages.services
        since = services.now() - timedelta(days=REVIEWED_DAYS)
        found = review(services.people.log.every(opened=True), pages.zone, since)
        ids = sorted({client for entry in (*found.broken, *found.refused) for client in entry.clients})
        services.people.log.read(who, ids, request=request_id(request.scope))
        names = services.log.references(ids)
        return pages.page(
            request,
            "access.html",
            who,
            days=REVIEWED_DAYS,
            broken=[_row(entry, names) for entry in found.broken[:SHOWN]],
            refused=[_row(entry, names) for entry in found.refused[:SHOWN]],
            unusual=[asdict(row) for row in found.unusual[:SHOWN]],
        )

    return handler


def _row(entry: Accessed, names: dict[str, str] | None = None) -> dict[str, Any]:
    """An entry as the tables show it."""
    client = entry.clients[0] if len(entry.clients) == 1 else ""
    return {
        "at": entry.at.isoformat(),
        "name": entry.name or "–",
        "role": entry.role,
        "kind": _KINDS.get(entry.kind, entry.kind),
        "how": f"{entry.via}: {entry.doing}",
        "purpose": entry.purpose,
        "client": (names or {}).get(client, ""),
        "broken": entry.broken,
        "reason": _("(sealed)") if entry.words is None else entry.words.get("reason") or entry.words.get("basis", ""),
        "list": len(entry.clients) > 1 or entry.about_everybody,
    }


def _no_chart(pages: Pages, request: Request, who: Identity, error: NoSuchChartError) -> Response:
    return pages.page(
        request,
        "message.html",
        who,
        404,
        heading="No such chart",
        text=sentence(error),
        way_on="/",
        way_on_name="Go to your start page",
    )


_KINDS = {
    "ChartsRead": N_("read"),
    "ChartRefused": N_("refused: other site"),
    "GlassBroken": N_("broke the glass"),
    "RecordsDisclosed": N_("disclosed"),
    "DisclosureRefused": N_("disclosure refused"),
    "SignInRefused": N_("sign-in refused"),
}
