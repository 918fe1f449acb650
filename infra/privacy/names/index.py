"""The blind index of names: it follows the log, and can be built anew from it at any time.

A mark of a name is kept as an HMAC under a key of this log, a name as ciphertext under the client's own key. Charts
whose entries about names changed are indexed anew as a whole, so that corrections, retractions and merges are followed.
Beside the marks of the search it has those by which charts of one person are found to look alike, and those by which
a chart is suggested to whoever types a day of birth or the end of its number.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, func, insert, select, text, update

from infra.eventstore.log import EventLog
from infra.eventstore.unreadable import UNREADABLE
from infra.privacy.names.client_names import Known, is_relevant, known_of
from infra.privacy.names.likeness import HOW, Mark, apart_mark, number_mark, person_marks
from infra.privacy.names.quick import BIRTH, ENDING, birth_mark, endings
from infra.privacy.names.shared import keep_shared
from infra.privacy.names.tables import NAME_CLIENT, NAME_SHARED, NAME_STATE, NAME_TOKEN, VERSION
from infra.privacy.names.words import marks
from infra.readmodels.readstore import ReadStore
from infra.readmodels.rows import insert_rows, remove_rows
from infra.readmodels.timeouts import may_idle
from infra.readmodels.turns import ADVISORY, take_from_silent

PAGE = 20_000
CLIENTS_IN_ONE = 1_000  # in one transaction: marks stand anywhere in the index, and fewer of them write its pages less
CLIENTS_AT_ONCE = 100  # between two statements: whoever waits takes a longer silence for a pause
TOKEN_BYTES = 13
SEARCHED = b"n"
_KEPT_EVERY = 5_000  # entries without a name among them after which the position is written down
_LOCK = 7214095
_IDLE_SECONDS = 10  # a process that is paused with the lock keeps others from following the log

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index holds of a client: its names (latest first) and all marks."""

    names: list[str]
    tokens: frozenset[bytes]


