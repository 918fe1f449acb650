"""Count of data keys by master key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from infra.eventstore.keyring import TAG_LENGTH, tag_of
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRecorder

_UNTAGGED_LENGTH = 60


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """One master key: its id, its state, and how many keys of clients and secrets of the log it wraps.

    ``state`` is "in use" (wraps new keys), "accepted" (opens old ones) or "missing" (opens nothing here).
    """

    key: str
    state: str
    charts: int
    secrets: int


def status(log: EventLog) -> list[KeyStatus]:
    """Every master key that is set or that wrapped something in this log; needs no key."""
    charts = _count(log.recorder, "chart", "wrapped_key")
    secrets = _count(log.recorder, "secret", "wrapped")
    ring = log.keyring
    known = {} if ring.is_locked else {tag_of(key.key_id): (key.key_id, "accepted") for key in ring.accepted}
    if not ring.is_locked:
        known[tag_of(ring.master.key_id)] = ring.master.key_id, "in use"
    tags = sorted({*charts, *secrets, *known})
    if not ring.is_locked:
        known[b""] = "wrapped before keys had ids", "accepted"  # each key at hand is tried
    return [KeyStatus(*known.get(tag, (_name(tag), "missing")), charts[tag], secrets[tag]) for tag in tags]


def _count(recorder: LogRecorder, table: str, column: str) -> Counter[bytes]:
    tag = f"CASE WHEN length({column})={_UNTAGGED_LENGTH} THEN NULL ELSE substr({column},1,{TAG_LENGTH}) END"
    rows = recorder.query(f"SELECT {tag}, COUNT(*) FROM {table} GROUP BY 1")
    return Counter({bytes(key_tag) if key_tag is not None else b"": int(n) for key_tag, n in rows})


def _name(tag: bytes) -> str:
    return f"unknown ({tag[1:].hex()})" if tag else "unknown"
