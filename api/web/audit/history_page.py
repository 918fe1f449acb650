"""The page of a chart's record: every entry as it was recorded, and what became known between two times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.addresses import NumberInPath
from api.http.access import may
from api.i18n.language import _, translated
from api.web.audit.moments import moments_of
from api.web.frame.guard import Check, Page
from api.web.frame.pages import Pages
from api.web.frame.plain_words import plainly
from api.web.frame.recorded_time import in_order, local, two_times
from api.web.frame.responses import refusals
from api.whole_numbers import whole_number
from domain.entries import Entry, microseconds
from domain.events import ChartClosed, ChartsMerged, EntryCorrected, EntryRetracted, MergedChartContinued
from domain.phrases import spaced
from infra.disclosure.record_guard import open_seen
from infra.eventstore.client_chart import OpenedChart
from infra.eventstore.unreadable import Unread
from infra.history.changes.client import ClientEntries
from infra.history.changes.entries import learned
from infra.history.changes.history import any_row, is_of, own_entries, own_unread
from infra.history.changes.rows import changed_rows
from infra.provider.names import Names, named, names_of
from projections.params import known_day
from projections.timeline.words import value_of, words

SHOWN = 50  # with before and after beside each other, these stay below 100 KB
AMENDING = (EntryCorrected, EntryRetracted, ChartsMerged, ChartClosed, MergedChartContinued)
Moments = tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of the record are shown; empty is any. Days are those of the facility, of the recording."""

    author: str = ""
    kind: str = ""
    changes: bool = False
    first: str = ""
    last: str = ""
    request: str = ""

    def query(self) -> dict[str, str]:
        """As an address has it."""
        values = {"author": self.author, "kind": self.kind, "from": self.first, "to": self.last}
        values["request"] = self.request
        return {name: value for name, value in values.items() if value} | ({"changes": "1"} if self.changes else {})


def history_page(pages: Pages, check: Check) -> Page:
    """The handler of the page."""

    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        query = request.query_params
        with refusals(pages, request, who, reference):
            between = _between(pages, query)
            chart = open_seen(pages.services, who, reference, as_of=between[1] if between else None)
        values = _difference(pages, chart, between) if between else _history(pages, chart, query)
        return pages.page(
            request,
            "history.html",
            who,
            chart=chart.reference,
            start=local(pages, between[0]) if between else "",
            end=local(pages, between[1]) if between else "",
            auditor=may(who.role, "audit"),
            **values,
        )

    return handler


def _history(pages: Pages, chart: OpenedChart, query: Mapping[str, str]) -> dict[str, Any]:
    entries_here = own_entries(chart)
    given = {"author": query.get("author", ""), "kind": query.get("kind", "")}
    given |= {"first": _day(query, "from"), "last": _day(query, "to"), "request": _request(query)}
    wanted = Wanted(**given, changes=query.get("changes") == "1")
    unread = own_unread(chart)
    whole = sorted([*entries_here, *unread], key=lambda entry: entry.sequence)
    fitting = [entry for entry in whole if _fits(pages, wanted, entry)]
    after = query.get("after", "")
    start = whole_number(after, 9) or 0
    place = next((place for place, entry in enumerate(fitting) if entry.sequence > start), len(fitting))
    page = fitting[place : place + SHOWN]
    numbers, names = {entry.event_id: entry.sequence for entry in entries_here}, names_of(pages.services)
    return {
        "entries": [
            {**_shown(any_row(entry, chart), names), "own": True, "cause": numbers.get(_cause(entry))} for entry in page
        ],
        "count": len(fitting),
        "earlier": _link(wanted, fitting[place - SHOWN - 1].sequence if place > SHOWN else 0) if place else "",
        "later": _link(wanted, page[-1].sequence) if place + SHOWN < len(fitting) else "",
        "wanted": wanted,
        "authors": sorted({entry.actor for entry in whole} - {""}),
        "kinds": sorted({entry.type for entry in whole}, key=lambda name: translated(spaced(name))),
        "moments": moments_of(entries_here, pages.zone),
        "rows": [],
        "difference": False,
    }


def _cause(entry: Entry | Unread) -> str:
    return entry.causation_id or "" if isinstance(entry, Entry) else ""


def _fits(pages: Pages, wanted: Wanted, entry: Entry | Unread) -> bool:
    at = entry.recorded_at
    day = at.astimezone(pages.zone).date().isoformat() if at else ""
    return (
        wanted.author in {"", entry.actor}
        and wanted.kind in {"", entry.type}
        and (not wanted.changes or (isinstance(entry, Entry) and isinstance(entry.event, AMENDING)))
        and is_of(entry, UUID(wanted.request) if wanted.request else None)
        and (not wanted.first or day >= wanted.first)
        and (not wanted.last or day <= wanted.last)
    )


def _day(query: Mapping[str, str], name: str) -> str:
    """A day of the form; what is no date is left out."""
    day = known_day(query.get(name, ""))
    return day.isoformat() if day else ""


def _request(query: Mapping[str, str]) -> str:
    """A request's id; what is none is left out."""
    try:
        return str(UUID(query.get("request", "")))
    except ValueError:
        return ""


def _link(wanted: Wanted, after: int) -> str:
    return "?" + urlencode(wanted.query() | ({"after": str(after)} if after else {}))


def _difference(pages: Pages, chart: OpenedChart, between: tuple[datetime, datetime]) -> dict[str, Any]:
    first, last = (microseconds(moment) for moment in between)
    fresh, names = [entry for entry in chart.entries if entry.recorded > first], names_of(pages.services)
    rows = changed_rows(ClientEntries(pages.services.log, chart.client_id), first, last)
    return {
        "entries": [_learned(entry, chart, names) for entry in fresh],
        "count": len(fresh),
        "earlier": "",
        "later": "",
        "wanted": Wanted(),
        "authors": [],
        "kinds": [],
        "moments": [],
        "rows": [{**row, "row": [(name, plainly(text)) for name, text in _pairs(row["row"])]} for row in rows],
        "difference": True,
    }


def _learned(entry: Entry, chart: OpenedChart, names: Names) -> dict[str, Any]:
    return {**_shown({**asdict(learned(entry, chart.entries)), "data": {}}, names), "own": chart.owns(entry)}


def _shown(row: dict[str, Any], names_known: Names) -> dict[str, Any]:
    before, after = (row[when] and named(names_known, row[when]) for when in ("before", "after"))
    names = list(dict.fromkeys(before or {}) | dict.fromkeys(after or {}))
    changes = [(_name(name), *(_said(row["type"], side, name) for side in (before, after))) for name in names]
    return {
        "imported_by": None,
        "correlation_id": None,
        "cause": None,
        **row,
        "changes": changes,
        "fields": _pairs(named(names_known, row["data"]), row["type"]),
    }


def _said(type_name: str, values: Mapping[str, Any] | None, name: str) -> str:
    if values is None:
        return _("does not count")
    return "–" if values.get(name) is None else value_of(type_name, name, values[name])


def _pairs(data: Mapping[str, Any], type_name: str = "") -> list[tuple[str, str]]:
    return [(_name(name), value_of(type_name, name, value)) for name, value in data.items() if value not in (None, "")]


def _name(name: str) -> str:
    return translated(words(name) or name)


def _between(pages: Pages, query: Mapping[str, str]) -> Moments:
    """The two times of the form, if it was filled in; without the later one it is now.

    Raises:
        FilterError: one of them cannot be read, or they are not in order.
    """
    start, end = two_times(pages, query)
    return None if start is None and end is None else in_order(pages, start, end)
