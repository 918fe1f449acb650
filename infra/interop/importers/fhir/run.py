"""Import FHIR files: resources by patient, patients to lines, lines to the log, with a report of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from infra.eventstore.log import EventLog
from infra.interop.importers.converted import ConvertedResult, line, record, whole
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.fhir import appointments, care, clinical, consent, medication, person, plans
from infra.interop.importers.fhir.context import Converter, LeftOverError, Patient, entry_ids, left, with_others
from infra.interop.importers.fhir.files import read_resources
from infra.interop.importers.fhir.parts import at, elements_with
from infra.interop.importers.fhir.patients import Gathering, Sending
from infra.interop.importers.fhir.references import Node
from infra.interop.importers.fhir.status import is_error, refusal
from infra.interop.importers.fhir.words import AmbiguousError
from infra.interop.importers.items import Converted, Outcome, Unconverted, Withdrawn, entry_id

# In this order: what speaks for others comes before them.
CONVERTERS: Final[dict[str, Converter]] = {
    "Patient": person.registration,
    "Coverage": person.coverage,
    "Consent": consent.consent,
    "Condition": clinical.condition,
    "EpisodeOfCare": care.episode,
    "Encounter": care.encounter,
    "Appointment": appointments.appointment,
    "CarePlan": plans.care_plan,
    "Goal": plans.goal,
    "ServiceRequest": plans.service_request,
    "Observation": clinical.observation,
    "QuestionnaireResponse": clinical.questionnaire,
    "MedicationRequest": medication.medication_request,
    "MedicationAdministration": medication.administration,
    "MedicationDispense": medication.dispense,
    "AdverseEvent": clinical.adverse_event,
}
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_SKEW: Final = timedelta(minutes=5)


def import_fhir(
    log: EventLog,
    paths: list[Path],
    *,
    origin: Origin | None = None,
    keep_recorded_at: bool = False,
    sending: Sending | None = None,
    progress: Callable[[int], None] | None = None,
) -> ConvertedResult:
    """Import Bundles, resources, NDJSON files or folders of them. Restartable: nothing is recorded twice.

    A resource is recorded whole or left over whole. ``sending`` says what is known of who sent the files,
    ``origin`` who imports, and whether it is a trial, which records nothing.

    Raises:
        ImportFileError: a path is missing or unreadable.
    """
    gathering = Gathering(log, read_resources(paths), sending or Sending())
    patients = gathering.gathered()
    items = whole((group for patient in patients for group in converted(patient)), log.clock() + _SKEW)
    merges = _merges(patients)
    outcomes = [*gathering.left, *sorted(items, key=_moment), *merges]
    return record(log, outcomes, origin=origin, keep_recorded_at=keep_recorded_at, progress=progress)


def converted(patient: Patient) -> Iterator[list[Outcome]]:
    """Everything a patient's resources come to, resource by resource."""
    for kind in CONVERTERS:
        yield from (_converted(patient, node) for node in patient.nodes if node.kind == kind)
    yield from (_converted(patient, node) for node in patient.nodes if node.kind not in CONVERTERS)


def _converted(patient: Patient, node: Node) -> list[Outcome]:
    ours = bool(entry_ids(node.resource))
    reason = node.refused or refusal(node.resource, ours=ours)
    if is_error(node.resource) and not ours:
        return [Withdrawn(node.place, node.kind, patient.chart, patient.possible_ids(node), reason, node.version)]
    if not reason:
        try:
            return with_others(patient, node, list(CONVERTERS[node.kind](patient, node)))
        except (LeftOverError, AmbiguousError) as error:
            reason = str(error)
    ids = () if ours else patient.possible_ids(node)
    return [Unconverted(node.place, node.kind, patient.chart, ids, reason, node.version)]


def _merges(patients: list[Patient]) -> Iterator[Outcome]:
    """A merge for each Patient that another replaced: the number leads to the survivor's chart."""
    owner = {node: patient for patient in patients for node in patient.nodes if node.kind == "Patient"}
    survivors = {node: replacements for node, patient in owner.items() if (replacements := _replaced_by(patient, node))}
    for node, replacements in survivors.items():
        survivor = replacements[0] if len(replacements) == 1 else None
        yield _merge((owner[survivor], survivor) if survivor in owner else None, owner[node], node, survivors)


def _replaced_by(patient: Patient, node: Node) -> list[Node | None]:
    """The Patients that a Patient is replaced by; None stands for one who is not here."""
    links = elements_with(node.resource.get("link"), "type", "replaced-by")
    return list(dict.fromkeys(patient.references.named(at(link, "other"), node) for link in links))


def _is_circle(node: Node, survivors: Mapping[Node, list[Node | None]]) -> bool:
    """Whether a Patient is, by way of others, replaced by itself."""
    seen: set[Node] = set()
    todo = [node]
    while todo:
        for survivor in survivors.get(todo.pop(), ()):
            if survivor is node:
                return True
            if survivor is not None and survivor not in seen:
                seen.add(survivor)
                todo.append(survivor)
    return False


def _merge(
    survivor: tuple[Patient, Node] | None, patient: Patient, node: Node, survivors: Mapping[Node, list[Node | None]]
) -> Outcome:
    if len(survivors[node]) > 1 or _is_circle(node, survivors):
        return left(node, "was replaced by several Patients, or by itself in a circle: merge the charts here")
    if survivor is None or survivor[0] is patient:
        return left(node, "was replaced by a Patient who has no chart of their own here: merge the charts here")
    into, other = survivor
    if other.resource.get("birthDate") != node.resource.get("birthDate"):
        return left(node, "was replaced by a Patient with another birth date: look whether they are one person")
    event_id = entry_id("fhir", "merge", into.chart, patient.chart)
    data = {"other_client": patient.chart}
    merged = line(into.chart, "ChartsMerged", patient.now.isoformat(), data, event_id, source="fhir")
    return Converted(node.place, merged, kind=node.kind, ours=True)


def _moment(item: Outcome) -> datetime:
    """By clinical time within the whole import, so that the log reads as history happened."""
    if isinstance(item, Converted):
        return datetime.fromisoformat(item.line["occurred_at"])
    return _LAST if isinstance(item, Withdrawn | Unconverted) else _FIRST
