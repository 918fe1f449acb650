"""Clients that stand still, each with the entry at fault: its type, ids and times, and the error without any value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson

from domain.entries import moment
from infra.services import Services
from infra.store.rows import LogRow

SHOWN = 100
_UNREADABLE = re.compile(r"UnreadableEntryError: entry (\d+) |MapperDeserialisationError: entry (\d+) ")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A client that a read model could not fold; ``sequence`` is the entry at fault where the error names one.

    Otherwise it is the newest entry: a fold fails on a chart as a whole. ``type`` is the stored one, with its version.
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


def stopped(services: Services, limit: int = SHOWN) -> list[Stopped]:
    """The first so many of them. Nobody who looks here sees a payload."""
    found = services.projector.quarantined()[:limit]
    ids = sorted({str(row["client_id"]) for row in found})
    rows = {(row.client_id, row.sequence): row for row in services.log.recorder.streams(ids)} if ids else {}
    return [_stopped(row, rows) for row in found]


def redacted(error: str) -> str:
    """An error without what it may quote: one that names entry and field as it is, of any other its kind alone."""
    return error if _UNREADABLE.match(error) else error.partition(":")[0]


def _stopped(found: dict[str, Any], rows: dict[tuple[str, int], LogRow]) -> Stopped:
    error = str(found["error"])
    named = _UNREADABLE.match(error)
    sequence = int(next(filter(None, named.groups()))) if named else int(found["sequence"])
    row = rows.get((found["client_id"], sequence))
    meta = _envelope(row)
    return Stopped(
        str(found["projection"]),
        str(found["client_id"]),
        sequence,
        row.position if row else int(found["position"]),
        row.topic if row else "",
        str(meta.get("i", "")),
        _moment(meta.get("a")),
        _moment(meta.get("r")),
        redacted(error),
    )


def _envelope(row: LogRow | None) -> dict[str, Any]:
    """The envelope of a row, as far as it can be read."""
    try:
        found: Any = orjson.loads(row.state) if row else {}
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        return moment(value) if isinstance(value, int) else None
    except (OverflowError, ValueError):
        return None
