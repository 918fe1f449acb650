"""Index of event ids and of stream versions."""

from __future__ import annotations

from collections.abc import Sequence

from infra.eventstore.keyring import id_bytes
from infra.eventstore.rows import LogRecorder, LogRow, Question, Writing

IDS_AT_ONCE = 500


def known_positions(tx: Writing, event_ids: Sequence[str]) -> dict[str, int]:
    """Which of these event ids are recorded, and where."""
    found: dict[str, int] = {}
    for start in range(0, len(event_ids), IDS_AT_ONCE):
        for raw_id, position in tx.rows(*known_question(event_ids[start : start + IDS_AT_ONCE])):
            found[bytes(raw_id).hex()] = position
    return found


def known_question(event_ids: Sequence[str]) -> Question:
    """The question which of these event ids are recorded, and where."""
    places = ",".join("?" * len(event_ids))
    sql = f"SELECT event_id, position FROM event_index WHERE event_id IN ({places})"
    return sql, [id_bytes(event_id) for event_id in event_ids]


def row_of(recorder: LogRecorder, event_id: str) -> LogRow | None:
    """The row of the entry with this id (32 hex digits); None where nothing has it."""
    found = recorder.query("SELECT position FROM event_index WHERE event_id=?", (id_bytes(event_id),))
    rows = recorder.at([int(found[0][0])]) if found else []
    return rows[0] if rows else None


def event_id_at(recorder: LogRecorder, position: int) -> str:
    """The id of the entry at a position by the index alone, for one whose own state does not say it; "" if unknown.

    The index has no way by position: this looks through it.
    """
    found = recorder.query("SELECT event_id FROM event_index WHERE position=?", (position,))
    return bytes(found[0][0]).hex() if found else ""


def last_sequence(tx: Writing, client_id: str) -> int:
    """The last sequence of a stream, 0 if it has none."""
    return tx.last([client_id]).get(client_id, 0)
