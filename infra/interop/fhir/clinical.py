"""What was found and given: Condition, Observation, QuestionnaireResponse, Medication…, AdverseEvent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    AssessmentCompleted,
    DiagnosisRecorded,
    DrugScreenMissed,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    IncidentRecorded,
    InstrumentScored,
    LapseRecorded,
    RelapseRecorded,
    SoberLivingEntered,
    SoberLivingLeft,
    UseReported,
)
from infra.interop.fhir import coding as c
from infra.interop.fhir.coding import Resource, concept, filled, local, named, quantity, reference, when
from infra.interop.fhir.context import Charting
from infra.interop.fhir.drug_tests import urine_code
from projections.clinical.substances import CLASSES, class_of

_SIMPLE = "simple-observation"
_ASSESSED = "observation-screening-assessment"
_LONGEST = 36_500  # days: a reported abstinence of more than a century has lost its start


def conditions(charting: Charting) -> Iterator[Resource]:
    """A Condition for each diagnosis."""
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verified = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    category = "http://terminology.hl7.org/CodeSystem/condition-category"
    for entry, event in charting.chart.events(DiagnosisRecorded):
        severity = c.SEVERITY_SNOMED.get(event.severity or "")
        body: Resource = {
            "clinicalStatus": concept(clinical, "active"),
            "verificationStatus": concept(verified, "confirmed"),
            "category": [concept(category, "problem-list-item"), local("diagnosis", event.category)],
            "severity": concept(c.SNOMED, *severity) if severity else None,
            "code": {**concept(c.ICD10, event.icd10), **({"text": event.substance} if event.substance else {})},
            "subject": charting.patient,
            "encounter": charting.encounter(entry),
            "recordedDate": when(entry.occurred_at),
        }
        yield charting.resource("Condition", [entry], body, profile="condition-problems-health-concerns")


def screens(charting: Charting) -> Iterator[Resource]:
    """An Observation for each drug screen, with one member for each substance that it looked for or found."""
    for entry, event in charting.chart.events(DrugScreenResulted):
        members = [
            _substance(charting, entry, event, name, number, positive=name in event.positive)
            for number, name in enumerate(_tested(event), start=1)
        ]
        body: Resource = {
            **_screen(charting, entry, event),
            "code": local("screen", "drug_screen", "drug screen"),
            "valueCodeableConcept": {"coding": [c.POSITIVE if event.positive else c.NEGATIVE]},
            "hasMember": [reference("Observation", member["id"]) for member in members],
            "note": _screen_notes(event),
        }
        yield charting.resource("Observation", [entry], body, profile="observation-lab")
        yield from members
    for entry, event in charting.chart.events(DrugScreenMissed):
        body = {
            "status": "cancelled",
            "category": [concept(c.OBSERVATION_CATEGORY, "laboratory")],
            "code": local("screen", "drug_screen", "drug screen"),
            "subject": charting.patient,
            "encounter": charting.encounter(entry),
            "effectiveDateTime": when(entry.occurred_at),
            "dataAbsentReason": concept(c.ABSENT, "not-performed"),
            "note": [{"text": f"cause: {event.cause}"}] if event.cause else [],
        }
        yield charting.resource("Observation", [entry], body, profile="observation-lab")


def _tested(event: DrugScreenResulted) -> list[str]:
    """The substances that were found, then those that were looked for and whose kind was not found."""
    panel = (event.panel,) if isinstance(event.panel, str) else (event.panel or ())
    classes = {class_of(name) for name in event.positive}
    negative = [name for name in panel if class_of(name) not in classes and class_of(name) in CLASSES]
    return [*event.positive, *dict.fromkeys(negative)]


def _screen(charting: Charting, entry: Entry, event: DrugScreenResulted) -> Resource:
    specimen: Resource = {
        "resourceType": "Specimen",
        "id": "specimen",
        "type": concept(c.SNOMED, *c.SPECIMEN_SNOMED[event.specimen]),
    }
    return {
        "contained": [specimen],
        "status": "final",
        "category": [concept(c.OBSERVATION_CATEGORY, "laboratory")],
        "subject": charting.patient,
        "encounter": charting.encounter(entry),
        "effectiveDateTime": when(entry.occurred_at),
        "method": local("screen-method", "confirmed" if event.confirmed else "screen"),
        "specimen": {"reference": "#specimen"},
    }


def _screen_notes(event: DrugScreenResulted) -> list[Resource]:
    flags = ("unscheduled", "valid", "temperature_ok")
    notes = [f"{name}: {'yes' if getattr(event, name) else 'no'}" for name in flags if getattr(event, name) is not None]
    return [{"text": "; ".join([*notes, *([f"lab: {event.lab}"] if event.lab else [])])}] if notes or event.lab else []


def _substance(
    charting: Charting, entry: Entry, event: DrugScreenResulted, name: str, number: int, *, positive: bool
) -> Resource:
    code = urine_code(name, confirmed=event.confirmed is True) if event.specimen == "urine" else ""
    body = {
        **_screen(charting, entry, event),
        "code": {**concept(c.LOINC, code), "text": name} if code else local("screened-substance", class_of(name), name),
        "valueCodeableConcept": {"coding": [c.POSITIVE if positive else c.NEGATIVE]},
    }
    key = f"{entry.event_id}-{number}-{c.part(name)}"
    return charting.resource("Observation", [entry], body, key=key, profile="observation-lab")


def reports(charting: Charting) -> Iterator[Resource]:
    """Observations of what the client reports, and of what clinicians judge."""
    for entry, event in charting.chart.events(UseReported):
        parts = [("amount", event.amount), ("route", event.route)]
        body = _said(charting, entry, "use_reported", "social-history") | {
            "effectiveDateTime": event.on.isoformat(),
            "valueCodeableConcept": {"text": event.substance},
            "component": [
                {"code": local("use", name), "valueString": str(value)} for name, value in parts if value is not None
            ],
        }
        yield charting.resource("Observation", [entry], body, profile=_SIMPLE)
    for entry, event in charting.chart.events(AbstinenceReported):
        start = event.through - timedelta(days=min(max(0, event.days - 1), _LONGEST))
        body = _said(charting, entry, "abstinence_reported", "social-history") | {
            "effectivePeriod": {"start": start.isoformat(), "end": event.through.isoformat()},
            "valueQuantity": quantity(event.days, "days", "d"),
            "note": [{"text": ", ".join(event.substances)}] if event.substances else [],
        }
        body.pop("effectiveDateTime")
        yield charting.resource("Observation", [entry], body, profile=_SIMPLE)
    for kind, name in ((LapseRecorded, "lapse_judged"), (RelapseRecorded, "relapse_judged")):
        for entry, event in charting.chart.events(kind):
            body = _said(charting, entry, name, "exam") | {"valueCodeableConcept": {"text": event.substance}}
            yield charting.resource("Observation", [entry], body, profile=_SIMPLE)
    for kind, name in ((SoberLivingEntered, "sober_living_entered"), (SoberLivingLeft, "sober_living_left")):
        for entry, event in charting.chart.events(kind):
            body = _said(charting, entry, name, "social-history") | {"valueString": event.house}
            yield charting.resource("Observation", [entry], body, profile=_SIMPLE)


def _said(charting: Charting, entry: Entry, code: str, category: str) -> Resource:
    return {
        "status": "final",
        "category": [concept(c.OBSERVATION_CATEGORY, category)],
        "code": local("observation", code),
        "subject": charting.patient,
        "encounter": charting.encounter(entry),
        "effectiveDateTime": when(entry.occurred_at),
        "performer": [named(entry.actor)] if entry.actor else [],
    }


def instruments(charting: Charting) -> Iterator[Resource]:
    """An Observation for each total score, and a QuestionnaireResponse where the items are known."""
    for entry, event in charting.chart.events(InstrumentScored):
        items = _items(event.items)
        loinc = c.INSTRUMENT_LOINC.get(event.instrument)
        body = _said(charting, entry, event.instrument, "survey") | {
            "code": {**concept(c.LOINC, loinc), "text": event.instrument}
            if loinc
            else local("instrument", event.instrument),
            "valueQuantity": quantity(event.score, "{score}", "{score}"),
            "derivedFrom": [reference("QuestionnaireResponse", f"{entry.event_id}-items")] if items else [],
        }
        yield charting.resource("Observation", [entry], body, profile=_ASSESSED)
        if items:
            yield _response(charting, entry, f"{entry.event_id}-items", event.instrument, items)


def _items(items: Any) -> dict[str, Any]:
    if items is None:
        return {}
    if isinstance(items, Mapping):
        return {str(key): value for key, value in items.items() if value is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return {str(number): value for number, value in enumerate(items, start=1) if value is not None}


def _response(charting: Charting, entry: Entry, key: str, name: str, answers: Mapping[str, Any]) -> Resource:
    body: Resource = {
        "questionnaire": f"urn:carejourney:questionnaire:{c.part(name)}",
        "status": "completed",
        "subject": charting.patient,
        "encounter": charting.encounter(entry),
        "authored": when(entry.occurred_at),
        "item": [{"linkId": link, "answer": [_answer(value)]} for link, value in answers.items()],
    }
    return charting.resource("QuestionnaireResponse", [entry], body, key=key, profile="questionnaireresponse")


def _answer(value: Any) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        return {"valueDecimal": value}
    return {"valueString": str(value)}


def assessments(charting: Charting) -> Iterator[Resource]:
    """A QuestionnaireResponse for each ASAM assessment, and an Observation of the level it recommends."""
    for entry, event in charting.chart.events(AssessmentCompleted):
        answers: dict[str, Any] = {"edition": event.edition, "assessor": event.assessor}
        if not event.unrated:
            rated = {f"dimension-{n}": rating for n, rating in enumerate(event.asam, start=1) if rating is not None}
            answers |= rated | {
                "recommended-level": event.recommended_level,
                "needs-24h-supervision": event.needs_24h_supervision,
                "mental-health-severity": event.mental_health_severity,
                "home": event.home,
                "substance-free-home": event.substance_free_home,
                "motivated": event.motivated,
            }
            if event.completed_prior_level is not None:
                answers["completed-prior-level"] = event.completed_prior_level
        key = f"{entry.event_id}-asam"
        yield _response(charting, entry, key, f"asam-{event.edition}", answers)
        if not event.unrated:
            body = _said(charting, entry, "recommended_level", "survey") | {
                "valueCodeableConcept": local("level", event.recommended_level),
                "derivedFrom": [reference("QuestionnaireResponse", key)],
            }
            yield charting.resource("Observation", [entry], body, profile=_ASSESSED)


def follow_ups(charting: Charting) -> Iterator[Resource]:
    """An Observation for each follow-up interview, held or not."""
    for entry, event in charting.chart.events(FollowUpCompleted):
        answers = {"employed": event.employed, "housed": event.housed, "arrests": event.arrests, "method": event.method}
        body = _said(charting, entry, f"follow_up_{event.milestone_days}", "survey") | {
            "valueBoolean": event.abstinent_past_30_days,
            "component": [
                {"code": local("follow-up", name), **_component(value)}
                for name, value in answers.items()
                if value is not None
            ],
        }
        yield charting.resource("Observation", [entry], body, profile=_ASSESSED)
    for entry, event in charting.chart.events(FollowUpMissed):
        body = _said(charting, entry, f"follow_up_{event.milestone_days}", "survey") | {
            "status": "cancelled",
            "dataAbsentReason": concept(c.ABSENT, "not-performed"),
            "note": [{"text": f"attempts: {event.attempts}"}],
        }
        yield charting.resource("Observation", [entry], body, profile=_ASSESSED)


def _component(value: object) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueInteger": value} if isinstance(value, int) else {"valueString": str(value)}


def incidents(charting: Charting) -> Iterator[Resource]:
    """An AdverseEvent for each incident."""
    for entry, event in charting.chart.events(IncidentRecorded):
        severity = event.severity if event.severity in ("mild", "moderate", "severe") else None
        grade = "http://terminology.hl7.org/CodeSystem/adverse-event-severity"
        body = filled(
            {
                "actuality": "actual",
                "event": local("incident", event.kind),
                "subject": charting.patient,
                "encounter": charting.encounter(entry),
                "date": when(entry.occurred_at),
                "severity": concept(grade, severity) if severity else None,
            }
        )
        yield charting.resource("AdverseEvent", [entry], body)
