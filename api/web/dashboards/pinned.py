"""Pinned views, each with its headline number."""

from __future__ import annotations

from fastapi import Request

from api.http.access import may
from api.http.correlation import request_id
from api.sessions import Identity
from api.web.dashboards.kept import Kept
from api.web.dashboards.saved_views import Shown, shown
from api.web.dashboards.view_numbers import ViewNumber, number_of
from api.web.frame.pages import Pages
from infra.drilldown.questions import ask
from infra.views.view import PinPlace, View
from projections.filters import FilterError


class Numbers:
    """The pinned views of a place with their numbers, each asked once for all who read the same question."""

    def __init__(self, pages: Pages) -> None:
        """Hold no number yet."""
        self._pages = pages
        self._kept = Kept[ViewNumber | None](pages)

    def pinned(self, request: Request, who: Identity, place: PinPlace) -> list[tuple[Shown, ViewNumber | None]]:
        """What a reader keeps in sight at a place; nothing for who may read no live report."""
        if not may(who.role, "reports"):
            return []
        views = self._pages.services.views.pinned(who.person, place)
        return [(shown(self._pages, who, view), self._number(request, who, view)) for view in views]

    def _number(self, request: Request, who: Identity, view: View) -> ViewNumber | None:
        """A view's number; an analyst's look at it is a question of its report."""
        services = self._pages.services
        try:
            params = view.params(services.today())
        except FilterError:
            return None
        ask(services, who, view.report, params, {}, request_id(request.scope))
        question = (view.report, tuple(sorted(view.question.items())))
        return self._kept.answer(question, lambda: number_of(self._pages, view))
