"""FHIR R4, read: a client's records for other systems, to a named recipient under a consent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator
from starlette.responses import Response

from api.http.context import QueryMoment
from api.http.fhir_request import NOTHING, AskedHere, respond
from api.http.problems import ProblemError
from infra.disclosure.record_guard import clients_of
from infra.eventstore.client_chart import OpenedChart
from infra.interop.fhir.audit_events import KIND
from infra.interop.fhir.bundles import etag, history, newer_than, versions_of
from infra.interop.fhir.capability import capability_statement
from infra.interop.fhir.coding import CHART_NUMBER, Resource
from infra.interop.fhir.mapping import KINDS
from infra.interop.fhir.outcomes import left_out
from infra.interop.fhir.resource_ids import NoSuchResourceError

# Described by its CapabilityStatement, as FHIR clients expect, and not in the OpenAPI document.
router = APIRouter(tags=["fhir"], include_in_schema=False)

Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9.-]{1,64}$", description="A resource's id")]
Kind = Annotated[str, Path(description="A kind of resource, as Observation", pattern="^[A-Z][A-Za-z]{2,40}$")]
Since = Annotated[QueryMoment | None, Query(alias="_since", description="Only what changed at or after this moment")]


def _known(kind: str) -> str:
    if kind not in (*KINDS, KIND):
        raise ProblemError("not-found", f"No such resources here. There are: {', '.join(sorted((*KINDS, KIND)))}.")
    return kind


def _versioned(kind: str) -> str:
    if kind == KIND:
        raise ProblemError("not-found", "An AuditEvent has one version: read it.")
    return _known(kind)


KnownKind = Annotated[Kind, AfterValidator(_known)]
VersionedKind = Annotated[Kind, AfterValidator(_versioned)]


@router.get("/fhir/metadata", operation_id="fhir-metadata", summary="What this server can do (CapabilityStatement)")
def metadata(request: Request) -> Response:
    """Open to everybody: it says nothing of any client."""
    return respond(capability_statement(str(request.base_url) + "fhir"))


@router.get("/fhir/Patient", operation_id="fhir-find-patient", summary="Find a client by chart number or id")
def find_patient(
    fhir: AskedHere,
    identifier: Annotated[str, Query(description="A chart number, or SYSTEM|NUMBER", max_length=300)] = "",
    key: Annotated[str, Query(alias="_id", pattern=r"^[0-9a-f]{32}$|^$", description="A Patient's id")] = "",
    since: Since = None,
) -> Response:
    """A searchset with the client, or an empty one."""
    if not identifier and not key:
        raise ProblemError("malformed", "identifier: give a chart number, or _id the id of a Patient.")
    system, _, number = identifier.rpartition("|")
    if system not in ("", CHART_NUMBER):
        return fhir.answer([])
    try:
        chart, notice = fhir.chart_of(fhir.services.log.client_id(number) if number else key)
    except ProblemError as problem:
        if problem.kind in ("not-found", "gone"):
            return fhir.answer([])
        raise
    # a chart that was merged into another is found by its old number too
    resources = fhir.narrowed(chart, "Patient", but=("identifier", "_id"))
    return fhir.answer(list(newer_than(resources, since)), notice, chart.unread)


@router.get("/fhir/Patient/{key}/$everything", operation_id="fhir-everything", summary="Every resource of a client")
def everything(
    fhir: AskedHere,
    key: Key,
    since: Since = None,
    kinds: Annotated[str, Query(alias="_type", max_length=400, description="Only these kinds, as Goal,CarePlan")] = "",
) -> Response:
    """A searchset with everything that FHIR carries of the chart; the access log only where ``_type`` names it."""
    wanted = {_known(kind) for kind in kinds.split(",") if kind}
    if KIND in wanted:
        fhir.may_audit()
    chart, notice = fhir.chart_of(key)
    resources = [made for made in fhir.made(chart) if not wanted or made["resourceType"] in wanted]
    if KIND in wanted:
        resources += fhir.made(chart, KIND)
    return fhir.answer(list(newer_than(resources, since)), notice, chart.unread)


@router.get("/fhir/{kind}/{key}/_history", operation_id="fhir-history", summary="How a resource came to be what it is")
def resource_history(fhir: AskedHere, kind: VersionedKind, key: Key, since: Since = None) -> Response:
    """Every version, made from the client's stream itself; a retracted entry is a deleted resource."""
    chart, notice = fhir.chart_of(key)
    note = next(iter(left_out(chart.unread)), None)
    return respond(history(_versions(chart, kind, key), (fhir.base, kind, key), since, note), notice)


@router.get("/fhir/{kind}/{key}/_history/{version}", operation_id="fhir-vread", summary="One version of a resource")
def read_version(
    fhir: AskedHere, kind: VersionedKind, key: Key, version: Annotated[int, Path(ge=1, le=1_000_000)]
) -> Response:
    """The resource as that version said it; 410 for the version in which it was deleted."""
    chart, notice = fhir.chart_of(key)
    versions = _versions(chart, kind, key)
    if version > len(versions):
        raise ProblemError("not-found", "There is no such version.")
    return _version(versions[version - 1][1], version, notice)


@router.get("/fhir/{kind}/{key}", operation_id="fhir-read", summary="One resource")
def read(fhir: AskedHere, kind: KnownKind, key: Key) -> Response:
    """The resource as it is now; 410 when it was there and is no more."""
    if kind == KIND:
        fhir.may_audit()
    chart, notice = fhir.chart_of(key)
    if kind == KIND:
        resource = next((made for made in fhir.made(chart, KIND) if made["id"] == key), None)
        if resource is None:
            raise ProblemError("not-found", NOTHING)
        return respond(resource)
    if key in clients_of(chart)[1:]:
        raise ProblemError("gone", f"The chart was merged into another: Patient/{chart.client_id}.")
    versions = _versions(chart, kind, key)
    return _version(versions[-1][1], len(versions), notice)


@router.get("/fhir/{kind}", operation_id="fhir-search", summary="A client's resources of one kind")
def search(
    fhir: AskedHere,
    kind: KnownKind,
    patient: Annotated[str, Query(pattern=r"^(Patient/)?[0-9a-f]{32}$", description="The client")],
    since: Since = None,
) -> Response:
    """A searchset of those that match the kind's search parameters."""
    if kind == KIND:
        fhir.may_audit()
    chart, notice = fhir.chart_of(patient.removeprefix("Patient/"))
    unread = [] if kind == KIND else chart.unread  # the access log is another log
    return fhir.answer(list(newer_than(fhir.narrowed(chart, kind), since)), notice, unread)


def _versions(chart: OpenedChart, kind: str, key: str) -> list[tuple[int, Resource | None]]:
    try:
        return versions_of(chart.client_id, chart.reference, chart.entries, kind, key)
    except NoSuchResourceError:
        raise ProblemError("not-found", NOTHING) from None


def _version(resource: Resource | None, number: int, notice: str) -> Response:
    if resource is None:
        raise ProblemError("gone", "The entry was retracted; _history has what it said.")
    return respond(resource, notice, {"ETag": etag(number)})
