"""One person, two charts: both side by side, the stays that overlap, and which of them counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import NumberInPath, address_of
from api.i18n.formats import day
from api.i18n.language import _
from api.sessions import Identity
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.frame.responses import refusals
from api.web.storyboard.header import born, name_of
from api.web.writing.submission import Form, Outcome, Posted, attempt, hidden, submit
from domain.commands import ResolveOverlap
from domain.decisions import History
from domain.events import ChartsMerged
from domain.journey import Stay
from domain.overlaps import Pair, overlaps, overlaps_between
from infra.commands.handle import merge
from infra.disclosure.record_guard import open_seen, within_reach
from infra.eventstore.client_chart import OpenedChart
from infra.eventstore.log import Receipt
from infra.privacy.names.search import search
from projections.timeline.fold import timeline

Handler = Callable[..., Response]
LAST_ENTRIES = 5
FOUND = 20
_FIELD = re.compile(r"([0-9a-f]{32})-([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Beside:
    """One of the two charts as it stands beside the other."""

    chart: OpenedChart
    history: History

    @classmethod
    def of(cls, chart: OpenedChart) -> Beside:
        """Fold it once."""
        return cls(chart, chart.history)


def add_merging_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    merging, resolving = guard.area("command:merge"), guard.area("command:resolve-overlap")
    router.add_api_route("/clients/{reference}/merge", _choose(pages, merging), methods=["GET"])
    router.add_api_route("/clients/{reference}/merge", _merge(pages, merging), methods=["POST"])
    router.add_api_route("/clients/{reference}/overlaps", _open(pages, resolving), methods=["GET"])
    router.add_api_route("/clients/{reference}/overlaps", _resolve(pages, resolving), methods=["POST"])


def _chart(pages: Pages, request: Request, who: Identity, reference: str) -> OpenedChart:
    with refusals(pages, request, who, reference):
        chart = open_seen(pages.services, who, reference)
    answer_if_merged(pages, request, who, chart, 409)
    return chart


def _choose(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, other: str = "") -> Response:
        who = check(request)
        chart = _chart(pages, request, who, reference)
        if not other:
            return _asking(pages, request, who, chart)
        problem = _itself(pages, chart, other)
        if problem:
            return _asking(pages, request, who, chart, other, problem, 404)
        return _side_by_side(pages, request, who, chart, _chart(pages, request, who, other))

    return handler


def _itself(pages: Pages, chart: OpenedChart, other: str) -> str:
    """Why a number names no other chart; nothing where it may."""
    if pages.services.log.client_id(other) == chart.client_id:
        return _("That is this chart: give the number of the other one.")
    return ""


def _asking(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    other: str = "",
    problem: str = "",
    code: int = 200,
    choices: Sequence[dict[str, str]] = (),
) -> Response:
    values = {"chart": chart.reference, "other": other, "problem": problem, "found": choices}
    return pages.page(request, "merge_choose.html", who, code, **values)


def _merge(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, form: Form) -> Response:
        who = check(request)
        chart, other = _chart(pages, request, who, reference), form.text("other")
        if form.text("do") != "merge":
            return _found(pages, request, who, chart, other)
        problem = _itself(pages, chart, other)
        if problem:
            return _asking(pages, request, who, chart, other, problem, 404)
        with refusals(pages, request, who, other):
            theirs = open_seen(pages.services, who, other)
        # from the form alone: sent twice, it is the same request, though the other chart is closed by then
        record = partial(merge, pages.services.log, reference, other, overlaps=_choices(form))
        outcome = attempt(pages, request, who, form, record)
        if outcome.receipt:
            return _done(reference, outcome.receipt)
        answer_if_merged(pages, request, who, theirs, 409)
        return _side_by_side(pages, request, who, chart, theirs, form, outcome)

    return handler


def _done(reference: str, receipt: Receipt) -> Response:
    event_id = UUID(hex=receipt.event_ids[0])
    return RedirectResponse(f"{address_of(reference)}?recorded={event_id}", 303)


def _found(pages: Pages, request: Request, who: Identity, chart: OpenedChart, text: str) -> Response:
    """The chart of a number, or a choice of those whose name fits."""
    services = pages.services
    problem = _itself(pages, chart, text)
    if not problem and within_reach(services, who, text):
        return RedirectResponse(f"{address_of(chart.reference)}/merge?other={quote(text, safe='')}", 303)
    named = search(services, text, FOUND, who.bound_to) if services.settings.name_search else []
    matches = [match for match in named if match.client_id != chart.client_id]
    services.people.log.read(who, [match.client_id for match in matches])
    choices = [{"chart": match.reference, "name": match.name} for match in matches]
    problem = problem or _("No chart that you may open has this number or name. Check it.")
    return _asking(pages, request, who, chart, text, "" if choices else problem, 200 if choices else 404, choices)


def _between(ours: Beside, theirs: Beside) -> list[Pair]:
    return overlaps_between(ours.history.journey, theirs.history.journey)


def _choices(form: Posted) -> list[ResolveOverlap]:
    """Which stays count, as the form says; a field has the ids of the two that overlap."""
    return [
        ResolveOverlap((UUID(hex=match[1]), UUID(hex=match[2])), UUID(hex=form.text(name)))
        for name in form.given
        if (match := _FIELD.fullmatch(name)) and form.text(name) in match.groups()
    ]


def _field(pair: Pair) -> str:
    return "-".join(stay.event_id for stay in pair)


def _side_by_side(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    theirs: OpenedChart,
    form: Posted | None = None,
    outcome: Outcome | None = None,
) -> Response:
    mine, other = Beside.of(chart), Beside.of(theirs)
    both = [_shown(pages, mine), _shown(pages, other)]
    return pages.page(
        request,
        "merge.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        other=theirs.reference,
        both=both,
        unlike=all(shown["born"] for shown in both) and both[0]["born"] != both[1]["born"],
        pairs=[_asked(pair, (chart.reference, theirs.reference), form) for pair in _between(mine, other)],
        outcome=outcome,
        **hidden(chart.sequence, form, outcome),
    )


def _shown(pages: Pages, beside: Beside) -> dict[str, Any]:
    """What tells whether two charts are one person's."""
    counted, stays = beside.history.counted, beside.history.journey.stays
    merged = [entry.event.other_client for entry in counted if isinstance(entry.event, ChartsMerged)]
    sites = [*(stay.site for stay in stays), *(entry.site for entry in counted)]
    return {
        "chart": beside.chart.reference,
        "name": name_of(counted),
        "born": born(counted, pages.services.today()),
        "numbers": ", ".join([beside.chart.reference, *(number for number in merged if number)]),
        "sites": ", ".join(dict.fromkeys(site for site in sites if site)),
        "stays": [_stay(stay) for stay in stays],
        "last": list(reversed(timeline(beside.chart.entries)))[:LAST_ENTRIES],
    }


