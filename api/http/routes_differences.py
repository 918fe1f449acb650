"""What became known between two moments: of one client, or behind a report's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from api.addresses import Reference
from api.http.access import may
from api.http.context import QueryMoment, ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.report_params import Name, report_params
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_reports import check_scope
from domain.entries import microseconds
from infra.disclosure.record_guard import open_seen, see_references
from infra.drilldown.questions import ask
from infra.history.changes.client import ClientEntries
from infra.history.changes.entries import Change, learned
from infra.history.changes.numbers import Cell, changed_numbers, report_difference
from infra.history.changes.rows import changed_rows
from infra.reporting.reports import REPORTS, ReportParams

router = APIRouter(tags=["audit"])

Then = Annotated[QueryMoment, Query(alias="known_from", description="The earlier knowledge time")]
Now = Annotated[QueryMoment | None, Query(alias="known_to", description="The later one; now, if left out")]


MOST_CLIENTS = 1_000  # looked into by one request


class ChangeView(BaseModel):
    """One entry recorded between the two moments."""

    client: str
    sequence: int
    position: int
    event_id: UUID
    type: str
    effect: str = Field(description="learned, corrected, retracted, restored, merged or unmerged")
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    source: str
    late_days: int = Field(description="Whole days between what happened and its recording")
    before: dict[str, Any] | None = Field(description="An amendment: the fields that it changed, as they were")
    after: dict[str, Any] | None = Field(description="An amendment: the same fields since")


class ChangedRow(BaseModel):
    """A row of a read model that went or came."""

    table: str
    change: Literal["went", "came"]
    row: dict[str, Any]


class ClientDifference(BaseModel):
    """What became known of a client between two moments."""

    client: str
    entries: list[ChangeView]
    rows: list[ChangedRow]


class CellView(BaseModel):
    """A number of a report, then and now. Without entries it moved because days went by, or they are not told."""

    group: dict[str, Any]
    name: str
    then: Any
    now: Any
    entries: list[UUID] = Field(description="Ids of the entries that moved the numbers of this group")


class NumbersDifference(BaseModel):
    """What changed in a report between two moments, and the entries that changed it, for auditors alone."""

    report: str
    clients: int | None = Field(description="How many clients' entries; null for who is told none")
    cells: list[CellView]
    entries: list[ChangeView]


@router.get(
    "/api/v1/audit/clients/{reference}/difference",
    operation_id="get-client-difference",
    summary="What became known of a client between two moments",
    responses=responses(*READ_PROBLEMS, "no-such-chart", "not-known-then"),
)
def client_difference(
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("audit"))],
    reference: Reference,
    start: Then,
    end: Now = None,
) -> ClientDifference:
    """Entries with what they changed, and the rows of read models that went and came."""
    until = _checked(start, end or services.now())
    chart = open_seen(services, who, reference, as_of=until)
    first, last = microseconds(start), microseconds(until)
    fresh = [learned(entry, chart.entries) for entry in chart.entries if entry.recorded > first]
    rows = changed_rows(ClientEntries(services.log, chart.client_id), first, last)
    return ClientDifference(
        client=chart.reference,
        entries=[_view(entry, chart.reference) for entry in fresh],
        rows=[ChangedRow.model_validate(row) for row in rows],
    )


@router.get(
    "/api/v1/audit/reports/{report}/difference",
    operation_id="get-report-difference",
    summary="Which numbers of a report changed between two moments, and which entries changed them",
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def numbers_difference(
    services: ServicesHere,
    request: Request,
    who: Annotated[Principal, Depends(allowed("reports"))],
    report: Name,
    start: Then,
    params: Annotated[ReportParams, Depends(report_params)],
    end: Now = None,
) -> NumbersDifference:
    """Auditors are told the entries, others the numbers."""
    if report not in REPORTS:
        raise ProblemError("not-found", f"No such report. There are: {', '.join(REPORTS)}.")
    until = _checked(start, end or services.now())
    if not may(who.role, "audit"):
        check_scope(report, params, who)
        cells = changed_numbers(services, report, params, start, end)
        times = {"known_from": start, "known_to": end}
        ask(services, who, report, params, times, request_id(request.scope))
        return NumbersDifference(report=report, clients=None, cells=_cells(cells), entries=[])
    difference = report_difference(services, report, params, start, until, most=MOST_CLIENTS)
    names = services.log.references(list(dict.fromkeys(entry.client_id for entry in difference.entries)))
    see_references(services, who, names.values())
    return NumbersDifference(
        report=report,
        clients=difference.clients,
        cells=_cells(difference.cells),
        entries=[_view(entry, names.get(entry.client_id, entry.client_id)) for entry in difference.entries],
    )


def _cells(cells: Sequence[Cell]) -> list[CellView]:
    return [CellView.model_validate(asdict(cell)) for cell in cells]


def _view(entry: Change, client: str) -> ChangeView:
    return ChangeView.model_validate({"client": client, **asdict(entry)})


def _checked(start: datetime, end: datetime) -> datetime:
    if start >= end:
        problem = {"field": "known_from", "problem": "is not before known_to"}
        raise ProblemError("invalid", "Give the earlier moment first.", {"errors": [problem]})
    return end
