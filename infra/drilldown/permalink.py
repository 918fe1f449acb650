"""Permalinks: a cell with the recorded time and position that give it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from infra.history.as_of.dependencies import models_of
from infra.readmodels.context import HasReads


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer held: entries up to ``position`` of the log, as of the moment ``at`` (aware)."""

    at: datetime
    position: int

    def query(self) -> dict[str, str]:
        """The stamp as parameters of an address."""
        return {"as_of": self.at.isoformat(), "position": str(self.position)}


def held(services: HasReads, connection: Connection, report: str) -> int | None:
    """The position that a report's read models hold in a transaction; None where they do not hold the same."""
    names = {model.name for model in models_of(report)}
    positions = {
        generation.position for generation in services.reads.generations(connection) if generation.model.name in names
    }
    return positions.pop() if len(positions) == 1 else None
