"""Appointment as entries: made, moved, called off, missed. What became of one that was kept its Encounter says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, get_args

from domain.vocabulary import MissedCause
from infra.interop.fhir.coding import EXTENSION
from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.parts import as_list, at, code, codings, elements_with, members, minutes_between, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.words import session_of
from infra.interop.importers.items import Outcome

# R4 appointment-cancellation-reason: the facility called it off, or it was moved to another time.
_NOT_THE_CLIENTS: Final = ("prov", "maint", "meds-inc", "oth-cms", "oth-err")
_MADE: Final = 1  # the number of the entry that made it; the session missed is 0


def appointment(patient: Patient, node: Node) -> Iterator[Outcome]:
    """Ours entry by entry; another system's as made, where it says when, and as missed or called off by the client."""
    resource = node.resource
    entries = elements_with(resource.get("extension"), "url", EXTENSION + "appointment-entry")
    if entries and entry_ids(resource):
        entries_only = replace(node, resource={**resource, "extension": entries})  # each entry holds the rest itself
        for number, entry in enumerate(entries):
            yield from _ours(patient, entries_only, entry, number)
        return
    status = resource.get("status")
    kind = session_of(resource.get("serviceType"))
    if kind is None:
        msg = "serviceType: is no kind of session that is known here"
        raise LeftOverError(msg)
    own_id = appointment_id(patient, node)
    if status in {"booked", "fulfilled"} and not own_id:
        msg = "created: says no moment at which it was made, or it was kept and no session names it"
        raise LeftOverError(msg)
    if status in {"noshow", "cancelled"}:
        yield from _missed(patient, node, kind, own_id)
    if own_id:
        yield from patient.made(
            node, "AppointmentScheduled", resource["created"], _made(patient, node, own_id), number=_MADE
        )


def _ours(patient: Patient, node: Node, entry: Any, number: int) -> Iterator[Outcome]:
    parts = {str(at(part, "url")).replace("-", "_"): part for part in as_list(at(entry, "extension"))}
    values = {
        name: next((v for key, v in members(part) if key.startswith("value")), None) for name, part in parts.items()
    }
    kind, when = str(values.pop("type", "")), values.pop("at", "")
    yield from patient.made(node, kind, when, values, number=number)


def appointment_id(patient: Patient, node: Node | None) -> str:
    """What an Appointment of another system is called here; empty where it makes no appointment.

    One that says when it was made does, and, if it was kept, only where a session names it.
    """
    if node is None or node.kind != "Appointment" or entry_ids(node.resource) or not node.resource.get("created"):
        return ""
    if session_of(node.resource.get("serviceType")) is None:
        return ""
    if node.resource.get("status") == "fulfilled" and not any(_names(patient, visit, node) for visit in patient.nodes):
        return ""
    return str(at(as_list(node.resource.get("identifier")), 0, "value") or node.place.rpartition("/")[2])


def _names(patient: Patient, visit: Node, node: Node) -> bool:
    if visit.kind != "Encounter" or session_of(visit.resource.get("type")) is None:
        return False
    return any(patient.named(reference, visit) is node for reference in as_list(visit.resource.get("appointment")))


def _made(patient: Patient, node: Node, own_id: str) -> dict[str, Any]:
    resource = node.resource
    start, end = patient.moment(resource.get("start")), patient.moment(resource.get("end"))
    if not start:
        msg = "start: says no moment"
        raise LeftOverError(msg)
    minutes = resource.get("minutesDuration") or minutes_between(start, end)
    actors = [at(participant, "actor") for participant in as_list(resource.get("participant"))]
    staff = [text(actor) for actor in actors if "Practitioner" in str(at(actor, "reference"))]
    return {
        "appointment_id": own_id,
        "kind": session_of(resource.get("serviceType")),
        "starts_at": start,
        "minutes": minutes if minutes > 0 else None,
        "clinician": next((name for name in staff if name), None),
    }


def _missed(patient: Patient, node: Node, kind: str, own_id: str) -> Iterator[Outcome]:
    """A missed session: an appointment that was not kept, or was called off and so is excused."""
    resource = node.resource
    cancelled = resource.get("status") == "cancelled"
    reasons = [str(coding.get("code")) for coding in codings(resource.get("cancelationReason"))]
    if cancelled and any(reason.startswith(_NOT_THE_CLIENTS) for reason in reasons):
        msg = "cancelationReason: was called off by the facility, or moved"
        raise LeftOverError(msg)
    comment = str(resource.get("comment") or "")
    cause = code(resource.get("cancelationReason"), "urn:carejourney:missed") or comment.removeprefix("cause: ")
    known = cause if cause in get_args(MissedCause) else None
    data = {"kind": kind, "excused": True if cancelled else None, "cause": known, "appointment_id": own_id or None}
    yield from patient.made(node, "SessionMissed", resource.get("start", ""), data)
