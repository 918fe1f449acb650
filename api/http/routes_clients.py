"""Charts: the list, one client's status, the timeline."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from api.addresses import Reference
from api.http.context import AsOf, AtPosition, ServicesHere
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_search import matching_clients
from api.http.views import (
    ClientPage,
    ClientRow,
    ClientView,
    StatusView,
    TimelinePage,
    TimelineView,
    UnreadView,
)
from api.whole_numbers import whole_number
from domain.levels import Level
from infra.disclosure.record_guard import hidden_from, open_seen
from infra.eventstore.client_chart import NoSuchPlaceError, at_entry as chart_at_entry, survivor_of
from infra.history.as_of.clients import status_at
from infra.privacy.erasure.notice import notice
from projections.filters import Filters
from projections.status.queries import clients
from projections.timeline.fold import TimelineItem, timeline

router = APIRouter(tags=["charts"])

Who = Annotated[Principal, Depends(allowed("charts"))]
READ_PROBLEMS = ("malformed", "not-signed-in", "not-allowed", "invalid", "internal", "not-ready")
AT_ENTRY_HELP = "As it stood when this entry of the chart was its last; not together with as_of"
_ONE_THEN = responses(*READ_PROBLEMS, "no-such-chart", "not-known-then", "gone")
NO_STORE = "no-store"


@router.get(
    "/api/v1/clients",
    operation_id="list-clients",
    summary="Charts with their status and flags",
    responses=responses(*READ_PROBLEMS, "not-found", "no-key"),
    dependencies=[AtPosition],
)
def list_clients(
    services: ServicesHere,
    who: Who,
    response: Response,
    level: Annotated[Level | None, Query(description="Only this level of care")] = None,
    site: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[str | None, Query(max_length=20, description="As in_treatment")] = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=200, description="Names; better POST …/search: addresses are logged"),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> ClientPage:
    """Page through charts; the cursor goes on where the page before ended. With ``q`` only those whose name fits."""
    if q is not None:
        response.headers["Cache-Control"] = NO_STORE
        return matching_clients(services, who, q, limit)
    (after,) = decode(cursor, 1)
    wanted = {"level": level, "site": site, "state": state}
    where = {name: value for name, value in wanted.items() if value is not None}
    with services.reads.reading() as connection:
        filters = Filters(by=(), where=where)
        sites, but = who.bound_to, hidden_from(services, who)
        rows = clients(connection, filters, services.today(), after=after, limit=limit + 1, sites=sites, but=but)
    page = rows[:limit]
    ids = [row["client_id"] for row in page]
    services.people.log.read(who, ids)
    names = services.log.references(ids)
    response.headers["Cache-Control"] = NO_STORE
    return ClientPage(
        clients=[ClientRow.model_validate({**row, "client": names[row["client_id"]]}) for row in page],
        next_cursor=encode(page[-1]["client_id"]) if len(rows) > limit else None,
    )


@router.get(
    "/api/v1/clients/{reference}",
    operation_id="get-client",
    summary="One chart's status and flags, as known now or at any moment",
    responses=_ONE_THEN,
    dependencies=[AtPosition],
)
def get_client(
    services: ServicesHere, who: Who, reference: Reference, response: Response, as_of: AsOf = None
) -> ClientView:
    """The ETag is the chart's sequence, for the next command's If-Match; with ``as_of`` the last that was known."""
    chart = open_seen(services, who, reference, merged=False, as_of=as_of)
    erased = notice(chart.entries)
    row = status_at(services, chart.client_id, as_of)
    response.headers["ETag"] = f'"{chart.sequence}"'
    response.headers["Cache-Control"] = NO_STORE
    return ClientView.model_validate(
        {
            "client": chart.reference,
            "client_id": chart.client_id,
            "sequence": chart.sequence,
            "merged_into": survivor_of(services.log, chart),
            "erased": asdict(erased) if erased else None,
            "status": StatusView.model_validate(row) if row else None,
        }
    )


@router.get(
    "/api/v1/clients/{reference}/timeline",
    operation_id="get-timeline",
    summary="What happened, in clinical order, as known now or at any moment",
    response_model=TimelinePage,
    responses={304: {"description": "Nothing was recorded since"}, **_ONE_THEN},
    dependencies=[AtPosition],
)
def get_timeline(
    services: ServicesHere,
    who: Who,
    reference: Reference,
    response: Response,
    as_of: AsOf = None,
    at_entry: Annotated[int | None, Query(ge=1, le=2**53, description=AT_ENTRY_HELP)] = None,
    retracted: Annotated[bool, Query(description="Also entries made in error, marked")] = False,
    limit: Limit = 200,
    cursor: Cursor = "",
    if_none_match: Annotated[str | None, Header()] = None,
) -> Any:
    """Corrections and merges are applied; with ``as_of`` those that were recorded at or before it."""
    chart = open_seen(services, who, reference, as_of=as_of)
    if at_entry is not None:
        with one_moment(at_entry, as_of):
            chart = chart_at_entry(chart, services.log, at_entry)
    etag = f'"{chart.sequence}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and etag in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    page, following = after_cursor(timeline(chart.entries, retracted=retracted), cursor, limit)
    return {
        "client": chart.reference,
        "client_id": chart.client_id,
        "sequence": chart.sequence,
        "as_of": as_of,
        "merged_into": survivor_of(services.log, chart),
        "items": [TimelineView.model_validate(asdict(item)) for item in page],
        "unreadable": [UnreadView.of(unread) for unread in chart.left_out],
        "next_cursor": following,
    }


@contextmanager
def one_moment(at_entry: int | None, as_of: datetime | None) -> Generator[None]:
    """Within the block a chart is asked for as it was after one of its entries, and at no other moment.

    Raises:
        ProblemError: it has no such entry, or another moment was asked for as well.
    """
    if at_entry is not None and as_of is not None:
        problem = {"field": "at_entry", "problem": "leave out as_of: one says when, the other after which entry"}
        raise ProblemError("invalid", "Give as_of or at_entry.", {"errors": [problem]})
    try:
        yield
    except NoSuchPlaceError as error:
        problem = {"field": "at_entry", "problem": str(error)}
        raise ProblemError("invalid", "There is no such entry.", {"errors": [problem]}) from None


def after_cursor(items: list[TimelineItem], cursor: str, limit: int) -> tuple[list[TimelineItem], str | None]:
    """The items after a cursor (clinical time and entry of the last one seen) and the next cursor."""
    at, event_id = decode(cursor, 2)
    start = 0
    if cursor:
        places = [place for place, item in enumerate(items, start=1) if item.event_id == event_id]
        moment = (whole_number(at.removeprefix("-")) or 0) * (-1 if at.startswith("-") else 1)
        start = places[0] if places else sum(1 for item in items if item.at < moment)
    page = items[start : start + limit]
    if start + limit >= len(items):
        return page, None
    return page, encode(str(page[-1].at), page[-1].event_id)
