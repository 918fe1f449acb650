"""One printing: what is printed, by whom, when and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from api.documents.words import joined
from domain.entries import Entry
from domain.journey import Stay
from infra.identity.people import Principal
from infra.integrity.heads import Head
from infra.provider.names import Names, called
from projections.chart import Chart

SIMULATOR = "simulator"


@dataclass(frozen=True)
class Printing:
    """What a document is made from. ``today`` is the day (proleptic ordinal) that its ages and due days count to.

    ``as_of`` is None where the chart is as known when it was printed; with an ``entry`` (its number in the chart) it is
    that of the entry, the last that counts. ``disclosed`` is what must go with records that
    leave (``infra.disclosure.consents.described``), empty where they stay with the programme or go to the client.
    ``head`` is the newest signed head of the log of care. ``names`` are what the provider calls its sites and staff.
    """

    chart: Chart
    recorded: Sequence[Entry]
    reference: str
    who: Principal
    at: datetime
    zone: ZoneInfo
    today: int
    notice: str
    as_of: datetime | None = None
    entry: int | None = None
    disclosed: Mapping[str, str] = field(default_factory=dict[str, str])
    head: Head | None = None
    names: Names = field(default_factory=dict[str, Mapping[str, str]])
    demo: bool = False

    @property
    def leaves(self) -> bool:
        """Whether it is made for somebody outside the programme who is not the client."""
        return bool(self.disclosed)

    @property
    def for_the_client(self) -> bool:
        """Whether the client asked for it."""
        return self.who.purpose == "patient_request"

    @property
    def simulated(self) -> bool:
        """Whether the client was made up: by the demo, or by the simulator that recorded them."""
        return self.demo or any(entry.claimed_source == SIMULATOR for entry in self.recorded)

    def called(self, field: str, key: str | None) -> str:
        """The name of what a field says by its key; nothing where it says nothing."""
        return called(self.names, field, key) or ""

    def place(self, stay: Stay) -> str:
        """Program, site and clinician of a stay."""
        return joined(
            self.called("program", stay.program),
            self.called("site", stay.site),
            self.called("clinician", stay.clinician),
        )

    @property
    def newest(self) -> Entry:
        """The entry that was recorded last of those that it is made from."""
        return max(self.recorded, key=lambda entry: entry.position)
