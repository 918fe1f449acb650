"""The page of the tour, and the button that ends its offer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.web.frame.guard import Guard
from api.web.frame.pages import Pages
from api.web.frame.places import home_of
from api.web.frame.tour import TOURS, dismiss

PLACE = "/welcome"


def add_welcome(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("definitions")

    def shown(request: Request) -> Response:
        who = check(request)
        return pages.page(request, "welcome.html", who, steps=TOURS[who.role], home=home_of(who.role))

    def dismissed(request: Request) -> Response:
        who = check(request)
        answer = RedirectResponse(home_of(who.role), 303)
        dismiss(request, answer, pages.services.people.form_key, who)
        return answer

    router.add_api_route(PLACE, shown, methods=["GET"])
    router.add_api_route(PLACE, dismissed, methods=["POST"])
