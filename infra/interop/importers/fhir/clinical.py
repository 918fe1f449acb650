"""Condition, Observation, QuestionnaireResponse and AdverseEvent as entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from domain.instruments import instrument as instrument_of
from infra.interop.fhir.coding import ICD10, INSTRUMENT_LOINC, LOINC
from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.contradictions import denies_diagnosis, texts_of
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, codings, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.screens import foreign_screen, is_screen, our_screen
from infra.interop.importers.fhir.words import incident_of, severity_of
from infra.interop.importers.items import Outcome

_INSTRUMENT_OF_LOINC: Final = {loinc: name for name, loinc in INSTRUMENT_LOINC.items()}
_FAMILIES: Final = {
    "F10": "alcohol",
    "F11": "opioid",
    "F12": "cannabis",
    "F13": "sedative",
    "F14": "cocaine",
    "F15": "amphetamine",
}


def condition(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A diagnosis by its ICD-10-CM code."""
    resource = node.resource
    codes = {str(coding.get("code")) for system in _ICD10 for coding in codings(resource.get("code"), system)}
    if len(codes) > 1:
        msg = "code: has several ICD-10 codes"
        raise LeftOverError(msg)
    icd10 = next(iter(codes), "")
    our_category = code(resource.get("category"), "urn:carejourney:diagnosis")
    category = our_category or _category(icd10)
    if not icd10 or not category:
        msg = "has no ICD-10 code of a substance-use or mental-health disorder"
        raise LeftOverError(msg)
    texts = texts_of([resource.get("code"), *as_list(resource.get("category"))])
    if not our_category and any(denies_diagnosis(phrase, icd10) for phrase in texts):
        msg = "code: its code and its texts disagree"
        raise LeftOverError(msg)
    if not our_category and any(name.startswith("abatement") for name in resource):
        msg = "abatement: is active and over at once"
        raise LeftOverError(msg)
    data = {
        "icd10": icd10,
        "category": category,
        "substance": at(resource, "code", "text") if our_category else _FAMILIES.get(icd10[:3]),
        "severity": severity_of(resource.get("severity")),
    }
    when = resource.get("recordedDate") or resource.get("onsetDateTime") or ""
    yield from patient.made(node, "DiagnosisRecorded", when, data)


_ICD10: Final = (ICD10, "http://hl7.org/fhir/sid/icd-10")


def _category(icd10: str) -> str:
    if re.match(r"F1[0-9]", icd10):
        return "substance_use"
    return "mental_health" if re.match(r"F[2-9]", icd10) else ""


