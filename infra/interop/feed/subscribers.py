"""Subscribers of the feed: a name, and the position that its owner has read up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.entries import microseconds, moment
from domain.errors import ExpectedError
from domain.people import Person
from infra.eventstore.log import Clock
from infra.eventstore.rows import LogRecorder

MOST = 100
"""Subscribers of one person."""


class TooManySubscribersError(ExpectedError, kind="too-many"):
    """One person has as many subscribers as one may."""

    def __init__(self) -> None:
        """Say the remedy."""
        super().__init__(f"one person has at most {MOST} subscribers: remove one that nobody reads by any more")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A checkpoint: everything up to ``position`` is taken over; ``moved_at`` is when that was said (UTC)."""

    name: str
    position: int
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Keeps checkpoints, each person's apart: nobody reads or moves another's."""

    recorder: LogRecorder
    clock: Clock

    def move(self, owner: Person, name: str, position: int) -> Subscriber:
        """Keep a position, ahead of the one before or behind it; durable when this returns.

        Raises:
            TooManySubscribersError: it would be one too many.
        """
        moved = microseconds(self.clock())
        with self.recorder.writing() as tx:
            names = {name for (name,) in tx.rows("SELECT name FROM subscriber WHERE owner=?", (owner.key,))}
            if name not in names and len(names) >= MOST:
                raise TooManySubscribersError
            tx.many("DELETE FROM subscriber WHERE owner=? AND name=?", [(owner.key, name)])
            tx.many("INSERT INTO subscriber VALUES (?,?,?,?)", [(owner.key, name, position, moved)])
        return Subscriber(name, position, moment(moved))

    def of(self, owner: Person) -> list[Subscriber]:
        """A person's subscribers, by name."""
        sql = "SELECT name, position, moved FROM subscriber WHERE owner=? ORDER BY name"
        rows = self.recorder.query(sql, (owner.key,))
        return [Subscriber(name, position, moment(moved)) for name, position, moved in rows]

    def find(self, owner: Person, name: str) -> Subscriber | None:
        """One of them."""
        return next((subscriber for subscriber in self.of(owner) if subscriber.name == name), None)

    def remove(self, owner: Person, name: str) -> None:
        """Forget one; what is not there is gone already."""
        with self.recorder.writing() as tx:
            tx.many("DELETE FROM subscriber WHERE owner=? AND name=?", [(owner.key, name)])
