"""Rotate the master key: wrap every data key anew. No entry of the log is rewritten.

Batches are small transactions, so that writers go on; a row that changed meanwhile is left for the next look. A
rotation that was cut off goes on where it was when it is started again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.eventstore.log import EventLog

BATCH = 1_000

Progress = Callable[[int, int], None]
_Row = tuple[Any, ...]


def rotate(log: EventLog, progress: Progress | None = None) -> int:
    """Wrap what another master key wrapped with the one in use; gives how many keys were wrapped anew.

    Raises:
        MasterKeyError: a key is wrapped by a master key that is not accepted here; those before it are done.
    """
    total = sum(int(log.recorder.query(f"SELECT COUNT(*) FROM {table}")[0][0]) for table in ("chart", "secret"))
    moved = seen = 0
    after = b""
    while rows := log.recorder.query(
        "SELECT client_id, wrapped_key FROM chart WHERE client_id>? ORDER BY client_id LIMIT ?", (after, BATCH)
    ):
        moved += _charts(log, rows)
        after = bytes(rows[-1][0])
        seen += len(rows)
        if progress:
            progress(seen, total)
    moved += _secrets(log)
    if progress:
        progress(total, total)
    return moved


def _charts(log: EventLog, rows: list[_Row]) -> int:
    stale = [(bytes(raw_id), bytes(wrapped)) for raw_id, wrapped in rows if not log.keyring.is_current(bytes(wrapped))]
    if not stale:
        return 0
    # only if it is still the same: a chart that is erased meanwhile must not come back
    fresh = [(log.keyring.rewrap(wrapped, raw_id.hex()), raw_id, wrapped) for raw_id, wrapped in stale]
    with log.recorder.writing() as tx:
        tx.many("UPDATE chart SET wrapped_key=? WHERE client_id=? AND wrapped_key=?", fresh)
    return len(fresh)


def _secrets(log: EventLog) -> int:
    rows = log.recorder.query("SELECT name, wrapped FROM secret")
    stale = [(str(name), bytes(wrapped)) for name, wrapped in rows if not log.keyring.is_current(bytes(wrapped))]
    if stale:
        fresh = [(log.keyring.rewrap(wrapped, name), name, wrapped) for name, wrapped in stale]
        with log.recorder.writing() as tx:
            tx.many("UPDATE secret SET wrapped=? WHERE name=? AND wrapped=?", fresh)
    return len(stale)
