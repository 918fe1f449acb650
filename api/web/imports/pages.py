"""The routes of the import."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.frame.guard import Guard
from api.web.frame.pages import Pages
from api.web.imports import mapping_page, trial_page, upload_page
from api.web.imports.upload_page import PLACE


def add_imports(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes; before those of what the provider defines, whose kinds would take their place."""
    check = guard.area("importing")
    router.add_api_route(PLACE, upload_page.opened(pages, check), methods=["GET"])
    router.add_api_route(PLACE, upload_page.sent(pages, check), methods=["POST"])
    of_one = f"{PLACE}/{{upload}}"
    router.add_api_route(f"{of_one}/left.csv", trial_page.left_over(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping.toml", mapping_page.as_toml(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping", mapping_page.opened(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping", mapping_page.sent(pages, check), methods=["POST"])
    router.add_api_route(of_one, trial_page.opened(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/{{step}}", trial_page.looked_again(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/{{step}}", trial_page.stepped(pages, check), methods=["POST"])
