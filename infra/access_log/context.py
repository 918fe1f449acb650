"""Protocol of whatever knows people beside log and read models."""

from __future__ import annotations

from typing import Protocol

from infra.access_log.setup import People
from infra.readmodels.context import HasReads


class HasPeople(HasReads, Protocol):
    """Log and read models, with the access log, sessions and sign-in."""

    @property
    def people(self) -> People:
        """Access log, sessions and sign-in."""
        ...
