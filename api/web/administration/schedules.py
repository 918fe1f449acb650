"""The views that are written to the folder of documents: whose, when, up to which day; each can be stopped."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.http.access import reads_reports
from api.http.correlation import request_id
from api.i18n.formats import day
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.dashboards.overview_cards import ANSWERS
from api.web.dashboards.saved_views import asks, timing_said
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.writing.submission import Form
from infra.views.scheduled import Scheduled, scheduled, stop
from infra.views.table import NoSuchViewError

PLACE = "/administration/schedules"
SAID = {
    "stopped": N_("Stopped: it is written no more; what was written stays."),
    "gone": N_("It is on no schedule any more."),
}


def opened(pages: Pages, check: Check) -> Handler:
    """The page."""

    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """A schedule is to be stopped: asked once more, then done."""

    def handler(request: Request, form: Form) -> Response:
        who, view = check(request), form.text("view")
        if not form.text("sure"):
            return _page(pages, request, who, view)
        done = "stopped"
        try:
            stop(pages.services, who, view, request_id(request.scope))
        except NoSuchViewError:
            done = "gone"
        return RedirectResponse(f"{PLACE}?done={done}", 303)

    return handler


def _page(pages: Pages, request: Request, who: Identity, stopping: str = "") -> Response:
    schedules_here = scheduled(pages.services, reads_reports)
    return pages.page(
        request,
        "schedules.html",
        who,
        rows=[_row(pages, schedule) for schedule in schedules_here],
        asked=stopping,
        folder=pages.services.settings.view_folder is not None,
        done=SAID.get(request.query_params.get("done", ""), ""),
    )


def _row(pages: Pages, schedule: Scheduled) -> dict[str, object]:
    """A schedule as an administrator sees it: by report and filters, since somebody typed the view's own name."""
    return {
        "id": schedule.view.id,
        "report": _(ANSWERS[schedule.view.report][0]),
        "asks": asks(pages, schedule.view.report, schedule.view.question),
        "owner": schedule.view.by,
        "role": schedule.role,
        "when": timing_said(schedule.paper),
        "since": day(schedule.paper.since),
        "written": day(schedule.paper.written) if schedule.paper.written else "",
        "rests": schedule.rests,
        "due": schedule.due(pages.services.today()) is not None,
    }
