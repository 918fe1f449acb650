"""A chart: one client's effective entries, prepared once for every fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from domain.entries import Entry, effective
from domain.events import ChartsMerged, Event, NotSamePerson, OverlapResolved
from domain.journey import fold

E = TypeVar("E", bound=Event)


class Chart:
    """What folds read. Entries count after corrections and retractions and stand in clinical order.

    ``journey`` is what they add up to. Start and end of a stay that does not count, and decisions about who
    is who, are not among ``entries``.
    """

    def __init__(self, client_id: str, sequence: int, entries: Sequence[Entry]) -> None:
        """Prepare recorded entries (in the order of recording); ``sequence`` is the stream's last."""
        self.client_id = client_id
        self.sequence = sequence
        counted = effective(entries)
        self.journey = fold(counted)
        gone = {name for stay in self.journey.not_counted for name in (stay.event_id, stay.ended_by)}
        # who is who is no care: it makes nobody seen on the day on which it was decided
        self.entries = [
            entry
            for entry in counted
            if entry.event_id not in gone and not isinstance(entry.event, OverlapResolved | NotSamePerson)
        ]
        self._by_type: dict[type[Event], list[Entry]] = {}
        self._several: dict[tuple[type[Event], ...], list[Entry]] = {}
        for entry in self.entries:
            self._by_type.setdefault(type(entry.event), []).append(entry)

    def of(self, *kinds: type[Event]) -> list[Entry]:
        """The entries of these types, in clinical order."""
        if len(kinds) == 1:
            return self._by_type.get(kinds[0], [])
        known = self._several.get(kinds)
        if known is None:  # more than one fold asks for the same
            found = [entry for kind in kinds for entry in self._by_type.get(kind, ())]
            known = self._several[kinds] = sorted(found, key=clinical_order)
        return known

    def events(self, kind: type[E]) -> list[tuple[Entry, E]]:
        """The entries of one type with their typed payload."""
        return [(entry, cast("E", entry.event)) for entry in self._by_type.get(kind, ())]

    @property
    def closed(self) -> bool:
        """Whether the chart was merged into another: it has no rows of its own."""
        return self.journey.closed_into is not None

    @property
    def last_day(self) -> int:
        """The day of the latest entry by clinical time; 0 for an empty chart."""
        return max((entry.day for entry in self.entries), default=0)


def clinical_order(entry: Entry) -> tuple[int, int, int]:
    """The place of an entry by clinical time; ties in the order of recording."""
    return entry.at, entry.position, entry.sequence


def with_merged(entries: Sequence[Entry], stream: Callable[[str], Sequence[Entry]]) -> list[Entry]:
    """A chart's entries with those of the charts that it took over, in the order of recording.

    ``stream`` gives another chart's entries. Those recorded before the merge count; what that chart had itself
    taken over comes along. A chart that an earlier merge closed stays with the chart that it points to.
    """
    gathered = list(entries)
    seen = {entry.client_id for entry in entries}
    waiting = _taken_over(entries)
    while waiting:
        other, before = waiting.pop()
        if other in seen:
            continue
        seen.add(other)
        theirs = [entry for entry in stream(other) if entry.position < before]
        if fold(effective(theirs)).closed_into is not None:
            continue
        gathered += theirs
        waiting += _taken_over(theirs)
    return sorted(gathered, key=lambda entry: entry.position) if len(seen) > 1 else gathered


def _taken_over(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """(stream, position before which its entries count) of every merge that counts."""
    if not any(isinstance(entry.event, ChartsMerged) for entry in entries):
        return []
    merges = [(entry, entry.event) for entry in effective(entries)]
    return [
        (merge.other_client_id.hex, entry.position)
        for entry, merge in merges
        if isinstance(merge, ChartsMerged) and merge.other_client_id is not None
    ]