def observation(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A drug screen, a score, or one of our own observations; anything else is left over."""
    if node.key in patient.spoken_for:
        return
    resource = node.resource
    kind = code(resource.get("code"), "urn:carejourney:observation")
    if resource.get("focus"):
        msg = "focus: is about somebody or something else than the patient"
        raise LeftOverError(msg)
    if code(resource.get("code"), "urn:carejourney:screen"):
        yield from our_screen(patient, node)
    elif is_screen(resource):
        yield from foreign_screen(patient, node)
    elif kind:
        yield from _our_observation(patient, node, kind)
    else:
        yield from _score(patient, node)


def _our_observation(patient: Patient, node: Node, kind: str) -> Iterator[Outcome]:
    resource = node.resource
    when = resource.get("effectiveDateTime", "")
    substance = text(resource.get("valueCodeableConcept"))
    parts = {
        code(component.get("code"), "urn:carejourney:use"): component.get("valueString")
        for component in as_list(resource.get("component"))
    }
    recorded = patient.provenance_of(node).get("occurredDateTime")
    if kind == "use_reported":
        data = {
            "substance": substance,
            "on": patient.day(when),
            "amount": _amount(parts.get("amount")),
            "route": parts.get("route"),
        }
        yield from patient.made(node, "UseReported", recorded or when, data)
    elif kind == "abstinence_reported":
        through = str(at(resource, "effectivePeriod", "end") or "")
        named = str(at(resource, "note", 0, "text") or "")
        data = {
            "through": patient.day(through),
            "days": int(at(resource, "valueQuantity", "value") or 0),
            "substances": named.split(", ") if named else None,
        }
        yield from patient.made(node, "AbstinenceReported", recorded or through, data)
    elif kind in ("lapse_judged", "relapse_judged"):
        name = "LapseRecorded" if kind == "lapse_judged" else "RelapseRecorded"
        yield from patient.made(node, name, when, {"substance": substance})
    elif kind in ("sober_living_entered", "sober_living_left"):
        name = "SoberLivingEntered" if kind.endswith("entered") else "SoberLivingLeft"
        yield from patient.made(node, name, when, {"house": resource.get("valueString")})
    elif milestone := re.fullmatch(r"follow_up_(\d+)", kind):
        yield from _follow_up(patient, node, int(milestone.group(1)))
    elif kind != "recommended_level":  # that comes with its questionnaire
        yield from _score(patient, node)


def _amount(value: Any) -> Any:
    """A number as the export writes one (2.0); every other text stays the text that it is."""
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return value
    return number if str(number) == value else value


def _follow_up(patient: Patient, node: Node, days: int) -> Iterator[Outcome]:
    resource = node.resource
    when = resource.get("effectiveDateTime", "")
    if resource.get("status") == "cancelled":
        attempts = re.search(r"attempts: (\d+)", str(at(resource, "note", 0, "text") or ""))
        data: dict[str, Any] = {"milestone_days": days, "attempts": int(attempts.group(1)) if attempts else 0}
        yield from patient.made(node, "FollowUpMissed", when, data)
        return
    data = {"milestone_days": days, "abstinent_past_30_days": resource.get("valueBoolean")}
    for component in as_list(resource.get("component")):
        name = code(component.get("code"), "urn:carejourney:follow-up")
        values = [component[key] for key in ("valueBoolean", "valueInteger", "valueString") if key in component]
        data[name] = values[0] if values else None
    yield from patient.made(node, "FollowUpCompleted", when, data)


def _score(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A questionnaire's total score by its LOINC code, or by our own name of the instrument."""
    resource = node.resource
    loinc_codes = {str(coding.get("code")) for coding in codings(resource.get("code"), LOINC)}
    named = {_INSTRUMENT_OF_LOINC[number] for number in loinc_codes & _INSTRUMENT_OF_LOINC.keys()}
    instrument = named.pop() if len(named) == 1 else code(resource.get("code"), "urn:carejourney:instrument")
    if at(resource, "valueQuantity", "comparator"):
        msg = "valueQuantity.comparator: is a bound, and no score"
        raise LeftOverError(msg)
    value = at(resource, "valueQuantity", "value")
    score = value if value is not None else resource.get("valueInteger")
    if not instrument or score is None:
        msg = "is no drug screen and no score of an instrument that is known here"
        raise LeftOverError(msg)
    if resource.get("dataAbsentReason"):
        msg = "dataAbsentReason: there is no result"
        raise LeftOverError(msg)
    known = None if entry_ids(resource) else instrument_of(instrument)
    if known is not None and not known.allows(score):
        msg = "value: is no score that the instrument can have"
        raise LeftOverError(msg)
    data = {"instrument": instrument, "score": score, "items": _items(patient, node)}
    yield from patient.made(node, "InstrumentScored", resource.get("effectiveDateTime", ""), data)


def _items(patient: Patient, node: Node) -> Any:
    for reference in as_list(node.resource.get("derivedFrom")):
        response = patient.named(reference, node)
        if response is not None and response.kind == "QuestionnaireResponse" and not response.refused:
            patient.spoken_for.add(response.key)
            return {str(at(item, "linkId")): _answer(item) for item in as_list(response.resource.get("item"))}
    return None


def _answer(item: Resource) -> Any:
    nothing: Resource = {}
    answer: Resource = at(item, "answer", 0) or nothing
    names = ("valueDecimal", "valueInteger", "valueBoolean", "valueString")
    return next((answer[name] for name in names if name in answer), None)


def questionnaire(patient: Patient, node: Node) -> Iterator[Outcome]:
    """An ASAM assessment of ours; other questionnaires are left over unless a score was derived from them."""
    resource = node.resource
    asam = re.fullmatch(r"urn:carejourney:questionnaire:asam-([34])", str(resource.get("questionnaire")))
    if asam is None:
        if node.key not in patient.spoken_for:
            msg = "is a questionnaire that is not known here"
            raise LeftOverError(msg)
        return
    answers = {str(at(item, "linkId")): _answer(item) for item in as_list(resource.get("item"))}
    rated = [answers.get(f"dimension-{number}") for number in range(1, 7)]
    data: dict[str, Any] = {
        name: answers.get(name.replace("_", "-"))
        for name in (
            *("assessor", "recommended_level", "needs_24h_supervision", "mental_health_severity"),
            *("home", "substance_free_home", "motivated", "completed_prior_level"),
        )
    }
    data |= {"edition": int(asam.group(1)), "asam": [None if rating is None else int(rating) for rating in rated]}
    if data["recommended_level"] is None:
        msg = "says that an assessment took place, and not what it found"
        raise LeftOverError(msg)
    yield from patient.made(node, "AssessmentCompleted", resource.get("authored", ""), data)


def adverse_event(patient: Patient, node: Node) -> Iterator[Outcome]:
    """An incident of a kind that is known here."""
    kind = incident_of(node.resource.get("event"))
    our_kind = code(node.resource.get("event"), "urn:carejourney:incident")
    if not kind and not (our_kind and entry_ids(node.resource)):
        msg = "is no kind of incident that is known here"
        raise LeftOverError(msg)
    data = {"kind": our_kind or kind, "severity": severity_of(node.resource.get("severity"))}
    yield from patient.made(node, "IncidentRecorded", node.resource.get("date", ""), data)