def _stay(stay: Stay) -> dict[str, Any]:
    return {
        "level": stay.level,
        "start": day(date.fromordinal(stay.start_day)),
        "end": day(date.fromordinal(stay.end_day)) if stay.end_day else _("now"),
        "site": stay.site,
        "reason": stay.reason,
    }


def _asked(pair: Pair, charts: tuple[str, str], form: Posted | None) -> dict[str, Any]:
    """A question of the form: which of two stays counts."""
    chosen = form.text(_field(pair)) if form else ""
    choices = [
        {**_stay(stay), "value": stay.event_id, "chart": chart, "chosen": stay.event_id == chosen}
        for stay, chart in zip(pair, charts, strict=True)
    ]
    return {"field": _field(pair), "choices": choices}


def _open(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        return _overlaps(pages, request, who, _chart(pages, request, who, reference))

    return handler


def _resolve(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, form: Form) -> Response:
        who = check(request)
        chart = _chart(pages, request, who, reference)
        choices = _choices(form)
        if not choices:
            problem = _("Which counts: choose one of the two")
            return _overlaps(pages, request, who, chart, form, Outcome(problems=[problem]))
        outcome = submit(pages, request, who, reference, form, lambda: choices[0])
        if outcome.receipt:
            return _done(reference, outcome.receipt)
        return _overlaps(pages, request, who, chart, form, outcome)

    return handler


def _within(chart: OpenedChart) -> list[Pair]:
    return overlaps(Beside.of(chart).history.journey)


def _overlaps(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    form: Posted | None = None,
    outcome: Outcome | None = None,
) -> Response:
    charts = chart.reference, chart.reference
    return pages.page(
        request,
        "overlaps.html",
        who,
        outcome.status if outcome else 200,
        chart=chart.reference,
        pairs=[_asked(pair, charts, form) for pair in _within(chart)],
        outcome=outcome,
        **hidden(chart.sequence, form, outcome),
    )
