"""Healed dead letters: who healed them, when and how; kept as long as the read models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from domain.entries import moment

How = Literal["retry", "rebuild", "rollback", "folded"]
SHOWN = 100
WRITTEN = (
    *("name", "client_id", "entry_sequence", "entry_position", "first_failed", "tries"),
    *("healed_at", "how", "healed_by"),
)
_FIND = f"SELECT {', '.join(WRITTEN)} FROM healed"
_SWITCHED = (
    f"INSERT INTO healed ({', '.join(WRITTEN)}) "
    "SELECT :name, client_id, entry_sequence, entry_position, first_failed, tries, :now, :how, :by FROM quarantine old "
    "WHERE old.generation=:old AND NOT EXISTS (SELECT 1 FROM quarantine new WHERE new.generation=:new "
    "AND new.client_id=old.client_id AND new.entry_position<=old.entry_position)"
)


@dataclass(frozen=True, slots=True)
class Healer:
    """Through what clients are folded, and at whose command; without one, because something new came to the log."""

    how: How = "folded"
    by: str = ""


@dataclass(frozen=True, slots=True)
class Healed:
    """A client that an entry had stopped in a read model, and does not stop any more.

    ``sequence`` and ``position`` are those of the entry; ``how``: a ``retry``, a ``rebuild`` or ``rollback`` of the
    read model, or ``folded`` with what came next. ``healed_by`` is empty where nobody asked for it.
    """

    projection: str
    client_id: str
    sequence: int
    position: int
    first_failed: datetime | None
    tries: int
    healed_at: datetime
    how: How
    healed_by: str


def healed_rows(
    stopped: Sequence[Sequence[Any]], stops: Mapping[str, int], healer: Healer, now: int
) -> list[tuple[Any, ...]]:
    """The rows of those whom their entry stops no longer.

    ``stopped`` are rows of the quarantine as ``HELD`` has them, ``stops`` the position of the entry that stops a client
    now. An entry before the one of the letter says nothing about it. ``now`` is µs UTC.
    """
    over = [row for row in stopped if row[1] not in stops or 0 < row[2] < stops[row[1]]]
    return [
        (name, key, seq, at, first, tries, now, healer.how, healer.by) for _, key, at, first, tries, name, seq in over
    ]


def note_switched(connection: Connection, generations: tuple[int, int], name: str, healer: Healer, now: int) -> None:
    """Note whom the generation that readers see until now stops, and the one that takes its place does not."""
    old, new = generations
    values = {"old": old, "new": new, "name": name, "now": now, "how": healer.how, "by": healer.by}
    connection.execute(text(_SWITCHED), values)


def healed(connection: Connection, limit: int = SHOWN) -> list[Healed]:
    """The last so many, newest first."""
    sql = f"{_FIND} ORDER BY healed_at DESC, name, client_id LIMIT {limit:d}"
    return [_healed(row) for row in connection.execute(text(sql))]


def last_healed(connection: Connection) -> dict[str, Healed]:
    """The last one of each read model."""
    sql = f"{_FIND} WHERE healed_at=(SELECT max(healed_at) FROM healed other WHERE other.name=healed.name)"
    return {row.name: _healed(row) for row in connection.execute(text(sql))}


def _healed(row: Any) -> Healed:
    first = moment(row.first_failed) if row.first_failed else None
    place = row.name, row.client_id, row.entry_sequence, row.entry_position
    return Healed(*place, first, row.tries, moment(row.healed_at), row.how, row.healed_by)
