"""Condition, Observation, QuestionnaireResponse, medication and AdverseEvent as entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from infra.fhir.coding import ICD10, INSTRUMENT_LOINC, LOINC, SNOMED, SPECIMEN_SNOMED
from infra.fhir.screening import TESTED
from infra.importers.fhir.context import Outcome, Patient
from infra.importers.fhir.parts import Resource, as_list, at, code, moment, text, words

_INSTRUMENT_OF_LOINC = {loinc: name for name, loinc in INSTRUMENT_LOINC.items()}
_SPECIMEN_OF = {snomed: name for name, (snomed, _) in SPECIMEN_SNOMED.items()}
_CLASSES = {"methadone": "agonist", "buprenorphine": "partial_agonist", "naltrexone": "antagonist"}
_POSITIVE = {"10828004", "260373001"}  # SNOMED CT: positive, detected
_NEGATIVE = {"260385009", "260415000"}  # negative, not detected


def condition(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A diagnosis by its ICD-10-CM code."""
    icd10 = code(resource.get("code"), ICD10) or code(resource.get("code"), "http://hl7.org/fhir/sid/icd-10")
    own = code(resource.get("category"), "urn:carejourney:diagnosis")
    category = own or _category(icd10)
    if not icd10 or not category:
        yield from patient.left(place, "has no ICD-10 code of a substance-use or mental-health disorder")
        return
    if code(resource.get("verificationStatus"), _VERIFICATION) in ("refuted", "entered-in-error"):
        yield from patient.left(place, "was refuted or entered in error")
        return
    severity = words(resource.get("severity"))
    substance = at(resource, "code", "text") if own else _substance(icd10)
    data = {
        "icd10": icd10,
        "category": category,
        "substance": substance,
        "severity": next((one for one in ("mild", "moderate", "severe") if one in severity), None),
    }
    when = resource.get("recordedDate") or resource.get("onsetDateTime") or ""
    yield from patient.made(place, "DiagnosisRecorded", when, data)


_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_FAMILIES = {
    "F10": "alcohol",
    "F11": "opioid",
    "F12": "cannabis",
    "F13": "sedative",
    "F14": "cocaine",
    "F15": "amphetamine",
}


def _category(icd10: str) -> str:
    if re.match(r"F1[0-9]", icd10):
        return "substance_use"
    return "mental_health" if re.match(r"F[2-9]", icd10) else ""


def _substance(icd10: str) -> str | None:
    return _FAMILIES.get(icd10[:3])


