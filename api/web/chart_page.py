"""The page of one client: status, picture, timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.web.access_pages import glass_page
from api.web.chart_entries import SHOWN, Listing, listing, moments, news_of
from api.web.chart_header import at_hand, erased_name, facts, name_of
from api.web.chart_period import address, choices, closer, ordinal, window_of
from api.web.knowledge import AS_OF, local, moment_of
from api.web.language import _, said, sentence
from api.web.picture import Band, Links, picture, whole
from api.web.rendering import Pages, day
from api.web.session import Identity
from api.web.today_page import Check, Page
from api.web.writing.menu import menu
from domain.decisions import History
from domain.eligibility import eligibility
from domain.vocabulary import title
from infra.access.charts import NotAtSiteError, open_seen
from infra.access.visits import last_visit
from infra.asof.clients import status_at
from infra.charts import NoSuchChartError, NotKnownThenError, OpenedChart
from infra.erasure.notice import notice
from projections.filters import FilterError
from projections.timeline.fold import TimelineItem, timeline
from projections.timeline.words import KINDS, words

Query = Mapping[str, str]


def chart_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request, reference: str) -> Response:
        who = check(request)
        if isinstance(who, Response):
            return who
        services, query = pages.services, request.query_params
        try:
            as_of = moment_of(pages, query.get(AS_OF, ""))
            # before this look is itself recorded
            since = last_visit(services.people.log, who, services.log.client_id(reference), services.now())
            chart = open_seen(services, who, reference, as_of=as_of)
        except NotAtSiteError:
            return glass_page(pages, request, who, reference)
        except (NoSuchChartError, NotKnownThenError, FilterError) as error:
            return no_chart(pages, request, who, reference, error)
        return pages.page(
            request,
            "client.html",
            who,
            menu=menu(who.role),
            amendable=may(who.role, "command:correct"),
            history=may(who.role, "history"),
            recorded=_uuid(query.get("recorded", "")),
            since=since.isoformat() if since else "",
            as_of=as_of.isoformat() if as_of else "",
            as_of_local=local(pages, as_of),
            **_values(pages, query, chart, as_of, news_of(chart.entries, who, since)),
        )

    return handler


def no_chart(pages: Pages, request: Request, who: Identity, reference: str, error: Exception) -> Response:
    """Why there is nothing to show, and where to go on."""
    there = not isinstance(error, NoSuchChartError)
    if isinstance(error, NotKnownThenError):
        heading, text = _("Not known then"), _("The first entry of this chart was recorded later.")
    else:
        heading, text = _("Choose another time") if there else _("No such chart"), sentence(error)
    return pages.page(
        request,
        "message.html",
        who,
        404,
        heading=heading,
        text=text,
        way_on=f"/clients/{quote(reference, safe='')}" if there else "/clients",
        way_on_name=_("The chart as known now") if there else _("All clients"),
    )


def _values(
    pages: Pages, query: Query, chart: OpenedChart, as_of: datetime | None, news: frozenset[str]
) -> dict[str, Any]:
    erased = notice(chart.entries)
    history = History.of(chart.client_id, chart.entries)
    now = min(as_of, pages.services.now()) if as_of else pages.services.now()
    today = now.astimezone(pages.zone).date()
    status = status_at(pages.services, chart.client_id, as_of)
    stopped = {row["client_id"] for row in pages.services.projector.quarantined()}
    return {
        "chart": chart.reference,
        "sequence": chart.sequence,
        "name": erased_name(erased) if erased else name_of(chart.entries),
        "status": status,
        "at_hand": at_hand(status, history.journey, today) if status else [],
        "facts": facts(status) if status else [],
        "levels": eligibility(history, now),
        "stopped": chart.client_id in stopped,
        "moments": moments(pages, pages.services.log.stream(chart.client_id) if as_of else chart.entries),
        "news": len(news),
        **_journey(query, listing(pages, chart, history, news), chart, today.toordinal()),
    }


def _journey(query: Query, rows: Listing, chart: OpenedChart, today: int) -> dict[str, Any]:
    """Picture and list, of the same days."""
    everything = timeline(chart.entries, retracted=query.get("retracted") == "1")
    wanted = _filtered(everything, query, rows.news)
    newest = _newest(wanted)
    here = {item.event_id for item in newest}

    def link(item: TimelineItem) -> str:
        anchor = rows.anchors[item.event_id]
        if item.event_id in here:
            return f"#{anchor}"
        own = date.fromordinal(item.day).isoformat()
        return f"{address(query, from_=own, to=own, kind='', new='')}#{anchor}"

    bands = _bands(rows)
    shown = whole(bands, everything, today)
    window = window_of(query, shown)
    return {
        "picture": picture(bands, everything, window, today, Links(link, closer(query))),
        "periods": choices(query, shown, window),
        "window": [date.fromordinal(each).isoformat() for each in (window.first, window.last - 1)],
        "kept": {name: query.get(name, "") for name in ("kind", "from", "to", "retracted", "new")},
        "kinds": KINDS,
        "count": len(wanted),
        "shown": len(newest),
        "older": address(query, to=_day_before(newest[-1])) if len(wanted) > len(newest) else "",
        "only_new": address(query, new="1", kind="", from_="", to=""),
        "days": rows.days(newest),
    }


def _bands(rows: Listing) -> list[Band]:
    return [
        Band(
            stay.level,
            stay.start_day,
            stay.end_day,
            f"{said(title(stay.level))} {day(date.fromordinal(stay.start_day))} – "
            f"{day(date.fromordinal(stay.end_day)) if stay.end_day else _('open')} {said(words(stay.reason) or '')}",
        )
        for stay in rows.history.journey.stays
    ]


def _newest(items: Sequence[TimelineItem]) -> list[TimelineItem]:
    """The latest entries, newest first, and the rest of the day of the last of them."""
    newest = list(reversed(items))
    return newest[:SHOWN] + [item for item in newest[SHOWN:] if item.day == newest[SHOWN - 1].day]


def _day_before(item: TimelineItem) -> str:
    return date.fromordinal(item.day - 1).isoformat()


def _filtered(items: Sequence[TimelineItem], query: Query, news: frozenset[str]) -> list[TimelineItem]:
    kind = query.get("kind", "")
    first, last = ordinal(query.get("from", "")), ordinal(query.get("to", ""))
    return [
        item
        for item in items
        if (not kind or item.kind == kind)
        and (first is None or item.day >= first)
        and (last is None or item.day <= last)
        and (query.get("new") != "1" or item.event_id in news)
    ]


def _uuid(text: str) -> str:
    """An entry's id as an address gives it, or nothing."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
