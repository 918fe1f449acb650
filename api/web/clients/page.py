"""The page of one client: status, picture, timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.addresses import NumberInPath
from api.http.access import may
from api.web.admission.state import is_open
from api.web.clients.entries import listing, moments, news_of
from api.web.clients.journey import journey
from api.web.clients.next_steps import steps_shown
from api.web.clients.shown_then import Then, asked_moment, shown_then
from api.web.frame.guard import Check, Page
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.frame.recorded_time import local
from api.web.frame.responses import refusals
from api.web.storyboard.board import board_of, moment_at
from api.web.writing.fields import label_of
from api.web.writing.menu import menu, offered
from domain.decisions import History
from domain.eligibility import eligibility
from domain.events import ChartsMerged
from domain.overlaps import overlaps
from infra.access_log.visits import last_visit
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import OpenedChart
from infra.eventstore.stream import read_stream

Query = Mapping[str, str]


def chart_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        services, query = pages.services, request.query_params
        with refusals(pages, request, who, reference):
            as_of = asked_moment(pages, query)
            # before this look is itself recorded
            since = last_visit(services.people.log, who, services.log.client_id(reference), services.now())
            chart, then = shown_then(pages, query, open_seen(services, who, reference, as_of=as_of), as_of)
        answer_if_merged(pages, request, who, chart)
        history = chart.history
        recorded = _uuid(query.get("recorded", ""))
        values = _values(pages, query, chart, history, then, news_of(chart.entries, who, since))
        status, as_of = values["board"].status if not then.as_of else None, then.as_of
        return pages.page(
            request,
            "client.html",
            who,
            menu=menu(who.role),
            label_of=label_of,
            offered=offered(who.role, moment_at(history, status, services.now())) if status else [],
            amendable=may(who.role, "command:correct"),
            mergeable=may(who.role, "command:merge"),
            history=may(who.role, "history"),
            admitting=may(who.role, "command:register-client") and not as_of and is_open(history),
            recorded=recorded,
            next_steps=steps_shown(chart.reference, who.role, history, recorded),
            since=since.isoformat() if since else "",
            as_of=as_of.isoformat() if as_of else "",
            as_of_local=local(pages, as_of),
            at_entry=then.entry,
            **values,
        )

    return handler


def _values(
    pages: Pages, query: Query, chart: OpenedChart, history: History, then: Then, news: frozenset[str]
) -> dict[str, Any]:
    as_of = then.as_of
    now = min(as_of, pages.services.now()) if as_of else pages.services.now()
    today = pages.services.day_of(now)
    stopped = {row["client_id"] for row in pages.services.projector.quarantined()}
    return {
        "chart": chart.reference,
        "sequence": chart.sequence,
        "board": board_of(pages, chart, history, as_of, then.until),
        "overlapping": len(overlaps(history.journey)),
        "merges": _merges(history),
        "levels": eligibility(history, now),
        "stopped": chart.client_id in stopped,
        "unread": chart.missing,
        "aside": [entry for entry in chart.left_out if entry.aside],
        "moments": moments(pages, read_stream(pages.services.log, chart.client_id) if as_of else chart.entries),
        "news": len(news),
        **journey(query, listing(pages, chart, history, news), chart, today.toordinal()),
    }


def _merges(history: History) -> list[tuple[str, str]]:
    """(number of a chart that was merged into this one, id of the merge as addresses give it)."""
    return [
        (entry.event.other_client or "", str(UUID(hex=entry.event_id)))
        for entry in history.counted
        if isinstance(entry.event, ChartsMerged)
    ]


def _uuid(text: str) -> str:
    """An entry's id as an address gives it, or nothing."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
