"""Pages of people and access: breaking the glass, its review, the accounting of one client, what needs a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import NumberInPath, address_of
from api.files import csv_of
from api.http.correlation import request_id
from api.http.routes_access import known_client
from api.i18n.language import N_, sentence
from api.sessions import Identity, WebSessions
from api.web.audit.access_rows import COLUMNS, DISCLOSURE_COLUMNS, as_row, shown
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.frame.responses import glass_page, refusals
from infra.access_log.break_glass import GlassLimitError, ReasonError
from infra.access_log.break_glass_review import (
    AlreadyReviewedError,
    GlassUse,
    NotAUseError,
    NoteTooLongError,
    OwnUseError,
    mark,
    uses,
)
from infra.access_log.entries import Accessed
from infra.access_log.review import review
from infra.disclosure.disclosures import accesses, accounting
from infra.disclosure.record_guard import break_glass

SHOWN = 200
REVIEWED_DAYS = 30


def add_access_pages(router: APIRouter, pages: Pages, guard: Guard, sessions: WebSessions) -> None:
    """Add the routes."""
    breaking = _break_glass(pages, guard.area("break-glass"), sessions)
    router.add_api_route("/clients/{reference}/break-glass", breaking, methods=["POST"])
    accounting_of, as_csv = _disclosures(pages, guard.area("disclosures"))
    router.add_api_route("/clients/{reference}/disclosures", accounting_of, methods=["GET"])
    router.add_api_route("/clients/{reference}/disclosures.csv", as_csv, methods=["GET"])
    reviewers = guard.area("access-review")
    router.add_api_route("/audit/access", _review(pages, reviewers), methods=["GET"])
    router.add_api_route("/audit/broken-glass/{position}", _mark(pages, reviewers), methods=["POST"])


def _break_glass(pages: Pages, check: Check, sessions: WebSessions) -> Page:
    def handler(
        request: Request, reference: NumberInPath, reason: Annotated[str, Form(max_length=10_000)] = ""
    ) -> Response:
        who = check(request)
        try:
            with refusals(pages, request, who, reference):
                break_glass(pages.services, who, reference, reason, request_id(request.scope))
        except ReasonError as error:
            return glass_page(pages, request, who, reference, sentence(error), 422)
        except GlassLimitError as error:
            stopped = glass_page(pages, request, who, reference, sentence(error), 429)
            stopped.headers["Retry-After"] = str(error.seconds)
            return stopped
        answer = RedirectResponse(address_of(reference), 303)
        sessions.renew(request, answer)
        return answer

    return handler


def _disclosures(pages: Pages, check: Check) -> tuple[Page, Page]:
    """The handlers of the page and of its CSV."""
    services = pages.services

    def client_of(request: Request, who: Identity, reference: str) -> str:
        with refusals(pages, request, who, reference):
            client_id = known_client(services, reference)
        services.people.log.read(who, [client_id], request=request_id(request.scope))
        return client_id

    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        client_id = client_of(request, who, reference)
        looks = accesses(services, client_id)
        return pages.page(
            request,
            "disclosures.html",
            who,
            chart=services.log.reference(client_id) or reference,
            disclosures=[row.as_row() for row in accounting(services, client_id)],
            accesses=[shown(pages, entry) for entry in reversed(looks[-SHOWN:])],
            count=len(looks),
        )

    def as_csv(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        client_id = client_of(request, who, reference)
        if request.query_params.get("reads") == "1":
            return csv_of("accesses", [as_row(entry) for entry in accesses(services, client_id)], COLUMNS)
        rows = [row.as_row() for row in accounting(services, client_id)]
        return csv_of("disclosures", rows, DISCLOSURE_COLUMNS)

    return handler, as_csv


def _review(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        return _review_page(pages, request, check(request))

    return handler


def _review_page(pages: Pages, request: Request, who: Identity, problem: str = "", code: int = 200) -> Response:
    """What needs a second look: every use of broken glass that nobody has reviewed, however old, comes first."""
    services = pages.services
    since = services.now() - timedelta(days=REVIEWED_DAYS)
    about_glass: list[Accessed] = []
    reviewed = review(_keeping(services.people.log.every(opened=True), about_glass), pages.zone, since)
    glass = [use for use in uses(about_glass) if use.mark is None or use.entry.at >= since]
    glass.sort(key=lambda use: use.mark is not None)  # stable: the newest first among each
    used = {use.entry.position for use in glass}
    through = [entry for entry in reviewed.broken if entry.position not in used]
    seen = (*(use.entry for use in glass), *through, *reviewed.refused)
    ids = sorted({client for entry in seen for client in entry.clients})
    services.people.log.read(who, ids, request=request_id(request.scope))
    names = services.log.references(ids)
    return pages.page(
        request,
        "access.html",
        who,
        code,
        days=REVIEWED_DAYS,
        problem=problem,
        waiting=sum(use.mark is None for use in glass),
        glass=[_use(pages, use, names) for use in glass[:SHOWN]],
        through=[shown(pages, entry, names) for entry in through[:SHOWN]],
        refused=[shown(pages, entry, names) for entry in reviewed.refused[:SHOWN]],
        unusual=[asdict(row) for row in reviewed.unusual[:SHOWN]],
    )


def _keeping(entries: Iterable[Accessed], about_glass: list[Accessed]) -> Iterator[Accessed]:
    """The entries, once and not held; those about broken glass are kept."""
    for entry in entries:
        if entry.kind in {"GlassBroken", "GlassReviewed"}:
            about_glass.append(entry)
        yield entry


def _mark(pages: Pages, check: Check) -> Page:
    def handler(request: Request, position: int, note: Annotated[str, Form(max_length=10_000)] = "") -> Response:
        who = check(request)
        try:
            mark(pages.services, who, position, note, request_id(request.scope))
        except AlreadyReviewedError:  # sent twice, or somebody else was quicker: the page says by whom
            pass
        except NotAUseError:
            problem = N_("There is no such use of broken glass: choose one of the list.")
            return _review_page(pages, request, who, problem, 404)
        except OwnUseError:
            problem = N_("You broke this glass yourself: let somebody else review it.")
            return _review_page(pages, request, who, problem, 403)
        except NoteTooLongError:
            return _review_page(pages, request, who, N_("Write a note of at most 1,000 characters."), 422)
        return RedirectResponse("/audit/access", 303)

    return handler


def _use(pages: Pages, use: GlassUse, names: dict[str, str]) -> dict[str, Any]:
    mark = use.mark
    note = (mark.words or {}).get("note", "") if mark else ""
    reviewed = {"by": mark.name, "at": mark.at.isoformat(), "note": note} if mark else None
    return {**shown(pages, use.entry, names), "position": use.entry.position, "reviewed": reviewed}
