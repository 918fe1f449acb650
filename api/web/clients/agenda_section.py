"""The agenda on the page of today: the day's appointments, who is to come, and who waits between two levels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from api.http.access import may
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.clients.timetable_page import meetings_shown
from api.web.frame.pages import Pages
from domain.entries import moment
from infra.disclosure.record_guard import hidden_from
from infra.privacy.names.search import latest_names
from projections.agenda.lists import Scope, appointments_of, open_handoffs, planned_arrivals
from projections.agenda.rows import HandoffRow

DAYS_AHEAD = 7
ROWS = 50
GROUPS = 12
"""So many groups of the day are shown, those with members first; the timetable has them all."""
SETTLES = {"attend-session": N_("Attended"), "miss-session": N_("Missed")}
"""What an appointment of the day can come to, by the command that says it."""
FIRST = 10
"""So many hand-offs are shown until more are asked for: the nearest to the end of the clock."""


def agenda_shown(pages: Pages, request: Request, who: Identity) -> dict[str, Any]:
    """What the template shows: ``agenda=mine`` keeps to the reader's own appointments, ``waiting=all`` shows more."""
    services, mine = pages.services, request.query_params.get("agenda") == "mine"
    whole = request.query_params.get("waiting") == "all"
    today = services.today().toordinal()
    scope = Scope(who.bound_to, hidden_from(services, who), ROWS)
    with services.reads.reading() as connection:
        visits = appointments_of(connection, today, scope, who.name if mine else "")
        expected = planned_arrivals(connection, today + DAYS_AHEAD, scope)
        waiting = open_handoffs(connection, today, replace(scope, limit=ROWS if whole else FIRST + 1))
    more = not whole and len(waiting) > FIRST
    rows: dict[str, list[dict[str, Any]]] = {
        "visits": [{**row, "at": moment(row["starts_at"]).isoformat()} for row in visits],
        "expected": [{**row, "on": date.fromordinal(row["on_day"]), "late": row["on_day"] < today} for row in expected],
        "waiting": [_waiting(row, today) for row in (waiting[:FIRST] if more else waiting)],
    }
    shown = [row for section in rows.values() for row in section]
    services.people.log.read(who, list(dict.fromkeys(row["client_id"] for row in shown)))
    with_clients(pages, shown)
    meets = may(who.role, "group-sessions")
    return {
        "meets": meets,
        **(_met(pages, who) if meets else {}),
        **rows,
        "more_waiting": more,
        "mine_only": mine,
        "settles": [(command, _(name)) for command, name in SETTLES.items() if may(who.role, f"command:{command}")],
        "agenda_rows": ROWS,
        "other_agenda": f"/today?{urlencode({} if mine else {'agenda': 'mine'})}#agenda",
    }


def _met(pages: Pages, who: Identity) -> dict[str, Any]:
    """The groups of the day that somebody is in, up to so many, and how many there are in all."""
    every = meetings_shown(pages, who, pages.services.today())
    kept = [meeting for meeting in every if meeting["members"]] or every
    return {"met": kept[:GROUPS], "all_met": len(every)}


def with_clients(pages: Pages, rows: list[dict[str, Any]]) -> None:
    """Give rows their client: ``client`` is the chart number, ``name`` the latest name, empty where there is none.

    That their charts were seen is for the caller to record.
    """
    numbers = pages.services.log.references(list(dict.fromkeys(row["client_id"] for row in rows)))
    for row in rows:
        row["client"] = numbers.get(row["client_id"], "?")
    with_names(pages, rows)


def with_names(pages: Pages, rows: list[dict[str, Any]]) -> None:
    """Give rows that have their chart number already the latest name, empty where there is none."""
    names = latest_names(pages.services, list(dict.fromkeys(row["client_id"] for row in rows)))
    for row in rows:
        row["name"] = names.get(row["client_id"], "")


def _waiting(row: HandoffRow, today: int) -> dict[str, Any]:
    """A hand-off with the days that it has waited, and when its next contact is due: by the 7th day, then the 14th."""
    due = row["due_7_day"] if today <= row["due_7_day"] else row["due_14_day"]
    return {**row, "days": today - row["ended_day"], "due": date.fromordinal(due), "late": today > row["due_14_day"]}
