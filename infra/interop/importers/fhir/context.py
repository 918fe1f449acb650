"""One patient's resources on their way to import lines: whose chart, who recorded what, which ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.days import Calendar
from infra.interop.fhir.coding import ENTRY, EXTENDED, EXTENSION, NOT_RECORDED
from infra.interop.importers.bare_days import clock_of
from infra.interop.importers.converted import line
from infra.interop.importers.fhir.parts import Resource, as_list, at, code, elements_with, members, moment
from infra.interop.importers.fhir.references import Node, References
from infra.interop.importers.items import Converted, LeftOver, Outcome, Unconverted, entry_id

Converter = Callable[["Patient", Node], Iterator[Outcome]]

MOST_CONSENTS: Final = 24  # recipients times purposes of one resource
_LEAVES: Final = tuple((kind, number) for number in range(101, 113) for kind in ("LeaveStarted", "LeaveEnded"))
# What a resource of another system may come to: kind of entry and its number among those of the resource.
POSSIBLE: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "Patient": (("ClientDied", 1),),
    "Coverage": (("CoverageVerified", 0),),
    "Consent": tuple(
        (kind, 2 * number + more)
        for number in range(MOST_CONSENTS)
        for more, kind in enumerate(("ConsentGiven", "ConsentRevoked"))
    ),
    "Condition": (("DiagnosisRecorded", 0),),
    "Encounter": (
        *(("LevelOfCareStarted", 0), ("LevelOfCareEnded", 1), ("SessionAttended", 0), ("AlumniContacted", 0)),
        *_LEAVES,
    ),
    "Appointment": (("SessionMissed", 0), ("AppointmentScheduled", 1)),
    "CarePlan": (("TreatmentPlanSet", 0), ("RelapsePreventionPlanSet", 0)),
    "Goal": (("GoalProgressed", 1),),
    "ServiceRequest": (("CommunityReferralMade", 0),),
    "Observation": (("DrugScreenResulted", 0), ("InstrumentScored", 0)),
    "MedicationRequest": (("MedicationStarted", 0), ("MedicationStopped", 1)),
    "MedicationAdministration": (("MedicationGiven", 0),),
    "MedicationDispense": (("MedicationGiven", 0),),
    "AdverseEvent": (("IncidentRecorded", 0),),
}


class LeftOverError(Exception):
    """A resource becomes no entry at all; the message says why, and never repeats a value."""


@dataclass
class Patient:
    """A patient's resources; ``chart`` is the chart number that they are imported under.

    ``source`` names the server that they come from, as far as it is known, ``sender`` the system by its own name.
    ``calendar`` has the zones in which days are read, ``site`` is the facility of what names none; ``now`` is the
    moment of the import. ``claim`` is the id of the first entry of the Patient, ``known_as`` the same where it is
    recorded; ``known_on`` is the number of another chart that the source gave the Patient before.
    """

    chart: str
    source: str
    calendar: Calendar
    now: datetime
    references: References
    sender: str = ""
    site: str = ""
    claim: str = ""
    known_as: str = ""
    known_on: str = ""
    nodes: list[Node] = field(default_factory=list[Node])
    provenances: dict[int, Resource] = field(default_factory=dict[int, Resource])
    spoken_for: set[str] = field(default_factory=set[str])

    @cached_property
    def provenance_by_key(self) -> dict[str, Resource]:
        """Who recorded a resource, by its key; and who recorded an entry of ours, by its id."""
        by_key: dict[str, Resource] = {}
        for resource in self.provenances.values():
            by = Node("Provenance", "", "", resource)
            targets = (self.references.named(target, by) for target in as_list(resource.get("target")))
            by_key |= {node.key: resource for node in targets if node is not None}
            by_key |= dict.fromkeys(entry_ids(resource), resource)
        return by_key

    def named(self, reference: Any, by: Node) -> Node | None:
        """The resource of this patient that a reference names."""
        node = self.references.named(reference, by)
        return node if node in self._held else None

    @cached_property
    def _held(self) -> set[Node | None]:
        """Its resources; asked for once all of them are here."""
        return {*self.nodes}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of what names no facility of its own."""
        return self.calendar.zone_of(self.site)

    def moment(self, value: Any) -> str:
        """A dateTime with its offset; a bare day is noon of it at the facility."""
        return moment(value, self.zone)

    def day(self, value: Any) -> str:
        """The day of a dateTime at the facility; a bare day is itself."""
        when = self.moment(value)
        return datetime.fromisoformat(when).astimezone(self.zone).date().isoformat() if when else ""

    def provenance_of(self, node: Node) -> Resource:
        """The Provenance of a resource, empty where there is none."""
        return self.provenance_by_key.get(node.key, {})

    def made(
        self, node: Node, kind: str, occurred_at: Any, data: dict[str, Any], *, number: int = 0, site: str = ""
    ) -> Iterator[Outcome]:
        """One line made of a resource; ``number`` tells several lines of one resource apart.

        Raises:
            LeftOverError: there is no day on which it happened.
        """
        ids = entry_ids(node.resource)
        ours = number < len(ids)
        event_id = ids[number] if ours else self.entry_id(node, kind, number)
        provenance = self.provenance_by_key.get(event_id) or self.provenance_of(node)
        site = site or _recorded(at(provenance, "agent", 0, "onBehalfOf", "display")) or self.site
        when = moment(occurred_at, self.calendar.zone_of(site), clock_of(kind, data))
        if not when:
            msg = "says no day on which it happened"
            raise LeftOverError(msg)
        yield Converted(
            node.place,
            line(
                self.chart,
                kind,
                when,
                data | _extended(node.resource, kind),
                event_id,
                actor=_recorded(at(provenance, "agent", 0, "who", "display")),
                issuer=_recorded(at(provenance, "agent", 0, "who", "identifier", "system")) if ours else "",
                subject=_recorded(at(provenance, "agent", 0, "who", "identifier", "value")) if ours else "",
                site=site,
                recorded_at=self.moment(provenance.get("recorded")),
                role=code(at(provenance, "agent", 0, "role"), "urn:carejourney:role"),
                source="fhir",
                source_version="" if ours else node.version,
            ),
            kind=node.kind,
            ours=ours,
            formerly=() if ours else self.former_ids(node, kind, number),
        )

    def entry_id(self, node: Node, kind: str, number: int) -> str:
        """The id of an entry made of another system's resource; a Patient's first entry has that of its claim."""
        if node.kind == "Patient" and number == 0 and self.claim:
            return self.claim
        source = self.source_of(node)
        where = (source,) if source else (source, self.chart)
        return entry_id("fhir", *where, node.identity, kind, number)

    def source_of(self, node: Node) -> str:
        """Where a resource comes from: the system that was named, its own server, or that of the patient."""
        return self.sender or node.base or self.source

    def former_ids(self, node: Node, kind: str, number: int) -> tuple[str, ...]:
        """The ids under which earlier releases recorded it, which knew no sources, or kept those of charts apart."""
        if node.digest:
            return ()
        charted = entry_id("fhir", self.sender or self.source, self.chart, node.place, kind, number)
        current = self.entry_id(node, kind, number)
        return *([charted] if charted != current else []), entry_id("fhir", node.place, kind, number)

    def possible_ids(self, node: Node) -> tuple[str, ...]:
        """The ids of all entries that a resource of another system may have come to."""
        possible = POSSIBLE.get(node.kind, ())
        return (
            *(self.entry_id(node, kind, number) for kind, number in possible),
            *(former_id for kind, number in possible for former_id in self.former_ids(node, kind, number)),
        )


