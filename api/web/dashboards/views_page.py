"""The page of saved views, and what is done with them: saved, changed, shared, pinned, deleted, brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.files import attachment
from api.http.correlation import request_id
from api.i18n.language import N_, error_text
from api.sessions import Identity
from api.web.dashboards.paper import paper_of
from api.web.dashboards.saved_views import address_of, asks, places_of, question_of, shown
from api.web.dashboards.view_edit import change, edit_page
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.web.writing.submission import Form, Posted
from infra.drilldown.questions import ask
from infra.pdf.engine import PDF, pdf
from infra.reporting.question import FILTERS
from infra.views.folder import file_name, not_written
from infra.views.table import NoSuchViewError
from infra.views.view import LONGEST_NAME, PinPlace, View, ViewError, checked_name, checked_question
from projections.filters import FilterError

PLACE = "/views"
SAID = {
    "saved": N_("Saved."),
    "changed": N_("Changed."),
    "shared": N_("Shared: everybody who may read reports finds it here."),
    "private": N_("It is yours alone."),
    "pinned": N_("Pinned."),
    "unpinned": N_("Taken from where it was pinned."),
    "deleted": N_("Deleted."),
    "restored": N_("Brought back."),
}


def add_views(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("reports")
    router.add_api_route(PLACE, _list(pages, check), methods=["GET"])
    router.add_api_route(PLACE, _save(pages, check), methods=["POST"])
    router.add_api_route(f"{PLACE}/{{view}}.pdf", _pdf(pages, check), methods=["GET"])
    router.add_api_route(f"{PLACE}/{{view}}", _open(pages, check), methods=["GET"])
    router.add_api_route(f"{PLACE}/{{view}}", _act(pages, check), methods=["POST"])


def _list(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        return _page(pages, request, check(request))

    return handler


def _save(pages: Pages, check: Check) -> Page:
    def handler(request: Request, form: Form) -> Response:
        who = check(request)
        report, query = form.text("report"), dict(parse_qsl(form.text("query")))
        services = pages.services
        if report not in FILTERS:
            return _missing(pages, request, who)
        try:
            name = checked_name(form.text("name"))
            question = checked_question(services, report, question_of(report, query))
            shared = bool(form.text("shared"))
            kept = services.views.save(who.person, name, report, question, shared=shared)
        except ViewError as error:
            unsaved = {"report": report, "query": query, "asks": asks(pages, report, question_of(report, query))}
            return _page(pages, request, who, error, form, unsaved)
        return RedirectResponse(f"{address_of(kept)}#view", 303)

    return handler


def _open(pages: Pages, check: Check) -> Page:
    def handler(request: Request, view: str) -> Response:
        who = check(request)
        try:
            return edit_page(pages, request, who, view)
        except NoSuchViewError:
            return _missing(pages, request, who)

    return handler


def _act(pages: Pages, check: Check) -> Page:
    def handler(request: Request, view: str, form: Form) -> Response:
        who = check(request)
        do = form.text("do")
        try:
            if do not in _DOING:
                return _missing(pages, request, who)
            told_as = _DOING[do](pages, who, view, form)
        except NoSuchViewError:
            return _missing(pages, request, who)
        except ViewError as error:
            if do == "change":
                return edit_page(pages, request, who, view, form, error)
            return _page(pages, request, who, error, form)
        return RedirectResponse(f"{PLACE}?{urlencode({'done': told_as, 'view': view})}", 303)

    return handler


def _pdf(pages: Pages, check: Check) -> Page:
    def handler(request: Request, view: str) -> Response:
        who = check(request)
        services = pages.services
        try:
            saved = services.views.find(who.person, view)
        except NoSuchViewError:
            return _missing(pages, request, who)
        today = services.today()
        try:
            made = pdf(paper_of(pages, saved))
        except FilterError as error:  # the settings or a release took away what it asks
            return _unanswered(pages, request, who, saved, error)
        ask(services, who, saved.report, saved.params(today), {"view": saved.id}, request_id(request.scope))
        return Response(made, media_type=PDF, headers=attachment(file_name(saved, today)))

    return handler


def _share(pages: Pages, who: Identity, view: str, form: Posted) -> str:
    shared = form.text("shared") == "yes"
    pages.services.views.change(who.person, view, shared=shared)
    return "shared" if shared else "private"


def _pin(pages: Pages, who: Identity, view: str, form: Posted) -> str:
    wanted: list[PinPlace] = [place for place in places_of(who) if form.text(place)]
    pages.services.views.pin(who.person, view, wanted)
    return "pinned" if wanted else "unpinned"


def _delete(pages: Pages, who: Identity, view: str, _: Posted) -> str:
    pages.services.views.delete(who.person, view)
    return "deleted"


def _restore(pages: Pages, who: Identity, view: str, _: Posted) -> str:
    pages.services.views.restore(who.person, view)
    return "restored"


_DOING: dict[str, Callable[[Pages, Identity, str, Posted], str]] = {
    "change": change,
    "share": _share,
    "pin": _pin,
    "delete": _delete,
    "restore": _restore,
}


def _page(
    pages: Pages,
    request: Request,
    who: Identity,
    error: ViewError | None = None,
    form: Posted | None = None,
    unsaved: dict[str, Any] | None = None,
) -> Response:
    """The list; with what was refused, and the form that it was refused in."""
    views, query = pages.services.views, request.query_params
    papers = pages.services.papers.every()
    late = not_written(pages.services, papers.values())
    deleted = [shown(pages, who, row) for row in views.deleted(who.person)]
    done = SAID.get(query.get("done", ""), "")
    return pages.page(
        request,
        "views.html",
        who,
        422 if error else 200,
        views=[shown(pages, who, row, papers.get(row.id), late.get(row.id)) for row in views.of(who.person)],
        folder=pages.services.settings.view_folder is not None,
        deleted=deleted,
        done=done,
        undo=next((row for row in deleted if done == SAID["deleted"] and row.id == query.get("view")), None),
        problem=error_text(error) if error else "",
        typed=form.text("name") if form else "",
        asked={**unsaved, "query": urlencode(unsaved["query"])} if unsaved else None,
        longest=LONGEST_NAME,
    )


def _unanswered(pages: Pages, request: Request, who: Identity, view: View, error: FilterError) -> Response:
    heading = N_("This view can no longer be answered")
    values = {
        "heading": heading,
        "text": error_text(error),
        "way_on": address_of(view),
        "way_on_name": N_("Open its report"),
    }
    return pages.page(request, "message.html", who, 422, **values)


def _missing(pages: Pages, request: Request, who: Identity) -> Response:
    heading, text = N_("No such view"), N_("It is gone, or whoever saved it keeps it for themselves.")
    values = {"heading": heading, "text": text, "way_on": PLACE, "way_on_name": N_("Saved views")}
    return pages.page(request, "message.html", who, 404, **values)
