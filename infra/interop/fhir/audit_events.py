"""The access log as AuditEvents: who saw or tried to see a client's chart, and what left.

The shapes are those of IHE's Basic Audit Log Patterns (BALP): a read is a *Patient Record* with the patient as entity,
broken glass a *Security Alert* with *Emergency Override Started*, a disclosure an *Export* with its destination as an
agent. No BALP profile is named: they want network addresses, which the access log never keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from domain.people import Person
from infra.access_log.entries import Accessed
from infra.interop.fhir.coding import (
    SECURITY,
    Resource,
    concept,
    filled,
    instant,
    local,
    named,
    readable,
    reference,
)

KIND: Final = "AuditEvent"
DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_BALP_ENTITY = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"


class _Act(NamedTuple):
    """A kind of entry in DICOM's words: type, subtypes, action (R read, E execute), outcome (0 done, 4 refused)."""

    type: tuple[str, str]
    subtypes: tuple[tuple[str, str, str], ...]
    action: str
    outcome: str


_RECORD = ("110110", "Patient Record")
_EXPORT = ("110106", "Export")
_ALERT = ("110113", "Security Alert")
_ACTS: Final[Mapping[str, _Act]] = {
    "ChartsRead": _Act(_RECORD, ((_LIFECYCLE, "access", "Access/View Record Lifecycle Event"),), "R", "0"),
    "ChartRefused": _Act(_RECORD, ((_LIFECYCLE, "access", "Access/View Record Lifecycle Event"),), "R", "4"),
    "GlassBroken": _Act(_ALERT, ((DICOM, "110127", "Emergency Override Started"),), "E", "0"),
    "RecordsDisclosed": _Act(_EXPORT, ((_LIFECYCLE, "disclose", "Disclose Record Lifecycle Event"),), "R", "0"),
    "DisclosureRefused": _Act(_EXPORT, ((_LIFECYCLE, "disclose", "Disclose Record Lifecycle Event"),), "R", "4"),
}
_PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    "treatment": ("TREAT", "treatment"),
    "payment": ("HPAYMT", "healthcare payment"),
    "operations": ("HOPERAT", "healthcare operations"),
    "audit": ("HCOMPL", "health compliance"),
    "patient_request": ("PATRQT", "patient requested"),
    "emergency": ("ETREAT", "Emergency Treatment"),
}


def audit_events(client_id: str, entries: Iterable[Accessed]) -> Iterator[Resource]:
    """An AuditEvent for each entry about a client, in its order; other clients in an entry stay unnamed."""
    for entry in entries:
        if entry.kind in _ACTS:
            yield _audit_event(client_id, entry)


def key_of(client_id: str, entry: Accessed) -> str:
    """The resource id: an entry about several clients is an AuditEvent of each."""
    return f"{client_id}-a{entry.position}"


def _audit_event(client_id: str, entry: Accessed) -> Resource:
    act = _ACTS[entry.kind]
    words = entry.words or {}
    reason = words.get("reason") or (words.get("basis") if act.outcome != "0" else None)
    body: Resource = {
        "type": _coding(DICOM, *act.type),
        "subtype": [_coding(*subtype) for subtype in act.subtypes],
        "action": act.action,
        "recorded": instant(entry.at),
        "outcome": act.outcome,
        "outcomeDesc": reason,
        "purposeOfEvent": _purposes(entry),
        "agent": [_person(entry), _application(entry), *_destination(words)],
        "source": {
            "observer": named("Care Journey"),
            "type": [_coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
        },
        "entity": [_patient(client_id, entry), *_request(entry)],
    }
    meta = {"lastUpdated": instant(entry.at), "security": SECURITY}
    return {"resourceType": KIND, "id": key_of(client_id, entry), "meta": meta, **readable(filled(body))}


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _purposes(entry: Accessed) -> list[Resource]:
    """What it was for; broken glass says so as well."""
    known = _PURPOSES.get(entry.purpose)
    purposes = [concept(ACT_REASON, *known)] if known else ([{"text": entry.purpose}] if entry.purpose else [])
    return [*purposes, concept(ACT_REASON, "BTG", "break the glass")] if entry.broken else purposes


def _person(entry: Accessed) -> Resource:
    """Whoever asked: the name that the identity provider gave, and the role."""
    return {
        "type": concept(_PARTICIPATION, "IRCP", "information recipient"),
        "role": [local("role", entry.role)],
        "who": {"identifier": _identifier(entry.person)},
        "name": entry.name,
        "requestor": True,
    }


def _identifier(person: Person) -> Resource:
    """Who it is by issuer and subject; of older entries, by the name that they have alone."""
    if person.is_identified:
        return {"system": person.issuer, "value": person.subject}
    return {"system": "urn:carejourney:person", "value": person.name}


def _application(entry: Accessed) -> Resource:
    """Through what: the API, the web app or the command line, and which route or command."""
    return {
        "type": concept(DICOM, "110150", "Application"),
        "who": named("Care Journey"),
        "name": " ".join(part for part in (entry.via, entry.doing) if part) or "not recorded",
        "requestor": False,
    }


def _destination(words: Mapping[str, str]) -> list[Resource]:
    """Who received the records, or would have."""
    recipient = words.get("recipient")
    role = concept(DICOM, "110152", "Destination Role ID")
    return [{"type": role, "who": named(recipient), "requestor": False}] if recipient else []


def _patient(client_id: str, entry: Accessed) -> Resource:
    what = (entry.words or {}).get("what")
    description = what or ("in a list or an export of several charts" if entry.in_a_list else None)
    return filled(
        {
            "what": reference("Patient", client_id),
            "type": _coding(_ENTITY, "1", "Person"),
            "role": _coding(_OBJECT_ROLE, "1", "Patient"),
            "description": description,
        }
    )


def _request(entry: Accessed) -> list[Resource]:
    """The request that it was part of, by the id in ``X-Request-Id``."""
    if not entry.request:
        return []
    kind = _coding(_BALP_ENTITY, "XrequestId", "X-Request-Id")
    return [{"what": {"identifier": {"system": "urn:carejourney:request", "value": entry.request}}, "type": kind}]
