"""Protocol of whatever runs long work."""

from __future__ import annotations

from typing import Protocol

from infra.access_log.context import HasPeople
from infra.jobs.runner import Jobs


class HasJobs(HasPeople, Protocol):
    """Log, read models and people, with long work in the background of this process."""

    @property
    def jobs(self) -> Jobs:
        """Long work."""
        ...
