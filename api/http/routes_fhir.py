"""FHIR R4, read: a client's records for other systems, to a named recipient under a consent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AfterValidator
from starlette.responses import Response

from api.http.context import QueryMoment, ServicesHere
from api.http.errors import request_id
from api.http.fhir_outcomes import MEDIA_TYPE
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError
from infra.access.charts import open_seen
from infra.access.disclosures import disclose
from infra.charts import NoSuchChartError, OpenedChart
from infra.fhir.bundles import history, newer_than, searchset
from infra.fhir.capability import capability_statement
from infra.fhir.coding import instant
from infra.fhir.locating import NoSuchResourceError, chart_number_of
from infra.fhir.mapping import KINDS, resources
from infra.services import Services
from projections.chart import Chart

# Described by its CapabilityStatement, as FHIR clients expect, and not in the OpenAPI document.
router = APIRouter(tags=["fhir"], include_in_schema=False)

WITHIN = "within-programme"

Who = Annotated[Principal, Depends(allowed("fhir"))]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9.-]{1,64}$", description="A resource's id")]
Kind = Annotated[str, Path(description="A kind of resource, as Observation", pattern="^[A-Z][A-Za-z]{2,40}$")]
Recipient = Annotated[
    str,
    Query(
        alias="_recipient",
        max_length=200,
        description=f"Who receives the records, as a consent names them; `{WITHIN}` for this programme's own staff",
    ),
]
Since = Annotated[QueryMoment | None, Query(alias="_since", description="Only what changed at or after this moment")]


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ProblemError("not-found", f"No such resources here. There are: {', '.join(KINDS)}.")
    return kind


KnownKind = Annotated[Kind, AfterValidator(_known)]


class _Asked:
    """One request for records: who asks, for whom, and the base address of what is answered."""

    def __init__(self, request: Request, services: ServicesHere, who: Who, recipient: Recipient = "") -> None:
        if not recipient:
            detail = f"Name who receives the records: _recipient=…, or _recipient={WITHIN} for this programme's staff."
            raise ProblemError("not-allowed", detail)
        self.services: Services = services
        self.base = str(request.base_url) + "fhir"
        self._who, self._recipient = who, recipient
        self._request = request_id(request.scope)

    def chart(self, chart_number: str) -> tuple[OpenedChart, str]:
        """The chart that may be shown, and the notice that goes with it; recorded before it is shown."""
        if self._recipient == WITHIN:
            return open_seen(self.services, self._who, chart_number, request=self._request), ""
        chart, decision = disclose(
            self.services,
            self._who,
            chart_number,
            recipient=self._recipient,
            purpose=self._who.why,
            what="FHIR",
            request=self._request,
        )
        return chart, decision.notice

    def chart_of(self, key: str) -> tuple[OpenedChart, str]:
        """The chart that a resource belongs to."""
        try:
            return self.chart(chart_number_of(self.services.log, key))
        except NoSuchResourceError:
            raise ProblemError("not-found", "There is no such resource.") from None


Asked = Annotated[_Asked, Depends()]


def _answer(resource: dict[str, Any], notice: str = "") -> Response:
    headers = {"Cache-Control": "no-store"}
    if notice:
        headers["X-Redisclosure-Notice"] = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    return Response(orjson.dumps(resource), media_type=MEDIA_TYPE, headers=headers)


def _made(chart: OpenedChart, kind: str = "") -> Any:
    return resources(Chart(chart.client_id, chart.sequence, chart.entries), chart.reference, kind)


def _found(chart: OpenedChart, kind: str, key: str) -> dict[str, Any]:
    for made in _made(chart, kind):
        if made["id"] == key:
            return made
    raise ProblemError("not-found", "There is no such resource.")


@router.get("/fhir/metadata", operation_id="fhir-metadata", summary="What this server can do (CapabilityStatement)")
def metadata(request: Request) -> Response:
    """Open to everybody: it says nothing of any client."""
    return _answer(capability_statement(str(request.base_url) + "fhir"))


@router.get("/fhir/Patient", operation_id="fhir-find-patient", summary="Find a client by chart number")
def find_patient(
    asked: Asked, identifier: Annotated[str, Query(description="A chart number, or SYSTEM|NUMBER", max_length=300)]
) -> Response:
    """A searchset with the client, or an empty one."""
    try:
        chart, notice = asked.chart(identifier.rpartition("|")[2])
    except NoSuchChartError:
        return _answer(searchset([], asked.base))
    return _answer(searchset(list(_made(chart, "Patient")), asked.base, notice), notice)


@router.get("/fhir/Patient/{key}/$everything", operation_id="fhir-everything", summary="Every resource of a client")
def everything(asked: Asked, key: Key, since: Since = None) -> Response:
    """A searchset with everything that FHIR carries of the chart."""
    chart, notice = asked.chart_of(key)
    return _answer(searchset(_since(_made(chart), since), asked.base, notice), notice)


@router.get("/fhir/{kind}/{key}/_history", operation_id="fhir-history", summary="How a resource came to be what it is")
def resource_history(asked: Asked, kind: KnownKind, key: Key) -> Response:
    """Every version, made from the client's stream itself; a retracted entry is a deleted resource."""
    chart, notice = asked.chart_of(key)
    found = history(chart.client_id, chart.reference, chart.entries, kind, key, asked.base)
    if not found["total"]:
        raise ProblemError("not-found", "There is no such resource.")
    return _answer(found, notice)


@router.get("/fhir/{kind}/{key}", operation_id="fhir-read", summary="One resource")
def read(asked: Asked, kind: KnownKind, key: Key) -> Response:
    """The resource as it is now."""
    chart, notice = asked.chart_of(key)
    return _answer(_found(chart, kind, key), notice)


@router.get("/fhir/{kind}", operation_id="fhir-search", summary="A client's resources of one kind")
def search(
    asked: Asked,
    kind: KnownKind,
    patient: Annotated[str, Query(pattern=r"^(Patient/)?[0-9a-f]{32}$", description="The client")],
    since: Since = None,
) -> Response:
    """A searchset of them."""
    chart, notice = asked.chart_of(patient.removeprefix("Patient/"))
    return _answer(searchset(_since(_made(chart, kind), since), asked.base, notice), notice)


def _since(found: Any, since: datetime | None) -> list[dict[str, Any]]:
    return list(newer_than(found, instant(since)) if since is not None else found)
