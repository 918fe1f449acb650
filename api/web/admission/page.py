"""The pages of the admission: what is recorded and missing stays in sight, each part is saved as it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.addresses import NumberInPath, address_of
from api.http.access import may
from api.i18n.asam import DIMENSIONS
from api.sessions import Identity
from api.web.admission.parts import asked_on
from api.web.admission.state import STEPS, Step, criteria_of, is_open, parts_of, recommended, step_now
from api.web.admission.submission import Saved, record, save
from api.web.admission.ways import ways_of_criteria, ways_of_refusals
from api.web.frame.guard import Check, Guard
from api.web.frame.merged_page import answer_if_merged
from api.web.frame.pages import Pages
from api.web.writing.assessments import last_assessment, since
from api.web.writing.charts import chart_of
from api.web.writing.code_search import Search, offers_search, searched
from api.web.writing.consents import COMMAND, Kept, filled_in, kept_ready
from api.web.writing.offered import offering
from api.web.writing.submission import Form, Posted
from infra.eventstore.client_chart import OpenedChart
from projections.clinical.details import details_of
from projections.timeline.summary import summary_of

Handler = Callable[..., Response]
_AFTER: dict[Step, Step] = {"papers": "assessment", "assessment": "level"}


def add_admission(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("command:register-client")
    router.add_api_route("/clients/{reference}/admission", _open(pages, check), methods=["GET"])
    router.add_api_route("/clients/{reference}/admission", _save(pages, check), methods=["POST"])


def _open(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath) -> Response:
        who = check(request)
        chart = chart_of(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        if not is_open(chart.history):
            return RedirectResponse(address_of(chart.reference), 303)
        step = _step(request.query_params.get("step", "")) or step_now(parts_of(chart.history))
        return _page(pages, request, who, chart, step)

    return handler


def _save(pages: Pages, check: Check) -> Handler:
    def handler(request: Request, reference: NumberInPath, form: Form) -> Response:
        who = check(request)
        chart = chart_of(pages, request, who, reference)
        answer_if_merged(pages, request, who, chart, 409)
        step = _step(form.text("step")) or "papers"
        entries = chart.entries
        results = searched(pages, form, "record-diagnosis.") if step == "papers" else None
        if results:
            return _page(pages, request, who, chart, step, results[0], search=results[1])
        # a second press meets a chart that has the parts already: what it sends is answered by its key
        parts = [replace(part, entries=()) for part in parts_of(chart.history)]
        kept = _kept(pages, request, step)
        saved = save(pages, request, who, reference, form, asked_on(step, parts, entries, who.role, kept), kept)
        starts = step == "assessment" and form.text("then") == "start" and not saved.failed and saved.outcomes
        if starts and may(who.role, "command:start-level"):
            level = form.text("complete-assessment.recommended_level")
            start = asked_on("level", parts, entries, who.role)[0]
            record(pages, request, who, reference, form, start, saved, level=level)
            step = "level"
        if not saved.failed:
            return _onward(reference, step, saved)
        shown = chart_of(pages, request, who, reference) if saved.last_id else chart
        return _page(pages, request, who, shown, step, form, saved)

    return handler


def _onward(reference: str, step: Step, saved: Saved) -> Response:
    """To the next step; after the start of a level to the chart."""
    entry = f"recorded={UUID(hex=saved.last_id)}" if saved.last_id else ""
    if "start-level" in saved.outcomes:
        return RedirectResponse(f"{address_of(reference)}?{entry}", 303)
    ahead = _AFTER.get(step, step)
    return RedirectResponse(f"{address_of(reference)}/admission?step={ahead}" + (f"&{entry}" if entry else ""), 303)


def _step(text: str) -> Step | None:
    return next((step for step in STEPS if step == text), None)


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    chart: OpenedChart,
    step: Step,
    form: Posted | None = None,
    saved: Saved | None = None,
    search: Search | None = None,
) -> Response:
    history, entries = chart.history, chart.entries
    parts = parts_of(history)
    failed = saved.failed if saved else []
    another = next((item for item in failed if item.is_another), None)
    kept = _kept(pages, request, step)
    parts_asked = asked_on(step, parts, entries, who.role, kept)
    is_consent_asked = any(item.part.command == COMMAND for item in parts_asked)
    now = pages.services.now()
    last = last_assessment(entries)
    criteria, level = criteria_of(history, now), recommended(history)
    unmet = [] if failed else [item for item in criteria if not item.met]
    return pages.page(
        request,
        "admission.html",
        who,
        max((item.status for item in failed), default=200),
        chart=chart.reference,
        kept=kept if is_consent_asked else None,
        action=f"{address_of(chart.reference)}/admission{_chosen(kept)}",
        name=str(details_of(history.counted).get("name", "")),
        steps=STEPS,
        step=step,
        done=[
            (part, [(UUID(hex=entry.event_id), summary_of(entry.event)) for entry in part.entries]) for part in parts
        ],
        asked=[
            (
                item.part,
                offering(
                    pages,
                    item.typed(form)
                    if form
                    else item.offered(entries, who.name, request.query_params, filled_in(pages, kept)),
                ),
            )
            for item in parts_asked
        ],
        failed=[(item, ways_of_refusals(chart.reference, who.role, history, item, form, now)) for item in failed],
        invalid={name: text for item in failed for name, text in item.invalid.items()},
        criteria=criteria,
        ways=ways_of_criteria(chart.reference, who.role, history, unmet, level, now),
        recommended=level,
        starts=may(who.role, "command:start-level"),
        since=since(last),
        recorded=request.query_params.get("recorded", ""),
        occurred_at=form.text("occurred_at") if form else now.astimezone(pages.zone).strftime("%Y-%m-%dT%H:%M"),
        zone=pages.zone.key,
        key=form.key if form and not another else uuid4().hex,
        seen=_seen(another.sequence if another else saved.seen if saved else chart.sequence),
        dimensions=DIMENSIONS,
        search=search,
        searches=any(item.part.command == "record-diagnosis" for item in parts_asked) and offers_search(pages),
    )


def _kept(pages: Pages, request: Request, step: Step) -> Kept | None:
    """The consent forms that stand ready where papers are recorded."""
    return kept_ready(pages, request, COMMAND) if step == "papers" else None


def _chosen(kept: Kept | None) -> str:
    return f"?{urlencode({'form': kept.key})}" if kept and kept.chosen else ""


def _seen(sequence: int | None) -> str:
    return "" if sequence is None else str(sequence)
