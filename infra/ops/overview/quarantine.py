"""Clients that stand still, each with the entry at fault: its type, ids and times, and the error without any value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import Unread, described
from infra.readmodels.context import HasReads

SHOWN = 100
_NAMED = re.compile(r"(UnreadableEntryError|MapperDeserialisationError|UnappliedCorrectionError): entry \d+ ")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A client that a read model could not fold, and the entry that stops it: its place, and its life as a dead letter.

    The entry may stand in a chart that was merged into the client's. ``type`` is the stored one, with its version.
    """

    projection: str
    client_id: str
    sequence: int
    position: int
    type: str
    event_id: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    error: str
    first_failed: datetime | None
    last_failed: datetime | None
    tries: int


def stopped(services: HasReads, limit: int = SHOWN) -> list[Stopped]:
    """The first so many of them. Nobody who looks here sees a payload."""
    quarantined = services.projector.quarantined()[:limit]
    places = sorted({int(str(row["position"])) for row in quarantined})
    rows = {row.position: row for row in services.log.recorder.at(places)} if places else {}
    return [_stopped(row, rows) for row in quarantined]


def entry_ids(services: HasReads, positions: Iterable[int]) -> dict[int, str]:
    """The ids of the entries at these positions, as far as they can be told."""
    places = sorted(set(positions))
    rows = services.log.recorder.at(places) if places else []
    return {row.position: described(row, "").event_id for row in rows}


def redacted(error: str) -> str:
    """An error without what it may quote: one that names entry and field as it is, of any other its kind alone."""
    return error if _NAMED.match(error) else error.partition(":")[0]


def _stopped(quarantined: dict[str, Any], rows: dict[int, LogRow]) -> Stopped:
    row = rows.get(quarantined["position"])
    entry = described(row, "") if row else Unread(quarantined["client_id"], 0, 0, "", "", "", None, None, "")
    shown: dict[str, Any] = {name: value for name, value in quarantined.items() if name != "error"}
    return Stopped(
        **shown,
        error=redacted(str(quarantined["error"])),
        type=entry.topic,
        event_id=entry.event_id,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
    )
