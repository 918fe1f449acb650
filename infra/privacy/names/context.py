"""Protocol of whatever has the index of names."""

from __future__ import annotations

from typing import Protocol

from infra.access_log.context import HasPeople
from infra.privacy.names.index import NameIndex


class HasNames(HasPeople, Protocol):
    """Log, read models and people, with the index by which clients are found by name."""

    @property
    def names(self) -> NameIndex:
        """The index of names."""
        ...
