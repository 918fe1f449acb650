"""Edit a saved view of one's own: its name, its question, when it is written."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

from api.i18n.language import _, error_text, language
from api.sessions import Identity
from api.web.dashboards.fields import fields_of
from api.web.dashboards.overview_cards import ANSWERS
from api.web.dashboards.saved_views import address_of, timings, when_of
from api.web.frame.pages import Pages
from api.web.writing.submission import Posted
from api.whole_numbers import whole_number
from infra.reporting.question import FILTERS
from infra.views.papers import Timing, timing_of
from infra.views.schedule import schedule_view
from infra.views.view import LONGEST_NAME, View, ViewError, checked_name, checked_question

ASKED = "q-"
"""What the names of the filters begin with on the form."""
_AT: Mapping[str, str] = {"name": "name", "every": "when", "on": "when", "schedule": "when"}


def change(pages: Pages, who: Identity, view: str, form: Posted) -> str:
    """Change all that the form says, or nothing where one of it cannot be kept.

    Raises:
        NoSuchViewError: it is not this person's.
        ViewError: something cannot be kept so.
    """
    services = pages.services
    saved = services.views.owned(who.person, view)
    name, timing = checked_name(form.text("name")), timing_in(form)
    question = checked_question(services, saved.report, _question(saved, form))
    services.views.change(who.person, view, name=name, question=question)
    if services.settings.view_folder is not None and _when(pages, saved) != form.text("when"):
        schedule_view(services, who, view, timing)
    return "changed"


def timing_in(form: Posted) -> Timing | None:
    """When a form wants a view to be written; None is never.

    Raises:
        ViewError: there is no such day.
    """
    every, _dash, on = form.text("when").partition("-")
    return timing_of(every, whole_number(on, 2) or 0, language()) if every else None


def edit_page(
    pages: Pages, request: Request, who: Identity, view: str, form: Posted | None = None, error: ViewError | None = None
) -> Response:
    """The form, as the view stands or as it was typed.

    Raises:
        NoSuchViewError: it is not this person's.
    """
    saved = pages.services.views.owned(who.person, view)
    values = _question(saved, form) if form else dict(saved.question)
    return pages.page(
        request,
        "view.html",
        who,
        422 if error else 200,
        view=saved,
        link=address_of(saved),
        report=_(ANSWERS[saved.report][0]),
        name=form.text("name") if form else saved.name,
        fields=fields_of(pages, saved.report, values),
        prefix=ASKED,
        timings=timings() if pages.services.settings.view_folder is not None else [],
        when=form.text("when") if form else _when(pages, saved),
        longest=LONGEST_NAME,
        problem=error_text(error) if error else "",
        at=_AT.get(error.field, f"{ASKED}{FILTERS[saved.report][0]}") if error else "",
    )


def _question(view: View, form: Posted) -> dict[str, str]:
    """The filters that a form holds, those that say something."""
    values = {name: form.text(ASKED + name) for name in FILTERS[view.report]}
    return {name: value for name, value in values.items() if value}


def _when(pages: Pages, view: View) -> str:
    paper = pages.services.papers.every().get(view.id)
    return when_of(paper) if paper else ""
