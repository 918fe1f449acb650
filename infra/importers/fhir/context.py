"""One patient's resources on their way to import lines: whose chart, who recorded what, which ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from infra.fhir.coding import ENTRY, EXTENDED, EXTENSION, NOT_RECORDED
from infra.importers.converted import Converted, LeftOver, entry_id, line
from infra.importers.fhir.parts import Resource, as_list, at, code, members, moment

Outcome = Converted | LeftOver


@dataclass
class Patient:
    """A patient's resources by place; ``chart`` is the chart number that they are imported under."""

    chart: str
    source: str
    resources: dict[str, Resource] = field(default_factory=dict[str, Resource])
    spoken_for: set[str] = field(default_factory=set[str])

    @cached_property
    def provenance(self) -> dict[str, Resource]:
        """Who recorded a resource, by its place; and who recorded an entry of ours, by its id."""
        found: dict[str, Resource] = {}
        for resource in self.resources.values():
            if resource["resourceType"] == "Provenance":
                found |= {str(at(target, "reference")): resource for target in as_list(resource.get("target"))}
                found |= dict.fromkeys(self.entry_ids(resource), resource)
        return found

    def entry_ids(self, resource: Resource) -> list[str]:
        """The ids of our own entries that a resource was made of; none for another system's."""
        return [str(tag["code"]) for tag in as_list(at(resource, "meta", "tag")) if at(tag, "system") == ENTRY]

    def made(
        self, place: str, kind: str, occurred_at: str, data: dict[str, Any], *, number: int = 0, site: str = ""
    ) -> Iterator[Outcome]:
        """One line made of the resource at a place; ``number`` tells several lines of one resource apart."""
        resource = self.resources[place]
        when = moment(occurred_at)
        if not when:
            yield LeftOver(place, resource["resourceType"], "says no day on which it happened")
            return
        ids = self.entry_ids(resource)
        own = ids[number] if number < len(ids) else entry_id(self.source, place, kind, number)
        told = self.provenance.get(own) or self.provenance.get(place, {})
        yield Converted(
            place,
            line(
                self.chart,
                kind,
                when,
                data | self._extended(resource, kind),
                own,
                actor=_recorded(at(told, "agent", 0, "who", "display")),
                site=site or _recorded(at(told, "agent", 0, "onBehalfOf", "display")),
                recorded_at=moment(told.get("recorded")),
                role=code(at(told, "agent", 0, "role"), "urn:carejourney:role"),
                source="fhir",
            ),
        )

    def _extended(self, resource: Resource, kind: str) -> dict[str, Any]:
        """What our own extensions say of an entry of this kind."""
        known = {name.rstrip("_") for name in EXTENDED.get(kind, ())}
        said: dict[str, Any] = {}
        for one in as_list(resource.get("extension")):
            name = str(at(one, "url")).removeprefix(EXTENSION).replace("-", "_")
            value = next((found for key, found in members(one) if key.startswith("value")), None)
            if name in known:
                said[name] = value
            elif (whole := name.removesuffix("_item")) in known:
                said.setdefault(whole, []).append(value)
        return said

    def left(self, place: str, reason: str) -> Iterator[Outcome]:
        """The resource at a place became no entry."""
        yield LeftOver(place, self.resources[place]["resourceType"], reason)


def _recorded(name: Any) -> str:
    """A name of a Provenance, where there is one."""
    return "" if name in (None, NOT_RECORDED) else str(name)
