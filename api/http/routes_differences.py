"""What became known between two moments: of one client, or behind a report's numbers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.http.context import QueryMoment, ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_reports import report_params
from infra.access.charts import open_seen, see_references
from infra.asof.differences import Learned, changed_rows, learned, report_difference
from infra.reports import REPORTS, ReportParams

router = APIRouter(tags=["audit"])

Who = Annotated[Principal, Depends(allowed("audit"))]
Then = Annotated[QueryMoment, Query(alias="known_from", description="The earlier knowledge time")]
Now = Annotated[QueryMoment | None, Query(alias="known_to", description="The later one; now, if left out")]


class LearnedView(BaseModel):
    """One entry recorded between the two moments."""

    client: str
    sequence: int
    event_id: str
    type: str
    effect: str = Field(description="learned, corrected, retracted or merged")
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    late_days: int = Field(description="Whole days between what happened and its recording")
    before: dict[str, Any] | None = Field(description="What a correction or retraction changed, field by field")
    after: dict[str, Any] | None


class ChangedRow(BaseModel):
    """A row of a read model that went or came."""

    table: str
    change: str
    row: dict[str, Any]


class ClientDifference(BaseModel):
    """What became known of a client between two moments."""

    client: str
    entries: list[LearnedView]
    rows: list[ChangedRow]


class CellView(BaseModel):
    """A number of a report, then and now."""

    group: dict[str, Any]
    name: str
    then: Any
    now: Any


class NumbersDifference(BaseModel):
    """What changed in a report between two moments, and the entries without which it would not have."""

    report: str
    clients: int
    cells: list[CellView]
    entries: list[LearnedView]


@router.get(
    "/api/v1/audit/clients/{reference}/difference",
    operation_id="get-client-difference",
    summary="What became known of a client between two moments",
    responses=responses(*READ_PROBLEMS, "no-such-chart"),
)
def client_difference(
    services: ServicesHere, who: Who, reference: str, start: Then, end: Now = None
) -> ClientDifference:
    """Entries with what they changed, and the rows of read models that went and came."""
    last = _checked(start, end or services.now())
    chart = open_seen(services, who, reference)
    return ClientDifference(
        client=reference,
        entries=[_view(entry, reference) for entry in learned(chart, start, last)],
        rows=[ChangedRow.model_validate(row) for row in changed_rows(chart, start, last)],
    )


@router.get(
    "/api/v1/audit/reports/{report}/difference",
    operation_id="get-report-difference",
    summary="Which entries changed a report's numbers between two moments",
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def numbers_difference(
    services: ServicesHere,
    who: Who,
    report: str,
    start: Then,
    params: Annotated[ReportParams, Depends(report_params)],
    end: Now = None,
) -> NumbersDifference:
    """Each named entry is one without which its client's part of the report would be another."""
    if report not in REPORTS:
        raise ProblemError("not-found", f"No such report. There are: {', '.join(REPORTS)}.")
    found = report_difference(services, report, params, start, _checked(start, end or services.now()))
    names = services.log.references(list(dict.fromkeys(entry.client_id for entry in found.entries)))
    see_references(services, who, names.values())
    return NumbersDifference(
        report=report,
        clients=found.clients,
        cells=[CellView(**asdict(cell)) for cell in found.cells],
        entries=[_view(entry, names.get(entry.client_id, "")) for entry in found.entries],
    )


def _view(entry: Learned, client: str) -> LearnedView:
    said = asdict(entry)
    del said["client_id"]
    return LearnedView.model_validate({"client": client, **said})


def _checked(start: datetime, end: datetime) -> datetime:
    if start >= end:
        problem = {"field": "known_from", "problem": "is not before known_to"}
        raise ProblemError("invalid", "Give the earlier moment first.", {"errors": [problem]})
    return end
