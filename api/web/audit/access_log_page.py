"""The access log for auditors: from its newest entry back, by who, what and when; and the same as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.files import csv_of
from api.http.correlation import request_id
from api.sessions import Identity
from api.web.audit.access_rows import COLUMNS, KINDS, as_row, shown
from api.web.frame.guard import Check, Guard, Page
from api.web.frame.pages import Pages
from api.whole_numbers import whole_number
from infra.access_log.entries import EVERYBODY, Accessed
from infra.access_log.search import AccessEntries, Wanted, browse
from infra.identity.people import ROLES
from projections.params import known_day

SHOWN = 100
IN_A_FILE = 10_000
FIELDS = ("person", "kind", "role", "from", "to")


def add_access_log(router: APIRouter, pages: Pages, guard: Guard) -> None:
    """Add the routes."""
    check = guard.area("access-review")
    router.add_api_route("/audit/access-log", _listing(pages, check), methods=["GET"])
    router.add_api_route("/audit/access-log.csv", _as_csv(pages, check), methods=["GET"])


def _listing(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        who = check(request)
        query = {name: request.query_params.get(name, "").strip() for name in FIELDS}
        log_page, names = _found(pages, request, who, query, SHOWN)
        filters = {name: value for name, value in query.items() if value}
        return pages.page(
            request,
            "accesslog.html",
            who,
            entries=[shown(pages, entry, names) for entry in log_page.entries],
            query=query,
            kinds=KINDS,
            roles=(*ROLES, "system"),
            filtered=bool(filters),
            older=f"?{urlencode(filters | {'before': str(log_page.before)})}" if log_page.before else "",
            csv=f"/audit/access-log.csv?{urlencode(filters)}",
        )

    return handler


def _as_csv(pages: Pages, check: Check) -> Page:
    def handler(request: Request) -> Response:
        who = check(request)
        query = {name: request.query_params.get(name, "").strip() for name in FIELDS}
        log_page, names = _found(pages, request, who, query, IN_A_FILE)
        return csv_of("access-log", [as_row(entry, names) for entry in log_page.entries], COLUMNS)

    return handler


def _found(
    pages: Pages, request: Request, who: Identity, query: Mapping[str, str], limit: int
) -> tuple[AccessEntries, dict[str, str]]:
    """The entries that are asked for, and the chart numbers of those about one client: telling them is recorded."""
    log = pages.services.people.log
    before = request.query_params.get("before", "")
    start = whole_number(before) or 0
    log_page = browse(log, _wanted(pages, query), start, limit)
    ids = sorted(_alone(log_page.entries))
    log.read(who, ids, request=request_id(request.scope))
    return log_page, pages.services.log.references(ids)


def _alone(entries: Sequence[Accessed]) -> set[str]:
    """The clients who are the only one of an entry."""
    return {entry.clients[0] for entry in entries if len(entry.clients) == 1} - {EVERYBODY}


def _wanted(pages: Pages, query: Mapping[str, str]) -> Wanted:
    return Wanted(
        person=query["person"],
        kinds=frozenset({query["kind"]} & set(KINDS)),
        role=query["role"] if query["role"] in (*ROLES, "system") else "",
        first=_day(pages, query["from"]),
        last=_day(pages, query["to"], days=1),
    )


def _day(pages: Pages, text: str, days: int = 0) -> datetime | None:
    """The beginning of a day of the facility, so many days later; what is no date is left out."""
    day = known_day(text)
    try:
        return datetime.combine(day + timedelta(days=days), time(), pages.zone) if day else None
    except OverflowError:
        return None
