"""Resources by the patient that they are about: what each one is, whom it names, and whose chart that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.numbers import canonical
from infra.eventstore.log import EventLog
from infra.interop.fhir.coding import CHART_NUMBER
from infra.interop.importers.fhir.context import POSSIBLE, Patient, entry_ids, left
from infra.interop.importers.fhir.files import Deleted, FileItem, Read
from infra.interop.importers.fhir.identity import IdentityError, chart_number, identifiers, name_of
from infra.interop.importers.fhir.parts import Resource, as_list, at
from infra.interop.importers.fhir.references import SUBJECTS, Node, References, literal, node_of, refused
from infra.interop.importers.fhir.same_person import another_person, may_be_one_of
from infra.interop.importers.fhir.shape import ShapeError, shaped
from infra.interop.importers.items import LeftOver, Unconverted, entry_id
from infra.interop.importers.repeats import person_of, recorded
from infra.interop.importers.source import Source
from infra.interop.importers.versions import instant, is_older, version_of

_DELETED = "was deleted by its source"
_CLAIMS = 4  # of how many charts one reference of a source may have spoken
_OF_PATIENTS = ("encounter", "context", "specimen", "partOf")


@dataclass(frozen=True, slots=True)
class Sending:
    """What is known of who sent the files: ``name`` of the system, what its files do not say (``source``), and the
    ``number_system`` of its chart numbers.
    """

    name: str = ""
    source: Source = field(default_factory=Source)
    number_system: str = ""


class Gathering:
    """Brings resources to patients; ``left`` is what is about nobody who is known."""

    def __init__(self, log: EventLog, read: Iterable[FileItem], sending: Sending) -> None:
        """Read everything first: what a reference names may stand in any file."""
        self.left: list[LeftOver | Unconverted] = []
        self.patients: dict[str, Patient] = {}
        self._log = log
        self._sending = sending
        self._now = log.clock()
        self._gone: dict[str, str] = {}
        self._deleted: list[Deleted] = []
        nodes = list(self._newest(list(self._shaped(read))))
        self._references = References(nodes, self._now)
        self._owner: dict[str, str] = {}
        self._inner: dict[str, list[Node]] = {}
        self._before: dict[tuple[str, str], str] = {}
        self._nodes = nodes

    def gathered(self) -> list[Patient]:
        """The patients with their resources, those apart whom nobody can tell apart."""
        for node in self._nodes:
            if node.kind == "Patient":
                self._person(node)
        for node in self._nodes:
            if node.kind not in ("Patient", "Provenance"):
                self._place(node)
        for deleted in self._deleted:
            self._take_back(deleted)
        owner = {node: patient for patient in self.patients.values() for node in patient.nodes}
        for node in self._nodes:
            if node.kind == "Provenance":
                self._tell(node.resource, owner)
        return [patient for patient in self.patients.values() if self._is_one(patient)]

    def _shaped(self, read: Iterable[FileItem]) -> Iterator[Node]:
        for item in read:
            if isinstance(item, Deleted):
                self._gone |= dict.fromkeys(item.names, item.at)
                self._deleted.append(item)
                continue
            if isinstance(item, LeftOver):
                self.left.append(item)
                continue
            try:
                resource = shaped(item.resource, self._sending.source)
            except ShapeError as error:
                node = node_of(item)
                # an older version of a Patient does not count because the newer one is refused
                is_person = node.kind == "Patient" and isinstance(node.resource.get("id"), str)
                yield from [refused(node, str(error), is_one=True)] if is_person else self._refused([node], str(error))
                continue
            yield node_of(Read(item.place, item.url, resource))

    def _newest(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """One node for each resource: its newest version, unless it was deleted since.

        Two that nobody can put in order, and two that a Bundle names differently, are both left over.
        """
        by_key: dict[str, list[Node]] = {}
        for node in nodes:
            same = by_key.setdefault(node.key, [])
            if all(node.resource != other.resource or node.url != other.url for other in same):
                same.append(node)
        for versions in by_key.values():
            newest = _newest_of(versions)
            reason = ""
            if len({node.url for node in versions if node.url.startswith("urn:")}) > 1:
                reason = "shares its id with another resource: import each file with a --source of its own"
            elif newest is None:
                reason = "stands here twice with different content, and nothing says which is newer"
            elif self._was_deleted(newest, _age(newest.resource)):
                yield from self._refused([self._as_deleted(newest)], _DELETED)
                self.left += [left(node, _DELETED) for node in versions if node is not newest]
                continue
            if reason or newest is None:
                yield from self._refused(versions, reason)
                continue
            self.left += [left(node, "is an older version") for node in versions if node is not newest]
            if newest.kind == "Patient" and newest.refused:
                self.left.append(self._no_person(newest, newest.refused))
            else:
                yield newest

    def _refused(self, versions: Sequence[Node], reason: str) -> Iterator[Node]:
        """Nothing is made of a resource; what was made of it before is looked up by one node that stands for it."""
        first = versions[0]
        if first.kind == "Patient" and len(versions) == 1:
            self.left.append(self._no_person(first, reason))
            return
        is_known = first.kind in POSSIBLE and first.kind != "Patient" and isinstance(first.resource.get("id"), str)
        if is_known:
            yield refused(first, reason, is_one=len(versions) == 1)
        self.left += [left(node, reason) for node in versions[int(is_known) :]]

    def _no_person(self, node: Node, reason: str) -> Unconverted:
        """A Patient of whom nobody can say whose chart is theirs; an older version does not say it either."""
        ids = _ids_of(node.kind, node.identity, self._sending.name or node.base)
        return Unconverted(node.place, node.kind, "", ids, reason, node.version)

    def _was_deleted(self, node: Node, age: str) -> bool:
        when = self._deletion(node)
        return when is not None and not (when and age > instant(when))

    def _deletion(self, node: Node) -> str | None:
        """When a resource was deleted, empty where nothing says when; None where it was not."""
        return next((self._gone[name] for name in (node.key, node.place, node.url) if name in self._gone), None)

    def _as_deleted(self, node: Node) -> Node:
        """The resource, its newest version dated with the moment of its deletion where that is known."""
        when = self._deletion(node) or ""
        meta = {"versionId": at(node.resource, "meta", "versionId"), "lastUpdated": when}
        return replace(node, resource={**node.resource, "meta": meta}) if instant(when) else node

    def _person(self, node: Node) -> None:
        try:
            number = chart_number(node.resource, self._now, self._sending.number_system)
        except IdentityError as error:
            self.left.append(self._no_person(node, str(error)))
            return
        patient = self._patient(number, node.base)
        patient.nodes.append(node)
        self._owner[node.key] = patient.chart

    def _patient(self, number: str, server: str) -> Patient:
        """The patient of a number in any spelling; ``server`` is where it comes from, if that is known."""
        key = canonical(number)
        if key not in self.patients:
            known = self._log.calendar, self._now, self._references, self._sending.name, self._sending.source.site
            self.patients[key] = Patient(number, server, *known)
        return self.patients[key]

    def _place(self, node: Node) -> None:
        """Give a resource to the patient that it is about."""
        subjects = _subjects(node.resource)
        resolved = [(subject, self._of(subject, node)) for subject in subjects]
        owners = {id(patient): patient for _, patient in resolved if patient is not None}
        owners |= {id(other): other for other in self._others(node)} if owners else {}
        unknown = [subject for subject, patient in resolved if patient is None and self._names_patient(subject, node)]
        if len(owners) > 1 or (owners and unknown):
            self._nobodys(node, "names several patients")
        elif owners:
            owners.popitem()[1].nodes.append(node)
        elif not unknown:
            self._nobodys(node, "is about no patient")
        else:
            self._nobodys(node, "its patient is in none of these files: give the Patient along with it")

    def _nobodys(self, node: Node, reason: str) -> None:
        """Leave over what is about nobody who is known; a consent that was given is brought to whoever gave it, for
        its source gives it no more.
        """
        reason = node.refused or reason
        source = self._sending.name or node.base
        ids = _ids_of(node.kind, node.identity, source)
        giver = self._recorded_of(ids, source)
        if node.kind == "Consent" and giver is not None:
            giver.nodes.append(refused(node, reason, is_one=True))
        else:
            self.left.append(Unconverted(node.place, node.kind, "", ids, reason, node.version))

    def _take_back(self, deleted: Deleted) -> None:
        """Bring a resource that is no more to the patient of whom it was recorded, where its source is known."""
        base, place = next((parsed for name in deleted.names if (parsed := literal(name))[1]), ("", ""))
        kind, _, key = place.partition("/")
        source = self._sending.name or base
        ids = _ids_of(kind, place, source)
        patient = self._recorded_of(ids, source) if kind != "Patient" else None
        if any(f"{base}/{place}".strip("/") == node.key for node in self._nodes):
            self.left.append(LeftOver(deleted.place, "Bundle entry", deleted.reason, differs=patient is None))
            return
        if patient is None:
            version = version_of(deleted.at, None)
            self.left.append(Unconverted(deleted.place, "Bundle entry", "", ids, deleted.reason, version, differs=True))
            return
        resource = {"resourceType": kind, "id": key, "meta": {"lastUpdated": deleted.at}}
        patient.nodes.append(Node(place, base, "", resource, refused=_DELETED))

    def _recorded_of(self, ids: Sequence[str], source: str) -> Patient | None:
        """Of whom a resource of a source that makes entries under these ids was recorded before, if it is one chart."""
        held = set(recorded(self._log, ids).values())
        number = self._log.reference(held.pop()) if len(held) == 1 else None
        return self._patient(number, source) if number is not None else None

    def _others(self, node: Node) -> Iterator[Patient]:
        """The patients of the encounter and the specimen that a resource names."""
        for name in _OF_PATIENTS:
            by = self._references.named(node.resource.get(name), node)
            for subject in _subjects(by.resource) if by is not None and by.kind in ("Encounter", "Specimen") else ():
                patient = self._of(subject, by or node)
                if patient is not None:
                    yield patient

    def _names_patient(self, reference: Any, by: Node) -> bool:
        """Whether a reference is one to a Patient, who may be in none of these files."""
        value = at(reference, "reference")
        if not isinstance(value, str):
            return at(reference, "identifier") is not None
        named = self._references.named(reference, by)
        return named.kind == "Patient" if named else "Patient/" in value or value.startswith(("urn:", "#"))

    def _of(self, reference: Any, by: Node) -> Patient | None:
        """The patient that a reference names; nobody when nobody can say."""
        named = self._references.named(reference, by)
        if named is not None:
            if named.kind != "Patient":
                return None
            owner = self._owner.get(named.key)
            return self._patient(owner, "") if owner else self._contained(named)
        base, place = literal(at(reference, "reference"))
        if place.startswith("Patient/"):
            return self._imported_before(base, place, by)
        return self._by_number(at(reference, "identifier"), by) if not at(reference, "reference") else None

    def _contained(self, node: Node) -> Patient | None:
        """A contained Patient is whoever has its chart number; only one with a number is somebody."""
        if "#" not in node.key:
            return None
        try:
            number = chart_number(node.resource, self._now, self._sending.number_system)
        except IdentityError:
            return None
        patient = self._patient(number, node.base)
        self._inner.setdefault(canonical(number), []).append(node)
        return patient

    def _by_number(self, identifier: Any, by: Node) -> Patient | None:
        """A patient who is named by a number alone, where its system is that of the chart numbers here."""
        system = at(identifier, "system")
        if system is None or system not in (CHART_NUMBER, self._sending.number_system):
            return None
        try:
            number = chart_number({"identifier": [identifier]}, self._now, self._sending.number_system)
        except IdentityError:
            return None
        is_known = canonical(number) in self.patients or self._is_recorded(number)
        return self._patient(number, by.base) if is_known else None

    def _is_recorded(self, number: str) -> bool:
        return bool(self._log.recorder.streams([self._log.client_id(number)]))

    def _imported_before(self, base: str, place: str, by: Node) -> Patient | None:
        """The patient as whom the same source's Patient was imported, if that was one chart only."""
        sender = self._sending.name
        if base and sender and not self._references.names_one_server(base):
            return None
        source = sender or base or by.base
        if (source, place) not in self._before:
            held = set(recorded(self._log, [*claims(source, place), *former_claims(source, place)]).values())
            number = self._log.reference(held.pop()) if len(held) == 1 else None
            self._before[source, place] = number or ""
        number = self._before[source, place]
        return self._patient(number, source) if number else None

    def _tell(self, resource: Resource, owner: Mapping[Node, Patient]) -> None:
        """Give a Provenance to the patients of what it speaks of."""
        by = Node("Provenance", "", "", resource)
        for target in as_list(resource.get("target")):
            node = self._references.named(target, by)
            if node is not None and node in owner:
                owner[node].provenances[id(resource)] = resource

    def _is_one(self, patient: Patient) -> bool:
        """Whether all Patients of a number are one person, here and in the log; else nothing of theirs is used."""
        people = [node for node in patient.nodes if node.kind == "Patient"]
        inner = self._inner.get(canonical(patient.chart), [])
        if not people and inner:
            people = inner[:1]
            patient.nodes.append(inner[0])
        if self._are_several(patient.chart, people, inner):
            reason = "its chart number is that of another Patient, in another system or with another birth date"
            return self._leave(patient, reason)
        for node in people[:1]:
            self._claim(patient, node)
            reason = another_person(self._log, patient, node)
            if reason:
                return self._leave(patient, reason, differs=node)
        return True

    def _leave(self, patient: Patient, reason: str, differs: Node | None = None) -> bool:
        """Leave over what is another person's; whether there is more to be done.

        What was recorded before of the same resources is no longer stated. ``differs`` is listed as another Patient
        than the chart's.
        """
        for node in patient.nodes:
            if node.kind == "Patient":
                ids = patient.possible_ids(node)
                known = node.place, node.kind, patient.chart, ids, reason, node.version
                self.left.append(Unconverted(*known, node is differs))
        patient.chart = patient.known_on or patient.chart
        patient.nodes = [refused(node, reason, is_one=True) for node in patient.nodes if node.kind != "Patient"]
        return bool(patient.nodes)

    def _are_several(self, chart: str, people: Sequence[Node], inner: Sequence[Node]) -> bool:
        born = {node.resource.get("birthDate") for node in people}
        inner_born = {birth_date for node in inner if (birth_date := node.resource.get("birthDate"))}
        systems = {system for node in (*people, *inner) for system in self._systems(node, chart)}
        unsure = len(people) > 1 and born == {None} and not any(systems)
        return len(born) > 1 or len(born - {None} | inner_born) > 1 or len(systems) > 1 or unsure

    def _systems(self, node: Node, chart: str) -> set[str]:
        """The systems in which a Patient has a chart number; of one without a system, the server."""
        systems = {system for system, number in identifiers(node.resource, self._now) if number == canonical(chart)}
        return {system or node.base for system in systems} or {node.base}

    def _claim(self, patient: Patient, node: Node) -> None:
        """The id of the registration, by which later files of the same source find the chart again."""
        mine = self._log.client_id(patient.chart)
        source = patient.source_of(node)
        ids = [*entry_ids(node.resource), *former_claims(source, node.identity), *claims(source, node.identity)]
        held = recorded(self._log, ids)
        patient.known_as = next((event_id for event_id in ids if held.get(event_id) == mine), "")
        free = next((event_id for event_id in claims(source, node.identity) if event_id not in held), "")
        patient.claim = patient.known_as or free
        elsewhere = [] if patient.known_as else [(event_id, held[event_id]) for event_id in ids if event_id in held]
        known = (chart for event_id, chart in elsewhere if source or self._is_same(patient, node, chart, event_id))
        patient.known_on = next((self._log.reference(chart) or "" for chart in known), "")

    def _is_same(self, patient: Patient, node: Node, client_id: str, claim: str) -> bool:
        """Whether a Patient of an unknown source may be the person of a chart that claims them, whatever the name."""
        name = name_of(node.resource, self._now, patient.zone)
        return may_be_one_of(name, node.resource.get("birthDate"), person_of(self._log, client_id, claim))


