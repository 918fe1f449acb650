"""Protocol of whatever keeps saved views."""

from __future__ import annotations

from typing import Protocol

from infra.jobs.context import HasJobs
from infra.views.papers import Papers
from infra.views.table import Views


class HasViews(HasJobs, Protocol):
    """Log, read models, people and long work, with what people saved."""

    @property
    def views(self) -> Views:
        """Saved views."""
        ...

    @property
    def papers(self) -> Papers:
        """Which of them are written to a folder."""
        ...