class NameIndex:
    """The index of one log, in its read database."""

    def __init__(self, log: EventLog, reads: ReadStore, version: int = VERSION) -> None:
        """Use a log and a read store; ``version`` is that of the marks."""
        self.log = log
        self.reads = reads
        self.version = version
        self._seen = 0
        self._kept = 0  # the position that was found written down: it falls when somebody builds the index anew

    def token(self, mark: str, kind: bytes = SEARCHED) -> bytes:
        """A mark as it is kept: a byte that says what it is for, then the keyed hash.

        Raises:
            MasterKeyError: there is no master key.
        """
        return kind + hmac.digest(self.log.derived_key("names"), mark.encode(), "sha256")[: TOKEN_BYTES - 1]

    def tokens(self, client_id: str, reference: str, known: Known) -> frozenset[bytes]:
        """Everything by which a chart is found, or another is found to look like it."""
        likeness: list[Mark] = [number_mark(reference), *(apart_mark(client_id, other) for other in known.apart)]
        likeness += [mark for name in known.names for birth in known.births for mark in person_marks(name, birth)]
        quick: list[Mark] = [(BIRTH, birth_mark(birth)) for birth in known.births]
        quick += [(ENDING, mark) for mark in endings(reference)]
        searched = {self.token(mark) for name in known.names for mark in marks(name)}
        return frozenset(searched | {self.token(mark, kind) for kind, mark in (*likeness, *quick)})

    def catch_up(self, progress: Progress | None = None) -> int:
        """Follow the log to its head; gives the position reached. Without a master key nothing is done.

        Nor is anything where a newer release keeps the index; an older one's is built anew, and so is one that is ahead
        of a log that was put back.
        """
        if self.log.keyring.is_locked or not self._is_ours():
            return 0
        head = self.log.head()
        position = self._begin()
        waiting = set[str]()
        while page := self.log.recorder.page(position, PAGE):
            waiting |= {row.client_id for row in page if is_relevant(row)}
            position = page[-1].position
            if len(waiting) < CLIENTS_IN_ONE and position < head:
                continue
            changed, waiting = sorted(waiting), set[str]()
            if changed or position - self._seen >= _KEPT_EVERY or self._seen == 0:
                try:
                    self._write(changed, position)
                except _NewerIndexError:
                    return 0
                except _EmptiedError:
                    position = self._begin()
                    continue
            if progress:
                progress(position, max(head, position))
        if not waiting:
            self._seen = max(self._seen, position)
        return position

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build the index anew; a search meanwhile finds what is indexed so far."""
        with self.writing() as connection:
            _empty(connection)
        self._seen = 0
        return self.catch_up(progress)

    def go_back(self) -> None:
        """Build the index of this release where a newer one keeps its own."""
        with self.reads.engine.connect() as connection:
            row = connection.execute(select(NAME_STATE)).first()
        if row is not None and row.version > self.version:
            self.rebuild()

    def forget(self, client_ids: Sequence[str]) -> None:
        """Remove clients at once: an erasure does not wait for the log to be followed."""
        with self.writing() as connection:
            self._remove(connection, client_ids)

    def differences(self) -> list[str]:
        """The clients whose part of the index is not what their charts come to; none in a sound index.

        Nor are those of whom it says otherwise than their marks that they share one.
        """
        with self.reads.engine.connect() as connection:
            held = {row.client_id: row for row in connection.execute(select(NAME_CLIENT))}
            loose: dict[str, set[bytes]] = {}
            for token, client_id in connection.execute(select(NAME_TOKEN)):
                loose.setdefault(client_id, set()).add(bytes(token))
            shared = {bytes(token) for (token,) in connection.execute(select(NAME_SHARED))}
        position, clients = 0, set[str]()
        while page := self.log.recorder.page(position, PAGE):
            clients |= {row.client_id for row in page if is_relevant(row)}
            position = page[-1].position
        wanted = dict(self._indexed(sorted(clients)))
        owners = Counter(token for tokens in loose.values() for token in tokens if token[:1] in HOW)
        misjudged = shared ^ {token for token, n in owners.items() if n > 1}
        return sorted(
            client_id
            for client_id in {*wanted, *held, *loose}
            if client_id not in wanted
            or client_id not in held
            or frozenset(loose.get(client_id, ())) != wanted[client_id].tokens
            or _split(bytes(held[client_id].tokens)) != wanted[client_id].tokens
            or wanted[client_id].tokens & misjudged
        )

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A write transaction of the index; processes take turns, and one that is paused loses its own."""
        with self.reads.engine.connect() as connection:
            if self.reads.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                lock = text(f"SELECT {may_idle(_IDLE_SECONDS)}, pg_advisory_xact_lock({_LOCK})")
                take_from_silent(connection, lock, ADVISORY, [_LOCK])
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _begin(self) -> int:
        """After which position to go on: from the start where another process has emptied the index."""
        with self.reads.engine.connect() as connection:
            kept = _kept(connection) or 0
        if kept < self._kept:
            self._seen = 0
        self._kept = kept
        return max(self._seen, kept)

    def _is_ours(self) -> bool:
        """Whether this release may follow the log here; what is not to be gone on with is gone then."""
        with self.reads.engine.connect() as connection:
            row = connection.execute(select(NAME_STATE)).first()
        if row is None or (row.version == self.version and row.position <= self.log.head()):
            return True
        if row.version > self.version:
            return False
        with self.writing() as connection:
            now = connection.execute(select(NAME_STATE)).first()
            if now is not None and now.version <= self.version and now == row:  # else another process was quicker
                _empty(connection)
        self._seen = 0
        return True

    def _write(self, changed: Sequence[str], position: int) -> None:
        """Index these clients anew, and note the position, in one transaction.

        Raises:
            _NewerIndexError: a newer release has taken the index over.
            _EmptiedError: somebody builds it anew.
        """
        with self.writing() as connection:
            if connection.execute(select(NAME_STATE).where(NAME_STATE.c.version > self.version)).first():
                raise _NewerIndexError
            kept = _kept(connection)
            if (kept or 0) < self._kept:
                raise _EmptiedError
            for start in range(0, len(changed), CLIENTS_AT_ONCE):
                part = changed[start : start + CLIENTS_AT_ONCE]
                self._remove(connection, part)
                self._add(connection, list(self._indexed(part)))
            if kept is None:
                connection.execute(insert(NAME_STATE).values(id=1, version=self.version, position=position))
            elif kept < position:
                connection.execute(update(NAME_STATE).values(position=position))
        self._seen, self._kept = position, max(kept or 0, position)

    def _indexed(self, client_ids: Sequence[str]) -> Iterable[tuple[str, Indexed]]:
        for start in range(0, len(client_ids), CLIENTS_AT_ONCE):
            part = client_ids[start : start + CLIENTS_AT_ONCE]
            keys = self.log.ciphers(part)
            numbers = self.log.references(part)
            for client_id, rows in self.log.streams(part):
                try:
                    known = known_of(self.log, rows, keys.get(client_id))
                except UNREADABLE:  # the projector names such a chart; it cannot be found until then
                    continue
                if known is not None:
                    yield client_id, Indexed(known.names, self.tokens(client_id, numbers[client_id], known))

    def _remove(self, connection: Connection, client_ids: Sequence[str]) -> None:
        for start in range(0, len(client_ids), CLIENTS_AT_ONCE):
            part = client_ids[start : start + CLIENTS_AT_ONCE]
            held = select(NAME_CLIENT.c.client_id, NAME_CLIENT.c.tokens).where(NAME_CLIENT.c.client_id.in_(part))
            removed = [
                (token, client_id) for client_id, tokens in connection.execute(held) for token in _split(bytes(tokens))
            ]
            if removed:
                remove_rows(connection, NAME_TOKEN, removed)
                keep_shared(connection, (token for token, _ in removed))
                connection.execute(delete(NAME_CLIENT).where(NAME_CLIENT.c.client_id.in_(part)))

    def _add(self, connection: Connection, indexed: Sequence[tuple[str, Indexed]]) -> None:
        if not indexed:
            return
        keys = self.log.ciphers([client_id for client_id, _ in indexed])
        clients = [
            (client_id, b"".join(sorted(entry.tokens)), sealed)
            for client_id, entry in indexed
            for sealed in [keys[client_id].seal(orjson.dumps(entry.names), place(client_id))]
        ]
        insert_rows(connection, NAME_CLIENT, clients)
        tokens = sorted((token, client_id) for client_id, entry in indexed for token in entry.tokens)
        insert_rows(connection, NAME_TOKEN, tokens)
        keep_shared(connection, (token for token, _ in tokens))


class _NewerIndexError(Exception):
    """A newer release keeps the index."""


class _EmptiedError(Exception):
    """Another process has emptied the index since this one looked where to go on."""


def _kept(connection: Connection) -> int | None:
    """The position that is written down."""
    return connection.execute(select(func.max(NAME_STATE.c.position))).scalar()


def _empty(connection: Connection) -> None:
    for table in (NAME_SHARED, NAME_TOKEN, NAME_CLIENT, NAME_STATE):
        connection.execute(delete(table))


def place(client_id: str) -> bytes:
    """What ties sealed names to their client."""
    return b"names:" + client_id.encode()


def _split(tokens: bytes) -> frozenset[bytes]:
    return frozenset(tokens[start : start + TOKEN_BYTES] for start in range(0, len(tokens), TOKEN_BYTES))
