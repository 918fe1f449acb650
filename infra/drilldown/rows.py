"""All cases of a cell as rows, for CSV and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from infra.drilldown.answer import NOW, Answer, Moment, Page, answer
from infra.drilldown.cell import Cell
from infra.drilldown.members import Member
from infra.history.context import HasPast
from infra.identity.people import Principal

AT_ONCE = 500
COLUMNS = ("client", "kind", "adds", "level", "program", "site", "first_day", "last_day", "facts", "events")
"""Of a row of ``rows_of``."""


def answers(services: HasPast, cell: Cell, who: Principal, moment: Moment = NOW, request: str = "") -> Iterator[Answer]:
    """A number with all its cases, so many at once; each page is recorded in the access log.

    Raises:
        FilterError: the number cannot be opened, or the role sees aggregates only.
    """
    page = Page(who, limit=AT_ONCE, request=request)
    while True:
        page_answer = answer(services, cell, moment, page)
        yield page_answer
        if page_answer.opened is None or page_answer.opened.following is None:
            return
        page = replace(page, after=page_answer.opened.following)


def rows_of(page_answer: Answer) -> Iterator[dict[str, Any]]:
    """The cases of one answer as plain rows; ``facts`` and ``events`` are as the API gives them."""
    yield from (_row(member) for member in page_answer.opened.members) if page_answer.opened else ()


def _row(member: Member) -> dict[str, Any]:
    return {
        "client": member.client,
        "kind": member.kind,
        "adds": member.adds,
        "level": member.level,
        "program": member.program,
        "site": member.site,
        "first_day": member.first_day.isoformat() if member.first_day else None,
        "last_day": member.last_day.isoformat() if member.last_day else None,
        "facts": dict(member.facts),
        "events": [
            {
                "what": e.what,
                "event_id": e.event_id,
                "type": e.type,
                "occurred_at": e.occurred_at,
                "day": date.fromordinal(e.day).isoformat(),
            }
            for e in member.events
        ],
    }
