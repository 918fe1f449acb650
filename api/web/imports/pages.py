"""The routes of the import."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.frame.guard import Guard
from api.web.frame.rendering import Pages
from api.web.imports import beginning, mapping_page, trying
from api.web.imports.beginning import PLACE


def add_imports(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes; before those of what the provider defines, whose kinds would take their place."""
    check = guard.area("importing")
    router.add_api_route(PLACE, beginning.opened(pages, check), methods=["GET"])
    router.add_api_route(PLACE, beginning.sent(pages, check), methods=["POST"])
    of_one = f"{PLACE}/{{upload}}"
    router.add_api_route(f"{of_one}/left.csv", trying.left_over(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping.toml", mapping_page.as_toml(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping", mapping_page.opened(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/mapping", mapping_page.sent(pages, check), methods=["POST"])
    router.add_api_route(of_one, trying.opened(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/{{step}}", trying.looked_again(pages, check), methods=["GET"])
    router.add_api_route(f"{of_one}/{{step}}", trying.stepped(pages, check), methods=["POST"])
