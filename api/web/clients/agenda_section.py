"""The agenda on the page of today: the day's appointments, who is to come, and who waits between two levels."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from api.http.access import may
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.clients.handoff_board import waiting_shown
from api.web.clients.row_names import with_clients
from api.web.clients.timetable_page import meetings_shown
from api.web.frame.pages import Pages
from domain.entries import moment
from infra.disclosure.record_guard import hidden_from
from projections.agenda.lists import (
    Scope,
    appointment_count,
    appointments_of,
    planned_arrival_count,
    planned_arrivals,
)

DAYS_AHEAD = 7
ROWS = 50
FIRST = 5
"""So many rows of each section are shown until all are asked for (``all`` names the section)."""
SETTLES = {"attend-session": N_("Attended"), "miss-session": N_("Missed")}
"""What an appointment of the day can come to, by the command that says it."""


def agenda_shown(pages: Pages, request: Request, who: Identity) -> dict[str, Any]:
    """What the template shows: ``agenda=mine`` keeps to the reader's own appointments, ``all=…`` shows a section's all.

    Who waits between two levels is shown to those who may open the board of hand-offs, their own appointments to those
    who can have any.
    """
    services, agrees = pages.services, may(who.role, "command:schedule-appointment")
    mine = request.query_params.get("agenda") == "mine" and agrees
    whole = request.query_params.get("all", "")
    today, clinician = services.today().toordinal(), who.name if mine else ""
    scopes = {name: _scope(pages, who, whole=whole == name) for name in ("agenda", "expected")}
    with services.reads.reading() as connection:
        visits = appointments_of(connection, today, scopes["agenda"], clinician, open_first=whole != "agenda")
        expected = planned_arrivals(connection, today + DAYS_AHEAD, scopes["expected"])
        counted = {
            "agenda": appointment_count(connection, today, scopes["agenda"], clinician),
            "expected": planned_arrival_count(connection, today + DAYS_AHEAD, scopes["expected"]),
        }
    waiting, handoffs = waiting_shown(pages, who) if may(who.role, "client-rows") else ([], None)
    rows: dict[str, list[dict[str, Any]]] = {
        "visits": [{**row, "at": moment(row["starts_at"]).isoformat()} for row in visits],
        "expected": [{**row, "on": date.fromordinal(row["on_day"]), "late": row["on_day"] < today} for row in expected],
        "waiting": waiting,
    }
    shown = [row for section in rows.values() for row in section]
    services.people.log.read(who, list(dict.fromkeys(row["client_id"] for row in shown)))
    with_clients(pages, shown)
    meets = may(who.role, "group-sessions")
    return {
        "meets": meets,
        **(_met(pages, who) if meets else {}),
        **rows,
        "handoffs": handoffs,
        "counted": counted,
        "mine_only": mine,
        "settles": [(command, _(name)) for command, name in SETTLES.items() if may(who.role, f"command:{command}")],
        "agrees": agrees,
        "agenda_rows": ROWS,
        "all_agenda": f"/today?{urlencode({**({'agenda': 'mine'} if mine else {}), 'all': 'agenda'})}#agenda",
        "other_agenda": f"/today?{urlencode({} if mine else {'agenda': 'mine'})}#agenda",
    }


def _scope(pages: Pages, who: Identity, *, whole: bool) -> Scope:
    return Scope(who.bound_to, hidden_from(pages.services, who), ROWS if whole else FIRST)


def _met(pages: Pages, who: Identity) -> dict[str, Any]:
    """The groups of the day that somebody is in, up to so many, and how many there are in all."""
    every = meetings_shown(pages, who, pages.services.today())
    kept = [meeting for meeting in every if meeting["members"]] or every
    return {"met": kept[:FIRST], "all_met": len(every)}
