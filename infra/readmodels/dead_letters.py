"""Dead letters: stopped clients, with the entry's place, the age and the number of attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from domain.entries import moment
from infra.readmodels.fold import Folded
from infra.readmodels.generations import QUARANTINE, Generation

COLUMNS = ("projection", "client_id", "sequence", "position", "error", "first_failed", "last_failed", "tries")
WRITTEN = (
    *("generation", "client_id", "sequence", "position", "error"),
    *("entry_sequence", "entry_position", "first_failed", "last_failed", "tries"),
)
HELD = (
    "SELECT generation, client_id, entry_position, first_failed, tries, name, entry_sequence "
    "FROM quarantine JOIN generation ON generation.id=quarantine.generation"
)

Before = Sequence[tuple[Any, ...]]
"""What stands of a client in the quarantine, as ``HELD`` has it: of this read model, in any generation."""


def letter(generation: int, item: Folded, name: str, before: Before, now: int) -> tuple[Any, ...]:
    """The row of a client whom an entry stops; an entry that had stopped them goes on with its life.

    A new generation takes the life over from the one before. ``now`` is µs UTC.
    """
    stop = item.stops[name]
    same = [row for row in before if row[2] == stop.position]
    first = min((row[3] for row in same), default=now)
    tries = 1 + max((row[4] for row in same), default=0)
    place = item.sequence, item.position, stop.error, stop.sequence, stop.position
    return generation, item.client_id, *place, first, now, tries


def letters(connection: Connection, generations: Sequence[Generation]) -> list[dict[str, object]]:
    """The dead letters of these generations: ``sequence`` and ``position`` are those of the entry at fault."""
    names = {generation.id: generation.model.name for generation in generations}
    query = select(QUARANTINE).where(QUARANTINE.c.generation.in_(names)).order_by(QUARANTINE.c.client_id)
    return [_shown(names[row.generation], row) for row in connection.execute(query)]


def _shown(name: str, row: Any) -> dict[str, object]:
    known = row.entry_position  # not of those that an earlier release noted: they have the newest entry's place
    place = (row.entry_sequence, row.entry_position) if known else (row.sequence, row.position)
    values = name, row.client_id, *place, row.error, _at(row.first_failed), _at(row.last_failed), row.tries
    return dict(zip(COLUMNS, values, strict=True))


def waiting(connection: Connection) -> Mapping[int, tuple[int, datetime | None]]:
    """By generation: how many clients are stopped, and since when the first of them is."""
    counted = select(QUARANTINE.c.generation, func.count(), func.min(QUARANTINE.c.first_failed))
    return {
        generation: (count, _at(first))
        for generation, count, first in connection.execute(counted.group_by(QUARANTINE.c.generation))
    }


def _at(microseconds: int) -> datetime | None:
    return moment(microseconds) if microseconds else None
