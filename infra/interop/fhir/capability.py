"""What the FHIR server can do, in its own words (CapabilityStatement)."""

from __future__ import annotations

import importlib.metadata

from infra.interop.fhir.audit_events import KIND
from infra.interop.fhir.coding import PROFILES, US_CORE, Resource, filled
from infra.interop.fhir.mapping import KINDS
from infra.interop.fhir.search_parameters import COMMON, PARAMETERS

CHANGED = "2026-11-23"  # when this statement last changed
_INTERACTIONS = ("read", "vread", "history-instance", "search-type")
_LOGGED = ("read", "search-type")  # an AuditEvent never changes


def capability_statement(base: str) -> Resource:
    """The CapabilityStatement of this server; ``base`` is its address."""
    version = importlib.metadata.version("carejourney")
    rest: Resource = {
        "mode": "server",
        "documentation": "Each request names its _recipient; a consent of the client must cover them (42 CFR Part 2).",
        "security": {"cors": False, "description": "Bearer tokens of the programme's OpenID provider"},
        "resource": [_resource(kind) for kind in sorted((*KINDS, KIND))],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": {"name": "Care Journey", "version": version},
        "implementation": {"description": "Care journeys of one programme", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [rest],
    }


def _resource(kind: str) -> Resource:
    parameters = {name: parameter.type for name, parameter in {**COMMON, **PARAMETERS[kind]}.items()}
    whose = {} if kind == "Patient" else {"patient": "reference"}
    shown: Resource = {
        "type": kind,
        "supportedProfile": [US_CORE + name for name in PROFILES.get(kind, ())],
        "interaction": [{"code": code} for code in (_LOGGED if kind == KIND else _INTERACTIONS)],
        "versioning": "no-version" if kind == KIND else "versioned",
        "searchParam": [{"name": name, "type": kind} for name, kind in sorted({**parameters, **whose}.items())],
    }
    if kind == KIND:
        shown["documentation"] = "The access log; for auditors of the programme, and in no $everything unless asked for"
    if kind == "Patient":
        everything = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        shown["operation"] = [{"name": "everything", "definition": everything}]
    return filled(shown)
