"""History of a chart: the raw stream, and every row that is derived from it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.addresses import Reference
from api.http.context import AsOf, ServicesHere
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.routes_clients import NO_STORE, READ_PROBLEMS
from api.http.views import DerivedRows, HistoryPage
from api.whole_numbers import whole_number
from infra.disclosure.record_guard import open_seen
from infra.history.as_of.clients import rows_at
from infra.history.changes.history import history

router = APIRouter(tags=["charts"])

Who = Annotated[Principal, Depends(allowed("history"))]
OfRequest = Annotated[UUID | None, Query(description="Only what this request recorded")]
_PROBLEMS = responses(*READ_PROBLEMS, "no-such-chart", "not-known-then", "gone")


@router.get(
    "/api/v1/clients/{reference}/history",
    operation_id="get-history",
    summary="The raw stream, in the order of recording, now or as it stood at any moment",
    responses=_PROBLEMS,
)
def get_history(
    services: ServicesHere,
    who: Who,
    reference: Reference,
    response: Response,
    as_of: AsOf = None,
    limit: Limit = 200,
    cursor: Cursor = "",
    correlation_id: OfRequest = None,
) -> HistoryPage:
    """Every entry as it was recorded, with what an amendment changed; entries of charts merged in are not listed."""
    chart = open_seen(services, who, reference, as_of=as_of)
    (text,) = decode(cursor, 1)
    rows_read = history(chart, whole_number(text) or 0, limit + 1, correlation_id)
    rows, more = rows_read[:limit], len(rows_read) > limit
    response.headers["ETag"] = f'"{chart.sequence}"'
    response.headers["Cache-Control"] = NO_STORE
    return HistoryPage.model_validate(
        {
            "client": chart.reference,
            "client_id": chart.client_id,
            "sequence": chart.sequence,
            "entries": rows,
            "next_cursor": encode(str(rows[-1]["sequence"])) if more else None,
        }
    )


@router.get(
    "/api/v1/clients/{reference}/rows",
    operation_id="get-derived-rows",
    summary="Every row that the read models derive of a client, as known now or at any moment",
    responses=_PROBLEMS,
)
def get_rows(
    services: ServicesHere, who: Who, reference: Reference, response: Response, as_of: AsOf = None
) -> DerivedRows:
    """Folded from the log: status, stays, weekly patterns and the rest, table by table."""
    chart = open_seen(services, who, reference, as_of=as_of)
    response.headers["Cache-Control"] = NO_STORE
    tables = rows_at(services, chart.client_id, as_of)
    return DerivedRows.model_validate(
        {"client": chart.reference, "client_id": chart.client_id, "as_of": as_of, "tables": tables}
    )
