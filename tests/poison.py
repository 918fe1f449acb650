"""Entries that this release cannot read, put into a log past every check, as another release or damage leaves them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import UUID

import orjson

from domain.entries import microseconds
from infra.eventstore.log import EventLog
from tests.spec import ago

HIDDEN = "value-that-nobody-may-see"
AT = microseconds(ago(1))
BAD_ID = "e" * 32


def state(data: object, event_id: str = BAD_ID) -> bytes:
    """A stored state with a payload."""
    return orjson.dumps({"i": event_id, "a": AT, "w": "a newer release", "d": data, "r": AT})


POISONS: dict[str, tuple[str, bytes]] = {
    "unknown type": ("Unheard.1", state({"text": HIDDEN})),
    "unknown version": ("NoteAdded.99", state({"text": HIDDEN})),
    "a payload that does not fit": ("SessionAttended.1", state({"kind": HIDDEN, "minutes": HIDDEN})),
    "a payload of another shape": ("SessionAttended.1", state([HIDDEN])),
    "no JSON": ("NoteAdded.1", b'{"i":"' + BAD_ID.encode() + b'","a":' + HIDDEN.encode()),
    "sealed by another key": (
        "NoteAdded.1",
        orjson.dumps({"i": BAD_ID, "a": AT, "d": {}, "r": AT, "x": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="}),
    ),
    "a time that no calendar has": ("NoteAdded.1", orjson.dumps({"i": BAD_ID, "a": 2**62, "d": {}, "r": AT})),
}
# By day one of each way to be unreadable where each takes long: no such type, a payload that is not the type's, no entry at all.
TELLING = frozenset({"unknown type", "a payload that does not fit", "no JSON"})
# Read by everybody but those who open personal fields.
SEALED = frozenset({"sealed by another key"})


def poison(log: EventLog, reference: str, kind: str = "unknown type", event_id: str = BAD_ID) -> int:
    """Put an entry of this kind at the end of a chart; gives its position."""
    return _poison(log, log.client_id(reference), kind, event_id)


def poison_definition(log: EventLog, label: str, kind: str = "unknown type", event_id: str = BAD_ID) -> int:
    """The same in the provider's stream of a label."""
    return _poison(log, log.provider_id(label), kind, event_id)


def _poison(log: EventLog, client_id: str, kind: str, event_id: str) -> int:
    topic, bad = POISONS[kind]
    sequence = len(log.recorder.streams([client_id])) + 1
    with log.recorder.writing() as tx:
        [position] = tx.insert([(client_id, sequence, topic, bad.replace(BAD_ID.encode(), event_id.encode()))])
        tx.many("INSERT INTO event_index VALUES (?,?)", [(UUID(hex=event_id).bytes, position)])
    return position


def heal(log: EventLog, position: int, topic: str = "NoteAdded.1") -> None:
    """The next release knows the entry after all."""
    with log.recorder.writing() as tx:
        tx.many(f"UPDATE {tx.events_table} SET topic=? WHERE {tx.position_column}=?", [(topic, position)])


def lose_key(path: Path, client_id: str) -> None:
    """The key of a client is gone, and nobody erased them."""
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM chart WHERE client_id=?", (bytes.fromhex(client_id),))
