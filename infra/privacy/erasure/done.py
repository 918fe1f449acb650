"""Completed erasures: who asked, who confirmed, when and why; nothing of whom they were about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.entries import moment
from infra.eventstore.log import EventLog

_DONE = (
    "SELECT client_id, requested_by, confirmed_by, ground, erased_at FROM erasure WHERE state='erased' "
    "ORDER BY erased_at DESC, client_id"
)


@dataclass(frozen=True, slots=True)
class Done:
    """One chart that was erased; ``client_id`` is what is left of its number."""

    client_id: str
    requested_by: str
    confirmed_by: str
    ground: str
    erased_at: datetime


def done(log: EventLog, most: int) -> Sequence[Done]:
    """The newest of them, as noted."""
    rows = log.recorder.query(f"{_DONE} LIMIT {most:d}")
    return [
        Done(bytes(raw).hex(), requested_by, confirmed_by, ground, moment(int(at)))
        for raw, requested_by, confirmed_by, ground, at in rows
    ]
