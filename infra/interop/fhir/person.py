"""Who the client is and who pays and may know: Patient, Coverage, Consent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from domain.entries import Entry
from domain.events import (
    ClientDetailsUpdated,
    ClientDied,
    ClientRegistered,
    ConsentGiven,
    ConsentRevoked,
    CoverageVerified,
)
from infra.interop.fhir.coding import (
    CHART_NUMBER,
    LOINC,
    US_CORE,
    Resource,
    absent,
    concept,
    filled,
    local,
    named,
    period,
    when,
)
from infra.interop.fhir.context import Charting
from projections.chart import Chart
from projections.clinical.details import details

_GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other", "nonbinary": "other"}


def patients(charting: Charting) -> Iterator[Resource]:
    """The one Patient; a client whose key was destroyed, or whose name is not known, has a number and no name."""
    chart = charting.chart
    if not chart.entries:  # everything was retracted
        return
    entries = chart.of(ClientRegistered, ClientDetailsUpdated) or chart.entries[:1]
    facts: dict[str, object] = details(chart)
    born = facts.get("birth_date")
    died = chart.of(ClientDied)
    body: Resource = {
        "identifier": [_chart_number(charting)],
        "active": charting.chart.journey.death is None,
        "name": _name(facts.get("name")),
        "telecom": [
            {"system": system, "value": facts[name]}
            for name, system in (("phone", "phone"), ("email", "email"))
            if name in facts
        ],
        "gender": _GENDERS.get(str(facts.get("sex", "")).casefold(), "unknown"),
        "extension": [*_race(facts.get("race")), *_ethnicity(facts.get("hispanic"))],
        "birthDate": born.isoformat() if isinstance(born, date) else None,
        "maritalStatus": {"text": facts["marital_status"]} if "marital_status" in facts else None,
        **_deceased(charting.chart, died),
        "address": [{"text": facts["address"]}] if "address" in facts else [],
        "contact": [_emergency(str(facts["emergency_contact"]))] if "emergency_contact" in facts else [],
    }
    if "name" not in facts:
        body["extension"] += absent("unknown")[
            "extension"
        ]  # US Core before 6.0 asks for it here, since then on the name
    yield charting.resource("Patient", [*entries, *died[:1]], body, key=chart.client_id, profile="patient")


def _chart_number(charting: Charting) -> Resource:
    kind = concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "Medical record number")
    return {"use": "usual", "type": kind, "system": CHART_NUMBER, "value": charting.chart_number}


def _name(name: object) -> list[Resource]:
    if not isinstance(name, str) or not name.strip():
        return [absent("unknown")]
    *given, family = name.split()
    return [filled({"use": "official", "text": name, "family": family, "given": given})]


def _race(race: object) -> list[Resource]:
    """Race in the client's own words; a code of the OMB's five categories is for them to choose, not to be guessed."""
    return [{"url": US_CORE + "race", "extension": [{"url": "text", "valueString": race}]}] if race else []


def _ethnicity(hispanic: object) -> list[Resource]:
    if hispanic is None:
        return []
    code, text = ("2135-2", "Hispanic or Latino") if hispanic else ("2186-5", "Not Hispanic or Latino")
    category = {"system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": text}
    parts = [{"url": "ombCategory", "valueCoding": category}, {"url": "text", "valueString": text}]
    return [{"url": US_CORE + "ethnicity", "extension": parts}]


def _emergency(text: str) -> Resource:
    emergency = concept("http://terminology.hl7.org/CodeSystem/v2-0131", "C", "Emergency Contact")
    return {"relationship": [emergency], "name": {"text": text}}


def coverages(charting: Charting) -> Iterator[Resource]:
    """A Coverage for each authorisation."""
    for entry, event in charting.chart.events(CoverageVerified):
        start, end = event.authorized_from, event.authorized_to
        body: Resource = {
            "status": "active",
            "type": local("authorised-level", event.level),
            "subscriberId": event.member_ref,
            "identifier": [_member(event.member_ref)] if event.member_ref else [],
            "beneficiary": charting.patient,
            "relationship": concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self", "Self"),
            "period": period(start.isoformat() if start else "", end.isoformat() if end else ""),
            "payor": [named(event.payer)],
        }
        yield charting.resource("Coverage", [entry], body, profile="coverage")


def _member(number: str) -> Resource:
    return {"type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB", "Member Number"), "value": number}


def consents(charting: Charting) -> Iterator[Resource]:
    """A Consent for each that was given; a revoked one is inactive (42 CFR 2.31)."""
    revoked = {event.consent_id: entry for entry, event in charting.chart.events(ConsentRevoked)}
    for entry, event in charting.chart.events(ConsentGiven):
        taken_back = revoked.get(event.consent_id)
        over = taken_back is not None and taken_back.at >= entry.at
        until = when(taken_back.occurred_at) if taken_back and over else ""
        end = until or (event.expires_on.isoformat() if event.expires_on else "")
        recipient = concept(
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"
        )
        provision: Resource = {
            "type": "permit",
            "period": period(when(entry.occurred_at), end),
            "actor": [{"role": recipient, "reference": named(event.recipient)}],
            "purpose": [{"system": "urn:carejourney:purpose", "code": event.purpose, "display": event.purpose}],
            "code": [{"text": event.scope}] if event.scope else [],
        }
        body: Resource = {
            "identifier": [{"system": "urn:carejourney:consent", "value": event.consent_id}],
            "status": "inactive" if over else "active",
            "scope": concept(
                "http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", "Privacy Consent"
            ),
            "category": [concept(LOINC, "59284-0", "Consent Document")],
            "patient": charting.patient,
            "dateTime": when(entry.occurred_at),
            "policyRule": {"text": "42 CFR Part 2"},
            "provision": filled(provision),
        }
        yield charting.resource("Consent", [entry, *([taken_back] if taken_back and over else [])], body)


def _deceased(chart: Chart, died: Sequence[Entry]) -> Resource:
    """When the client died; that they did, where only the end of a level says so: its Encounter has the time."""
    if died:
        return {"deceasedDateTime": when(died[0].occurred_at)}
    return {"deceasedBoolean": True} if chart.journey.death else {}
