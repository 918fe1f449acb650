"""A report's numbers at two knowledge times: what they were, what they are, and the very entries that moved them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from api.i18n.formats import UNROUNDED, number, percent, words
from api.i18n.language import N_, _, error_text, translated
from api.sessions import Identity
from api.web.dashboards.change_words import change
from api.web.dashboards.fields import fields_of
from api.web.dashboards.number_words import NUMBERS
from api.web.dashboards.report_sections import SECTIONS
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from api.web.frame.recorded_time import in_order, local, two_times
from infra.disclosure.record_guard import see_references
from infra.history.changes.numbers import Cell, report_difference
from infra.reporting.question import params_of
from infra.reporting.reports import REPORTS, columns_said
from projections.filters import FilterError

MOST_CLIENTS = 200  # looked into for one page: the command line has no limit
ENTRIES_SHOWN = 100
USUAL = "completion"
NAMES = {**NUMBERS, "ci_low": N_("95 % interval, from"), "ci_high": N_("95 % interval, to")}
"""What pages call a number, where that is more than its name in words."""
COMPARABLE = tuple(name for name in SECTIONS if name in REPORTS)


def numbers_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request) -> Response:
        who = check(request)
        query = dict(request.query_params)
        name = query.get("report", USUAL)
        name = name if name in COMPARABLE else USUAL
        problem, values = "", _nothing()
        try:
            between = _between(pages, query)
            if between:
                values = _compared(pages, who, name, query, between)
        except FilterError as error:
            problem, between = error_text(error), None
        return pages.page(
            request,
            "numbers.html",
            who,
            400 if problem else 200,
            problem=problem,
            report=name,
            reports=[(name, REPORTS[name].title) for name in COMPARABLE],
            definition=REPORTS[name].definition,
            fields=fields_of(pages, name, query),
            start=local(pages, between[0]) if between else query.get("known_from", ""),
            end=local(pages, between[1]) if between else query.get("known_to", ""),
            asked=between is not None,
            **values,
        )

    return handler


def _nothing() -> dict[str, Any]:
    return {"cells": [], "unrounded": "", "entries": [], "count": 0, "clients": 0}


def _compared(
    pages: Pages, who: Identity, name: str, query: dict[str, str], between: tuple[datetime, datetime]
) -> dict[str, Any]:
    services = pages.services
    params = params_of(name, query, today=services.today())
    difference = report_difference(services, name, params, *between, most=MOST_CLIENTS)
    kinds = {column.name: column.kind for column in columns_said(name, services.settings, params)}
    entries = difference.entries[:ENTRIES_SHOWN]
    place = {entry.event_id: number for number, entry in enumerate(difference.entries, start=1)}
    names = services.log.references(list(dict.fromkeys(entry.client_id for entry in entries)))
    see_references(services, who, names.values())
    return {
        "unrounded": UNROUNDED if any(_is_rounded(cell) for cell in difference.cells) else "",
        "cells": _told_once([_cell(cell, place, kinds.get(cell.name, "")) for cell in difference.cells]),
        "entries": [(entry, names.get(entry.client_id, "")) for entry in entries],
        "count": len(difference.entries),
        "clients": difference.clients,
    }


def _is_rounded(cell: Cell) -> bool:
    """Whether both its numbers are shown, and not all of their digits."""
    return isinstance(cell.then, float) and isinstance(cell.now, float)


def _cell(cell: Cell, place: Mapping[str, int], kind: str) -> dict[str, Any]:
    """A number then and now. Whose entries moved it is told by their numbers in the list below, their ``place``."""
    group = ", ".join(_said(value) for value in cell.group.values() if value is not None)
    moved = sorted(place[event_id] for event_id in cell.entries if event_id in place)
    return {
        "group": group or _("all"),
        "name": _(NAMES[cell.name]) if cell.name in NAMES else translated(words(cell.name)),
        "then": _said(cell.then, kind),
        "now": _said(cell.now, kind),
        "change": change(cell.then, cell.now, kind),
        "moved": [number for number in moved if number <= ENTRIES_SHOWN],
        "more": sum(number > ENTRIES_SHOWN for number in moved),
        "as_before": False,
    }


def _told_once(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each of which knows whether the same entries moved it as the one before it, of the same group."""
    for before, cell in pairwise(cells):
        cell["as_before"] = all(before[name] == cell[name] for name in ("group", "moved", "more"))
    return cells


def _said(value: Any, kind: str = "") -> str:
    if kind == "share" and isinstance(value, float):
        return percent(value)
    return translated(words(value) or value) if isinstance(value, str) else number(value)


def _between(pages: Pages, query: dict[str, str]) -> tuple[datetime, datetime] | None:
    """The two times of the form, if it was filled in; without the later one it is now.

    Raises:
        FilterError: one of them cannot be read, or they are not in order.
    """
    start, end = two_times(pages, query)
    return None if start is None else in_order(pages, start, end)
