"""Medication for addiction treatment and psychiatry: MedicationRequest, MedicationAdministration."""

from __future__ import annotations

from collections.abc import Iterator

from domain.events import MedicationGiven, MedicationStarted, MedicationStopped
from infra.fhir.coding import (
    NOT_RECORDED,
    RXNORM,
    RXNORM_INGREDIENTS,
    Resource,
    filled,
    named,
    own,
    period,
    quantity,
    when,
)
from infra.fhir.context import Charting


def requests(charting: Charting) -> Iterator[Resource]:
    """A MedicationRequest for each prescription; stopped when the next stop of that drug comes."""
    stops = charting.chart.events(MedicationStopped)
    for entry, event in charting.chart.events(MedicationStarted):
        stop = next(((at, why) for at, why in stops if why.drug == event.drug and at.at >= entry.at), None)
        taken = period(when(entry.occurred_at), when(stop[0].occurred_at) if stop else "")
        dose = {"doseQuantity": quantity(event.dose_mg, "mg", "mg")} if event.dose_mg is not None else None
        body: Resource = {
            "status": "stopped" if stop else "active",
            "statusReason": {"text": stop[1].reason} if stop and stop[1].reason else None,
            "intent": "order",
            "category": [own("medication-class", event.class_)],
            "medicationCodeableConcept": drug(event.drug),
            "subject": charting.patient,
            "encounter": charting.encounter(entry),
            "authoredOn": when(entry.occurred_at),
            "requester": named(entry.meta.get("w") or NOT_RECORDED),
            "reasonCode": [{"text": event.reason}] if event.reason else [],
            "dosageInstruction": [
                filled({"timing": {"repeat": {"boundsPeriod": taken}}, "doseAndRate": [dose] if dose else []})
            ],
        }
        entries = [entry, *([stop[0]] if stop else [])]
        yield charting.resource("MedicationRequest", entries, body, profile="medicationrequest")


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
    code = RXNORM_INGREDIENTS.get(name.casefold().split("/")[0].strip())
    only = "/" not in name
    return {"coding": [{"system": RXNORM, "code": code}], "text": name} if code and only else {"text": name}
