"""The list of charts that may be one person's: merge them, or say that they are two."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from api.web.writing.submission import Form, Outcome, attempt
from infra.commands.handle import keep_apart
from infra.disclosure.record_guard import open_seen
from infra.privacy.names.duplicates import pairs_for

SHOWN = 200
HOW = {
    "name": N_("sounds alike, born on the same day"),
    "birth_date": N_("the same name, the day of birth nearly"),
    "number": N_("the same number, spelt otherwise"),
}


def add_duplicates_page(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    router.add_api_route("/duplicates", _list(pages, guard.area("command:merge")), methods=["GET"])
    router.add_api_route("/duplicates", _apart(pages, guard.area("command:keep-apart")), methods=["POST"])


def _list(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def _page(pages: Pages, request: Request, who: Identity, outcome: Outcome | None = None) -> Response:
    pairs, others = pairs_for(pages.services, who) if pages.services.settings.name_search else ([], 0)
    rows = [
        {"client": pair.client, "other": pair.other, "how": "; ".join(_(HOW[likeness]) for likeness in pair.how)}
        for pair in pairs[:SHOWN]
    ]
    code = outcome.status if outcome else 200
    return pages.page(
        request, "duplicates.html", who, code, rows=rows, total=len(pairs), others=others, outcome=outcome
    )


def _apart(pages: Pages, check: Check) -> Page:
    def handler(request: Request, form: Form) -> Response:
        who = check(request)
        chart, other = form.text("client"), form.text("other")
        for reference in (chart, other):
            with refusals(pages, request, who, reference):
                open_seen(pages.services, who, reference)
        outcome = attempt(pages, request, who, form, partial(keep_apart, pages.services.log, chart, other))
        return RedirectResponse("/duplicates", 303) if outcome.receipt else _page(pages, request, who, outcome)

    return handler
