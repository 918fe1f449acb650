"""Code systems, codes and the small data types that every resource is made of.

LOINC codes of instruments are those of the LOINC table; results are
SNOMED CT. What no public code system names is a code of our own under ``urn:carejourney:…``.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final, cast

from domain.people import Person
from infra.interop.exporters.texts import shown

Resource = dict[str, Any]
_DAY = len("2026-01-31")

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10: Final = "http://hl7.org/fhir/sid/icd-10-cm"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OBSERVATION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
US_CORE: Final = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"

# The profiles of US Core that resources from here name, by kind; checked against US Core 5.0.1, 6.1.0 and 7.0.0.
PROFILES: Final[dict[str, tuple[str, ...]]] = {
    "CarePlan": ("careplan",),
    "Condition": ("condition-problems-health-concerns",),
    "Coverage": ("coverage",),
    "Encounter": ("encounter",),
    "Goal": ("goal",),
    "MedicationRequest": ("medicationrequest",),
    "Observation": ("observation-lab", "observation-screening-assessment", "simple-observation"),
    "Patient": ("patient",),
    "Provenance": ("provenance",),
    "QuestionnaireResponse": ("questionnaireresponse",),
    "ServiceRequest": ("servicerequest",),
}

NOT_RECORDED: Final = "not recorded"  # a name that must be there and is not known
CHART_NUMBER: Final = "urn:carejourney:chart-number"
ENTRY: Final = "urn:carejourney:entry"
EXTENSION: Final = "urn:carejourney:extension:"
# What an entry says and R4 has no place for: kept in extensions of ours, so that it comes back.
EXTENDED: Final[dict[str, tuple[str, ...]]] = {
    "LevelOfCareStarted": (
        "planned_end_on",
        "planned_sessions_per_week",
        "slot",
        "living",
        "concurrent",
        "randomized",
        "overridden",
    ),
    "LevelOfCareEnded": ("next_level",),
    "SessionAttended": ("slot", "appointment_id"),
    "SessionMissed": ("excused", "slot", "appointment_id"),
    "MedicationStopped": ("class_", "dose_mg"),
    "MedicationGiven": ("route", "days_supply"),
    "IncidentRecorded": ("severity",),
    "DiagnosisRecorded": ("severity",),
    "ClientRegistered": ("sex",),
    "DrugScreenResulted": ("panel", "confirmed"),
    "TreatmentPlanSet": ("planned_end_on", "review_due_on"),
    "CoverageVerified": ("authorized_sessions", "medically_necessary"),
    "ConsentGiven": ("expires_on", "signed_by"),
    "LapseRecorded": ("plan_reviewed",),
    "RelapseRecorded": ("plan_reviewed",),
    "AlumniContacted": ("channel", "topic"),
    "ClientDied": ("cause",),
}

SECURITY: Final = [
    {"system": CONFIDENTIALITY, "code": "R", "display": "restricted"},
    {"system": ACT_CODE, "code": "42CFRPart2", "display": "42 CFR Part2"},
]

POSITIVE: Final = {"system": SNOMED, "code": "10828004", "display": "Positive"}
NEGATIVE: Final = {"system": SNOMED, "code": "260385009", "display": "Negative"}
INSTRUMENT_LOINC: Final = {"phq9": "44261-6", "gad7": "70274-6", "audit_c": "75626-2"}
SPECIMEN_SNOMED: Final = {
    "urine": ("122575003", "Urine specimen"),
    "oral_fluid": ("119342007", "Saliva specimen"),
    "blood": ("119297000", "Blood specimen"),
    "hair": ("119326000", "Hair specimen"),
    "breath": ("119341000", "Expired air specimen"),
}
SEVERITY_SNOMED: Final = {
    "mild": ("255604002", "Mild"),
    "moderate": ("6736007", "Moderate"),
    "severe": ("24484000", "Severe"),
}
RXNORM_INGREDIENTS: Final = {
    "buprenorphine": "1819",
    "methadone": "6813",
    "naltrexone": "7243",
    "disulfiram": "3554",
    "acamprosate": "82819",
}


def local(system: str, code: str, text: str = "") -> Resource:
    """A concept of our own vocabulary, with words for people."""
    shown = text or code.replace("_", " ")
    return {"coding": [{"system": f"urn:carejourney:{system}", "code": token(code), "display": shown}], "text": shown}


def concept(system: str, code: str, display: str = "") -> Resource:
    """A concept of a public code system."""
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding]}


def token(text: str) -> str:
    """A word as a FHIR code: no space at either end, and single ones within."""
    return " ".join(text.split()) or "unreadable"


def part(text: str) -> str:
    """A word as part of a resource id."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")[:24] or "x"


