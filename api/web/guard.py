"""The guard of the pages: signed in, and in a role that may open the page."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.web.access import CHART_ROLES, DASHBOARD_ROLES, OPERATION_ROLES
from api.web.rendering import Pages
from api.web.session import Identity, Sessions
from domain.vocabulary import Role


class Guard:
    """Gives the identity of a request, or the answer that sends it elsewhere."""

    def __init__(self, pages: Pages, sessions: Sessions) -> None:
        """Check with these sessions, answer with these pages."""
        self._pages = pages
        self._sessions = sessions

    def chart(self, request: Request) -> Identity | Response:
        """For pages that show clients."""
        return self._check(request, CHART_ROLES)

    def dashboard(self, request: Request) -> Identity | Response:
        """For pages that show aggregates."""
        return self._check(request, DASHBOARD_ROLES)

    def operation(self, request: Request) -> Identity | Response:
        """For pages about projections."""
        return self._check(request, OPERATION_ROLES)

    def _check(self, request: Request, roles: frozenset[Role]) -> Identity | Response:
        who = self._sessions.identity(request)
        if who is None:
            return RedirectResponse(f"/?next={quote(request.url.path)}", 303)
        if who.role not in roles:
            allowed = ", ".join(sorted(roles))
            text = f"Your role is {who.role}; this page is for: {allowed}. Sign in with another role to open it."
            return self._pages.page(
                request,
                "message.html",
                who,
                403,
                heading="Not for your role",
                text=text,
                way_on="/",
                way_on_name="Go to your start page",
            )
        return who
