"""What the mapping of one chart works with: the chart, and where each entry belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from domain.appointments import Appointments, appointments
from domain.entries import Entry
from domain.journey import Stay
from infra.interop.fhir.coding import (
    ENTRY,
    SECURITY,
    US_CORE,
    Resource,
    extensions,
    filled,
    instant,
    readable,
    reference,
)
from projections.chart import Chart
from projections.clinical.course import episode_numbers


@dataclass
class Charting:
    """One chart on its way to resources; ``chart_number`` is the provider's own reference."""

    chart: Chart
    chart_number: str
    made_by: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def patient(self) -> Resource:
        """The reference to the client."""
        return reference("Patient", self.chart.client_id)

    @cached_property
    def stays(self) -> list[Stay]:
        """Stays by their start."""
        return sorted(self.chart.journey.stays, key=lambda stay: stay.start)

    @cached_property
    def appointments(self) -> Appointments:
        """What the chart says of appointments."""
        return appointments(self.chart.entries)

    @cached_property
    def episodes(self) -> Mapping[str, int]:
        """The episode of each stay, by the id of the entry that started it; 0 for alumni services on their own."""
        numbers = episode_numbers(self.stays)
        return {stay.event_id: number for stay, number in zip(self.stays, numbers, strict=True)}

    def episode_id(self, number: int) -> str:
        """An episode's resource id."""
        return f"{self.chart.client_id}-e{number}"

    def stay_at(self, entry: Entry) -> Stay | None:
        """The stay that an entry belongs to: the last one open at its clinical time."""
        open_then = [stay for stay in self.stays if stay.covers(entry.at) or stay.end == entry.at]
        return open_then[-1] if open_then else None

    def encounter(self, entry: Entry) -> Resource | None:
        """The reference to that stay."""
        stay = self.stay_at(entry)
        return reference("Encounter", stay.event_id) if stay else None

    def resource(
        self,
        kind: str,
        entries: Sequence[Entry],
        body: Resource,
        *,
        key: str = "",
        profile: str = "",
        ended_by: Entry | None = None,
    ) -> Resource:
        """A resource made of entries: its id is the first entry's, its age that of the newest.

        ``ended_by`` is an entry of something else that changed it, as the next plan revokes the one before.
        """
        seen = [*entries, *([ended_by] if ended_by else [])]
        known = seen + [entry.amended_by for entry in seen if entry.amended_by]
        latest = max(known, key=lambda entry: entry.recorded)
        name = key or entries[0].event_id
        meta = filled(
            {
                "lastUpdated": instant(latest.recorded_at),
                "profile": [US_CORE + profile] if profile else [],
                "security": SECURITY,
                # so that what comes back is recognised, entry by entry
                "tag": [{"system": ENTRY, "code": entry.event_id} for entry in entries],
            }
        )
        extensions_of = [extension for entry in entries for extension in extensions(entry.type, entry.event)]
        body = {**body, "extension": [*body.get("extension", []), *extensions_of]}
        for entry in entries:
            self.made_by.setdefault(entry.event_id, []).append(f"{kind}/{name}")
        return {"resourceType": kind, "id": name, "meta": meta, **readable(filled(body))}
