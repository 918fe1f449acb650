"""Index of event ids and of stream versions.

Ids are random: each of a bulk import's falls on another page of a large index, and a page of 4 KB would be written for
40 bytes. So the ids of large batches go to a small index first, which is merged into the large one in order of id once
it is full: each page of the large one is written once for all of them. Every question asks both.
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.eventstore.keyring import id_bytes
from infra.eventstore.rows import LogRecorder, LogRow, Question, Writing

IDS_AT_ONCE = 500
INDEX = (
    "(SELECT event_id, position FROM event_index UNION ALL SELECT event_id, position FROM event_index_recent) AS ids"
)
# From so many ids at once, into an index of so many, the small index pays; it is merged with so many in it.
BULK, LARGE, FULL = 1_000, 200_000, 250_000


def add_ids(tx: Writing, placed: Sequence[tuple[str, int]]) -> None:
    """Index new entries by id (32 hex digits) and position, in the transaction that records them."""
    if not placed:
        return
    rows = [(id_bytes(event_id), position) for event_id, position in placed]
    if len(rows) < BULK or placed[0][1] < LARGE:  # positions count what is indexed
        tx.many("INSERT INTO event_index VALUES (?,?)", rows)
        return
    tx.many("INSERT INTO event_index_recent VALUES (?,?)", sorted(rows))
    if tx.rows("SELECT COUNT(*) FROM event_index_recent")[0][0] >= FULL:
        tx.many("INSERT INTO event_index SELECT event_id, position FROM event_index_recent ORDER BY event_id", [()])
        tx.many("DELETE FROM event_index_recent", [()])


def known_positions(tx: Writing, event_ids: Sequence[str]) -> dict[str, int]:
    """Which of these event ids are recorded, and where."""
    positions: dict[str, int] = {}
    for start in range(0, len(event_ids), IDS_AT_ONCE):
        for raw_id, position in tx.rows(*known_question(event_ids[start : start + IDS_AT_ONCE])):
            positions[bytes(raw_id).hex()] = position
    return positions


def known_question(event_ids: Sequence[str]) -> Question:
    """The question which of these event ids are recorded, and where."""
    places = ",".join("?" * len(event_ids))
    sql = f"SELECT event_id, position FROM {INDEX} WHERE event_id IN ({places})"
    return sql, [id_bytes(event_id) for event_id in event_ids]


def row_of(recorder: LogRecorder, event_id: str) -> LogRow | None:
    """The row of the entry with this id (32 hex digits); None where nothing has it."""
    index_rows = recorder.query(f"SELECT position FROM {INDEX} WHERE event_id=?", (id_bytes(event_id),))
    rows = recorder.at([int(index_rows[0][0])]) if index_rows else []
    return rows[0] if rows else None


def event_id_at(recorder: LogRecorder, position: int) -> str:
    """The id of the entry at a position by the index alone, for one whose own state does not say it; "" if unknown.

    The index has no way by position: this looks through it.
    """
    index_rows = recorder.query(f"SELECT event_id FROM {INDEX} WHERE position=?", (position,))
    return bytes(index_rows[0][0]).hex() if index_rows else ""


def last_sequence(tx: Writing, client_id: str) -> int:
    """The last sequence of a stream, 0 if it has none."""
    return tx.last([client_id]).get(client_id, 0)
