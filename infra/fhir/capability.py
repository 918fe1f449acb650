"""What the FHIR server can do, in its own words (CapabilityStatement)."""

from __future__ import annotations

import importlib.metadata

from infra.fhir.coding import Resource
from infra.fhir.mapping import KINDS

CHANGED = "2026-11-23"  # when this statement last changed
_INTERACTIONS = ("read", "history-instance", "search-type")


def capability_statement(base: str) -> Resource:
    """The CapabilityStatement of this server; ``base`` is its address."""
    version = importlib.metadata.version("carejourney")
    rest: Resource = {
        "mode": "server",
        "documentation": "Each request names its _recipient; a consent of the client must cover them (42 CFR Part 2).",
        "security": {"cors": False, "description": "Bearer tokens of the programme's OpenID provider"},
        "resource": [_resource(kind) for kind in KINDS],
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
    parameters = [
        {"name": "_since", "type": "date"},
        {"name": "identifier", "type": "token"} if kind == "Patient" else {"name": "patient", "type": "reference"},
    ]
    found: Resource = {
        "type": kind,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned",
        "searchParam": parameters,
    }
    if kind == "Patient":
        everything = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
        found["operation"] = [{"name": "everything", "definition": everything}]
    return found
