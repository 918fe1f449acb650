"""Patient and Coverage as entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.events.base import LONGEST_NAME
from domain.levels import LEVELS
from infra.interop.importers.bare_days import clock_of
from infra.interop.importers.fhir.context import LeftOverError, Patient, entry_ids, left
from infra.interop.importers.fhir.identity import is_in_force, name_of
from infra.interop.importers.fhir.parts import as_list, at, code, elements_with, moment, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.status import refusal
from infra.interop.importers.items import Outcome

_SEXES = ("female", "male", "other")
_GENDERS = (*_SEXES, "unknown", None)
_WHOLE_DAY = len("1990-01-31")
_FIRST_TIMES = (("period", "start"), ("effectiveDateTime",), ("authoredOn",), ("recordedDate",), ("start",))
_FIRST_DAY = "1901"  # an entry cannot be before 1900 in any zone
_V2_0131 = "http://terminology.hl7.org/CodeSystem/v2-0131"
_EMERGENCY = ("C",)  # an employer or an insurer is called by nobody
_KEPT_TELECOM = ("", "home", "work", "mobile")


def registration(patient: Patient, node: Node) -> Iterator[Outcome]:
    """The registration, and the death.

    Without a name there is no registration; with a year of birth alone, the name is kept and the rest is left over.
    """
    resource = node.resource
    name = name_of(resource, patient.now, patient.zone)
    born = resource.get("birthDate")
    whole = isinstance(born, str) and len(born) == _WHOLE_DAY
    if len(name) > LONGEST_NAME:
        yield left(node, "its name is longer than 1000 characters: its beginning was taken")
        name = name[:LONGEST_NAME].rstrip()
    if name:
        kind = "ClientRegistered" if whole else "ClientDetailsUpdated"
        details = _details(patient, node, name, born if whole else None)
        yield from patient.made(node, kind, _known_since(patient, node), details)
    if not name:
        yield left(node, "has no name in force: register the client here")
    elif not whole:
        yield left(node, "has no whole birth date: register the client here")
    if resource.get("gender") not in _GENDERS:
        yield left(node, "gender: is no code of FHIR R4: it was not taken")
    yield from _death(patient, node)


def _known_since(patient: Patient, node: Node) -> str:
    """When the client was registered: as we recorded it, or on the day of the first of their resources, else now."""
    since = patient.provenance_of(node).get("occurredDateTime") or first_moment(patient)
    return patient.moment(since) or patient.now.isoformat()


def _death(patient: Patient, node: Node) -> Iterator[Outcome]:
    died, is_dead = node.resource.get("deceasedDateTime"), node.resource.get("deceasedBoolean")
    number = max(1, len(entry_ids(node.resource)) - 1)
    when = moment(died, patient.zone, clock_of("ClientDied", None))
    if when and patient.moment(died) != when and datetime.fromisoformat(when) > patient.now:
        yield left(node, "has died on a day that is not over: import it again when it is, or record the death here")
    elif when and str(node.resource.get("birthDate") or "") > when:
        yield left(node, "deceasedDateTime: is before the birth date: look which of them is wrong")
    elif when:
        yield from patient.made(node, "ClientDied", died, {}, number=number)
    elif died is not None or is_dead not in (None, False):
        yield left(node, "has died, and no day says when: record the death here")


def _details(patient: Patient, node: Node, name: str, born: str | None) -> dict[str, Any]:
    resource = node.resource

    def in_force(element: str) -> list[Any]:
        return [part for part in as_list(resource.get(element)) if is_in_force(part, patient.now, patient.zone)]

    emergency_contacts = (
        at(contact, "name", "text")
        for contact in in_force("contact")
        if code(at(contact, "relationship"), _V2_0131) in _EMERGENCY
    )
    return {
        "name": name,
        "birth_date": born,
        "sex": resource.get("gender") if resource.get("gender") in _SEXES else None,
        "phone": _telecom(in_force("telecom"), "phone"),
        "email": _telecom(in_force("telecom"), "email"),
        "address": next(filter(None, map(_address, in_force("address"))), None),
        "emergency_contact": next((contact for contact in emergency_contacts if contact), None),
    }


def _telecom(telecom: list[Any], system: str) -> Any:
    """The first number or address of a system that is in use."""
    values = (
        at(contact_point, "value")
        for contact_point in elements_with(telecom, "system", system)
        if (at(contact_point, "use") or "") in _KEPT_TELECOM
    )
    return next((value for value in values if value), None)


def _address(address: Any) -> str | None:
    return at(address, "text") if at(address, "use") not in ("old", "billing", "temp") else None


def first_moment(patient: Patient) -> str:
    """The earliest moment until now that a resource of the patient which counts names; nothing when none does."""
    moments: list[str] = []
    for node in patient.nodes:
        if refusal(node.resource, ours=bool(entry_ids(node.resource))):
            continue
        for path in _FIRST_TIMES:
            value = moment(at(node.resource, *path), patient.zone)
            if value and datetime.fromisoformat(value) <= patient.now and value >= _FIRST_DAY:
                moments.append(value)
    return min(moments, key=datetime.fromisoformat, default="")


def coverage(patient: Patient, node: Node) -> Iterator[Outcome]:
    """An authorisation of ours; others' coverage names no level of care."""
    resource = node.resource
    level = code(resource.get("type"), "urn:carejourney:authorised-level")
    payer = text(at(resource, "payor", 0))
    if level not in LEVELS or not payer or not resource.get("subscriberId"):
        msg = "authorises no level of care by name"
        raise LeftOverError(msg)
    start, end = at(resource, "period", "start"), at(resource, "period", "end")
    when = patient.provenance_of(node).get("occurredDateTime") or start or ""
    data = {
        "payer": payer,
        "level": level,
        "member_ref": resource["subscriberId"],
        "authorized_from": patient.day(start) or None,
        "authorized_to": patient.day(end) or None,
    }
    yield from patient.made(node, "CoverageVerified", when, data)
