"""Put the JSON API together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.routing import Match

from api.addresses import Segments
from api.http import (
    routes_access,
    routes_asides,
    routes_audit,
    routes_checks,
    routes_clients,
    routes_columns,
    routes_commands,
    routes_definitions,
    routes_differences,
    routes_documents,
    routes_duplicates,
    routes_erasure,
    routes_feed,
    routes_fhir,
    routes_groups,
    routes_health,
    routes_history,
    routes_live,
    routes_members,
    routes_operations,
    routes_packages,
    routes_projections,
    routes_provider,
    routes_publications,
    routes_publisher,
    routes_reports,
    routes_schedules,
    routes_search,
    routes_subscribers,
    routes_views,
    routes_worklist,
)
from api.http.errors import install
from api.http.guard import BodyGuard
from api.http.metrics import Metrics
from api.http.observability import Observer
from api.http.openapi import build
from api.http.problems import KINDS, ProblemError
from api.http.refusals import RefusalsRecorded
from api.http.request_limits import RequestLimits, hosts_of
from api.sessions import WebSessions
from infra.bootstrap import Services
from infra.identity.limits import Buckets

ROUTERS = (
    routes_commands.router,
    routes_erasure.router,
    routes_groups.router,
    routes_search.router,
    routes_duplicates.router,
    routes_clients.router,
    routes_worklist.router,
    routes_history.router,
    routes_documents.router,
    routes_publisher.router,
    routes_publications.router,
    routes_columns.router,
    routes_reports.router,
    routes_views.router,
    routes_schedules.router,
    routes_members.router,
    routes_projections.router,
    routes_provider.router,
    routes_definitions.router,
    routes_operations.router,
    routes_feed.router,
    routes_subscribers.router,
    routes_live.router,
    routes_access.router,
    routes_asides.router,
    routes_audit.router,
    routes_checks.router,
    routes_packages.router,
    routes_differences.router,
    routes_fhir.router,
    routes_health.router,
)


_TITLE, _VERSION = "Care Journey", "1"


def create_app(services: Services, appended: Callable[[], Any] | None = None) -> FastAPI:
    """The API over open services.

    ``appended`` is called after each recorded command so that read models follow (a follower's ``wake``); by
    default they are brought up to date before the command is answered.
    """
    app = FastAPI(
        title=_TITLE,
        version=_VERSION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    metrics = Metrics(services)
    follow = appended or services.catch_up

    def after_append() -> None:
        metrics.appended()
        follow()

    app.state.services = services
    app.state.sessions = WebSessions(services)
    app.state.by_account = Buckets(services.settings.requests_per_minute)
    app.state.metrics = metrics
    app.state.draining = threading.Event()
    app.state.streams = routes_live.Streams()
    app.state.appended = after_append
    install(app)
    # the routes themselves, not include_router: that makes each anew for each app, at its first request
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    app.add_api_route("/problems/{name}", problem_kind, include_in_schema=False)
    app.add_api_route("/api/{rest:path}", unmatched, methods=_METHODS, include_in_schema=False)
    app.add_api_route("/fhir/{rest:path}", unmatched, methods=_METHODS, include_in_schema=False)
    app.openapi = document
    app.add_middleware(RefusalsRecorded, services=services)
    app.add_middleware(Segments)
    app.add_middleware(BodyGuard)
    app.add_middleware(
        RequestLimits, hosts=hosts_of(services.settings), requests=Buckets(services.settings.requests_per_minute)
    )
    app.add_middleware(Observer, metrics=metrics, draining=app.state.draining)
    return app


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: the same for every app, so a process makes it once. Nobody changes it."""
    return build(_TITLE, _VERSION, [route for router in ROUTERS for route in router.routes])


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def problem_kind(name: str) -> dict[str, Any]:
    """What a kind of problem means.

    Raises:
        ProblemError: no such kind.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise ProblemError("not-found", f"No such kind of problem. There are: {', '.join(KINDS)}.")
    meaning = kind.model.__doc__
    return {"type": f"/problems/{name}", "title": kind.title, "status": kind.status, "meaning": meaning}


def unmatched(request: Request) -> None:
    """Answer what no route matches: 405 where another method would.

    Raises:
        ProblemError: always.
    """
    methods: set[str] = set()
    for route in (route for router in ROUTERS for route in router.routes):
        match, _ = route.matches(request.scope)
        if match is Match.PARTIAL:
            methods |= set(getattr(route, "methods", None) or ())
    if methods:
        allow = ", ".join(sorted(methods))
        raise ProblemError("method-not-allowed", f"Use {allow}.", headers={"Allow": allow})
    listed = "/fhir/metadata" if request.scope["path"].startswith("/fhir/") else "/api/v1/openapi.json"
    raise ProblemError("not-found", f"See {listed} for what there is.")
