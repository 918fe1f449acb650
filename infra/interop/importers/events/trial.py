"""A run of an import that records nothing: each batch is written as it would be, looked at, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from domain.events import ClientRegistered
from infra.eventstore.mapper import opened
from infra.interop.importers.events.merged_charts import ToRecord

_REGISTERED = f"{ClientRegistered.__name__}."


@dataclass(slots=True)
class Trial:
    """What an import would open: the charts by stream, and the people it would register as (number, name, birth date).

    ``known`` are the charts here that its lines were compared with: a finding may reveal something of them.
    Each batch is tried by itself: an id that comes again in a later batch is seen by the import alone.
    """

    charts: dict[str, str] = field(default_factory=dict[str, str])
    people: dict[str, tuple[str, str, date]] = field(default_factory=dict[str, tuple[str, str, date]])
    known: set[str] = field(default_factory=set[str])

    def saw(self, entries: Iterable[ToRecord], begun: Collection[str], there: Iterable[str]) -> None:
        """Note the entries of a batch: the streams that it would have ``begun``, and those ``there`` already."""
        self.known.update(there)
        for entry in entries:
            if entry.client_id not in begun and entry.client_id not in self.charts:
                continue
            self.charts.setdefault(entry.client_id, entry.reference)
            if entry.state.topic.startswith(_REGISTERED):
                self._registered(entry)

    def _registered(self, entry: ToRecord) -> None:
        _, event = opened(entry.state)
        if isinstance(event, ClientRegistered) and event.name and event.birth_date:
            self.people[entry.client_id] = entry.reference, event.name, event.birth_date
