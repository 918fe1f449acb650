"""The web app's routes: sign-in, today, clients, dashboards, definitions, operations."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from api.web.chart_page import chart_page
from api.web.clients_page import clients_page
from api.web.dashboards import dashboard_csv, dashboard_page
from api.web.guard import Guard
from api.web.reference_pages import definitions_page, no_page, operations_page
from api.web.rendering import HERE, Pages
from api.web.session import DEMO_ROLES, SESSION_COOKIE, SESSION_SECONDS, Sessions
from api.web.today_page import today_page
from domain.vocabulary import Role
from infra.services import Services

_YEAR = "public, max-age=31536000, immutable"


def install(app: FastAPI, services: Services) -> None:
    """Add the pages to an app."""
    pages = Pages(services)
    sessions = Sessions(services)
    guard = Guard(pages, sessions)
    plotly = str(files("plotly").joinpath("package_data", "plotly.min.js"))

    @app.get("/static/plotly.min.js", include_in_schema=False)
    def plotly_js() -> Response:  # pyright: ignore[reportUnusedFunction]
        return FileResponse(plotly, media_type="text/javascript", headers={"Cache-Control": _YEAR})

    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(_entrance(pages, sessions), include_in_schema=False)
    app.include_router(_pages(pages, guard), include_in_schema=False)


def _entrance(pages: Pages, sessions: Sessions) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def entrance(request: Request, next: str = "") -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        who = sessions.identity(request)
        if who:
            return RedirectResponse(home_of(who.role), 303)
        roles = DEMO_ROLES if sessions.demo else {}
        return pages.page(request, "signin.html", None, roles=roles, onward=local_path(next), problem="")

    @router.post("/sign-in")
    def sign_in(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        role: Annotated[str, Form()],
        next: Annotated[str, Form()] = "",  # noqa: A002
    ) -> Response:
        chosen = next_role(role)
        if not sessions.demo or chosen is None:
            roles = DEMO_ROLES if sessions.demo else {}
            problem = "This sign-in is not available here."
            return pages.page(request, "signin.html", None, 403, roles=roles, onward="", problem=problem)
        answer = RedirectResponse(local_path(next) or home_of(chosen), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            SESSION_COOKIE, sessions.issue(chosen), SESSION_SECONDS, httponly=True, samesite="strict", secure=secure
        )
        return answer

    @router.post("/sign-out")
    def sign_out() -> Response:  # pyright: ignore[reportUnusedFunction]
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def _pages(pages: Pages, guard: Guard) -> APIRouter:
    router = APIRouter()
    chart, anyone, operators = guard.chart, guard.dashboard, guard.operation
    router.add_api_route("/today", today_page(pages, chart), methods=["GET"])
    listing, find = clients_page(pages, chart)
    router.add_api_route("/clients", listing, methods=["GET"])
    router.add_api_route("/clients/find", find, methods=["POST"])
    router.add_api_route("/clients/{reference}", chart_page(pages, chart), methods=["GET"])
    router.add_api_route("/dashboards/{name}.csv", dashboard_csv(pages, anyone), methods=["GET"])
    router.add_api_route("/dashboards/{name}", dashboard_page(pages, anyone), methods=["GET"])
    router.add_api_route("/definitions", definitions_page(pages, anyone), methods=["GET"])
    router.add_api_route("/operations", operations_page(pages, operators), methods=["GET"])
    router.add_api_route("/{rest:path}", no_page(pages, anyone), methods=["GET"])
    return router


def next_role(role: str) -> Role | None:
    """The role, if it is one of the demo's."""
    return next((known for known in DEMO_ROLES if known == role), None)


def home_of(role: str) -> str:
    """The page a role starts on."""
    return {"reporting": "/dashboards/status", "admin": "/operations"}.get(role, "/today")


def local_path(path: str) -> str:
    """A path of this app, or nothing: a sign-in never leads to another site."""
    return quote(path, safe="/?&=%-_.~") if path.startswith("/") and not path.startswith(("//", "/\\")) else ""
