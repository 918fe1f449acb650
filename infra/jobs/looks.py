"""Looks at recorded times by workers of Kafka, who have no moment in which nothing is to follow."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from infra.jobs.turns import Tried

LOOKS_SECONDS = 1.0


class Looks:
    """Takes in the next blocks of the log, a few at a time; what one worker keeps the others find."""

    def __init__(self, look: Callable[[], bool]) -> None:
        """Look at nothing yet."""
        self._look = look
        log = structlog.get_logger("knowledge")
        self._tried = Tried(lambda error: log.warning("recorded times are not looked at yet", error=error))

    def turn(self) -> None:
        """One look."""
        self._tried.turn(self._look)
