"""Protocol of whatever knows when each part of the log was recorded."""

from __future__ import annotations

from typing import Protocol, Self

from infra.access_log.context import HasPeople
from infra.eventstore.log import Clock, EventLog
from infra.history.as_of.recorded_blocks import Knowledge
from infra.readmodels.readstore import ReadStore


class HasKnowledge(HasPeople, Protocol):
    """What can be opened as it was at another moment."""

    @property
    def knowledge(self) -> Knowledge:
        """What parts of the log were known when."""
        ...

    def over(self, log: EventLog, reads: ReadStore, clock: Clock) -> Self:
        """The same over another log, with read models and a clock of its own."""
        ...
