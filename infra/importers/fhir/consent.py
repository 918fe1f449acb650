"""Consent as entries: what plainly permits, to whom, what for, from its start to its end (42 CFR 2.31)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any, Final

from infra.importers.fhir.context import LeftOverError, Patient, entry_ids
from infra.importers.fhir.parts import Resource, as_list, at, codings, last_day, midnight, text
from infra.importers.fhir.references import Node
from infra.importers.items import Outcome

_OWN_PURPOSE: Final = "urn:carejourney:purpose"
# HL7 v3 ActReason: what a recipient may use a record for, by its name in a consent here.
_PURPOSES: Final = {"TREAT": "treatment", "HPAYMT": "payment", "HOPERAT": "operations"}
_RECIPIENTS: Final = frozenset({"IRCP", "PRCP"})  # v3 ParticipationType: (primary) information recipient
_LIMITS: Final = ("action", "securityLabel", "class", "data", "dataPeriod")
_IDENTIFIER: Final = "urn:carejourney:consent"


def consent(patient: Patient, node: Node) -> Iterator[Outcome]:
    """The consents that a resource gives, one for each recipient and purpose, and their revocation.

    An inactive one was given and revoked at its end; without an end nobody knows what it was.
    """
    resource = node.resource
    provision = resource.get("provision")
    ours = bool(entry_ids(resource))
    if not ours:
        _refuse_exceptions(resource, provision)
    end = at(provision, "period", "end")
    active = resource.get("status") == "active"
    revoked = "" if active else patient.moment(end)
    if not active and not revoked:
        msg = "status is inactive, and no moment says since when"
        raise LeftOverError(msg)
    start = resource.get("dateTime", "") if ours else _start(patient, resource, provision)
    until = last_day(end, patient.zone) if active and end else None
    if active and end and until is None:
        msg = "provision.period.end: is no day"
        raise LeftOverError(msg)
    if until and not ours and start and datetime.fromisoformat(start).astimezone(patient.zone).date() > until:
        msg = "provision.period: ends before the consent begins"
        raise LeftOverError(msg)
    given = list(product(_recipients(provision), _purposes(provision)))
    for number, (recipient, purpose) in enumerate(given):
        consent_id = _consent_id(node, number)
        data = {
            "consent_id": consent_id,
            "recipient": recipient,
            "purpose": purpose,
            "scope": text(at(provision, "code", 0)) or None,
            "expires_on": until.isoformat() if until else None,
        }
        yield from patient.made(node, "ConsentGiven", start, data, number=2 * number)
        if revoked:
            yield from patient.made(node, "ConsentRevoked", revoked, {"consent_id": consent_id}, number=2 * number + 1)


def _refuse_exceptions(resource: Resource, provision: Any) -> None:
    """Raises:
    LeftOverError: it is no plain permission to disclose.
    """
    scopes = [str(coding.get("code")) for coding in codings(resource.get("scope"))]
    if scopes and "patient-privacy" not in scopes:
        msg = "scope: is no consent to disclose"
        raise LeftOverError(msg)
    if at(provision, "type") != "permit":
        msg = "provision.type: does not permit"
        raise LeftOverError(msg)
    if at(provision, "provision"):
        msg = "provision.provision: has exceptions, which a consent here cannot hold"
        raise LeftOverError(msg)
    limits = [name for name in _LIMITS if at(provision, name)]
    if limits:
        msg = f"provision.{limits[0]}: permits a part only, which a consent here cannot hold"
        raise LeftOverError(msg)


def _start(patient: Patient, resource: Resource, provision: Any) -> str:
    """The later one of when it was given and when it begins."""
    given = patient.moment(resource.get("dateTime"))
    begins = at(provision, "period", "start")
    if begins is None:
        return given
    start = midnight(begins, patient.zone)
    if not start:
        msg = "provision.period.start: is no day"
        raise LeftOverError(msg)
    if datetime.fromisoformat(start) > patient.now:
        msg = "provision.period.start: has not begun: import it again when it has"
        raise LeftOverError(msg)
    return max((one for one in (given, start) if one), key=datetime.fromisoformat)


def _recipients(provision: Any) -> list[str]:
    found = [
        name
        for actor in as_list(at(provision, "actor"))
        if any(coding.get("code") in _RECIPIENTS for coding in codings(at(actor, "role")))
        and (name := text(at(actor, "reference")))
    ]
    if not found:
        msg = "provision.actor: names no recipient"
        raise LeftOverError(msg)
    return list(dict.fromkeys(found))


def _purposes(provision: Any) -> list[str]:
    found: list[str] = []
    for coding in as_list(at(provision, "purpose")):
        said = str(at(coding, "code") or "")
        purpose = said if at(coding, "system") == _OWN_PURPOSE else _PURPOSES.get(said, "")
        if not purpose:
            msg = "provision.purpose: is none of TREAT, HPAYMT, HOPERAT"
            raise LeftOverError(msg)
        found.append(purpose)
    if not found:
        msg = "provision.purpose: names none"
        raise LeftOverError(msg)
    return list(dict.fromkeys(found))


def _consent_id(node: Node, number: int) -> str:
    """The source's own number of the consent; the second and later of one resource are told apart."""
    own = [one for one in as_list(node.resource.get("identifier")) if at(one, "value")]
    chosen = next((one for one in own if at(one, "system") == _IDENTIFIER), next(iter(own), None))
    key = str(at(chosen, "value") or node.place.rpartition("/")[2])
    return f"{key}-{number + 1}" if number else key
