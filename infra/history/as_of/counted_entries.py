"""Counting entries: those of a whole stream on which the rows of some read models depend."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events import ChartsMerged, ClientDied
from infra.eventstore.mapper import occurred_of
from infra.eventstore.rows import LogRecorder, LogRow
from infra.history.as_of.recorded_streams import AMENDING, known_entries, target_of
from projections.base import ReadModel
from projections.chart import NO_CARE

_NO_CARE = frozenset(kind.__name__ for kind in NO_CARE | {ChartsMerged})
_DIED = ClientDied.__name__
_ID = slice(6, 38)  # of a stored state, which begins with its id
_ZONES = 27 * 3_600 * 1_000_000  # µs: of two moments further apart the later has the later day, in whatever zones


class Counting:
    """Of read models that all say what they read; what is no event of this release makes a stream count whole."""

    def __init__(self, recorder: LogRecorder, models: Sequence[ReadModel]) -> None:
        """Look entries up that are amended in a recorder."""
        self._recorder = recorder
        self._names = AMENDING.union(kind.__name__ for model in models for kind in model.reads)
        self._last_day = any(model.reads_last_day for model in models)

    def limit(self, _: str, rows: Sequence[LogRow]) -> Sequence[LogRow]:
        """The rows of one stream that count, with those that they amend."""
        named = [(row.topic.rpartition(".")[0], row) for row in rows]
        amending = [row for name, row in named if name in AMENDING]
        places = self._amended(rows, amending) if amending else set[int]()
        if places is None:
            return rows
        if self._last_day:
            others = [row for name, row in named if not (name in self._names or name in _NO_CARE)]
            latest = _latest([row for row in others if row.position not in places])
            # what is later than a death has no day: then it is told by the whole chart alone
            if latest is None or any(name == _DIED for name, _ in named) or any(map(_says_died, amending)):
                return rows
            places |= latest
        return [row for name, row in named if name in self._names or row.position in places]

    def _amended(self, rows: Sequence[LogRow], amending: Sequence[LogRow]) -> set[int] | None:
        """The positions of what is amended, nearly always in the same stream; None where one is not there."""
        targets = set(map(target_of, amending))
        places = {place for event_id, place in map(_place, rows) if event_id in targets}
        if len(places) == len(targets):
            return places
        amended = known_entries(self._recorder, amending)
        return None if any(entry.whole for entry in amended) else {entry.position for entry in amended}


def _place(row: LogRow) -> tuple[str, int]:
    return row.state[_ID].decode("ascii", "replace"), row.position


def _latest(rows: Sequence[LogRow]) -> set[int] | None:
    """The positions of those that may have the latest day; None where a time is not to be read."""
    times = [occurred_of(row.state) for row in rows]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return None
    last = max(known, default=0)
    return {row.position for row, time in zip(rows, known, strict=True) if last - time <= _ZONES}


def _says_died(row: LogRow) -> bool:
    return _DIED.encode() in row.state
