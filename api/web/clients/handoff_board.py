"""The board of hand-offs: who waits between two levels or after a referral, with whom, what became of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.http.access import may
from api.http.cursors import decode, encode
from api.http.problems import ProblemError
from api.i18n.language import N_
from api.sessions import Identity
from api.web.clients.row_acts import acting_shown
from api.web.clients.row_names import with_clients
from api.web.frame.pages import Pages
from api.web.writing.submission import Outcome
from api.whole_numbers import whole_number
from infra.disclosure.handoffs import board_of, partners_of
from projections.agenda.board import OVER, SECTIONS, WAITING, BoardCursor, Counts, counts, owners, rows_of
from projections.agenda.rows import HandoffRow
from projections.status.queries import known_places

ReadSection = Callable[[str, int, BoardCursor | None], tuple[list[HandoffRow], BoardCursor | None]]
FIRST = 5
"""Rows of each section while all are shown; the rest is a page of that section alone."""
ROWS = 25
TITLES: Final = {
    "pending": N_("Nobody's yet"),
    "owned": N_("Somebody sees to it"),
    "lapsed": N_("Waiting over 14 days"),
    "kept": N_("Care went on, last 30 days"),
    "ended": N_("Declined, lost or elsewhere, last 30 days"),
    "made": N_("Referrals to others that nobody follows"),
}


def board_page(pages: Pages, request: Request, who: Identity, outcome: Outcome | None = None) -> Response:
    """The page: every section, or a page of one (``section``); of one ``site``, or the reader's own (``mine=1``)."""
    query, services = request.query_params, pages.services
    site, mine = query.get("site", ""), query.get("mine") == "1"
    chosen = query.get("section", "")
    names = [chosen] if chosen in SECTIONS else [*SECTIONS]
    filters = {name: value for name, value in (("site", site), ("mine", "1" if mine else "")) if value}
    board = board_of(services, who, site, mine=mine)
    with services.reads.reading() as connection:
        read = partial(rows_of, connection, board)
        counted, people = counts(connection, board), owners(connection)
        place = query.get("after", "")
        sections = [_section(read, board.day, name, filters, place, len(names), counted) for name in names]
        sites = [name for name in known_places(connection)["site"] if who.at(name)]
    rows = [row for section in sections for row in section["rows"]]
    services.people.log.read(who, list(dict.fromkeys(row["client_id"] for row in rows)))
    with_clients(pages, rows)
    with_partners(pages, rows)
    return pages.page(
        request,
        "handoffs.html",
        who,
        outcome.status if outcome else 200,
        **acting_shown(request, outcome),
        sections=sections,
        counts=counted,
        people=people,
        sites=sites,
        site=site,
        mine=mine,
        chosen=names[0] if len(names) == 1 else "",
        views=_views(site, mine=mine),
        acts=may(who.role, "command:assign-handoff"),
    )


def waiting_shown(pages: Pages, who: Identity) -> tuple[list[dict[str, Any]], Counts]:
    """For the page of today: those inside their clock whose contact is due next, and how many there are in all.

    That their charts were seen is for the caller to record.
    """
    board = board_of(pages.services, who)
    with pages.services.reads.reading() as connection:
        rows, _ = rows_of(connection, board, WAITING, FIRST)
        counted = counts(connection, board)
    waiting = [_shown(row, WAITING, board.day) for row in rows]
    with_partners(pages, waiting)
    return waiting, counted


def with_partners(pages: Pages, rows: list[dict[str, Any]]) -> None:
    """Give rows ``partner``: who made or took the referral, empty where it is none or names nobody."""
    named = partners_of(pages.services, rows)
    for row in rows:
        row["partner"] = named.get(row["referral"], "")


def _section(
    read: ReadSection, today: int, name: str, filters: dict[str, str], after: str, sections: int, counted: Counts
) -> dict[str, Any]:
    alone = sections == 1
    rows, onward = read(name, ROWS if alone else FIRST, _place(after) if alone else None)
    more = {**filters, "section": name} | ({"after": encode(*map(str, onward))} if onward and alone else {})
    return {
        "name": name,
        "title": TITLES[name],
        "count": counted.sections[name],
        "rows": [_shown(row, name, today) for row in rows],
        "more": f"/handoffs?{urlencode(more)}" if onward else "",
    }


def _shown(row: HandoffRow, section: str, today: int) -> dict[str, Any]:
    """A row with its day on the clock: the day of the end is day 0, as it is for ``due_7`` and ``due_14``."""
    days = (row["board_day"] if section in OVER else today) - row["ended_day"]
    due = row["due_7_day"] if today <= row["due_7_day"] else row["due_14_day"]
    return {
        **row,
        "key": row["stay"] or row["referral"],
        "since": date.fromordinal(row["ended_day"]),
        "over": date.fromordinal(row["board_day"]) if section in OVER else None,
        "days": max(0, days),
        "due": date.fromordinal(due),
    }


def _views(site: str, *, mine: bool) -> list[tuple[str, str, bool]]:
    of_site = {"site": site} if site else {}
    addresses = [
        f"/handoffs?{urlencode(query)}" if query else "/handoffs" for query in (of_site, {**of_site, "mine": "1"})
    ]
    return [(N_("All hand-offs"), addresses[0], not mine), (N_("Mine"), addresses[1], mine)]


def _place(cursor: str) -> BoardCursor | None:
    try:
        day, client_id, key = decode(cursor, 3)
    except ProblemError:
        return None
    at = whole_number(day, 9)
    return None if at is None else BoardCursor(at, client_id, key)
