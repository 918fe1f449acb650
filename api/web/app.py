"""The web app's routes: sign-in, today, clients, dashboards, definitions, operations."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from api.i18n.preferences import Preferences
from api.sessions import WebSessions
from api.web.administration.pages import add_administration
from api.web.admission.page import add_admission
from api.web.audit.access_log_page import add_access_log
from api.web.audit.access_pages import add_access_pages
from api.web.audit.aside_page import add_aside_pages
from api.web.audit.history_page import history_page
from api.web.audit.integrity_page import add_integrity_pages
from api.web.audit.operations_page import add_operations_pages
from api.web.audit.package_page import add_package_page
from api.web.clients.duplicates_page import add_duplicates_page
from api.web.clients.handoff_acts import add_handoff_pages
from api.web.clients.list_page import clients_page
from api.web.clients.merge_pages import add_merging_pages
from api.web.clients.page import chart_page
from api.web.clients.print_page import add_print_page
from api.web.clients.suggestions import add_suggestions
from api.web.clients.timetable_page import timetable_page
from api.web.clients.today_page import today_page
from api.web.dashboards.changes_page import numbers_page
from api.web.dashboards.number_page import members_csv, number_page
from api.web.dashboards.overview_page import overview_page
from api.web.dashboards.page import dashboard_csv, dashboard_page
from api.web.dashboards.views_page import add_views
from api.web.frame.guard import FormGuard, Guard
from api.web.frame.pages import Pages
from api.web.frame.reference_pages import definitions_page, no_page
from api.web.frame.responses import AnsweredError, answered
from api.web.frame.sign_in import entrance
from api.web.frame.static_files import ROUTE, static_file
from api.web.frame.welcome_page import add_welcome
from api.web.imports.pages import add_imports
from api.web.publications.pages import add_publication_pages
from api.web.publications.plan_pages import add_publishing_pages
from api.web.writing.groups import add_group_page
from api.web.writing.pages import add_writing_pages
from infra.bootstrap import Services


def install(app: FastAPI, services: Services) -> None:
    """Add the pages to an app."""
    pages = Pages(services)
    sessions = cast("WebSessions", app.state.sessions)
    guard = Guard(pages, sessions)
    app.add_exception_handler(AnsweredError, answered)
    app.add_api_route(ROUTE, static_file, methods=["GET"], include_in_schema=False)
    app.router.routes.extend(entrance(pages, sessions).routes)
    app.router.routes.extend(_pages(pages, guard, sessions).routes)
    # innermost: behind the limits of requests and hosts, and behind what counts requests
    app.user_middleware.append(Middleware(Preferences, zone=services.zone))
    app.user_middleware.append(Middleware(FormGuard, sessions=sessions, most=services.uploads.most))


def _pages(pages: Pages, guard: Guard, sessions: WebSessions) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    chart, numbers, anyone = guard.chart, guard.dashboard, guard.area("definitions")
    today, acted = today_page(pages, chart, guard.area("command:assign-flag"))
    router.add_api_route("/today", today, methods=["GET"])
    router.add_api_route("/today/flags", acted, methods=["POST"])
    listing, find = clients_page(pages, chart)
    router.add_api_route("/clients", listing, methods=["GET"])
    router.add_api_route("/clients/find", find, methods=["POST"])
    add_suggestions(router, pages, guard)
    router.add_api_route("/groups", timetable_page(pages, guard.area("group-sessions")), methods=["GET"])
    add_group_page(router, pages, guard)
    add_writing_pages(router, pages, guard)
    add_admission(router, pages, guard)
    add_merging_pages(router, pages, guard)
    add_duplicates_page(router, pages, guard)
    add_handoff_pages(router, pages, guard)
    router.add_api_route("/clients/{reference}", chart_page(pages, chart), methods=["GET"])
    record = history_page(pages, guard.area("history"))
    router.add_api_route("/clients/{reference}/history", record, methods=["GET"])
    add_print_page(router, pages, guard)
    add_access_pages(router, pages, guard, sessions)
    overview = overview_page(pages, guard.area("publications"))
    router.add_api_route("/reports", overview, methods=["GET"])
    router.add_api_route("/dashboards/{name}.csv", dashboard_csv(pages, numbers), methods=["GET"])
    router.add_api_route("/dashboards/{name}", dashboard_page(pages, numbers), methods=["GET"])
    router.add_api_route("/dashboards/{name}/number", number_page(pages, numbers), methods=["GET"])
    members = members_csv(pages, guard.area("client-rows"))
    router.add_api_route("/dashboards/{name}/members.csv", members, methods=["GET"])
    add_views(router, pages, guard)
    add_welcome(router, pages, guard)
    router.add_api_route("/definitions", definitions_page(pages, anyone), methods=["GET"])
    router.add_api_route("/audit/numbers", numbers_page(pages, guard.area("audit")), methods=["GET"])
    add_access_log(router, pages, guard)
    add_integrity_pages(router, pages, guard)
    add_package_page(router, pages, guard)
    add_operations_pages(router, pages, guard)
    add_aside_pages(router, pages, guard)
    add_publishing_pages(router, pages, guard)
    add_publication_pages(router, pages, guard)
    add_imports(router, pages, guard)
    add_administration(router, pages, guard)
    router.add_api_route("/{rest:path}", no_page(pages, anyone), methods=["GET"])
    return router
