"""The access log: a second log of the same kind. An entry is durable before what it tells of leaves.

Readers that come together are written together (``group_commit``): a hundred cost a handful of commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.people import Person
from infra.access_log.entries import EVERYBODY, REFUSALS, Access, Accessed, Kind, decode, encode
from infra.access_log.refusals import note
from infra.eventstore.event_ids import last_sequence
from infra.eventstore.group_commit import GroupCommit, Member
from infra.eventstore.hash_links import is_coded
from infra.eventstore.keyring import CipherOf
from infra.eventstore.log import Clock
from infra.eventstore.rows import LogRecorder, Writing
from infra.identity.people import Principal

_Entries = Sequence[tuple[Access, bytes]]
_PAGE = 1_000
_MANY = 1_000
_TOPIC_VERSION = 1
_WINDOW = 100
_OUT_OF_ORDER = timedelta(minutes=5)  # processes have clocks of their own: later entries may be a little earlier


@dataclass
class AccessLog:
    """Records and reads. ``cipher_of`` gives a client's cipher from the log of care."""

    recorder: LogRecorder
    cipher_of: CipherOf
    clock: Clock

    def __post_init__(self) -> None:
        """Nobody waits yet."""
        self._commits = GroupCommit[_Entries, None](self._write)

    def read(self, who: Principal, clients: Sequence[str], *, broken: bool = False, request: str = "") -> None:
        """Record that somebody is about to see these clients' charts; nothing to record for none.

        More than ``_MANY`` at once are recorded as every client: the entry stays small and tells no less.
        """
        if clients:
            seen = tuple(clients) if len(clients) <= _MANY else (EVERYBODY,)
            self.record([Access("ChartsRead", who, self.clock(), seen, broken, request=request)])

    def record(self, entries: Sequence[Access]) -> None:
        """Record entries; when this returns they are durable.

        Raises:
            Exception: the store's own, when it could not write: then nothing may be shown.
        """
        self._commits.run([(entry, encode(entry, self.cipher_of)) for entry in entries])
        note(client for entry in entries if entry.kind in REFUSALS for client in entry.clients)

    def page(self, after: int = 0, limit: int = _PAGE, *, opened: bool = False) -> list[Accessed]:
        """Entries after a position, in order."""
        cipher_of = self.cipher_of if opened else None
        return [decode(row, cipher_of) for row in self.recorder.page(after, limit)]

    def every(self, *, opened: bool = False) -> Iterator[Accessed]:
        """Every entry, page by page, in order."""
        after = 0
        while entries := self.page(after, opened=opened):
            yield from entries
            after = entries[-1].position

    def of_client(self, client_id: str, *, opened: bool = False) -> list[Accessed]:
        """Every entry about a client, exports of all charts included, in order."""
        sql = "SELECT DISTINCT position FROM access_client WHERE client_id IN (?,?) ORDER BY position"
        return self.at([int(row[0]) for row in self.recorder.query(sql, (client_id, EVERYBODY))], opened=opened)

    def lately(self, client_id: str, since: datetime) -> Iterator[Accessed]:
        """Entries about one client since a moment (aware), newest first: what decides who may look.

        The index only says where they are: one that is not about the client, or carries no right code, is left out.
        """
        sql = "SELECT position FROM access_client WHERE client_id=? AND position<? ORDER BY position DESC LIMIT ?"
        before = self.recorder.head() + 1
        while rows := self.recorder.query(sql, (client_id, before, _WINDOW)):
            before = int(rows[-1][0])
            for row in reversed(self.recorder.at([int(position) for (position,) in rows])):
                if not is_coded(row.client_id, row.sequence, row.topic, row.state, self.recorder.code_key):
                    structlog.get_logger("access").warning("an entry without a right code was passed over")
                    continue
                entry = decode(row)
                if entry.at < since - _OUT_OF_ORDER:
                    return
                if entry.at >= since and client_id in entry.clients:
                    yield entry

    def latest(self, who: Principal, kind: Kind, most: int) -> list[Accessed]:
        """A person's own latest entries of a kind, at most ``most``, in order."""
        with self.recorder.writing() as tx:
            places = newest(tx, stream_of(who.person), most, f"{kind}.%")
        return self.at(places)

    def at(self, positions: Sequence[int], *, opened: bool = False) -> list[Accessed]:
        """The entries at these positions, in order; where there is none, none."""
        cipher_of = self.cipher_of if opened else None
        return [decode(row, cipher_of) for row in self.recorder.at(positions)]

    def _write(self, joined: Callable[[], Sequence[Member[_Entries, None]]]) -> None:
        """Write what waits, all of it or nothing."""
        with self.recorder.writing() as tx:
            _insert(tx, [entry for member in joined() for entry in member.wanted])


def stream_of(person: Person) -> str:
    """The stream of a person: their reads, numbered without a gap (UUID v8 of who they are)."""
    return stream_of_key(person.key)


def newest(tx: Writing, stream: str, most: int, topics: str = "%") -> list[int]:
    """Positions of the newest entries of a person's stream, the newest first; ``topics`` as SQL's LIKE has it."""
    sql = (
        f"SELECT {tx.position_column} FROM {tx.events_table} WHERE originator_id=? AND topic LIKE ? "
        "ORDER BY originator_version DESC LIMIT ?"
    )
    return [int(position) for (position,) in tx.rows(sql, (stream, topics, most))]


def stream_of_key(key: str) -> str:
    """The stream of whoever has this key."""
    digest = bytearray(hashlib.blake2b(key.encode(), digest_size=16, person=b"access").digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()


def _insert(tx: Writing, entries: Sequence[tuple[Access, bytes]]) -> None:
    places: dict[str, int] = {}
    rows: list[tuple[str, int, str, bytes]] = []
    for entry, state in entries:
        stream = stream_of(entry.who.person)
        places[stream] = (places[stream] if stream in places else last_sequence(tx, stream)) + 1
        rows.append((stream, places[stream], f"{entry.kind}.{_TOPIC_VERSION}", state))
    positions = tx.insert(rows)
    pairs = [
        (client, position)
        for (entry, _), position in zip(entries, positions, strict=True)
        for client in dict.fromkeys(entry.clients)
    ]
    tx.many("INSERT INTO access_client VALUES (?,?)", pairs)
