"""Counting entries: those of a whole stream on which the rows of some read models depend."""

from __future__ import annotations

from collections.abc import Sequence

from infra.eventstore.rows import LogRecorder, LogRow
from infra.history.as_of.recorded_streams import AMENDING, known_entries
from projections.base import ReadModel


class Counting:
    """Of read models that all say what they read; what is no event of this release makes a stream count whole."""

    def __init__(self, recorder: LogRecorder, models: Sequence[ReadModel]) -> None:
        """Look entries up that are amended in a recorder."""
        self._recorder = recorder
        self._names = AMENDING.union(kind.__name__ for model in models for kind in model.reads)

    def limit(self, _: str, rows: Sequence[LogRow]) -> Sequence[LogRow]:
        """The rows of one stream that count, with those that they amend."""
        amending = [row for row in rows if row.topic.rpartition(".")[0] in AMENDING]
        amended = known_entries(self._recorder, amending) if amending else []
        if any(entry.whole for entry in amended):
            return rows
        places = {entry.position for entry in amended}
        return [row for row in rows if row.topic.rpartition(".")[0] in self._names or row.position in places]
