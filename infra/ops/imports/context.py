"""Protocol of whatever keeps uploads, runs long work and finds clients by name."""

from __future__ import annotations

from typing import Protocol

from infra.jobs.context import HasJobs
from infra.ops.imports.uploads import Uploads
from infra.privacy.names.context import HasNames


class HasUploads(HasJobs, HasNames, Protocol):
    """Log, read models, people, long work and names, with the files that were uploaded."""

    @property
    def uploads(self) -> Uploads:
        """Files that wait to be imported."""
        ...
