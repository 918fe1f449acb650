"""Consent as entries: what plainly permits, to whom, what for, from its start to its end (42 CFR 2.31)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any, Final

from infra.interop.importers.fhir.context import MOST_CONSENTS, LeftOverError, Patient, entry_ids
from infra.interop.importers.fhir.parts import Resource, as_list, at, codings, elements_with, last_day, midnight, text
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.items import Outcome

_OWN_PURPOSE: Final = "urn:carejourney:purpose"
# HL7 v3 ActReason: what a recipient may use a record for, by its name in a consent here.
_PURPOSES: Final = {"TREAT": "treatment", "HPAYMT": "payment", "HOPERAT": "operations"}
_ACT_REASONS: Final = (
    *("http://terminology.hl7.org/CodeSystem/v3-ActReason", "http://hl7.org/fhir/v3/ActReason"),
    "urn:oid:2.16.840.1.113883.5.8",
)
_RECIPIENTS: Final = frozenset({"IRCP", "PRCP"})  # v3 ParticipationType: (primary) information recipient
# v3 ActCode, ActConsentDirective: a policy by which nothing leaves, or a part only, unless something else says so.
_NO_PERMITS: Final = frozenset({"OPTOUT", "OPTOUTE", "OPTINR"})
# R4 consent-category: directives of other kinds, an acknowledgement, and what opens in emergencies alone.
_NO_CONSENTS: Final = frozenset({"acd", "dnr", "emrgonly", "hcd", "npp", "polst", "research", "rsdid", "rsreid"})
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
    if not ours and revoked and datetime.fromisoformat(revoked) > patient.now:
        revoked = ""
    if not active and not revoked:
        msg = "status is inactive, and no moment that was says since when"
        raise LeftOverError(msg)
    start = resource.get("dateTime", "") if ours else _start(patient, resource, provision)
    if not ours:
        revoked = _revoked_after(patient, start, revoked, end)
    until = last_day(end, patient.zone) if active and end else None
    if active and end and until is None:
        msg = "provision.period.end: is no day"
        raise LeftOverError(msg)
    if until and not ours and start and datetime.fromisoformat(start).astimezone(patient.zone).date() > until:
        msg = "provision.period: ends before the consent begins"
        raise LeftOverError(msg)
    given = list(product(_recipients(provision, ours=ours), _purposes(provision)))
    if not ours:
        _refuse_numbers(patient, node, len(given))
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
    if "patient-privacy" not in scopes:
        msg = "scope: is no consent to disclose"
        raise LeftOverError(msg)
    if at(provision, "type") != "permit":
        msg = "provision.type: does not permit"
        raise LeftOverError(msg)
    if at(provision, "provision"):
        msg = "provision.provision: has exceptions, which a consent here cannot hold"
        raise LeftOverError(msg)
    if any(coding.get("code") in _NO_CONSENTS for coding in codings(resource.get("category"))):
        msg = "category: is a directive of another kind, and no consent to disclose"
        raise LeftOverError(msg)
    rule = resource.get("policyRule")
    if rule is not None and not any(coding.get("code") for coding in codings(rule)):
        msg = "policyRule: is a policy without a code, which may opt out"
        raise LeftOverError(msg)
    if any(coding.get("code") in _NO_PERMITS for coding in codings(rule)):
        msg = "policyRule: opts out, or permits a part only"
        raise LeftOverError(msg)
    if not all(at(verification, "verified") is True for verification in as_list(resource.get("verification"))):
        msg = "verification: says that it was not verified"
        raise LeftOverError(msg)
    limits = [name for name in _LIMITS if at(provision, name)]
    limits += ["code"] if len(as_list(at(provision, "code"))) > 1 else []  # the scope of a consent here is one
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
    return max(filter(None, (given, start)), key=datetime.fromisoformat)


def _revoked_after(patient: Patient, start: str, revoked: str, end: Any) -> str:
    """When a consent was revoked, which is never before it was given; a day alone is that day, at its beginning.

    Raises:
        LeftOverError: it ends before it begins.
    """
    if not revoked or not start or datetime.fromisoformat(revoked) >= datetime.fromisoformat(start):
        return revoked
    if "T" not in str(end) and patient.day(start) == end:
        return start
    msg = "provision.period: ends before the consent begins"
    raise LeftOverError(msg)


def _refuse_numbers(patient: Patient, node: Node, count: int) -> None:
    """Raises:
    LeftOverError: a revocation could not tell its consents from others.
    """
    if count > MOST_CONSENTS:
        msg = f"provision: gives more than {MOST_CONSENTS} consents at once: record them here"
        raise LeftOverError(msg)
    others = (other for other in patient.nodes if other.kind == "Consent" and other is not node)
    if any(_consent_id(other, 0) == _consent_id(node, 0) for other in others):
        msg = "identifier: is that of another Consent, which a revocation could not tell from it"
        raise LeftOverError(msg)


def _recipients(provision: Any, *, ours: bool) -> list[str]:
    actors = as_list(at(provision, "actor"))
    named = [
        actor for actor in actors if any(coding.get("code") in _RECIPIENTS for coding in codings(at(actor, "role")))
    ]
    if not ours and named and len(named) < len(actors):
        msg = "provision.actor: names somebody besides the recipients, to whom the permission may be bound"
        raise LeftOverError(msg)
    names = [name for actor in named if (name := text(at(actor, "reference")))]
    if not names:
        msg = "provision.actor: names no recipient"
        raise LeftOverError(msg)
    return list(dict.fromkeys(names))


def _purposes(provision: Any) -> list[str]:
    purposes: list[str] = []
    for coding in as_list(at(provision, "purpose")):
        purpose, system = str(at(coding, "code") or ""), at(coding, "system")
        if system != _OWN_PURPOSE:
            purpose = _PURPOSES.get(purpose, "") if system in _ACT_REASONS else ""
        if not purpose:
            msg = "provision.purpose: is none of TREAT, HPAYMT, HOPERAT"
            raise LeftOverError(msg)
        purposes.append(purpose)
    if not purposes:
        msg = "provision.purpose: names none"
        raise LeftOverError(msg)
    return list(dict.fromkeys(purposes))


def _consent_id(node: Node, number: int) -> str:
    """The source's own number of the consent; the second and later of one resource are told apart."""
    identifiers = [identifier for identifier in as_list(node.resource.get("identifier")) if at(identifier, "value")]
    chosen = next(iter((*elements_with(identifiers, "system", _IDENTIFIER), *identifiers)), None)
    key = str(at(chosen, "value") or node.place.rpartition("/")[2])
    return f"{key}-{number + 1}" if number else key
