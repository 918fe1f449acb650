"""The page of a chart that was merged into another: where its history is now, and no form."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.sessions import Identity
from api.web.frame.pages import Pages
from api.web.frame.responses import AnsweredError
from domain.entries import effective
from domain.events import ChartClosed
from infra.eventstore.client_chart import OpenedChart, survivor_of


def answer_if_merged(pages: Pages, request: Request, who: Identity, chart: OpenedChart, code: int = 200) -> None:
    """Answer in place of a page or form of a chart that another took over; with any other chart nothing happens.

    Raises:
        AnsweredError: the chart was merged.
    """
    survivor = survivor_of(pages.services.log, chart)
    if survivor is not None:
        raise AnsweredError(_page(pages, request, who, chart, survivor, code))


def _page(pages: Pages, request: Request, who: Identity, chart: OpenedChart, survivor: str, code: int) -> Response:
    closing = next(entry for entry in effective(chart.entries) if isinstance(entry.event, ChartClosed))
    return pages.page(
        request,
        "merged.html",
        who,
        code,
        chart=chart.reference,
        survivor=survivor,
        when=closing.recorded_at.isoformat(),
        by=closing.actor,
        history=may(who.role, "history"),
    )
