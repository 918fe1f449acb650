"""Page of a drill-down: what a number means, whom it counts for those who see clients, and its permalink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.files import csv_of
from api.http.access import may
from api.http.correlation import request_id
from api.http.problems import ProblemError
from api.http.routes_members import cursor_of, place_of
from api.i18n.language import N_, _, error_text, sentence, translated
from api.sessions import Identity
from api.web.dashboards.fields import groups_of
from api.web.dashboards.number_links import address
from api.web.dashboards.number_words import FACTS, fact, name_of_number, row_names, what
from api.web.dashboards.page import CSV_REPORTS
from api.web.frame import recorded_time
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from infra.drilldown.answer import Answer, Moment, Page, answer
from infra.drilldown.cell import Cell
from infra.drilldown.comparison_cells import side_of
from infra.drilldown.members import Member, Opened
from infra.drilldown.questions import ask_number
from infra.drilldown.rows import COLUMNS, answers, rows_of
from infra.privacy.names.search import latest_names
from infra.reporting.question import params_of
from infra.reporting.span import Span, span_of
from projections.comparison import period_of
from projections.filters import FilterError
from projections.params import pairs_of
from projections.small_counts import SMALLEST_SHOWN, small

SHOWN = 30
# Reports that stand on the page of another.
PAGES = {"followback": "prevalence", "agreement": "prevalence"}
OWN = frozenset({"number", "at", "position", "definition_version", "after"})
UNREADABLE = N_("position is a whole number: take it from the link to this number")


@dataclass(frozen=True, slots=True)
class NumberQuestion:
    """The number that an address names, and when."""

    cell: Cell
    moment: Moment


def number_page(pages: Pages, check: Check) -> Handler:
    """The handler of the page."""

    def handler(request: Request, name: str) -> Response:
        who = check(request)
        query = request.query_params
        try:
            question = _asked(pages, request, name)
            page = None
            if may(who.role, "client-rows"):
                page = Page(who, place_of(query.get("after", "")), SHOWN, request_id(request.scope))
            answer_read = answer(pages.services, question.cell, question.moment, page)
            ask_number(pages.services, who, question.cell, question.moment, request_id(request.scope))
        except (FilterError, ProblemError) as error:
            return _not_opened(pages, request, who, name, error)
        return pages.page(request, "number.html", who, **_values(pages, request, name, question, answer_read))

    return handler


def members_csv(pages: Pages, check: Check) -> Handler:
    """The handler of the list of who is in a number, as CSV: all of them."""

    def handler(request: Request, name: str) -> Response:
        who = check(request)
        try:
            question = _asked(pages, request, name)
            answer_pages = answers(pages.services, question.cell, who, question.moment, request_id(request.scope))
            rows = [row for page in answer_pages for row in rows_of(page)]
        except FilterError as error:
            return Response(f"{error_text(error)}\n", 400, media_type="text/plain")
        return csv_of(f"{name}-members", rows, COLUMNS)

    return handler


def _asked(pages: Pages, request: Request, name: str) -> NumberQuestion:
    if name not in CSV_REPORTS:
        raise FilterError(N_("No such dashboard"))
    query = request.query_params
    params = params_of(name, dict(query), today=pages.services.today())
    as_of = recorded_time.moment_of(pages, query.get(recorded_time.AS_OF, ""))
    position = query.get("position", "")
    if position and not (as_of and position.isascii() and position.isdecimal() and len(position) < 19):
        raise FilterError(UNREADABLE)
    at = pairs_of(query.getlist("at"), "at")
    return NumberQuestion(
        Cell(name, params, query.get("number", ""), at), Moment(as_of, int(position) if position else None)
    )


def _not_opened(pages: Pages, request: Request, who: Identity, name: str, error: Exception) -> Response:
    page = PAGES.get(name, name)
    text = sentence(error) if isinstance(error, FilterError) else _("Go back to the first page of this list.")
    return pages.page(
        request,
        "message.html",
        who,
        400,
        heading=_("This number cannot be opened"),
        text=text,
        way_on=f"/dashboards/{page if name in CSV_REPORTS else 'status'}",
        way_on_name=_("Back to the dashboard"),
    )


def _values(pages: Pages, request: Request, name: str, question: NumberQuestion, answer_read: Answer) -> dict[str, Any]:
    query, cell, means, opened = request.query_params, question.cell, answer_read.meaning, answer_read.opened
    filters = {key: value for key, value in query.items() if key not in OWN}
    kept = [(key, value) for key, value in query.multi_items() if key != "after"]
    new = {**(answer_read.stamp.query() if answer_read.stamp else {}), "definition_version": means.version}
    again = [*((key, value) for key, value in kept if key not in new), *new.items()]
    page = PAGES.get(name, name)
    # one table of a page can have groups of its own, which the page does not ask for
    kept_groups = {*filters.get("by", "").split(",")} <= groups_of(page)
    back = {key: value for key, value in filters.items() if key != "show" and (key != "by" or kept_groups)}
    as_of = answer_read.stamp.at if answer_read.stamp else question.moment.as_of
    return {
        "title": means.title,
        "number_name": name_of_number(cell),
        "row_name": " · ".join(_about(pages, cell, as_of or pages.services.now())),
        "means": means,
        "value": answer_read.value,
        "smallest": SMALLEST_SHOWN if small(answer_read.value.number) else 0,
        "whole": name_of_number(replace(cell, number=means.whole)) if means.whole else "",
        "whole_at": address(name, _moment_query(filters, query), means.whole, cell.at) if means.whole else "",
        "as_of": as_of.isoformat() if as_of else "",
        "position": answer_read.stamp.position if answer_read.stamp else None,
        "changed": query.get("definition_version", means.version) != means.version,
        "permalink": f"?{urlencode(again)}",
        "opened": opened,
        "members": _members(pages, opened, question) if opened else [],
        "weighed": bool(opened) and any(member.adds != 1 for member in opened.members),
        "csv": f"members.csv?{urlencode(again)}",
        "next_page": f"?{urlencode([*kept, ('after', cursor_of(opened.following) or '')])}"
        if opened and opened.following
        else "",
        "back": f"/dashboards/{page}?{urlencode(back)}",
    }


def _about(pages: Pages, cell: Cell, known: datetime) -> list[str]:
    """Which row of the report, and what the report was asked: groups and filters, the side of a comparison, days."""
    params = cell.params
    groups = row_names(cell)
    span = None if "day" in cell.at else span_of(cell.report, params, pages.services.day_of(known))
    side = side_of(pages.services, cell)
    period = [translated(span.phrase)] if span else []
    return list(dict.fromkeys([*groups, *([_side(side)] if side else []), *period]))


def _side(name: str) -> str:
    """A side of a comparison: a group by its name, a period by its days."""
    days = period_of(name)
    return translated(Span(*days).phrase) if days else name


def _moment_query(filters: Mapping[str, str], query: Mapping[str, str]) -> dict[str, str]:
    position = {"position": query["position"]} if query.get("position") else {}
    return {**filters, **position}


def _members(pages: Pages, opened: Opened, question: NumberQuestion) -> list[dict[str, Any]]:
    """The cases of a page, each with its client's latest name."""
    names = latest_names(pages.services, list(dict.fromkeys(member.client_id for member in opened.members)))
    return [_shown(member, question) | {"name": names.get(member.client_id, "")} for member in opened.members]


def _shown(member: Member, question: NumberQuestion) -> dict[str, Any]:
    """A case as the page shows it; an entry links to its day in the timeline."""
    as_of = {recorded_time.AS_OF: question.moment.as_of.isoformat()} if question.moment.as_of else {}
    events: list[dict[str, str]] = []
    for event in member.events:
        own_day = date.fromordinal(event.day).isoformat()
        link = urlencode({"from": own_day, "to": own_day, **as_of})
        events.append({"what": what(event.what), "type": event.type, "at": event.occurred_at, "link": link})
    return {
        "client": member.client,
        "adds": member.adds,
        "level": member.level,
        "where": " · ".join(name for name in (member.program, member.site) if name),
        "first_day": member.first_day,
        "last_day": member.last_day,
        "facts": [(title, fact(name, member.facts[name])) for name, title in FACTS.items() if _has(member, name)],
        "events": events,
    }


def _has(member: Member, name: str) -> bool:
    return member.facts.get(name) not in (None, "")
