"""A chart: one client's effective entries, prepared once for every fold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

from domain.entries import Entry, effective
from domain.events import ChartsMerged, Event
from domain.journey import Journey, fold

E = TypeVar("E", bound=Event)


class Chart:
    """What folds read. Entries count after corrections and retractions and stand in clinical order."""

    def __init__(self, client_id: str, sequence: int, entries: Sequence[Entry]) -> None:
        """Prepare recorded entries (in the order of recording); ``sequence`` is the stream's last."""
        self.client_id = client_id
        self.sequence = sequence
        self.entries = effective(entries)
        self._by_type: dict[type[Event], list[Entry]] = {}
        for entry in self.entries:
            self._by_type.setdefault(type(entry.event), []).append(entry)

    def of(self, *kinds: type[Event]) -> list[Entry]:
        """The entries of these types, in clinical order."""
        if len(kinds) == 1:
            return self._by_type.get(kinds[0], [])
        found = [entry for kind in kinds for entry in self._by_type.get(kind, ())]
        return sorted(found, key=lambda entry: (entry.at, entry.position, entry.sequence))

    def events(self, kind: type[E]) -> list[tuple[Entry, E]]:
        """The entries of one type with their typed payload."""
        return [(entry, cast("E", entry.event)) for entry in self._by_type.get(kind, ())]

    @cached_property
    def journey(self) -> Journey:
        """The journey that the entries add up to."""
        return fold(self.entries)

    @property
    def closed(self) -> bool:
        """Whether the chart was merged into another: it has no rows of its own."""
        return self.journey.closed_into is not None

    @property
    def last_day(self) -> int:
        """The day of the latest entry by clinical time; 0 for an empty chart."""
        return max((entry.day for entry in self.entries), default=0)


def merged_charts(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """The charts that this one took over: (stream, position before which its entries count)."""
    if not any(isinstance(entry.event, ChartsMerged) for entry in entries):
        return []
    merges = [
        (entry, cast("Any", entry.event).other_client_id)
        for entry in effective(entries)
        if isinstance(entry.event, ChartsMerged)
    ]
    return [(other.hex, entry.position) for entry, other in merges if other is not None]
