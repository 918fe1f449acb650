"""Who may be in a group session: the members of a group, and the others at its level; with what was marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request

from api.http.correlation import request_id
from api.i18n.language import sentence
from api.sessions import Identity
from api.web.frame.pages import Pages
from api.web.writing.submission import Posted
from domain.levels import GUIDED, LEVELS
from infra.disclosure.record_guard import NotYoursError, hidden_from, reach
from infra.eventstore.erased import ChartErasedError
from infra.privacy.names.search import latest_names
from infra.provider.schedule import Meeting
from projections.agenda.lists import Scope, members
from projections.status.queries import ids_where

MOST = 100
MARKED = "was:"
OTHER_MINUTES, NOTE = "minutes:", "note:"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Whom a sheet lists: at a level, in a slot (none: any), the members of the group that meets first."""

    level: str
    slot: str
    day: date
    meeting: Meeting | None = None
    everybody: bool = False
    """Whether all who are listed are marked as present to begin with."""


def listed(pages: Pages, request: Request, who: Identity, sheet: Sheet, form: Posted | None) -> list[dict[str, Any]]:
    """The clients whom this person may chart, by name; the look at their charts is recorded.

    Who is marked and has left the level since the form was opened stays in it: no mark is lost without a word.
    """
    services = pages.services
    inside = _members(pages, who, sheet)
    others = [client_id for client_id in _at_level(pages, who, sheet) if client_id not in inside][: MOST - len(inside)]
    ids = list(dict.fromkeys([*inside, *others, *_marked(pages, who, form)]))
    services.people.log.read(who, ids, request=request_id(request.scope))
    numbers = services.log.references(ids)
    names = latest_names(services, ids)
    rows = [
        {
            "client": numbers[client_id],
            "name": names.get(client_id, ""),
            "member": client_id in inside,
            **_marks(numbers[client_id], form),
        }
        for client_id in ids
        if client_id in numbers
    ]
    if form is None:
        for row in rows:
            row["was"] = "there" if row["member"] or sheet.everybody else ""
    return sorted(rows, key=lambda row: (not row["member"], str(row["name"]).casefold(), str(row["client"])))


def marks_of(form: Posted) -> dict[str, str]:
    """How each client who is marked was, by chart number."""
    marks = {name.removeprefix(MARKED): given[0] for name, given in form.given.items() if name.startswith(MARKED)}
    return {reference: mark for reference, mark in marks.items() if mark in {"there", "missed", "excused"}}


def out_of_reach(pages: Pages, who: Identity, references: Sequence[str]) -> dict[str, str]:
    """Why somebody may not chart these clients, of whom that is so: of another site, erased since, or nobody."""
    problems: dict[str, str] = {}
    for reference in references:
        try:
            reach(pages.services, who, pages.services.log.client_id(reference))
        except (NotYoursError, ChartErasedError) as error:
            problems[reference] = f"{reference}: {sentence(error)}"
    return problems


def _marked(pages: Pages, who: Identity, form: Posted | None) -> list[str]:
    """The streams of those who are marked, and whom this person may still chart."""
    marked = list(marks_of(form)) if form else []
    unreachable = out_of_reach(pages, who, marked)
    return [pages.services.log.client_id(client_id) for client_id in marked if client_id not in unreachable]


def _members(pages: Pages, who: Identity, sheet: Sheet) -> dict[str, None]:
    if sheet.meeting is None:
        return {}
    scope = Scope(who.bound_to, hidden_from(pages.services, who), MOST)
    with pages.services.reads.reading() as connection:
        return dict.fromkeys(members(connection, sheet.meeting.group.key, sheet.day.toordinal(), scope))


def _at_level(pages: Pages, who: Identity, sheet: Sheet) -> list[str]:
    """As many as a sheet lists, whoever of them is a member of its group."""
    services = pages.services
    where = {"level": sheet.level if sheet.level in LEVELS else GUIDED}
    if sheet.meeting is not None:
        where["site"] = sheet.meeting.data["site"]
    if sheet.slot:
        where["slot"] = sheet.slot
    with services.reads.reading() as connection:
        return ids_where(connection, where, 2 * MOST, who.bound_to, hidden_from(services, who))


def _marks(client: str, form: Posted | None) -> dict[str, str]:
    if form is None:
        return {"was": "", "minutes": "", "note": ""}
    return {
        "was": form.text(MARKED + client),
        "minutes": form.text(OTHER_MINUTES + client),
        "note": form.text(NOTE + client),
    }
