"""Resources by the patient that they are about: what each one is, whom it names, and whose chart that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.numbers import canonical
from infra.fhir.coding import CHART_NUMBER
from infra.importers.again import recorded
from infra.importers.fhir.context import Patient, left
from infra.importers.fhir.identity import IdentityError, chart_number
from infra.importers.fhir.parts import Resource, as_list, at
from infra.importers.fhir.reading import Read
from infra.importers.fhir.references import Node, References, identifiers, literal, node_of
from infra.importers.fhir.shape import ShapeError, shaped
from infra.importers.items import LeftOver, entry_id
from infra.store.log import EventLog

_CLAIMS = 4  # of how many charts one reference of a source may have spoken
_SUBJECTS = ("subject", "patient", "beneficiary")


@dataclass(frozen=True, slots=True)
class Sending:
    """What is known of who sent the files: ``name`` of the system, its ``zone`` for times without an offset, and the
    ``number_system`` of its chart numbers.
    """

    name: str = ""
    zone: ZoneInfo | None = None
    number_system: str = ""


class Gathering:
    """Brings resources to patients; ``left`` is what is about nobody who is known."""

    def __init__(self, log: EventLog, read: Iterable[Read | LeftOver], sending: Sending) -> None:
        """Read everything first: what a reference names may stand in any file."""
        self.left: list[LeftOver] = []
        self.patients: dict[str, Patient] = {}
        self._log = log
        self._sending = sending
        self._now = log.clock()
        nodes = list(self._newest(self._shaped(read)))
        self._references = References(nodes)
        self._owner: dict[str, str] = {}
        self._nodes = nodes

    def gathered(self) -> list[Patient]:
        """The patients with their resources, those apart whom nobody can tell apart."""
        people = [node for node in self._nodes if node.kind == "Patient"]
        for node in people:
            self._person(node)
        for node in self._nodes:
            if node.kind not in ("Patient", "Provenance"):
                self._place(node)
        owner = {node: patient for patient in self.patients.values() for node in patient.nodes}
        for node in self._nodes:
            if node.kind == "Provenance":
                self._tell(node.resource, owner)
        return [patient for patient in self.patients.values() if self._is_one(patient)]

    def _shaped(self, read: Iterable[Read | LeftOver]) -> Iterator[Node]:
        for one in read:
            if isinstance(one, LeftOver):
                self.left.append(one)
                continue
            try:
                resource = shaped(one.resource, self._sending.zone)
            except ShapeError as error:
                self.left.append(LeftOver(one.place, one.kind, str(error)))
                continue
            yield node_of(Read(one.place, one.url, resource))

    def _newest(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """One node for each resource: its newest version; two that nobody can put in order are both left over."""
        by_key: dict[str, list[Node]] = {}
        for node in nodes:
            same = by_key.setdefault(node.key, [])
            if all(node.resource != one.resource for one in same):
                same.append(node)
        for versions in by_key.values():
            if len(versions) == 1:
                yield versions[0]
                continue
            ages = [_age(node.resource) for node in versions]
            newest = max(range(len(ages)), key=lambda number: ages[number])
            if "" in ages or len(set(ages)) < len(ages):
                reason = "stands here twice with different content, and nothing says which is newer"
                self.left += [left(node, reason) for node in versions]
                continue
            self.left += [left(node, "is an older version") for node in versions if node is not versions[newest]]
            yield versions[newest]

    def _person(self, node: Node) -> None:
        try:
            number = chart_number(node.resource, self._sending.number_system)
        except IdentityError as error:
            self.left.append(left(node, str(error)))
            return
        patient = self._patient(number, node)
        patient.nodes.append(node)
        self._owner[node.key] = patient.chart

    def _patient(self, number: str, node: Node) -> Patient:
        source = self._sending.name or node.base
        fresh = Patient(number, source, self._log.calendar.zone_of(""), self._now, self._references)
        return self.patients.setdefault(canonical(number), fresh)

    def _place(self, node: Node) -> None:
        """Give a resource to the patient that it is about."""
        subjects = _subjects(node.resource)
        charts = {chart for one in subjects if (chart := self._chart_of(one, node))}
        if len(charts) > 1:
            self.left.append(left(node, "names several patients"))
        elif charts:
            self._patient(charts.pop(), node).nodes.append(node)
        elif not any(_names_patient(one) for one in subjects):
            self.left.append(left(node, "is about no patient"))
        else:
            reason = "its patient is in none of these files: give the Patient along with it"
            self.left.append(left(node, reason))

    def _chart_of(self, reference: Any, by: Node) -> str:
        """The chart number of the patient that a reference names; nothing when nobody can say."""
        named = self._references.named(reference, by)
        if named is not None:
            if named.kind != "Patient":
                return ""
            return self._owner.get(named.key) or self._contained(named)
        base, place = literal(at(reference, "reference"))
        if place.startswith("Patient/"):
            return self._imported_before(self._sending.name or base or by.base, place)
        return self._by_number(at(reference, "identifier"))

    def _contained(self, node: Node) -> str:
        """A contained Patient is whoever has its number; only one with a number is somebody."""
        known = set(identifiers(node.resource))
        for patient in self.patients.values():
            if any(known & set(identifiers(one.resource)) for one in patient.nodes if one.kind == "Patient"):
                return patient.chart
        if not known or "#" not in node.key:
            return ""
        try:
            number = chart_number(node.resource, self._sending.number_system)
        except IdentityError:
            return ""
        self._patient(number, node).nodes.append(node)
        return number

    def _by_number(self, identifier: Any) -> str:
        """A patient who is named by a number alone: a chart that has it, or is about to."""
        if not at(identifier, "value"):
            return ""
        try:
            number = chart_number({"identifier": [identifier]}, self._sending.number_system)
        except IdentityError:
            return ""
        patient = self.patients.get(canonical(number))
        if patient is not None:
            return patient.chart if self._is_in_a_system_of(patient, identifier) else ""
        return number if self._is_recorded(number) else ""

    def _is_in_a_system_of(self, patient: Patient, identifier: Any) -> bool:
        """Whether an identifier may be this patient's number: the same number of another system is somebody else's."""
        system = str(at(identifier, "system") or "")
        known = {CHART_NUMBER, self._sending.number_system, *_systems(patient)} - {""}
        return not system or not _systems(patient) or system in known

    def _is_recorded(self, number: str) -> bool:
        return bool(self._log.recorder.streams([self._log.client_id(number)]))

    def _imported_before(self, source: str, place: str) -> str:
        """The chart under which the same source's Patient was imported, if that was one chart only."""
        held = set(recorded(self._log, [*claims(source, place), *former_claims(source, place)]).values())
        return (self._log.reference(held.pop()) or "") if len(held) == 1 else ""

    def _tell(self, resource: Resource, owner: Mapping[Node, Patient]) -> None:
        """Give a Provenance to the patients of what it speaks of."""
        by = Node("Provenance", "", "", resource)
        for target in as_list(resource.get("target")):
            node = self._references.named(target, by)
            if node is not None and node in owner:
                owner[node].told[id(resource)] = resource

    def _is_one(self, patient: Patient) -> bool:
        """Whether all Patients of a number are one person, here and in the log; else nothing of theirs is used."""
        people = [node for node in patient.nodes if node.kind == "Patient"]
        born = {node.resource.get("birthDate") for node in people}
        if len(people) > 1 and (len(born) > 1 or len(_systems(patient)) > 1):
            reason = "its chart number is that of another Patient, in another system or with another birth date"
            self.left += [left(node, reason) for node in patient.nodes]
            return False
        for node in people[:1]:
            self._claim(patient, node)
        return True

    def _claim(self, patient: Patient, node: Node) -> None:
        """The id of the registration, by which later files of the same source find the chart again."""
        mine = self._log.client_id(patient.chart)
        ids = [*former_claims(patient.source, node.place), *claims(patient.source, node.place)]
        held = recorded(self._log, ids)
        own = next((one for one in ids if held.get(one) == mine), None)
        free = next((one for one in claims(patient.source, node.place) if one not in held), "")
        patient.claim = own or free


