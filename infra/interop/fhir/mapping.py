"""A chart as FHIR resources, and the list of what FHIR does not carry from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from infra.interop.fhir import appointments, care, clinical, medication, person
from infra.interop.fhir.coding import Resource
from infra.interop.fhir.context import Charting
from infra.interop.fhir.provenance import provenances
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
    (care.sessions, frozenset({"Encounter"})),
    (appointments.appointments, frozenset({"Appointment"})),
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

# What FHIR does not bring back from here: a type of entry, one of its fields, or a part of the envelope, and why.
# docs/fhir.md lists the same, and a round trip of generated journeys loses the same.
NOT_CARRIED: Final = {
    "NoteAdded": "counselling notes need a consent of their own (42 CFR 2.31(b)) and are never part of an export",
    "LevelOfCareEnded.summary": "free words of a discharge stay with the notes",
    "LevelOfCareStarted.override_reason": "a clinician's free words; that rules were overridden is carried",
    "ReferralReceived": "how a client came is in the TEDS export; no resource here says it",
    "CoverageVerified.authorized_to": "an end before its start, which no period can have",
    "CoverageDenied": "a refusal is a ClaimResponse to a claim that this record does not hold",
    "AlumniEnrolled": "the alumni stay is an Encounter; the enrolment itself has no resource",
    "AssessmentCompleted": "one without ratings says that it took place, and not what it found",
    "ClientRegistered": "the one Patient says what registrations and updates came to",
    "ClientDetailsUpdated": "the one Patient says what registrations and updates came to",
    "ClientDied": "the one Patient has the first death that was recorded",
    "ConsentRevoked": "one of a consent that is not in the chart; who and what for are those of the consent",
    "AppointmentScheduled": "one under an id that the chart has had already",
    "AppointmentRescheduled": "one of an appointment that the chart does not have, or that was over",
    "AppointmentCancelled": "one of an appointment that the chart does not have, or that was over",
    "GroupJoined": "which group a client is in is how the programme is organised; a session names its group",
    "GroupLeft": "which group a client is in is how the programme is organised; a session names its group",
    "ArrivalPlanned": "a plan of this programme; the stay that fulfils it is an Encounter",
    "HandoffAssigned": "who sees to what is the work of this programme's staff",
    "HandoffClosed": "who sees to what is the work of this programme's staff",
    "FlagAssigned": "who sees to what is the work of this programme's staff",
    "FlagSnoozed": "who sees to what is the work of this programme's staff",
    "FlagDone": "who sees to what is the work of this programme's staff",
    "GoalProgressed": "one of a goal that no plan in force names",
    "after_death": "whatever is later than the recorded death: it counts nowhere, and has no resource",
    "LevelOfCareEnded": "one that ends no stay",
    "LeaveStarted": "one outside every stay",
    "LeaveEnded": "one outside every stay, or without a start",
    "MedicationStopped": "one of a drug that was not started, or had been stopped already",
    "InstrumentScored.items": "items without names come back numbered from 1",
    "LevelOfCareStarted.site": "a stay's facility: its own, or else the one of its envelope",
    "LevelOfCareEnded.site": "an end recorded at another facility than its stay's has the stay's",
    "EntryCorrected": "an entry comes back as corrected, by whoever corrected it; _history has what it said before",
    "EntryRetracted": "a retracted entry is in _history alone",
    "ChartsMerged": "resources are those of the merged chart",
    "MergedChartContinued": "what came under the number of a merged chart is among the resources of the survivor",
    "EntrySetAside": "what was set aside is in no resource; that it was is the keeping of charts",
    "EntryTakenUp": "what was taken up counts as any other entry",
    "OverlapResolved": "a stay that lost the decision has no resource",
    "NotSamePerson": "who is not who is the keeping of charts",
    "source": "what was imported says that it came by FHIR",
    "correlation_id": "no resource says which request recorded it",
    "causation_id": "entries that led to others are told by Provenance for corrections alone",
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
