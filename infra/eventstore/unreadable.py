"""Unreadable entry: its place, stored type, times, and the error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from eventsourcing.persistence import MapperDeserialisationError
from pydantic import ValidationError

from domain.entries import Entry, UnappliedCorrectionError, moment
from domain.errors import ExpectedError
from domain.events import EntrySetAside, UnknownEventTypeError, topic
from infra.eventstore.keyring import MasterKeyError
from infra.eventstore.rows import LogRow

# What reading a stored entry raises: a type or version of another release, a payload that does not fit, or damage.
BROKEN: tuple[type[Exception], ...] = (
    ValueError,  # with pydantic's, JSON's and base64's own
    LookupError,  # with that of a type which is not known
    TypeError,
    AttributeError,
    ArithmeticError,
    MasterKeyError,
)


class UnreadableEntryError(ExpectedError, MapperDeserialisationError):
    """An entry's type, version or payload is not known here. It says the place and the reason, and no value."""

    def __init__(self, row: LogRow, error: Exception) -> None:
        """Keep the row, which is shown to nobody; ``error`` is what reading it raised."""
        self.row, self.reason = row, why(error)
        super().__init__(f"entry {row.sequence} ({row.topic}) at position {row.position} cannot be read: {self.reason}")


def why(error: Exception) -> str:
    """What went wrong with an entry, for operators: without any value from it."""
    if isinstance(error, UnappliedCorrectionError):
        return f"{error}: {why(error.reason)}"
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False))
    if isinstance(error, MasterKeyError):
        return "what is sealed in it does not open"
    return str(error) if isinstance(error, UnknownEventTypeError) else type(error).__name__


_ID = re.compile(rb'\{"i":"([0-9a-f]{32})"')
UNREADABLE = (UnreadableEntryError, UnappliedCorrectionError)


@dataclass(frozen=True, slots=True)
class SetAsideBy:
    """The decision to leave an entry out: its event id, who took it, when, and why (empty where that is sealed)."""

    event_id: str
    actor: str
    at: datetime
    reason: str

    @staticmethod
    def of(entry: Entry) -> SetAsideBy:
        """A decision that was read."""
        assert isinstance(entry.event, EntrySetAside)
        return SetAsideBy(entry.event_id, entry.meta.get("w", ""), entry.recorded_at, entry.event.reason or "")


@dataclass(frozen=True, slots=True)
class Unread:
    """An entry that stands in its stream unread. ``topic`` is its stored type and version; times as far as known.

    ``aside`` is the decision to go on without it; without one, what it says is missing.
    """

    client_id: str
    sequence: int
    position: int
    topic: str
    reason: str
    event_id: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    actor: str
    aside: SetAsideBy | None = None

    @property
    def type(self) -> str:
        """The stored type, which may be none of this release."""
        return self.topic.partition(".")[0]


def unread(error: UnreadableEntryError | UnappliedCorrectionError) -> Unread:
    """What may be shown of the entry at fault."""
    if isinstance(error, UnappliedCorrectionError):
        return left_out(error.correction, why(error.reason))
    return described(error.row, error.reason)


def left_out(entry: Entry, reason: str = "", aside: SetAsideBy | None = None) -> Unread:
    """What may be shown of an entry that can be read and does not count."""
    stored, who = topic(entry.type, type(entry.event).version), entry.meta.get("w", "")
    place, times = (entry.client_id, entry.sequence, entry.position), (entry.occurred_at, entry.recorded_at)
    return Unread(*place, stored, reason, entry.event_id, *times, who, aside)


def described(row: LogRow, reason: str) -> Unread:
    """What may be shown of a stored entry, without reading it: its place, its type and the times in its envelope."""
    meta = _envelope_of(row)
    offset = meta.get("z")
    times = _moment(meta.get("a"), offset if isinstance(offset, int) else 0), _moment(meta.get("r"))
    place = row.client_id, row.sequence, row.position
    return Unread(*place, row.topic, reason, str(meta.get("i", "")), *times, str(meta.get("w", "")))


def _envelope_of(row: LogRow) -> dict[str, Any]:
    """The envelope of a row, as far as it can be read."""
    try:
        value: Any = orjson.loads(row.state)
    except (orjson.JSONDecodeError, TypeError):
        named = _ID.match(row.state)  # what is damaged further on still has its id
        return {"i": named[1].decode()} if named else {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _moment(value: Any, offset: int = 0) -> datetime | None:
    try:
        return moment(value, offset) if isinstance(value, int) else None
    except (OverflowError, ValueError):
        return None
