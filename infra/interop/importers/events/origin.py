"""Where entries of an import come from: who ran it, which batch, when; and which of them may keep knowledge times.

A chart that was kept elsewhere until it came here keeps the moments at which things became known there. A chart with an
entry that was made here is kept here: nothing was known of it before its entries say so, whatever a file claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from domain.entries import Imported
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import import_of
from infra.identity.people import system_user
from infra.interop.importers.events.trial import Trial

KEPT_HERE = (
    "recorded_at: this chart has entries that were made here, so nothing becomes known of it in the past: "
    "leave recorded_at out of the line, or import without --keep-recorded-at"
)
_CHARTS = 200_000  # whose ends are remembered: bounds memory


@dataclass(slots=True)
class Origin:
    """One run of an import: who started it (by default the operating system's user), and the id of its batch.

    With a ``trial`` nothing is recorded: it says what would have been.
    """

    by: str = field(default_factory=system_user)
    batch: str = field(default_factory=lambda: uuid4().hex)
    trial: Trial | None = None
    _ends: dict[str, int] = field(default_factory=dict[str, int])

    def stamp(self, recorded: int | None, now: int) -> Imported:
        """What an entry says of its import; ``recorded`` is the knowledge time that it keeps, both µs UTC."""
        stamp: Imported = {"i": self.batch, "w": self.by}
        if recorded is not None:
            stamp["t"] = now
        return stamp

    def kept_here(self, log: EventLog, client_ids: Sequence[str], last: dict[str, int]) -> set[str]:
        """Those of these streams that hold an entry which no import brought; ``last`` has their last sequences.

        An entry that was imported before imports were named counts as made here: nothing tells them apart.
        """
        to_check = [client_id for client_id in client_ids if last.get(client_id, 0) != self._ends.get(client_id, 0)]
        rows = log.recorder.streams(to_check) if to_check else []
        return {row.client_id for row in rows if import_of(row.state) is None}

    def wrote(self, client_ids: Sequence[str], last: dict[str, int]) -> None:
        """Remember, once it is durable, how far streams that only imports wrote go by now."""
        if len(self._ends) > _CHARTS:
            self._ends.clear()
        self._ends.update((client_id, last[client_id]) for client_id in client_ids)