def _ids_of(kind: str, place: str, source: str) -> tuple[str, ...]:
    """The ids of all entries that a resource may have come to; none where its source is not known."""
    possible = POSSIBLE.get(kind, ()) if source else ()
    return tuple(entry_id("fhir", source, place, entry_kind, number) for entry_kind, number in possible)


def claims(source: str, place: str) -> list[str]:
    """The ids of the first entries of the charts that a source's Patient was imported under, in order."""
    return [entry_id("fhir", "claim", source, place, number) for number in range(_CLAIMS)]


def former_claims(source: str, place: str) -> list[str]:
    """The same of an earlier release, which knew no sources."""
    return [entry_id("fhir", place, "ClientRegistered", 0)] if not source else []


def _newest_of(versions: Sequence[Node]) -> Node | None:
    """The version that is newer than all the others; None where nobody can say."""
    for node in versions:
        others = [other.version for other in versions if other is not node]
        if all(is_older(other, node.version) and not is_older(node.version, other) for other in others):
            return node
    return None


def _age(resource: Resource) -> str:
    updated = at(resource, "meta", "lastUpdated")
    return instant(updated) if isinstance(updated, str) else ""


def _subjects(resource: Resource) -> Sequence[Any]:
    """The references by which a resource says whom it is about."""
    references = [resource[name] for name in SUBJECTS if name in resource]
    actors = [at(participant, "actor") for participant in as_list(resource.get("participant"))]
    return references or [actor for actor in actors if actor is not None]
