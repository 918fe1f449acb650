"""The page of today: census board, work list, arrivals and departures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.i18n.language import _
from api.sessions import Identity
from api.web.clients.agenda_section import agenda_shown
from api.web.clients.flag_acts import flag_acts
from api.web.clients.row_acts import acting_shown
from api.web.clients.row_names import with_clients
from api.web.clients.work_list import work_shown
from api.web.dashboards.pinned import Numbers
from api.web.frame.first_run import ways_in
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages, footer
from api.web.writing.submission import Outcome
from domain.levels import LEVELS
from infra.disclosure.record_guard import hidden_from
from infra.reporting.reports import ReportParams, run_report
from projections.stays.moves import arrivals, departures

DAYS_BACK = 7
MOVES = 30


def today_page(pages: Pages, check: Check, acting: Check) -> tuple[Page, Page]:
    """The handlers of the page and of what is done about a flag on it."""
    numbers = Numbers(pages)

    def shown(request: Request, who: Identity, outcome: Outcome | None = None) -> Response:
        services = pages.services
        today = services.today()
        days, seen = (today - timedelta(days=DAYS_BACK - 1), today), (who.bound_to, hidden_from(services, who), MOVES)
        with services.reads.reading() as connection:
            came = [move._asdict() for move in arrivals(connection, *days, *seen)]
            left = [move._asdict() for move in departures(connection, *days, *seen)]
        moves = [*came, *left]
        services.people.log.read(who, list(dict.fromkeys(row["client_id"] for row in moves)))
        with_clients(pages, moves)
        agenda, work = agenda_shown(pages, request, who), work_shown(pages, request, who)
        return pages.page(
            request,
            "today.html",
            who,
            outcome.status if outcome else 200,
            today=today,
            ways=ways_in(pages, who),
            board=_board(pages, today),
            **acting_shown(request, outcome),
            **agenda,
            **work,
            jumps=_jumps(agenda, work),
            merges=may(who.role, "command:merge"),
            pinned=numbers.pinned(request, who, "today"),
            arrivals=came,
            departures=left,
            **footer(pages),
        )

    def handler(request: Request) -> Response:
        return shown(request, check(request))

    return handler, flag_acts(pages, acting, shown)


def _jumps(agenda: dict[str, Any], work: dict[str, Any]) -> list[tuple[str, str, int]]:
    """The lists of the page that have their own place on it: where, what it is called, how many are in it."""
    jumps = [("agenda", _("Appointments"), agenda["counted"]["agenda"]), ("work", _("Work list"), work["pressing"])]
    if agenda["handoffs"]:
        jumps.append(("waiting", _("Hand-offs"), agenda["handoffs"].waiting))
    if agenda["meets"]:
        jumps.append(("groups", _("Groups"), agenda["all_met"]))
    return [*jumps, ("expected", _("Planned arrivals"), agenda["counted"]["expected"])]


def _board(pages: Pages, today: date) -> list[dict[str, Any]]:
    """One tile a level: today's census, admissions and discharges of seven days, capacity."""
    params = ReportParams(by=("level",), start=today - timedelta(days=DAYS_BACK - 1), end=today)
    empty = {level: {"level": level, "census": 0, "admissions": 0, "discharges": 0} for level in LEVELS}
    board: dict[str, dict[str, Any]] = {level: dict(row) for level, row in empty.items()}
    for row in run_report("census", pages.services, params):
        tile = board[row["level"]]
        tile["census"] = row["census"]
        tile["admissions"] += row["admissions"]
        tile["discharges"] += row["discharges"]
        tile["capacity"] = row.get("capacity")
        tile["occupancy"] = row.get("occupancy")
    return [{"capacity": None, "occupancy": None, **tile} for tile in board.values()]
