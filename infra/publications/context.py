"""Protocol of whatever keeps publications."""

from __future__ import annotations

from typing import Protocol

from infra.jobs.context import HasJobs
from infra.publications.store import Publications


class HasPublications(HasJobs, Protocol):
    """Log, read models, people and long work, with what was published."""

    @property
    def publications(self) -> Publications:
        """What was published."""
        ...
