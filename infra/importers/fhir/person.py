"""Patient, Coverage and Consent as entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.vocabulary import LEVELS
from infra.fhir.coding import CHART_NUMBER
from infra.importers.fhir.context import Outcome, Patient
from infra.importers.fhir.parts import Resource, as_list, at, code, text


def chart_number(resource: Resource) -> str:
    """A Patient's chart number: our own identifier, else one of type MR, else any, else its id."""
    identifiers: list[Any] = [one for one in as_list(resource.get("identifier")) if at(one, "value")]
    ours = [one for one in identifiers if at(one, "system") == CHART_NUMBER]
    records = [
        one for one in identifiers if code(at(one, "type"), "http://terminology.hl7.org/CodeSystem/v2-0203") == "MR"
    ]
    found = (ours or records or identifiers)[:1]
    return str(found[0]["value"]) if found else str(resource.get("id", ""))


def registration(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """The registration, on the day of the patient's first resource, and the death.

    Without a name and a birth date there is no registration.
    """
    name = at(resource, "name", 0)
    said = str(at(name, "text") or " ".join([*as_list(at(name, "given")), str(at(name, "family") or "")]).strip())
    born = resource.get("birthDate")
    if said and isinstance(born, str) and len(born) == len("1990-01-31"):
        when = patient.provenance.get(place, {}).get("occurredDateTime") or first_moment(patient)
        yield from patient.made(place, "ClientRegistered", when, _details(resource, said, born))
    else:
        yield from patient.left(place, "has no name or no whole birth date: register the client here")
    died = resource.get("deceasedDateTime")
    if died:
        number = max(1, len(patient.entry_ids(resource)) - 1)
        yield from patient.made(place, "ClientDied", died, {}, number=number)


def _details(resource: Resource, name: str, born: str) -> dict[str, Any]:
    telecom = {str(at(one, "system")): at(one, "value") for one in as_list(resource.get("telecom"))}
    return {
        "name": name,
        "birth_date": born,
        "sex": resource.get("gender") if resource.get("gender") != "unknown" else None,
        "phone": telecom.get("phone"),
        "email": telecom.get("email"),
        "address": at(resource, "address", 0, "text"),
        "emergency_contact": at(resource, "contact", 0, "name", "text"),
    }


def first_moment(patient: Patient) -> str:
    """The earliest moment that any of a patient's resources names."""
    found: list[str] = []
    for resource in patient.resources.values():
        for path in (("period", "start"), ("effectiveDateTime",), ("authoredOn",), ("recordedDate",), ("start",)):
            value = at(resource, *path)
            if isinstance(value, str) and len(value) >= len("1990-01-31"):
                found.append(value)
    return min(found, default="")


def coverage(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """An authorisation of ours; others' coverage names no level of care."""
    level = code(resource.get("type"), "urn:carejourney:authorised-level")
    payer = text(at(resource, "payor", 0))
    if level not in LEVELS or not payer or not resource.get("subscriberId"):
        yield from patient.left(place, "authorises no level of care by name")
        return
    start, end = at(resource, "period", "start"), at(resource, "period", "end")
    when = patient.provenance.get(place, {}).get("occurredDateTime") or start or ""
    data = {
        "payer": payer,
        "level": level,
        "member_ref": resource["subscriberId"],
        "authorized_from": start[:10] if start else None,
        "authorized_to": end[:10] if end else None,
    }
    yield from patient.made(place, "CoverageVerified", when, data)


def consent(patient: Patient, place: str, resource: Resource) -> Iterator[Outcome]:
    """A consent to disclose, and its revocation."""
    provision = resource.get("provision")
    recipient = text(at(provision, "actor", 0, "reference"))
    purpose = text({"coding": as_list(at(provision, "purpose"))})
    if at(provision, "type") != "permit" or not recipient or not purpose:
        yield from patient.left(place, "permits nothing to a named recipient for a named purpose")
        return
    consent_id = str(at(resource, "identifier", 0, "value") or place.rpartition("/")[2])
    end = at(provision, "period", "end")
    active = resource.get("status") == "active"
    data = {
        "consent_id": consent_id,
        "recipient": recipient,
        "purpose": purpose,
        "scope": text(at(provision, "code", 0)) or None,
        "expires_on": end[:10] if end and active else None,
    }
    yield from patient.made(place, "ConsentGiven", resource.get("dateTime", ""), data)
    if not active and end:
        yield from patient.made(place, "ConsentRevoked", end, {"consent_id": consent_id}, number=1)
