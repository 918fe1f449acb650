"""The overview of reports: headline numbers for who may see live ones, a card a report, and what was published."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.http.correlation import request_id
from api.sessions import Identity
from api.web.dashboards.kept import Kept
from api.web.dashboards.overview_cards import ANSWERS, Card, cards_of, handoffs_card, has_small
from api.web.dashboards.pinned import Numbers
from api.web.dashboards.sparkline import HEIGHT, WIDTH
from api.web.frame.first_run import ways_in
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages, footer
from infra.disclosure.record_guard import hidden_from
from infra.drilldown.questions import ask
from infra.publications.publisher import listed
from infra.reporting.headlines import Headline, headlines
from infra.reporting.kinds import ReportParams
from projections.agenda.lists import Scope, open_handoff_count
from projections.small_counts import SMALLEST_SHOWN

PUBLISHED = 5


def overview_page(pages: Pages, check: Check) -> Page:
    """The handler of the overview; nothing on it is live for who may see publications only."""
    kept = Kept[list[Headline]](pages)
    numbers = Numbers(pages)

    def handler(request: Request) -> Response:
        who = check(request)
        live: dict[str, Any] = {"answers": {}}
        if may(who.role, "reports"):
            live = _live(pages, request, who, kept, numbers)
        published = listed(pages.services.publications)[:PUBLISHED]
        size = {"width": WIDTH, "height": HEIGHT}
        return pages.page(request, "overview.html", who, published=published, ways=ways_in(pages, who), **live, **size)

    return handler


def _live(
    pages: Pages, request: Request, who: Identity, kept: Kept[list[Headline]], numbers: Numbers
) -> dict[str, Any]:
    services = pages.services
    ask(services, who, "overview", ReportParams(), {}, request_id(request.scope))
    headlines_now = kept.answer("", lambda: headlines(services))
    pinned = numbers.pinned(request, who, "reports")
    cards = [*cards_of(headlines_now), *_handoffs(pages, who)] if headlines_now else []
    return {
        "answers": ANSWERS,
        "cards": cards,
        "pinned": pinned,
        "smallest": SMALLEST_SHOWN
        if has_small(headlines_now) or any(number.is_small for _view, number in pinned if number)
        else 0,
        "today": services.today(),
        **footer(pages),
    }


def _handoffs(pages: Pages, who: Identity) -> list[Card]:
    """Hand-offs are rows of clients: a number for who may see these, of the charts within reach."""
    if not (may(who.role, "charts") and may(who.role, "client-rows")):
        return []
    services = pages.services
    with services.reads.reading() as connection:
        waiting = open_handoff_count(connection, Scope(who.bound_to, hidden_from(services, who)))
    return [handoffs_card(waiting, everywhere=who.bound_to is None)]