def entry_ids(resource: Resource) -> list[str]:
    """The ids of our own entries that a resource was made of; none for another system's."""
    return [str(at(tag, "code")) for tag in elements_with(at(resource, "meta", "tag"), "system", ENTRY)]


def left(node: Node, reason: str) -> LeftOver:
    """The resource became no entry."""
    return LeftOver(node.place, node.kind, reason)


def with_others(patient: Patient, node: Node, made: Sequence[Outcome]) -> list[Outcome]:
    """What a resource came to, with the ids of all that it might have come to; ``others`` stand with the first line."""
    first = next((item for item in made if isinstance(item, Converted) and not item.ours), None)
    if first is None:
        return _unsaid(patient, node, made)
    lines = [item for item in made if isinstance(item, Converted)]
    taken = {item.line["event_id"] for item in lines} | {former_id for item in lines for former_id in item.formerly}
    possible = patient.possible_ids(node)
    others = tuple(event_id for event_id in possible if event_id not in taken)
    whole = tuple(dict.fromkeys((*possible, *sorted(taken))))
    return [
        replace(item, others=others if item is first else (), whole=whole) if isinstance(item, Converted) else item
        for item in made
    ]


def _unsaid(patient: Patient, node: Node, made: Sequence[Outcome]) -> list[Outcome]:
    """What a resource came to of which no entry was made: the first reason stands for it."""
    if entry_ids(node.resource) or not made or not isinstance(made[0], LeftOver):
        return list(made)
    ids, reason = patient.possible_ids(node), made[0].reason
    return [Unconverted(node.place, node.kind, patient.chart, ids, reason, node.version), *made[1:]]


def _extended(resource: Resource, kind: str) -> dict[str, Any]:
    """What our own extensions say of an entry of this kind."""
    known = {name.rstrip("_") for name in EXTENDED.get(kind, ())}
    values: dict[str, Any] = {}
    for extension in as_list(resource.get("extension")):
        name = str(at(extension, "url")).removeprefix(EXTENSION).replace("-", "_")
        value = next((content for key, content in members(extension) if key.startswith("value")), None)
        if name in known:
            values[name] = value
        elif (whole := name.removesuffix("_item")) in known:
            values.setdefault(whole, []).append(value)
    return values


def _recorded(name: Any) -> str:
    """A name of a Provenance, where there is one."""
    return "" if name in (None, NOT_RECORDED) else str(name)
