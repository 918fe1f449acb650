"""Import FHIR files: resources by patient, patients to lines, lines to the log, with a report of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from infra.importers.converted import Converted, ConvertedResult, LeftOver, record
from infra.importers.fhir import care, clinical, person
from infra.importers.fhir.context import Outcome, Patient
from infra.importers.fhir.parts import Resource, patient_of
from infra.importers.fhir.reading import read_resources
from infra.store.log import EventLog

Converter = Callable[[Patient, str, Resource], Iterator[Outcome]]

# In this order: what speaks for others comes before them.
CONVERTERS: dict[str, Converter] = {
    "Patient": person.registration,
    "Coverage": person.coverage,
    "Consent": person.consent,
    "Condition": clinical.condition,
    "EpisodeOfCare": care.episode,
    "Encounter": care.encounter,
    "Appointment": care.appointment,
    "CarePlan": care.care_plan,
    "Goal": care.goal,
    "ServiceRequest": care.service_request,
    "Observation": clinical.observation,
    "QuestionnaireResponse": clinical.questionnaire,
    "MedicationRequest": clinical.medication_request,
    "MedicationAdministration": clinical.administration,
    "AdverseEvent": clinical.adverse_event,
}
_FIRST = datetime.min.replace(tzinfo=UTC)
_SILENT = frozenset({"Provenance"})  # says who recorded the others


def import_fhir(
    log: EventLog, paths: list[Path], *, dry_run: bool = False, keep_recorded_at: bool = False
) -> ConvertedResult:
    """Import Bundles, resources, NDJSON files or folders of them. Restartable: nothing is recorded twice.

    Raises:
        ImportFileError: a path is missing or unreadable.
    """
    patients, left = gathered(paths)
    lines = (item for patient in patients for item in converted(patient))
    return record(log, [*left, *_in_order(lines)], dry_run=dry_run, keep_recorded_at=keep_recorded_at)


def gathered(paths: list[Path]) -> tuple[list[Patient], list[LeftOver]]:
    """Resources by the patient that they are about; those about nobody are left over."""
    patients: dict[str, Patient] = {}
    left: list[LeftOver] = []
    source = "fhir"
    told: list[tuple[str, Resource]] = []
    for item in read_resources(paths):
        if isinstance(item, LeftOver):
            left.append(item)
            continue
        place, resource = item
        if resource["resourceType"] in _SILENT:
            told.append(item)
            continue
        key = patient_of(resource)
        if not key:
            left.append(LeftOver(place, resource["resourceType"], "is about no patient"))
            continue
        patient = patients.setdefault(key, Patient(key, source))
        patient.resources[place] = resource
        if resource["resourceType"] == "Patient":
            patient.chart = person.chart_number(resource)
    owner = {place: patient for patient in patients.values() for place in patient.resources}
    for place, resource in told:
        targets = [str(target.get("reference")) for target in resource.get("target", ())]
        for patient in {id(owner[one]): owner[one] for one in targets if one in owner}.values():
            patient.resources[place] = resource
    return list(patients.values()), left


def converted(patient: Patient) -> Iterator[Outcome]:
    """Everything a patient's resources come to."""
    for kind, convert in CONVERTERS.items():
        for place, resource in list(patient.resources.items()):
            if resource["resourceType"] == kind:
                yield from convert(patient, place, resource)
    for place, resource in patient.resources.items():
        if resource["resourceType"] not in CONVERTERS and resource["resourceType"] not in _SILENT:
            yield from patient.left(place, "is of a kind that is not read here")


def _in_order(items: Iterator[Outcome]) -> list[Outcome]:
    """By clinical time within the whole import, so that the log reads as history happened."""
    return sorted(items, key=_moment)


def _moment(item: Outcome) -> datetime:
    return datetime.fromisoformat(item.line["occurred_at"]) if isinstance(item, Converted) else _FIRST
