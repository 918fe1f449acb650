"""Protocol of whatever holds the cache of as-of stores."""

from __future__ import annotations

from typing import Protocol, Self

from infra.history.as_of.cache import AsOfCache
from infra.history.as_of.context import HasKnowledge


class HasPast(HasKnowledge, Protocol):
    """What answers as of other moments."""

    @property
    def past(self) -> AsOfCache[Self]:
        """These parts as they were at other moments."""
        ...
