"""Protocol of whatever watches its read models move."""

from __future__ import annotations

from typing import Protocol

from infra.jobs.context import HasJobs
from infra.ops.overview.rates import Rates


class HasRates(HasJobs, Protocol):
    """Everything that health is read from."""

    @property
    def rates(self) -> Rates:
        """How fast read models move."""
        ...
