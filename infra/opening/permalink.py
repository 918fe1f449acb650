"""Numbers that can be asked for again: the knowledge time and the position of the log that they were answered from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from infra.services import Services

TRIES = 3
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer held: entries up to ``position`` of the log, as of the moment ``at`` (aware)."""

    at: datetime
    position: int

    def query(self) -> dict[str, str]:
        """The stamp as parameters of an address."""
        return {"as_of": self.at.isoformat(), "position": str(self.position)}


def stamped(services: Services, answer: Callable[[], Answer], tries: int = TRIES) -> tuple[Answer, Stamp | None]:
    """An answer of the live read models with its stamp; None while entries came in each time it was asked.

    An answer is several reads. Where the read models moved on between them, no one position says what it holds.
    """
    found: Answer | None = None
    for _ in range(tries):
        at, before = services.now(), projected(services)
        found = answer()
        if projected(services) == before:
            return found, Stamp(at, before)
    assert found is not None
    return found, None


def projected(services: Services) -> int:
    """The position that every read model holds."""
    return min((status.position for status in services.projector.status()), default=0)
