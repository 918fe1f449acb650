"""Pages of a search: all made from what was known when the first was asked for, so that none shifts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from infra.interop.fhir.coding import Resource

MOST: Final = 1_000
_CURSOR: Final = re.compile(r"(\d{1,17})\.(\d{1,9})")


class CursorError(ValueError):
    """The cursor is none that this server gave."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which page: as known at ``at`` (µs UTC), from the ``start``-th resource on, at most ``count`` of them."""

    at: int
    start: int
    count: int

    @classmethod
    def of(cls, cursor: str, count: int, now: int) -> Self:
        """The page of a cursor, or without one the first page as of now.

        Raises:
            CursorError: it cannot be read.
        """
        if not cursor:
            return cls(now, 0, count)
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise CursorError
        return cls(int(match[1]), int(match[2]), count)

    def of_all(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """What is on the page."""
        return resources[self.start : self.start + self.count]

    def following(self, total: int) -> str:
        """The cursor of the next page; nothing on the last."""
        after = self.start + self.count
        return f"{self.at}.{after}" if self.count and after < total else ""
