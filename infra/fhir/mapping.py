"""A chart as FHIR resources, and the list of what FHIR does not carry from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from infra.fhir import care, clinical, medication, person
from infra.fhir.coding import Resource
from infra.fhir.context import Charting
from infra.fhir.provenance import provenances
from projections.chart import Chart

Maker = Callable[[Charting], Iterator[Resource]]

# Which resources each maker makes, so that one kind can be asked for alone. Provenance needs all before it.
MAKERS: Final[tuple[tuple[Maker, frozenset[str]], ...]] = (
    (person.patients, frozenset({"Patient"})),
    (person.coverages, frozenset({"Coverage"})),
    (person.consents, frozenset({"Consent"})),
    (clinical.conditions, frozenset({"Condition"})),
    (care.episodes, frozenset({"EpisodeOfCare"})),
    (care.stays, frozenset({"Encounter"})),
    (care.sessions, frozenset({"Encounter", "Appointment"})),
    (care.contacts, frozenset({"Encounter", "ServiceRequest"})),
    (care.plans, frozenset({"CarePlan", "Goal"})),
    (clinical.assessments, frozenset({"QuestionnaireResponse", "Observation"})),
    (clinical.screens, frozenset({"Observation"})),
    (clinical.reports, frozenset({"Observation"})),
    (clinical.instruments, frozenset({"QuestionnaireResponse", "Observation"})),
    (clinical.follow_ups, frozenset({"Observation"})),
    (clinical.incidents, frozenset({"AdverseEvent"})),
    (medication.requests, frozenset({"MedicationRequest"})),
    (medication.administrations, frozenset({"MedicationAdministration"})),
)
KINDS: Final = (*sorted(frozenset[str]().union(*(kinds for _, kinds in MAKERS))), "Provenance")

NOT_CARRIED: Final = {
    "NoteAdded": "counselling notes need a consent of their own (42 CFR 2.31(b)) and are never part of an export",
    "ReferralReceived": "how a client came is in the TEDS export; no resource here says it",
    "CoverageDenied": "a refusal is a ClaimResponse to a claim that this record does not hold",
    "AlumniEnrolled": "the alumni stay is an Encounter; the enrolment itself has no resource",
    "ChartsMerged": "resources are those of the merged chart",
}


def resources(chart: Chart, chart_number: str, kind: str = "") -> Iterator[Resource]:
    """Every resource of a chart, the Patient first, or those of one kind.

    Personal fields are there as far as the chart was read with them.
    """
    charting = Charting(chart, chart_number)
    wanted = "" if kind == "Provenance" else kind
    for make, kinds in MAKERS:
        if wanted and wanted not in kinds:
            continue
        made = make(charting)
        if kind == "Provenance":
            for _ in made:  # only who made what is of interest
                pass
        else:
            yield from (resource for resource in made if not kind or resource["resourceType"] == kind)
    if not wanted:
        yield from provenances(charting)
