"""Publishing for administrators: the plan in words, what it would publish now, and the button; both are long work."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.http.correlation import request_id
from api.i18n.language import N_, _, translated
from api.sessions import Identity
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.long_work import Shown, shown
from api.web.frame.pages import Pages
from api.web.publications.words import kind_title, left_out_title, margin_title, title_of
from infra.publications.jobs import PREVIEW, PUBLISH, start_preview, start_publishing
from infra.publications.plan import Plan, PlanError, plan_text
from infra.publications.publisher import plan_of

PLACE = "/publications/plan"
MAKINGS = {"preview": PREVIEW, "publish": PUBLISH}
TITLES = {"preview": N_("Preview of a publication"), "publish": N_("Publishing")}
# Why nothing was published, by how the error begins.
REFUSALS = {
    "nothing to publish": N_(
        "There is nothing to publish: no period was closed since the last publication, or every group is too small."
    ),
    "the attack narrows": N_(
        "Nothing was published: the attack finds numbers that must stay unknown. Combine groups or take longer "
        "periods in the plan, then look at the preview again."
    ),
    "earlier publications give": N_(
        "Nothing can be published by this plan: with it, earlier publications would give small groups away. Take "
        "fewer reports or groups into the plan, then look at the preview again."
    ),
    "another publication was made": N_("Another publication was made meanwhile: look at it, then publish again."),
}


def add_publishing_pages(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes; before those of publications, whose numbers would take the plan's place."""
    check = guard.area("publishing")
    router.add_api_route(PLACE, _plan(pages, check), methods=["GET"])
    router.add_api_route(f"{PLACE}/{{making}}", _making(pages, check), methods=["GET"])
    router.add_api_route(f"{PLACE}/{{making}}", _start(pages, check), methods=["POST"])


def _plan(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def _page(pages: Pages, request: Request, who: Identity) -> Response:
    problem, words, toml = "", list[tuple[str, str]](), ""
    try:
        plan = plan_of(pages.services)
        words, toml = plan_words(plan), plan_text(plan)
    except PlanError as error:
        problem = str(error)
    return pages.page(
        request,
        "publication_plan.html",
        who,
        409 if problem else 200,
        problem=problem,
        words=words,
        toml=toml,
        file=str(pages.services.settings.publication_plan_file or ""),
        jobs={name: _job(pages, name) for name in MAKINGS},
        **_outcome(pages),
    )


def _making(pages: Pages, check: Check) -> Page:
    def handler(request: Request, making: str) -> Response:
        who = check(request)
        if making not in MAKINGS:
            return _no_making(pages, request, who)
        values: dict[str, Any] = {"making": making, "title": TITLES[making], "job": _job(pages, making)}
        return pages.page(request, "publication_making.html", who, **values, **_outcome(pages, making))

    return handler


def _start(pages: Pages, check: Check) -> Page:
    def handler(request: Request, making: str) -> Response:
        who = check(request)
        if making not in MAKINGS:
            return _no_making(pages, request, who)
        try:
            plan = plan_of(pages.services)
        except PlanError:
            return _page(pages, request, who)
        start = start_preview if making == "preview" else start_publishing
        start(pages.services, who, plan, request_id(request.scope))
        return RedirectResponse(f"{PLACE}/{making}", 303)

    return handler


def _no_making(pages: Pages, request: Request, who: Identity) -> Response:
    heading, text = N_("No such work"), N_("Choose from the page of the plan.")
    values = {"heading": heading, "text": text, "way_on": PLACE, "way_on_name": N_("Plan of publications")}
    return pages.page(request, "message.html", who, 404, **values)


def _job(pages: Pages, making: str) -> Shown | None:
    return shown(pages.services.jobs.newest(MAKINGS[making]))


def _outcome(pages: Pages, making: str = "preview") -> dict[str, Any]:
    """What the work came to, in words: rows of the tables of a preview, those left out, why there is nothing."""
    job = _job(pages, making)
    outcome = job.outcome if job else {}
    return {
        "rows": [
            (title_of(row["table"].partition("-")[0]), margin_title(row["by"]), kind_title(row["period"]), row)
            for row in outcome.get("tables", [])
        ],
        "left_out": [left_out_title(name) for name in outcome.get("left_out", [])],
        "refusal": refusal_of(str(outcome.get("error", ""))),
    }


def refusal_of(error: str) -> str:
    """Why nothing was published, in words; empty where the error is no refusal."""
    return next((_(text) for begin, text in REFUSALS.items() if error.startswith(begin)), "")


def plan_words(plan: Plan) -> list[tuple[str, str]]:
    """Each field of a plan by its name, as people read it."""
    return [
        (_("Title"), plan.title),
        (_("Reports"), "; ".join(translated(title_of(report)) for report in plan.reports)),
        (_("Groups"), ", ".join(margin_title(margin) for margin in ("all", *plan.groups))),
        (_("Periods"), ", ".join(kind_title(kind) for kind in plan.periods)),
        (_("First month"), plan.begin or _("the first whole month of the record")),
        (_("Days after a period's end for late entries"), str(plan.settle_days)),
        (_("Smallest number of people shown"), str(plan.smallest_shown)),
    ]