def quantity(value: float, unit: str, code: str) -> Resource:
    """A measured value in a UCUM unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code}


def reference(kind: str, key: str) -> Resource:
    """A literal reference to a resource of the same server."""
    return {"reference": f"{kind}/{key}"}


def named(text: str | None) -> Resource:
    """A reference to somebody who is a name here and no resource; None is a name that was not opened."""
    return {"display": text or "(sealed)"}


def person(who: Person) -> Resource:
    """Somebody who recorded something: the name to read, and who it is where that is known."""
    known = {"identifier": {"system": who.issuer, "value": who.subject}} if who.is_identified else {}
    return {**named(who.name or NOT_RECORDED), **known}


def entry_of(resource: Resource) -> str:
    """The id of the entry that a resource of ours begins with; empty where it is made of none."""
    tags: list[Resource] = resource.get("meta", {}).get("tag", [])
    return next((str(tag["code"]) for tag in tags if tag["system"] == ENTRY), "")


def when(moment: datetime) -> str:
    """A moment as FHIR writes it, in the offset that it was written with."""
    return moment.isoformat()


def instant(moment: datetime) -> str:
    """A moment to the millisecond."""
    return moment.isoformat(timespec="milliseconds")


def day(ordinal: int) -> str:
    """A day number as a date."""
    return date.fromordinal(ordinal).isoformat()


def period(start: str, end: str) -> Resource:
    """A period; an end before its start is left out, and a day as its end makes a day of the start as well."""
    if not end or not start:
        return filled({"start": start, "end": end})
    if len(end) == _DAY and start[:_DAY] == end:
        return {"start": end, "end": end}
    late = end[:_DAY] < start[:_DAY] or (
        len(end) > _DAY and datetime.fromisoformat(end) < datetime.fromisoformat(start)
    )
    return {"start": start} if late else {"start": start, "end": end}


def readable(value: Any) -> Any:
    """A resource whose texts hold no character that FHIR forbids (``infra.interop.exporters.texts``)."""
    if isinstance(value, str):
        kept = shown(value)
        return kept if kept.strip() else "(unreadable)"
    if isinstance(value, dict):
        parts = {key: readable(part) for key, part in cast("Resource", value).items()}
        return parts | {"code": token(parts["code"])} if isinstance(parts.get("code"), str) else parts
    return [readable(part) for part in cast("list[Any]", value)] if isinstance(value, list) else value


def extensions(kind: str, event: Any) -> list[Resource]:
    """What an entry's resource has no place for."""
    values = ((name, getattr(event, name)) for name in EXTENDED.get(kind, ()))
    return [
        extension
        for name, value in values
        if value is not None
        for extension in _extended(name.rstrip("_").replace("_", "-"), value)
    ]


def _extended(name: str, value: Any) -> list[Resource]:
    """An extension with a value; a list has one for each of its items."""
    if isinstance(value, tuple):
        return [{"url": f"{EXTENSION}{name}-item", **valued(item)} for item in cast("tuple[Any, ...]", value)]
    return [{"url": EXTENSION + name, **valued(value)}]


def valued(value: Any) -> Resource:
    """A value as that of an extension."""
    if isinstance(value, datetime):
        return {"valueDateTime": when(value)}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueDecimal": value}
    return {"valueDate": value.isoformat()} if isinstance(value, date) else {"valueString": str(value)}


def absent(reason: str) -> Resource:
    """An element that must be there and is not known, with the reason (data-absent-reason of R4)."""
    return {"extension": [{"url": DATA_ABSENT, "valueCode": reason}]}


def filled(resource: Resource) -> Resource:
    """Without what is empty: FHIR knows no null and no empty list."""
    return {key: value for key, value in resource.items() if value not in (None, "", [], {})}
