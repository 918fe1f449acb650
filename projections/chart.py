"""A chart: one client's effective entries, prepared once for every fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

from domain.after_death import uncounted
from domain.entries import Entry, effective
from domain.events import (
    ChartClosed,
    ChartsMerged,
    EntrySetAside,
    EntryTakenUp,
    Event,
    MergedChartContinued,
    NotSamePerson,
    OverlapResolved,
)
from domain.journey import fold

E = TypeVar("E", bound=Event)
T = TypeVar("T")
NO_CARE = frozenset({MergedChartContinued, NotSamePerson, OverlapResolved, EntrySetAside, EntryTakenUp})
"""What is said of charts is no care: it makes nobody seen on the day on which it was decided."""


class Chart:
    """What folds read. Entries count after corrections and retractions and stand in clinical order.

    ``journey`` is what they add up to. Start and end of a stay that does not count, what is later than the death, and
    decisions about who is who, are not among ``entries``.
    """

    def __init__(self, client_id: str, sequence: int, entries: Sequence[Entry]) -> None:
        """Prepare recorded entries (in the order of recording); ``sequence`` is the stream's last."""
        self.client_id = client_id
        self.sequence = sequence
        counted = effective(entries)
        self.journey = fold(counted)
        uncounted_ids = self.journey.lost_entries().keys() | uncounted(self.journey, counted)
        self.entries = [e for e in counted if e.event_id not in uncounted_ids and type(e.event) not in NO_CARE]
        self._by_type: dict[type[Event], list[Entry]] = {}
        self._several: dict[tuple[type[Event], ...], list[Entry]] = {}
        self._facts: dict[Callable[[Chart], object], Any] = {}
        for entry in self.entries:
            self._by_type.setdefault(type(entry.event), []).append(entry)

    def of(self, *kinds: type[Event]) -> list[Entry]:
        """The entries of these types, in clinical order."""
        if len(kinds) == 1:
            return self._by_type.get(kinds[0], [])
        known = self._several.get(kinds)
        if known is None:  # more than one fold asks for the same
            entries = [entry for kind in kinds for entry in self._by_type.get(kind, ())]
            known = self._several[kinds] = sorted(entries, key=_CLINICAL_ORDER)
        return known

    def events(self, kind: type[E]) -> list[tuple[Entry, E]]:
        """The entries of one type with their typed payload."""
        return [(entry, cast("E", entry.event)) for entry in self._by_type.get(kind, ())]

    def once(self, fact: Callable[[Chart], T]) -> T:
        """What more than one fold asks of this chart, worked out for the first of them; nobody changes it."""
        if fact not in self._facts:
            self._facts[fact] = fact(self)
        return cast("T", self._facts[fact])

    @property
    def closed(self) -> bool:
        """Whether the chart was merged into another: it has no rows of its own."""
        return self.journey.closed_into is not None

    @property
    def last_day(self) -> int:
        """The day of the latest entry by clinical time, a merge not among them; 0 for an empty chart."""
        return max((entry.day for entry in self.entries if not isinstance(entry.event, ChartsMerged)), default=0)


_CLINICAL_ORDER = attrgetter("at", "position", "sequence")  # ``clinical_order`` without a call into Python


def clinical_order(entry: Entry) -> tuple[int, int, int]:
    """The place of an entry by clinical time; ties in the order of recording."""
    return entry.at, entry.position, entry.sequence


class _Taken(NamedTuple):
    """Of a chart that was taken over: the position of the merge, and the one before which its entries count."""

    merged: int
    before: int


def with_merged(entries: Sequence[Entry], stream: Callable[[str, int], Sequence[Entry]]) -> list[Entry]:
    """A chart's entries with those of the charts that it took over, in the order of recording.

    ``stream`` gives another chart's entries before a position: what came later is not even read, and may be anything.
    Those recorded before the merge count, and those that came later where
    an entry here says so; what that chart had itself taken over comes along. A chart that an earlier merge closed stays
    with the chart that it points to.
    """
    gathered = list(entries)
    seen = {entry.client_id for entry in entries}
    waiting = _taken_over(entries)
    while waiting:
        other, taken = waiting.popitem()
        seen.add(other)
        recorded = stream(other, taken.before)
        if fold(effective([entry for entry in recorded if entry.position < taken.merged])).closed_into is None:
            # that they were closed since says nothing of the chart that goes on
            gathered += [entry for entry in recorded if not isinstance(entry.event, ChartClosed)]
            gathered.sort(key=lambda entry: entry.position)
        waiting = {other: taken for other, taken in _taken_over(gathered).items() if other not in seen}
    return gathered


def _taken_over(entries: Sequence[Entry]) -> dict[str, _Taken]:
    """By its stream, each chart that merges which count took over."""
    if ChartsMerged not in {type(entry.event) for entry in entries}:
        return {}
    taken: dict[str, _Taken] = {}
    for entry in sorted(effective(entries), key=lambda entry: entry.position):
        if not isinstance(entry.event, ChartsMerged | MergedChartContinued) or entry.event.other_client_id is None:
            continue
        other = entry.event.other_client_id.hex
        if isinstance(entry.event, ChartsMerged) or other in taken:
            first = taken[other].merged if other in taken else entry.position
            taken[other] = _Taken(first, before=entry.position)
    return taken
