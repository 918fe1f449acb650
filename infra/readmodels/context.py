"""Protocol of whatever holds read models beside its log."""

from __future__ import annotations

from typing import Protocol

from infra.eventstore.context import HasLog
from infra.readmodels.projector import Progress, Projector
from infra.readmodels.readstore import ReadStore


class HasReads(HasLog, Protocol):
    """A log, its read models, and the projector between them."""

    @property
    def reads(self) -> ReadStore:
        """The read models."""
        ...

    @property
    def projector(self) -> Projector:
        """What fills them."""
        ...

    @property
    def projects(self) -> bool:
        """Whether this process fills the read models."""
        ...

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the read models to the head of the log; the position reached."""
        ...
