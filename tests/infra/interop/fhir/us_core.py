"""What US Core 7.0.0 requires of the profiles that our resources name, as a table; and a check of resources against it.

Source: the snapshots of the StructureDefinitions in the package hl7.fhir.us.core 7.0.0 (elements with a minimum of 1, and
the fixed codes of required slices). The package itself is in no package registry that the tests can reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

CAREPLAN_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

# Elements that must be there; one after a bar will do in its place, and each part of a path in every item.
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "patient": ("identifier.system", "identifier.value", "name.family|given|extension", "gender"),
    "encounter": ("status", "class", "type", "subject"),
    "careplan": ("text.status", "text.div", "status", "intent", "category", "subject"),
    "goal": ("lifecycleStatus", "description.text", "subject"),
    "condition-problems-health-concerns": ("category", "code", "subject"),
    "observation-lab": ("status", "category", "code", "subject", "valueCodeableConcept|dataAbsentReason"),
    "observation-screening-assessment": ("status", "category", "code", "subject"),
    "simple-observation": ("status", "category", "code", "subject"),
    "coverage": ("status", "beneficiary", "relationship", "payor"),
    "medicationrequest": ("status", "intent", "medicationCodeableConcept", "subject"),
    "questionnaireresponse": ("questionnaire", "status", "subject", "authored"),
    "provenance": ("target.reference", "recorded", "agent.who"),
    "servicerequest": ("status", "intent", "code", "subject"),
}
# Codes of which one must be there, where a slice of the profile has a minimum of 1.
CODES: Final[dict[str, tuple[str, str, frozenset[str]]]] = {
    "careplan": ("category", CAREPLAN_CATEGORY, frozenset({"assess-plan"})),
    "condition-problems-health-concerns": (
        "category",
        CONDITION_CATEGORY,
        frozenset({"problem-list-item", "health-concern"}),
    ),
    "observation-lab": ("category", OBSERVATION_CATEGORY, frozenset({"laboratory"})),
    "observation-screening-assessment": ("category", OBSERVATION_CATEGORY, frozenset({"survey"})),
}


def missing(resource: dict[str, Any]) -> list[str]:
    """What the profiles that a resource names require of it and it has not."""
    names = [url.rpartition("us-core-")[2] for url in resource["meta"].get("profile", ())]
    return [f"{name}: {problem}" for name in names for problem in _problems(resource, name)]


def _problems(resource: dict[str, Any], name: str) -> Iterator[str]:
    for path in REQUIRED[name]:
        if not _has(resource, path.split(".")):
            yield path
    if name in CODES:
        element, system, codes = CODES[name]
        codings = [coding for concept in resource.get(element, ()) for coding in concept.get("coding", ())]
        if not any(coding.get("system") == system and coding.get("code") in codes for coding in codings):
            yield f"{element} {system}"


def _has(value: Any, path: list[str]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_has(one, path) for one in value)
    if not path:
        return value not in (None, "", {})
    return isinstance(value, dict) and any(_has(value.get(name), path[1:]) for name in path[0].split("|"))