def observation(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A drug screen, a score, or one of our own observations; anything else is left over."""
    if place in patient.spoken_for:
        return
    screen = code(resource.get("code"), "urn:carejourney:screen")
    own = code(resource.get("code"), "urn:carejourney:observation")
    tested = TESTED.get(code(resource.get("code"), LOINC))
    if screen:
        yield from _own_screen(patient, place, resource)
    elif tested:
        yield from _foreign_screen(patient, place, resource, tested[0], confirmed=tested[1])
    elif own:
        yield from _own(patient, place, resource, own)
    else:
        yield from _score(patient, place, resource)


def _own_screen(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    when = resource.get("effectiveDateTime", "")
    note = str(at(resource, "note", 0, "text") or "")
    if resource.get("status") == "cancelled":
        cause = note.removeprefix("cause: ") or None
        yield from patient.made(place, "DrugScreenMissed", when, {"cause": cause})
        return
    names: list[str] = []
    positive: list[str] = []
    for member in as_list(resource.get("hasMember")):
        where = str(at(member, "reference"))
        found = patient.resources.get(where, {})
        patient.spoken_for.add(where)
        names.append(text(found.get("code")))
        if _is_positive(found):
            positive.append(text(found.get("code")))
    flags = {name: said == "yes" for name, said in re.findall(r"(unscheduled|valid|temperature_ok): (yes|no)", note)}
    lab = re.search(r"lab: (.*)$", note, re.S)
    data: dict[str, Any] = {
        "specimen": _specimen(resource),
        "positive": positive,
        "panel": names if len(names) > len(positive) else None,
        "lab": lab.group(1) if lab else None,
        **flags,
    }
    yield from patient.made(place, "DrugScreenResulted", when, data)


def _foreign_screen(
    patient: Patient, place: str, resource: Resource, substance: str, *, confirmed: bool
) -> Iterator[Outcome]:
    """Another laboratory's result for one substance is a screen of that one."""
    positive = _is_positive(resource)
    if positive is None or resource.get("status") not in ("final", "amended", "corrected"):
        yield from patient.left(place, "is no final result that says positive or negative")
        return
    data = {
        "specimen": _specimen(resource),
        "positive": [substance] if positive else [],
        "panel": [substance],
        "confirmed": True if confirmed else None,
    }
    yield from patient.made(place, "DrugScreenResulted", resource.get("effectiveDateTime", ""), data)


def _is_positive(resource: Resource) -> bool | None:
    value = resource.get("valueCodeableConcept")
    snomed, said = code(value, SNOMED), words(value) + " " + str(resource.get("valueString", "")).casefold()
    if snomed in _POSITIVE or (
        not snomed and re.search(r"\b(positive|detected|pos)\b", said) and "not detected" not in said
    ):
        return True
    if snomed in _NEGATIVE or re.search(r"\b(negative|not detected|none detected|neg)\b", said):
        return False
    return None


def _specimen(resource: Resource) -> str:
    inner = [one for one in as_list(resource.get("contained")) if at(one, "resourceType") == "Specimen"]
    said = words(at(resource, "specimen"))
    by_word = next((name for name in ("urine", "blood", "hair", "breath") if name in said), "urine")
    return _SPECIMEN_OF.get(code(at(inner, 0, "type"), SNOMED), by_word)


def _own(patient: Patient, place: str, resource: Resource, kind: str) -> Iterator[Outcome]:
    when = resource.get("effectiveDateTime", "")
    said = text(resource.get("valueCodeableConcept"))
    parts = {
        code(one.get("code"), "urn:carejourney:use"): one.get("valueString")
        for one in as_list(resource.get("component"))
    }
    recorded = patient.provenance.get(place, {}).get("occurredDateTime")
    if kind == "use_reported":
        data = {"substance": said, "on": when[:10], "amount": _amount(parts.get("amount")), "route": parts.get("route")}
        yield from patient.made(place, "UseReported", recorded or when, data)
    elif kind == "abstinence_reported":
        through = str(at(resource, "effectivePeriod", "end") or "")
        named = str(at(resource, "note", 0, "text") or "")
        data = {
            "through": through[:10],
            "days": int(at(resource, "valueQuantity", "value") or 0),
            "substances": named.split(", ") if named else None,
        }
        yield from patient.made(place, "AbstinenceReported", recorded or through, data)
    elif kind in ("lapse_judged", "relapse_judged"):
        name = "LapseRecorded" if kind == "lapse_judged" else "RelapseRecorded"
        yield from patient.made(place, name, when, {"substance": said})
    elif kind in ("sober_living_entered", "sober_living_left"):
        name = "SoberLivingEntered" if kind.endswith("entered") else "SoberLivingLeft"
        yield from patient.made(place, name, when, {"house": resource.get("valueString")})
    elif found := re.fullmatch(r"follow_up_(\d+)", kind):
        yield from _follow_up(patient, place, resource, int(found.group(1)))
    elif kind != "recommended_level":  # that comes with its questionnaire
        yield from _score(patient, place, resource)


def _amount(value: Any) -> Any:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return value


def _follow_up(patient: Patient, place: str, resource: Resource, days: int) -> Iterator[Outcome]:
    when = resource.get("effectiveDateTime", "")
    if resource.get("status") == "cancelled":
        attempts = re.search(r"attempts: (\d+)", str(at(resource, "note", 0, "text") or ""))
        data: dict[str, Any] = {"milestone_days": days, "attempts": int(attempts.group(1)) if attempts else 0}
        yield from patient.made(place, "FollowUpMissed", when, data)
        return
    data = {"milestone_days": days, "abstinent_past_30_days": resource.get("valueBoolean")}
    for one in as_list(resource.get("component")):
        name = code(one.get("code"), "urn:carejourney:follow-up")
        data[name] = next((one[key] for key in ("valueBoolean", "valueInteger", "valueString") if key in one), None)
    yield from patient.made(place, "FollowUpCompleted", when, data)


def _score(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A questionnaire's total score by its LOINC code, or by our own name of the instrument."""
    instrument = _INSTRUMENT_OF_LOINC.get(code(resource.get("code"), LOINC), "")
    instrument = instrument or code(resource.get("code"), "urn:carejourney:instrument")
    value = at(resource, "valueQuantity", "value")
    score = value if value is not None else resource.get("valueInteger")
    if not instrument or score is None:
        yield from patient.left(place, "is no drug screen and no score of an instrument that is known here")
        return
    items = _items(patient, resource)
    data = {"instrument": instrument, "score": score, "items": items}
    yield from patient.made(place, "InstrumentScored", resource.get("effectiveDateTime", ""), data)


def _items(patient: Patient, resource: Resource) -> Any:
    for ref in as_list(resource.get("derivedFrom")):
        where = str(at(ref, "reference"))
        found = patient.resources.get(where)
        if found is not None and found["resourceType"] == "QuestionnaireResponse":
            patient.spoken_for.add(where)
            return {str(item["linkId"]): _answer(item) for item in as_list(found.get("item"))}
    return None


def _answer(item: Resource) -> Any:
    nothing: Resource = {}
    answer: Resource = at(item, "answer", 0) or nothing
    names = ("valueDecimal", "valueInteger", "valueBoolean", "valueString")
    return next((answer[name] for name in names if name in answer), None)


def questionnaire(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """An ASAM assessment of ours; other questionnaires are left over unless a score was derived from them."""
    asam = re.fullmatch(r"urn:carejourney:questionnaire:asam-([34])", str(resource.get("questionnaire")))
    if asam is None:
        if place not in patient.spoken_for:
            yield from patient.left(place, "is a questionnaire that is not known here")
        return
    said = {str(item["linkId"]): _answer(item) for item in as_list(resource.get("item"))}
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
        yield from patient.left(place, "says that an assessment took place, and not what it found")
        return
    yield from patient.made(place, "AssessmentCompleted", resource.get("authored", ""), data)


def medication_request(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A prescription, and its stop where it has one."""
    drug = text(resource.get("medicationCodeableConcept"))
    if not drug or resource.get("status") in ("draft", "entered-in-error", "cancelled"):
        yield from patient.left(place, "names no drug, or was never given")
        return
    own = code(resource.get("category"), "urn:carejourney:medication-class")
    kind = own or next((kind for name, kind in _CLASSES.items() if name in drug.casefold()), "other")
    dosage = at(resource, "dosageInstruction", 0)
    data = {
        "drug": drug,
        "class": kind,
        "dose_mg": _milligrams(at(dosage, "doseAndRate", 0, "doseQuantity")),
        "reason": text(at(resource, "reasonCode", 0)) or None,
    }
    yield from patient.made(place, "MedicationStarted", resource.get("authoredOn", ""), data)
    end = at(dosage, "timing", "repeat", "boundsPeriod", "end")
    if resource.get("status") in ("stopped", "completed") and moment(end):
        stop = {"drug": drug, "reason": text(resource.get("statusReason")) or None}
        yield from patient.made(place, "MedicationStopped", end, stop, number=1)


def _milligrams(quantity: Any) -> Any:
    return at(quantity, "value") if at(quantity, "code") == "mg" or at(quantity, "unit") == "mg" else None


def administration(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A dose that was given."""
    drug = text(resource.get("medicationCodeableConcept"))
    if not drug or resource.get("status") != "completed":
        yield from patient.left(place, "names no drug, or was not given")
        return
    when = resource.get("effectiveDateTime") or at(resource, "effectivePeriod", "start") or ""
    dose = _milligrams(at(resource, "dosage", "dose"))
    route = text(at(resource, "dosage", "route")) or None
    yield from patient.made(place, "MedicationGiven", when, {"drug": drug, "dose_mg": dose, "route": route})


def adverse_event(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """An incident of ours; of others' only what is named alike."""
    kind = code(resource.get("event"), "urn:carejourney:incident")
    if not kind:
        yield from patient.left(place, "is no kind of incident that is known here")
        return
    severity = words(resource.get("severity"))
    known = next((one for one in ("mild", "moderate", "severe") if one in severity), None)
    yield from patient.made(place, "IncidentRecorded", resource.get("date", ""), {"kind": kind, "severity": known})
