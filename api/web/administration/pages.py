"""The routes of Administration."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.administration import definition_form, definition_history, erasure, schedules
from api.web.administration.kind_page import as_csv, listing
from api.web.frame.guard import Guard
from api.web.frame.pages import Pages


def add_administration(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    seeing, writing = guard.area("provider"), guard.area("defining")
    erasing = guard.area("erasure")
    router.add_api_route(erasure.PLACE, erasure.opened(pages, erasing), methods=["GET"])
    router.add_api_route(erasure.PLACE, erasure.sent(pages, erasing), methods=["POST"])
    stopping = guard.area("schedules")
    router.add_api_route(schedules.PLACE, schedules.opened(pages, stopping), methods=["GET"])
    router.add_api_route(schedules.PLACE, schedules.sent(pages, stopping), methods=["POST"])
    of_kind = "/administration/{kind}"
    router.add_api_route(f"{of_kind}.csv", as_csv(pages, seeing), methods=["GET"])
    router.add_api_route(of_kind, listing(pages, seeing), methods=["GET"])
    router.add_api_route(f"{of_kind}/define", definition_form.opened(pages, writing), methods=["GET"])
    router.add_api_route(f"{of_kind}/define", definition_form.sent(pages, writing), methods=["POST"])
    router.add_api_route(f"{of_kind}/history", definition_history.opened(pages, seeing), methods=["GET"])
    router.add_api_route(f"{of_kind}/history", definition_history.sent(pages, writing), methods=["POST"])
