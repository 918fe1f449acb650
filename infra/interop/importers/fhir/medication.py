"""MedicationRequest, MedicationAdministration and MedicationDispense as entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.drugs import class_of, drug_of
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, last_day, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.status import is_error
from infra.interop.importers.items import Outcome


def medication_request(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A prescription, and its stop at its end.

    One that is over and does not say since when is left over whole: recorded without its end it would run on.
    """
    resource = node.resource
    concept = _medication(patient, node)
    drug = _drug(node, concept)
    is_over = resource.get("status") in ("stopped", "completed")
    end = _end(patient, resource, is_over=is_over)
    ours = bool(entry_ids(resource))  # one of ours whose dose changed is completed, and the next one goes on
    if is_over and not end and not ours:
        msg = f"status is {resource['status']}, and no day says since when"
        raise LeftOverError(msg)
    begun = patient.moment(resource.get("authoredOn"))
    if begun and end and not ours and datetime.fromisoformat(end) < datetime.fromisoformat(begun):
        msg = "dosageInstruction: ends before it was ordered"
        raise LeftOverError(msg)
    data = {
        "drug": drug,
        "class": code(resource.get("category"), "urn:carejourney:medication-class") or class_of(concept, drug),
        "dose_mg": _dose(resource),
        "reason": text(at(resource, "reasonCode", 0)) or None,
    }
    yield from patient.made(node, "MedicationStarted", resource.get("authoredOn", ""), data)
    if end and (is_over or (not ours and datetime.fromisoformat(end) <= patient.now)):
        stop = {"drug": drug, "reason": text(resource.get("statusReason")) or None}
        yield from patient.made(node, "MedicationStopped", end, stop, number=1)


def _drug(node: Node, concept: Any) -> str:
    """The drug; of a resource that we exported, as it was recorded."""
    recorded = text(concept) if entry_ids(node.resource) else ""
    return recorded or drug_of(concept)


def _dose(resource: Resource) -> Any:
    """The dose, where all instructions say one."""
    dosages = as_list(resource.get("dosageInstruction"))
    doses = [_milligrams(at(dosage, "doseAndRate", 0, "doseQuantity")) for dosage in dosages]
    return doses[0] if doses and all(dose == doses[0] for dose in doses) else None


def _end(patient: Patient, resource: Resource, *, is_over: bool) -> str:
    """When a prescription ends: with the last of its dosages, where each says when; an old one, by its dispensing."""
    dosages = as_list(resource.get("dosageInstruction"))
    ends = [_last(patient, at(dosage, "timing", "repeat", "boundsPeriod", "end")) for dosage in dosages]
    last = max(ends, key=datetime.fromisoformat) if ends and all(ends) else ""
    if last or not is_over:
        return last
    return _last(patient, at(resource, "dispenseRequest", "validityPeriod", "end"))


def _last(patient: Patient, end: Any) -> str:
    """The moment of a period's end; a month or a year ends with its last day."""
    day = None if patient.moment(end) else last_day(end, patient.zone)
    return patient.moment(day.isoformat() if day else end)


def _medication(patient: Patient, node: Node) -> Any:
    """The drug as a concept: its own, or that of the Medication which is named."""
    concept = node.resource.get("medicationCodeableConcept")
    if concept is not None:
        return concept
    medication = patient.references.named(node.resource.get("medicationReference"), node)
    counts = medication is not None and medication.kind == "Medication" and not is_error(medication.resource)
    return medication.resource.get("code") if medication is not None and counts else None


def _milligrams(quantity: Any) -> Any:
    """The amount, where its code, or its unit when it has no code, is mg."""
    return at(quantity, "value") if (at(quantity, "code") or at(quantity, "unit")) == "mg" else None


def administration(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A dose that was given."""
    resource = node.resource
    drug = _drug(node, _medication(patient, node))
    when = resource.get("effectiveDateTime") or at(resource, "effectivePeriod", "start") or ""
    given = at(resource, "dosage", "dose")
    dose = _milligrams(given)
    if resource.get("statusReason") and not entry_ids(resource):
        msg = "statusReason: says why it was not given"
        raise LeftOverError(msg)
    if dose is None and at(given, "value") is not None:
        msg = "dosage.dose: is in another unit than mg: record the dose here"
        raise LeftOverError(msg)
    route = text(at(resource, "dosage", "route")) or None
    yield from patient.made(node, "MedicationGiven", when, {"drug": drug, "dose_mg": dose, "route": route})


_DAYS: Final = frozenset({"d", "day", "days"})


def dispense(patient: Patient, node: Node) -> Iterator[Outcome]:
    """What was dispensed to take home, on the day on which it was handed over.

    One without its days would read as a dose taken on site, and one that was only prepared was not handed over.
    """
    resource = node.resource
    drug = _drug(node, _medication(patient, node))
    supply = resource.get("daysSupply")
    days = at(supply, "value")
    unit = str(at(supply, "code") or at(supply, "unit") or "d").casefold()
    if not isinstance(days, int | float) or isinstance(days, bool) or days != int(days) or unit not in _DAYS:
        msg = "daysSupply: says no whole number of days"
        raise LeftOverError(msg)
    routes = {text(at(dosage, "route")) for dosage in as_list(resource.get("dosageInstruction"))} - {""}
    route = routes.pop() if len(routes) == 1 else None
    data = {"drug": drug, "route": route, "days_supply": int(days)}
    yield from patient.made(node, "MedicationGiven", resource.get("whenHandedOver") or "", data)
