"""The search parameters of each kind of resource: what the capability statement names is what a search takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["token", "date", "reference", "uri"]


class Parameter(NamedTuple):
    """One search parameter: its type, and the elements that it looks at."""

    type: Kind
    elements: tuple[str, ...]


def _token(*elements: str) -> Parameter:
    return Parameter("token", elements)


def _date(*elements: str) -> Parameter:
    return Parameter("date", elements)


COMMON: Final[Mapping[str, Parameter]] = {"_id": _token("id"), "_lastUpdated": _date("meta.lastUpdated")}
_STATUS: Final = {"status": _token("status")}
PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "AdverseEvent": {"date": _date("date"), "event": _token("event")},
    "Appointment": {**_STATUS, "date": _date("start"), "service-type": _token("serviceType")},
    "AuditEvent": {
        "action": _token("action"),
        "date": _date("recorded"),
        "outcome": _token("outcome"),
        "subtype": _token("subtype"),
        "type": _token("type"),
    },
    "CarePlan": {**_STATUS, "category": _token("category"), "date": _date("period")},
    "Condition": {
        "category": _token("category"),
        "clinical-status": _token("clinicalStatus"),
        "code": _token("code"),
        "recorded-date": _date("recordedDate"),
    },
    "Consent": {**_STATUS, "category": _token("category"), "date": _date("dateTime")},
    "Coverage": {**_STATUS, "type": _token("type")},
    "Encounter": {
        **_STATUS,
        "class": _token("class"),
        "date": _date("period"),
        "part-of": Parameter("reference", ("partOf",)),
        "type": _token("type"),
    },
    "EpisodeOfCare": {**_STATUS, "date": _date("period"), "type": _token("type")},
    "Goal": {"lifecycle-status": _token("lifecycleStatus"), "start-date": _date("startDate")},
    "MedicationAdministration": {
        **_STATUS,
        "code": _token("medicationCodeableConcept"),
        "effective-time": _date("effectiveDateTime"),
    },
    "MedicationRequest": {
        **_STATUS,
        "authoredon": _date("authoredOn"),
        "code": _token("medicationCodeableConcept"),
        "intent": _token("intent"),
    },
    "Observation": {
        **_STATUS,
        "category": _token("category"),
        "code": _token("code"),
        "date": _date("effectiveDateTime", "effectivePeriod"),
        "value-concept": _token("valueCodeableConcept"),
    },
    "Patient": {"identifier": _token("identifier")},
    "Provenance": {"recorded": _date("recorded"), "target": Parameter("reference", ("target",))},
    "QuestionnaireResponse": {
        **_STATUS,
        "authored": _date("authored"),
        "questionnaire": Parameter("uri", ("questionnaire",)),
    },
    "ServiceRequest": {**_STATUS, "authored": _date("authoredOn"), "code": _token("code")},
}
