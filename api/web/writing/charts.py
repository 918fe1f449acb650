"""Chart that a form writes to, and the pages that say why there is nothing to write."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import address_of
from api.sessions import Identity
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from api.web.writing.submission import Outcome
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import OpenedChart


def chart_of(pages: Pages, request: Request, who: Identity, reference: str) -> OpenedChart:
    """The chart, and the look at it recorded.

    Raises:
        AnsweredError: it is not there, or not for this person.
    """
    with refusals(pages, request, who, reference):
        return open_seen(pages.services, who, reference)


def message(pages: Pages, request: Request, who: Identity, code: int, heading: str, text: str) -> Response:
    """A page that says one thing."""
    values = {"heading": heading, "text": text, "way_on": "/clients", "way_on_name": "All clients"}
    return pages.page(request, "message.html", who, code, **values)


def done(reference: str, outcome: Outcome, below: str = "", place: int = -1) -> Response:
    """On to the chart or a page ``below`` it, with the entry in sight that was recorded; of several the ``place``."""
    assert outcome.receipt is not None
    event_id = UUID(hex=outcome.receipt.event_ids[place])
    return RedirectResponse(f"{address_of(reference)}{below}?recorded={event_id}", 303)