def _systems(patient: Patient) -> set[str]:
    """The systems in which their Patients have the number of the chart; one without a system is of the system ""."""
    people = (node.resource for node in patient.nodes if node.kind == "Patient")
    number = canonical(patient.chart)
    return {system for one in people for system, value in identifiers(one) if canonical(value) == number}


def claims(source: str, place: str) -> list[str]:
    """The ids of the first entries of the charts that a source's Patient was imported under, in order."""
    return [entry_id("fhir", "claim", source, place, number) for number in range(_CLAIMS)]


def former_claims(source: str, place: str) -> list[str]:
    """The same of an earlier release, which knew no sources."""
    return [entry_id("fhir", place, "ClientRegistered", 0)] if not source else []


def _age(resource: Resource) -> str:
    updated = at(resource, "meta", "lastUpdated")
    return datetime.fromisoformat(updated).astimezone(ZoneInfo("UTC")).isoformat() if isinstance(updated, str) else ""


def _subjects(resource: Resource) -> Sequence[Any]:
    """The references by which a resource says whom it is about."""
    found = [resource[name] for name in _SUBJECTS if name in resource]
    actors = [at(one, "actor") for one in as_list(resource.get("participant"))]
    return found or [one for one in actors if one is not None]


def _names_patient(reference: Any) -> bool:
    value = at(reference, "reference")
    if not isinstance(value, str):
        return at(reference, "identifier") is not None
    return "Patient/" in value or value.startswith(("urn:", "#"))
