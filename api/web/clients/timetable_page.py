"""The timetable of groups: those of a day, each with its sheet to chart, and those of every week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.sessions import Identity
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from api.web.writing.moments import day_asked
from api.whole_numbers import whole_number
from domain.events.provider import WEEKDAYS
from infra.provider.definitions import defined
from infra.provider.schedule import Meeting, meetings
from projections.agenda.lists import member_counts


def timetable_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request) -> Response:
        who = check(request)
        services = pages.services
        day = day_asked(request.query_params.get("day", ""), services.today())
        week = [group for group in defined(services, "group", services.now()) if who.at(group.data["site"])]
        week.sort(key=lambda group: (group.data["site"], group.data["starts"], group.name))
        met = meetings_shown(pages, who, day)
        charted = request.query_params.get("charted", "")
        return pages.page(
            request,
            "groups.html",
            who,
            day=day,
            today=services.today(),
            before=(day - timedelta(days=1)).isoformat(),
            after=(day + timedelta(days=1)).isoformat(),
            met=met,
            week=[(group, run_of(group.data["weekdays"])) for group in week],
            counts=_counts(pages, [group.key for group in week], services.today()),
            charted=whole_number(charted, 3) or 0,
        )

    return handler


def meetings_shown(pages: Pages, who: Identity, day: date, limit: int = 200) -> list[dict[str, Any]]:
    """The groups that meet on a day at the sites of a person, as a template shows them: no client is named."""
    met = meetings(pages.services, day, who.bound_to)[:limit]
    counts = _counts(pages, [meeting.group.key for meeting in met], day)
    return [_shown(meeting, day, counts) for meeting in met]


def run_of(days: Sequence[str]) -> tuple[Sequence[str], bool]:
    """Weekdays as people say them: the first and the last of three or more in a row and True, else each of them."""
    places = [WEEKDAYS.index(day) for day in WEEKDAYS if day in days]
    in_a_row = len(places) > 2 and places[-1] - places[0] == len(places) - 1
    return ([days[0], days[-1]], True) if in_a_row else (days, False)


def _shown(meeting: Meeting, day: date, counts: dict[str, int]) -> dict[str, Any]:
    data = meeting.data
    sheet = urlencode({"group": meeting.group.key, "day": day.isoformat()})
    return {
        "clock": data["starts"],
        "name": meeting.group.name,
        "level": data["level"],
        "site": data["site"],
        "clinician": data.get("clinician", ""),
        "members": counts.get(meeting.group.key, 0),
        "sheet": f"/group-session?{sheet}",
    }


def _counts(pages: Pages, keys: Sequence[str], day: date) -> dict[str, int]:
    with pages.services.reads.reading() as connection:
        return member_counts(connection, keys, day.toordinal()) if keys else {}
