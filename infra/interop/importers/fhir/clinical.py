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
    codes = {str(one.get("code")) for system in _ICD10 for one in codings(resource.get("code"), system)}
    if len(codes) > 1:
        msg = "code: has several ICD-10 codes"
        raise LeftOverError(msg)
    icd10 = next(iter(codes), "")
    own = code(resource.get("category"), "urn:carejourney:diagnosis")
    category = own or _category(icd10)
    if not icd10 or not category:
        msg = "has no ICD-10 code of a substance-use or mental-health disorder"
        raise LeftOverError(msg)
    texts = texts_of([resource.get("code"), *as_list(resource.get("category"))])
    if not own and any(denies_diagnosis(said, icd10) for said in texts):
        msg = "code: its code and its texts disagree"
        raise LeftOverError(msg)
    if not own and any(name.startswith("abatement") for name in resource):
        msg = "abatement: is active and over at once"
        raise LeftOverError(msg)
    data = {
        "icd10": icd10,
        "category": category,
        "substance": at(resource, "code", "text") if own else _FAMILIES.get(icd10[:3]),
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
    own = code(resource.get("code"), "urn:carejourney:observation")
    if resource.get("focus"):
        msg = "focus: is about somebody or something else than the patient"
        raise LeftOverError(msg)
    if code(resource.get("code"), "urn:carejourney:screen"):
        yield from our_screen(patient, node)
    elif is_screen(resource):
        yield from foreign_screen(patient, node)
    elif own:
        yield from _own(patient, node, own)
    else:
        yield from _score(patient, node)


def _own(patient: Patient, node: Node, kind: str) -> Iterator[Outcome]:
    resource = node.resource
    when = resource.get("effectiveDateTime", "")
    said = text(resource.get("valueCodeableConcept"))
    parts = {
        code(one.get("code"), "urn:carejourney:use"): one.get("valueString")
        for one in as_list(resource.get("component"))
    }
    recorded = patient.said_of(node).get("occurredDateTime")
    if kind == "use_reported":
        data = {
            "substance": said,
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
        yield from patient.made(node, name, when, {"substance": said})
    elif kind in ("sober_living_entered", "sober_living_left"):
        name = "SoberLivingEntered" if kind.endswith("entered") else "SoberLivingLeft"
        yield from patient.made(node, name, when, {"house": resource.get("valueString")})
    elif found := re.fullmatch(r"follow_up_(\d+)", kind):
        yield from _follow_up(patient, node, int(found.group(1)))
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
    for one in as_list(resource.get("component")):
        name = code(one.get("code"), "urn:carejourney:follow-up")
        data[name] = next((one[key] for key in ("valueBoolean", "valueInteger", "valueString") if key in one), None)
    yield from patient.made(node, "FollowUpCompleted", when, data)


def _score(patient: Patient, node: Node) -> Iterator[Outcome]:
    """A questionnaire's total score by its LOINC code, or by our own name of the instrument."""
    resource = node.resource
    named = {_INSTRUMENT_OF_LOINC.get(str(one.get("code"))) for one in codings(resource.get("code"), LOINC)} - {None}
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
        found = patient.named(reference, node)
        if found is not None and found.kind == "QuestionnaireResponse" and not found.refused:
            patient.spoken_for.add(found.key)
            return {str(at(item, "linkId")): _answer(item) for item in as_list(found.resource.get("item"))}
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
    said = {str(at(item, "linkId")): _answer(item) for item in as_list(resource.get("item"))}
    rated = [said.get(f"dimension-{number}") for number in range(1, 7)]
    data: dict[str, Any] = {
        name: said.get(name.replace("_", "-"))
        for name in (
            *("assessor", "recommended_level", "needs_24h_supervision", "mental_health_severity"),
            *("home", "substance_free_home", "motivated", "completed_prior_level"),
        )
    }
    data |= {"edition": int(asam.group(1)), "asam": [None if one is None else int(one) for one in rated]}
    if data["recommended_level"] is None:
        msg = "says that an assessment took place, and not what it found"
        raise LeftOverError(msg)
    yield from patient.made(node, "AssessmentCompleted", resource.get("authored", ""), data)


def adverse_event(patient: Patient, node: Node) -> Iterator[Outcome]:
    """An incident of a kind that is known here."""
    kind = incident_of(node.resource.get("event"))
    own = code(node.resource.get("event"), "urn:carejourney:incident")
    if not kind and not (own and entry_ids(node.resource)):
        msg = "is no kind of incident that is known here"
        raise LeftOverError(msg)
    data = {"kind": own or kind, "severity": severity_of(node.resource.get("severity"))}
    yield from patient.made(node, "IncidentRecorded", node.resource.get("date", ""), data)
