"""People and access: breaking the glass, the accounting of disclosures, the access log and its review."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.addresses import Reference
from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_commands import WRITE_PROBLEMS
from api.whole_numbers import whole_number
from infra.access_log.break_glass import LONGEST_REASON
from infra.access_log.entries import Accessed
from infra.access_log.review import review
from infra.bootstrap import Services
from infra.disclosure.disclosures import accesses, accounting
from infra.disclosure.record_guard import break_glass as break_the_glass
from infra.eventstore.client_chart import NoSuchChartError

router = APIRouter(tags=["access"])


class BreakGlassBody(BaseModel):
    """Why a chart of another site is needed now."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(
        min_length=1,
        max_length=LONGEST_REASON,
        pattern=r"^[^\x00]*$",
        description="At least ten characters; an auditor will read it",
        examples=["Client arrived at our emergency room without papers"],
    )


class GlassView(BaseModel):
    """Until when the chart is open for this person."""

    until: datetime


class AccessView(BaseModel):
    """One entry of the access log."""

    position: int
    kind: str = Field(description="ChartsRead, ChartRefused, GlassBroken, RecordsDisclosed, NumbersAsked, SignedIn, …")
    at: datetime
    name: str
    issuer: str = Field(description="With the subject: who it was; empty in entries that have the name alone")
    subject: str = Field(description="The issuer's own name for the person")
    role: str
    via: str = Field(description="api, web or command-line")
    doing: str = Field(description="Route template or command")
    purpose: str
    broken: bool = Field(description="The chart was open by broken glass only")
    clients: list[UUID]
    everybody: bool = Field(description="It is about every client, as a full export is")
    outcome: Literal["done", "refused"]
    refused: str = Field(description="Why it was refused, if it was")
    words: dict[str, str] | None = Field(description="Reason or recipient; null once the client is erased")
    asked: dict[str, str] = Field(
        description="An analyst's question: the report, its filters, days and knowledge times"
    )


class AccessPage(BaseModel):
    """A page of the access log, in the order of recording."""

    entries: list[AccessView]
    next_cursor: str | None


class DisclosureView(BaseModel):
    """One disclosure of a client's records (42 CFR 2.25, 45 CFR 164.528)."""

    at: datetime
    recipient: str | None
    what: str | None
    purpose: str
    basis: str | None
    by: str
    role: str


class AccountingView(BaseModel):
    """What of a client's records left in the last six years, and who read them here."""

    client: str
    disclosures: list[DisclosureView]
    accesses: list[AccessView]


class UnusualView(BaseModel):
    """Reading that stands out: a question to ask, not a finding."""

    name: str
    day: str
    what: str
    found: int
    usual: float


class ReviewView(BaseModel):
    """Broken glass, refusals, and what stands out."""

    since: datetime
    broken: list[AccessView]
    refused: list[AccessView]
    unusual: list[UnusualView]


@router.post(
    "/api/v1/clients/{reference}/break-glass",
    status_code=201,
    operation_id="break-glass",
    summary="Open a chart of another site for a while, with a reason; auditors see it flagged",
    responses=responses(*WRITE_PROBLEMS, "no-such-chart", "internal", "not-ready"),
)
def break_glass(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("break-glass"))],
    reference: Reference,
    body: BreakGlassBody,
) -> GlassView:
    """For this person and this client only. The reason is sealed under the client's key."""
    until = break_the_glass(services, who, reference, body.reason, request_id(request.scope))
    return GlassView(until=until)


@router.get(
    "/api/v1/clients/{reference}/disclosures",
    operation_id="get-disclosures",
    summary="Accounting of disclosures of one client, and of every access",
    responses=responses(*READ_PROBLEMS, "no-such-chart"),
)
def get_disclosures(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("disclosures"))],
    reference: Reference,
) -> AccountingView:
    """Looking at it is recorded too."""
    client_id = known_client(services, reference)
    services.people.log.read(who, [client_id], request=request_id(request.scope))
    return AccountingView.model_validate(
        {
            "client": services.log.reference(client_id) or reference,
            "disclosures": [asdict(row) for row in accounting(services, client_id)],
            "accesses": [view(entry) for entry in accesses(services, client_id)],
        }
    )


@router.get(
    "/api/v1/audit/access",
    operation_id="list-accesses",
    summary="The access log: who read what, and why",
    responses=responses(*READ_PROBLEMS),
)
def list_accesses(
    services: ServicesHere,
    _: Annotated[Principal, Depends(allowed("access-review"))],
    limit: Limit = 200,
    cursor: Cursor = "",
) -> AccessPage:
    """In the order of recording; words stay sealed here, the accounting of a client opens them."""
    (after,) = decode(cursor, 1)
    page = services.people.log.page(whole_number(after) or 0, limit)
    more = len(page) == limit
    return AccessPage(
        entries=[view(entry) for entry in page], next_cursor=encode(str(page[-1].position)) if more else None
    )


@router.get(
    "/api/v1/audit/access-review",
    operation_id="review-accesses",
    summary="Broken glass, refused attempts, and reading that stands out",
    responses=responses(*READ_PROBLEMS),
)
def review_accesses(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("access-review"))],
    days: Annotated[int, Query(ge=1, le=366, description="How far back")] = 30,
) -> ReviewView:
    """The reasons of broken glass are opened, so this look is recorded as well."""
    since = services.now() - timedelta(days=days)
    reviewed = review(services.people.log.every(opened=True), services.zone, since)
    clients = {client for entry in reviewed.broken for client in entry.clients}
    services.people.log.read(who, sorted(clients), request=request_id(request.scope))
    return ReviewView.model_validate(
        {
            "since": since,
            "broken": [view(entry) for entry in reviewed.broken],
            "refused": [view(entry) for entry in reviewed.refused],
            "unusual": [asdict(row) for row in reviewed.unusual],
        }
    )


def known_client(services: Services, reference: str) -> str:
    """The stream of a chart that exists.

    Raises:
        NoSuchChartError: nothing is recorded under the number.
    """
    client_id = services.log.client_id(reference)
    if not services.log.recorder.streams([client_id]):
        raise NoSuchChartError
    return client_id


def view(entry: Accessed) -> AccessView:
    """An entry as it is answered."""
    shown: dict[str, Any] = {name: getattr(entry, name) for name in _SAME}
    clients = [] if entry.about_everybody else list(entry.clients)
    return AccessView.model_validate({**shown, "clients": clients, "everybody": entry.about_everybody})


_SAME = (
    "position",
    "kind",
    "at",
    "name",
    "issuer",
    "subject",
    "role",
    "via",
    "doing",
    "purpose",
    "broken",
    "outcome",
    "refused",
    "words",
    "asked",
)
