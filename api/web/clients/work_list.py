"""The work list on the page of today: its first rows or a page, how many have which flag, what to filter it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from api.http.problems import ProblemError
from api.http.routes_worklist import cursor_of, place_of
from api.i18n.language import N_
from api.sessions import Identity
from api.web.clients.flag_acts import may_act
from api.web.clients.row_names import with_names
from api.web.frame.pages import Pages
from domain.levels import LEVELS
from infra.disclosure.work import Work, work_of
from projections.status.flags import FLAG_TITLES
from projections.status.queries import known_places
from projections.worklist.places import FlagCursor

ROWS = 20  # with the reasons of each, as long as somebody reads before a session
FIRST = 5
"""So many are shown until all are asked for (``all=work``) or the list is filtered."""
FILTERS = ("flag", "level", "site", "program", "clinician", "assigned_to")
SNOOZED = "snoozed"
_KNOWN: Mapping[str, tuple[str, ...]] = {"flag": tuple(FLAG_TITLES), "level": LEVELS}


def work_shown(pages: Pages, request: Request, who: Identity) -> dict[str, Any]:
    """What the template shows of the list. A filter or a place that is none is left out, as in the list of clients."""
    query = request.query_params
    where = {name: query[name] for name in FILTERS if query.get(name)}
    where = {name: value for name, value in where.items() if value in _KNOWN.get(name, (value,))}
    snoozed = query.get(SNOOZED) == "1"
    first = not (where or snoozed or query.get("after") or query.get("all") == "work")
    place = _place(query.get("after", ""))
    work = work_of(pages.services, who, where, FIRST if first else ROWS, place, snoozed=snoozed)
    with_names(pages, work.rows)
    shelf = {SNOOZED: "1"} if snoozed else {}
    chosen = {name: value for name, value in where.items() if name != "flag"}
    flags = [
        (FLAG_TITLES[flag], work.counts[flag], f"/today?{urlencode({**chosen, 'flag': flag})}#work")
        for flag in FLAG_TITLES
        if flag in work.counts
    ]
    return {
        "work": work.rows,
        "flagged": None if snoozed else _in_all(work, where),
        "flags": flags,
        "filters": _filters(pages, who, where),
        "filtered": bool(where) or snoozed,
        "kept": [(name, where[name]) for name in ("flag", "clinician", "assigned_to") if name in where]
        + [(SNOOZED, "1")] * snoozed,
        "shelves": _shelves(who, where, snoozed),
        "acts": may_act(who),
        "mine": f"/today?{urlencode({'clinician': who.name})}#work",
        "more": _address({**where, **shelf, "after": cursor_of(work.after) or ""}) if work.after and not first else "",
        "all_work": _address({"all": "work"}) if work.after and first else "",
        "pressing": work.clients,
    }


def _shelves(who: Identity, where: Mapping[str, str], snoozed: bool) -> list[tuple[str, str, bool]]:  # noqa: FBT001
    """What presses on anybody, what was given to the reader, and what is left alone until a day: which is shown."""
    kept = {name: value for name, value in where.items() if name != "assigned_to"}
    mine = where.get("assigned_to") == who.name
    return [
        (N_("All flags"), _address(kept), not (mine or snoozed)),
        (N_("Assigned to me"), _address({**kept, "assigned_to": who.name}), mine and not snoozed),
        (N_("Snoozed"), _address({**kept, SNOOZED: "1"}), snoozed),
    ]


def _address(query: Mapping[str, str]) -> str:
    return f"/today?{urlencode(query)}#work" if query else "/today#work"


def _in_all(work: Work, where: Mapping[str, str]) -> int | None:
    """How many clients the list has by these filters, where that is counted: by flag and site."""
    if set(where) - {"flag", "site"}:
        return None
    return work.counts.get(where["flag"], 0) if "flag" in where else work.clients


def _filters(pages: Pages, who: Identity, where: Mapping[str, str]) -> list[tuple[str, list[str], str]]:
    with pages.services.reads.reading() as connection:
        places = known_places(connection)
    sites = [site for site in places["site"] if who.at(site)]
    choices: dict[str, list[str]] = {"level": [*LEVELS], "site": sites, "program": places["program"]}
    return [(name, values, where.get(name, "")) for name, values in choices.items()]


def _place(cursor: str) -> FlagCursor | None:
    try:
        return place_of(cursor)
    except ProblemError:
        return None
