"""Medication for addiction treatment and psychiatry: MedicationRequest, MedicationAdministration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from domain.events import MedicationGiven
from infra.interop.fhir.coding import (
    NOT_RECORDED,
    RXNORM,
    RXNORM_INGREDIENTS,
    Resource,
    filled,
    local,
    named,
    period,
    quantity,
    reference,
    when,
)
from infra.interop.fhir.context import Charting
from projections.clinical.medication import Order, drug_key, medications


def requests(charting: Charting) -> Iterator[Resource]:
    """A MedicationRequest for each order of a drug: active, stopped, or completed where the next one changed it."""
    medicines = medications(charting.chart)
    prior = {id(new): old for prescription in medicines.prescriptions for old, new in pairwise(prescription.orders)}
    for order in medicines.orders:
        yield _request(charting, order, prior.get(id(order)))


def _request(charting: Charting, order: Order, prior: Order | None) -> Resource:
    """One order. What changed it is the request that names it as its prior one, and when is that one's start."""
    entry, event, stop = order.entry, order.event, order.stop
    ended = order.ended if stop else None
    taken = period(when(entry.occurred_at), when(ended.occurred_at) if ended else "")
    dose = {"doseQuantity": quantity(event.dose_mg, "mg", "mg")} if event.dose_mg is not None else None
    body: Resource = {
        "status": "stopped" if stop else "completed" if order.is_changed else "active",
        "statusReason": {"text": stop.reason} if stop and stop.reason else None,
        "intent": "order",
        "category": [local("medication-class", event.class_)],
        "medicationCodeableConcept": drug(event.drug),
        "subject": charting.patient,
        "encounter": charting.encounter(entry),
        "authoredOn": when(entry.occurred_at),
        "requester": named(entry.actor or NOT_RECORDED),
        "reasonCode": [{"text": event.reason}] if event.reason else [],
        "priorPrescription": reference("MedicationRequest", prior.entry.event_id) if prior else None,
        "dosageInstruction": [
            filled({"timing": {"repeat": {"boundsPeriod": taken}}, "doseAndRate": [dose] if dose else []})
        ],
    }
    changed_by = order.ended if order.is_changed else None
    entries = [entry, *([ended] if ended else [])]
    return charting.resource("MedicationRequest", entries, body, profile="medicationrequest", ended_by=changed_by)


def administrations(charting: Charting) -> Iterator[Resource]:
    """A MedicationAdministration for each dose given."""
    for entry, event in charting.chart.events(MedicationGiven):
        dose = quantity(event.dose_mg, "mg", "mg") if event.dose_mg is not None else None
        route = {"text": event.route} if event.route else None
        dosage = filled({"route": route, "dose": dose}) if dose else None  # a dosage needs its dose
        body: Resource = {
            "status": "completed",
            "medicationCodeableConcept": drug(event.drug),
            "subject": charting.patient,
            "context": charting.encounter(entry),
            "effectiveDateTime": when(entry.occurred_at),
            "dosage": dosage,
        }
        yield charting.resource("MedicationAdministration", [entry], body)


def drug(name: str) -> Resource:
    """A drug by name, with the RxNorm code of its ingredient where it is one that addiction care knows."""
    code = RXNORM_INGREDIENTS.get(drug_key(name).split("/")[0].strip())
    only = "/" not in name
    return {"coding": [{"system": RXNORM, "code": code}], "text": name} if code and only else {"text": name}
