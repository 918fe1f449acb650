"""What tests of NDJSON share: a good line, and what the notes of a chart say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.events import NoteAdded
from infra.eventstore.log import EventLog

ID = "0b0c9a52-3f1e-4a51-9d55-2d8d6f1f0a01"
Write = Callable[..., Path]


def line(text: str = "seen", client: Any = "A-1", **more: Any) -> dict[str, Any]:
    """A good line; a field given as ``...`` is left out."""
    usual = {
        "client": client,
        "type": "NoteAdded",
        "occurred_at": "2026-02-01T09:00:00-06:00",
        "data": {"text": text},
    }
    return {name: value for name, value in (usual | more).items() if value is not ...}


def texts(log: EventLog, client: str = "A-1") -> list[str]:
    entries = log.stream(log.client_id(client), opened=True)
    return [entry.event.text or "" for entry in entries if isinstance(entry.event, NoteAdded)]
