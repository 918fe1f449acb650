"""The page of one client: status, picture, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.web.access_pages import glass_page
from api.web.knowledge import AS_OF, local, moment_of
from api.web.language import N_, _, said, sentence
from api.web.picture import Band, picture
from api.web.rendering import Pages, day, number
from api.web.session import Identity
from api.web.today_page import Check, Page
from api.web.writing.menu import menu
from domain.entries import Entry
from domain.events import ClientDetailsUpdated, ClientRegistered
from domain.journey import journey_of
from domain.vocabulary import title
from infra.access.charts import NotAtSiteError, open_seen
from infra.asof.clients import status_at
from infra.charts import NoSuchChartError, NotKnownThenError, OpenedChart
from infra.erasure.notice import Notice, notice
from projections.filters import FilterError
from projections.timeline.fold import TimelineItem, timeline
from projections.timeline.words import KINDS, words

SHOWN = 80  # with these a page weighs less than 100 KB
_BANDS = {"below": N_("below the level's band"), "above": N_("above the level's band")}


def chart_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request, reference: str) -> Response:
        who = check(request)
        if isinstance(who, Response):
            return who
        try:
            as_of = moment_of(pages, request.query_params.get(AS_OF, ""))
            chart = open_seen(pages.services, who, reference, as_of=as_of)
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
            recorded=_uuid(request.query_params.get("recorded", "")),
            **_values(pages, request, chart, as_of),
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


def _values(pages: Pages, request: Request, chart: OpenedChart, as_of: datetime | None) -> dict[str, Any]:
    query = request.query_params
    erased = notice(chart.entries)
    entries = chart.entries
    everything = timeline(entries, retracted=query.get("retracted") == "1")
    wanted = _filtered(everything, query.get("kind", ""), query.get("from", ""), query.get("to", ""))
    newest = list(reversed(wanted))[:SHOWN]
    today = min(as_of, pages.services.now()).astimezone(pages.zone).date() if as_of else pages.services.today()
    status = status_at(pages.services, chart.client_id, as_of)
    stopped = {row["client_id"] for row in pages.services.projector.quarantined()}
    return {
        "chart": chart.reference,
        "sequence": chart.sequence,
        "name": erased_name(erased) if erased else name_of(entries),
        "status": status,
        "facts": facts(status) if status else [],
        "stopped": chart.client_id in stopped,
        "picture": picture(_bands(entries), everything, today.toordinal()),
        "kinds": KINDS,
        "kind": query.get("kind", ""),
        "start": query.get("from", ""),
        "end": query.get("to", ""),
        "retracted": query.get("retracted") == "1",
        "as_of": as_of.isoformat() if as_of else "",
        "as_of_local": local(pages, as_of),
        "count": len(wanted),
        "shown": len(newest),
        "more": len(wanted) > len(newest),
        "days": [(date.fromordinal(d).isoformat(), list(own)) for d, own in groupby(newest, lambda item: item.day)],
    }


def erased_name(erased: Notice) -> str:
    """What stands in place of the name of an erased chart."""
    people = ", ".join(name for name in (erased.requested_by, erased.confirmed_by) if name)
    return _("Erased on {day} by {people}").format(day=day(erased.erased_at.date()), people=people)


def name_of(entries: Sequence[Entry]) -> str:
    """The client's latest known name, or nothing."""
    names = [
        entry.event.name
        for entry in sorted(entries, key=lambda entry: entry.at)
        if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated) and entry.event.name
    ]
    return names[-1] if names else ""


def facts(status: dict[str, Any]) -> list[tuple[str, str]]:
    """The header's facts, those that are known."""
    sessions = number(status["sessions_this_week"])
    if status["planned_sessions"]:
        sessions = _("{done} of {planned} planned").format(done=sessions, planned=status["planned_sessions"])
    use = status["days_since_last_use"]
    pairs = [
        (N_("Level"), title(status["level"]) if status["level"] else words(status["state"])),
        (N_("Since"), day(status["since"]) if status["since"] else None),
        (N_("Program"), status["program"]),
        (N_("Site"), status["site"]),
        (N_("Clinician"), status["clinician"]),
        (N_("Living"), words(status["living"])),
        (N_("Beside it"), ", ".join(said(title(level)) for level in status["concurrent_levels"].split(",") if level)),
        (N_("Sessions this week"), sessions if status["level"] else None),
        (
            N_("Hours last week"),
            _(_BANDS.get(status["hours_outside_band"], "")),
        ),
        (N_("Planned end"), day(status["planned_end"]) if status["planned_end"] else None),
        (N_("Last contact"), day(status["last_contact"]) if status["last_contact"] else None),
        (N_("Last screen"), day(status["last_screen"]) if status["last_screen"] else None),
        (N_("Medication"), status["drug"]),
        (
            N_("Days since last known use"),
            _("{days} (reported or judged)").format(days=number(use)) if use is not None else None,
        ),
        (N_("Authorised until"), day(status["authorized_to"]) if status["authorized_to"] else None),
        (
            N_("Authorised sessions left"),
            number(status["authorized_left"]) if status["authorized_left"] is not None else None,
        ),
    ]
    return [(name, value) for name, value in pairs if value]


def _bands(entries: Sequence[Entry]) -> list[Band]:
    return [
        Band(
            stay.level,
            stay.start_day,
            stay.end_day,
            f"{said(title(stay.level))} {day(date.fromordinal(stay.start_day))} – "
            f"{day(date.fromordinal(stay.end_day)) if stay.end_day else _('open')} {said(words(stay.reason) or '')}",
        )
        for stay in journey_of(entries).stays
    ]


def _filtered(items: Sequence[TimelineItem], kind: str, start: str, end: str) -> list[TimelineItem]:
    first, last = _ordinal(start), _ordinal(end)
    return [
        item
        for item in items
        if (not kind or item.kind == kind)
        and (first is None or item.day >= first)
        and (last is None or item.day <= last)
    ]


def _ordinal(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def _uuid(text: str) -> str:
    """An entry's id as an address gives it, or nothing."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
