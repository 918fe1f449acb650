"""Event log: append with an expected sequence, idempotent by event id and by key; read.

Nothing is answered before it is durable: what belongs to an append is written in one transaction that holds the write
lock, so that events, keys, the index of event ids and the answer to an idempotency key stand or fall together.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from domain.days import Calendar
from domain.entries import Entry, Meta, microseconds, offset_minutes
from domain.errors import ExpectedError
from domain.numbers import canonical
from infra.eventstore import streams
from infra.eventstore.appends import (
    Append as Append,
    EmptyAppendError as EmptyAppendError,
    NewEntry as NewEntry,
    Receipt as Receipt,
)
from infra.eventstore.author import Author as Author
from infra.eventstore.closed import ClosedCharts
from infra.eventstore.digests import request_digest
from infra.eventstore.erased import ERASED, all_erased, erased_among, refuse_erased
from infra.eventstore.event_ids import IDS_AT_ONCE, add_ids, known_positions, known_question, last_sequence
from infra.eventstore.hash_links import is_coded
from infra.eventstore.keyring import KEY_BYTES, Cipher, Keyring, derived, id_bytes, provider_id_of
from infra.eventstore.mapper import decode, encode, plain, topic_of
from infra.eventstore.numbers import ChartNumbers, mark, open_numbers
from infra.eventstore.recorded_ids import IncomingEntry, refuse_others
from infra.eventstore.rows import LogRecorder, LogRow, Question, SequenceTakenError, Writing
from infra.observability import telemetry
from infra.observability.logs import tell_recorded

Clock = Callable[[], datetime]

CODES = "entry-codes"  # the purpose of the key that makes the codes of entries
PROVIDER_STREAMS = "provider-streams"  # and of the one that makes ids of the provider's streams


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


class StaleSequenceError(ExpectedError, kind="not-ready"):
    """The stream has moved on since the caller read it."""

    def __init__(self, client_id: str, expected: int, actual: int) -> None:
        """Say which sequence was expected and which the stream has."""
        self.client_id, self.expected, self.actual = client_id, expected, actual
        super().__init__(f"the chart is at entry {actual}, not {expected}: look at what changed since, then try again")


class IdempotencyKeyReusedError(ExpectedError, kind="key-reused"):
    """The same idempotency key came with another request; ``earlier`` is what the first came to."""

    def __init__(self, earlier: Sequence[Receipt]) -> None:
        """Keep what was recorded under the key."""
        msg = "this Idempotency-Key was used for another request: use a new key for a new request"
        super().__init__(msg)
        self.earlier = list(earlier)


class EventLog:
    """The log over one recorder and one keyring."""

    def __init__(
        self,
        recorder: LogRecorder,
        keyring: Keyring,
        calendar: Calendar,
        clock: Clock = utc_now,
        numbers: ChartNumbers | None = None,
    ) -> None:
        """Open the log, the days of its entries by a calendar; the keyed index of chart numbers is made on first use of
        a database, unless it is given.
        """
        self.recorder = recorder
        self.keyring = keyring
        self.calendar, self.clock = calendar, clock
        self.closed = ClosedCharts()
        self._index_key = b"" if keyring.is_locked else self._open_index_key()
        recorder.code_key = derived(self._index_key, CODES) if self._index_key else b""
        self.numbers = numbers or (open_numbers(recorder, keyring, self._index_key) if self._index_key else None)

    def client_id(self, reference: str) -> str:
        """The stream of a chart number in any spelling, 32 hex digits, whether or not anything is recorded of it.

        An erased chart has no number any more: its label (``erased:`` and its id) stands for it.

        Raises:
            MasterKeyError: there is no master key.
        """
        label = canonical(reference)
        if label.startswith(ERASED) and self.erased([label.removeprefix(ERASED)]):
            return label.removeprefix(ERASED)
        if self.numbers is None:
            self.numbers = open_numbers(self.recorder, self.keyring, self.derived_key("chart-number-index"))
        return self.numbers.client_id(reference)

    def provider_id(self, label: str) -> str:
        """The stream of one of the provider's own labels (``domain.provider``), whether or not anything is recorded.

        Raises:
            MasterKeyError: there is no master key.
        """
        return provider_id_of(self.derived_key(PROVIDER_STREAMS), canonical(label))

    def stream_id(self, reference: str, *, provider: bool) -> str:
        """The stream of a chart number, or of one of the provider's labels."""
        return self.provider_id(reference) if provider else self.client_id(reference)

    @property
    def code_key(self) -> bytes:
        """What makes the codes of entries, here and in the access log; empty without a master key."""
        return self.recorder.code_key

    def derived_key(self, purpose: str) -> bytes:
        """A key of this log for one purpose: it outlives a rotation of the master key.

        Raises:
            MasterKeyError: there is no master key.
        """
        if not self._index_key:
            self._index_key = self._open_index_key()
        if purpose == "chart-number-index":
            return self._index_key
        return derived(self._index_key, purpose)

    def erased(self, client_ids: Sequence[str]) -> set[str]:
        """Which of these streams were erased: their keys are destroyed and nothing is written to them."""
        return erased_among(self.recorder, client_ids)

    def all_erased(self) -> set[str]:
        """Every stream that was erased."""
        return all_erased(self.recorder)

    def head(self) -> int:
        """The last committed position."""
        return self.recorder.head()

    def append(self, append: Append, *, key: str | None = None, digest: str = "") -> Receipt:
        """Append to one stream; see ``append_all``."""
        return self.append_all([append], key=key, digest=digest)[0]

    def append_all(
        self,
        appends: Sequence[Append],
        *,
        key: str | None = None,
        digest: str = "",
        also: Callable[[Writing], None] | None = None,
    ) -> list[Receipt]:
        """Append to several streams in one transaction: all or nothing.

        A ``key`` that was used before answers as it did then; so does an entry whose event id is recorded.
        ``also`` writes to side tables in the same transaction.

        Raises:
            StaleSequenceError: a stream is not at the expected sequence; nothing was written.
            IdempotencyKeyReusedError: the key was used for a request with another ``digest``.
            EventIdTakenError: an event id is recorded with other content, or on another chart.
        """
        with telemetry.span("append"):
            # twice does no harm: what a lost connection left in doubt is found by its key and its event ids
            receipts = self.recorder.retrying(
                lambda: self.recorder.commit(lambda tx: self._append_all(tx, appends, key, digest, also))
            )
        tell_recorded(max((receipt.position for receipt in receipts), default=0))
        return receipts

    def _append_all(
        self,
        tx: Writing,
        appends: Sequence[Append],
        key: str | None,
        digest: str,
        also: Callable[[Writing], None] | None,
    ) -> list[Receipt]:
        if len(appends) == 1:
            self._ask_ahead(tx, appends[0], key)
        if key is not None:
            before = _answer(tx.rows(_ANSWER, (key,)), digest)
            if before is not None:
                return before
        now = self.clock()  # one moment for all of it: what is recorded together is known together
        receipts = [self._append(tx, append, now) for append in appends]
        if also is not None and not (receipts and all(receipt.replayed for receipt in receipts)):
            also(tx)
        if key is not None:
            answer = orjson.dumps([_as_dict(receipt) for receipt in receipts]).decode()
            tx.many("INSERT INTO command VALUES (?,?,?)", [(key, digest, answer)])
        return receipts

    def _ask_ahead(self, tx: Writing, append: Append, key: str | None) -> None:
        """Send what one append is about to ask: nothing that it writes can change the answers."""
        ids = [entry.event_id for entry in append.entries]
        client_id = self.stream_id(append.reference, provider=append.provider)
        questions: list[Question] = [(_KEY, (id_bytes(client_id),))]
        if 0 < len(ids) <= IDS_AT_ONCE:
            questions.append(known_question(ids))
        if key is not None:
            questions.append((_ANSWER, (key,)))
        tx.ahead(questions, [client_id], len(ids))

    def fingerprint(self, *parts: object) -> str:
        """``request_digest`` under this log's key: what is kept of a request says nothing without it."""
        return hmac.digest(self.derived_key("chart-number-index"), request_digest(*parts).encode(), "sha256").hex()

    def answered(self, key: str, digest: str) -> list[Receipt] | None:
        """What a request with this idempotency key was answered before, or None.

        Raises:
            IdempotencyKeyReusedError: the key was used for a request with another ``digest``.
        """
        return _answer(self.recorder.query(_ANSWER, (key,)), digest)

    def _append(self, tx: Writing, append: Append, now: datetime) -> Receipt:
        client_id = self.stream_id(append.reference, provider=append.provider)
        recorded = known_positions(tx, [entry.event_id for entry in append.entries])
        if recorded:
            again = [entry for entry in append.entries if entry.event_id in recorded]
            statements = [IncomingEntry(e.event_id, client_id, plain(envelope(e, 0), e.draft.event)) for e in again]
            refuse_others(tx, self.keyring, statements, recorded)
        if len(recorded) == len(append.entries) and recorded:
            return _replayed(tx, recorded, append.entries)
        actual = last_sequence(tx, client_id)
        if append.expected is not None and append.expected != actual:
            raise StaleSequenceError(client_id, append.expected, actual)
        cipher = self.cipher_for_writing(tx, client_id, append.reference)
        fresh = [entry for entry in append.entries if entry.event_id not in recorded]
        rows = [
            stored_row(client_id, actual + number, entry, now, cipher) for number, entry in enumerate(fresh, start=1)
        ]
        try:
            positions = tx.insert(rows)
        except SequenceTakenError:
            raise StaleSequenceError(client_id, actual, actual + 1) from None
        add_ids(tx, [(entry.event_id, position) for entry, position in zip(fresh, positions, strict=True)])
        ids = tuple(entry.event_id for entry in append.entries)
        return Receipt(client_id, actual + len(fresh), positions[-1], ids)

    def cipher_for_writing(self, tx: Writing, client_id: str, reference: str) -> Cipher:
        """The client's cipher; the first entry of a chart makes its key, unless ``as_shown`` refuses its number."""
        rows = tx.rows(_KEY, (id_bytes(client_id),))
        if rows:
            return self.keyring.open(client_id, bytes(rows[0][0]))
        refuse_erased(tx, [client_id])
        cipher, wrapped = self.keyring.create(client_id)
        sealed = cipher.seal(streams.shown(client_id, reference).encode(), client_id.encode())
        tx.many("INSERT INTO chart VALUES (?,?,?)", [(id_bytes(client_id), wrapped, sealed)])
        return cipher

    def stream(self, client_id: str, before: int | None = None, *, opened: bool = False) -> list[Entry]:
        """A client's entries (before a position) in the order of recording; ``opened`` also opens the personal fields.

        Raises:
            UnreadableEntryError: an entry is of a type or version that this release does not know.
        """
        cipher = self.cipher(client_id) if opened else None
        until = None if before is None else before - 1
        return [self.entry(row, cipher) for row in self.recorder.streams([client_id], until)]

    def entry(self, row: LogRow, cipher: Cipher | None = None) -> Entry:
        """The entry of one of this log's rows, as ``decode``."""
        return decode(row, cipher, self.calendar)

    def is_as_recorded(self, entry: Entry) -> bool:
        """Whether the row of an entry carries the code that this log gave it."""
        rows = self.recorder.at([entry.position])
        return any(is_coded(row.client_id, row.sequence, row.topic, row.state, self.code_key) for row in rows)

    def streams(self, client_ids: Sequence[str]) -> Iterator[tuple[str, list[LogRow]]]:
        """Raw rows of several clients, client by client."""
        rows = self.recorder.streams(client_ids)
        start = 0
        for index in range(1, len(rows) + 1):
            if index == len(rows) or rows[index].client_id != rows[start].client_id:
                yield rows[start].client_id, rows[start:index]
                start = index

    def cipher(self, client_id: str) -> Cipher | None:
        """The client's cipher, or None when there is no such chart or its key was destroyed."""
        return self.ciphers([client_id]).get(client_id)

    def ciphers(self, client_ids: Sequence[str]) -> dict[str, Cipher]:
        """The ciphers of many clients; those without a key are left out."""
        return streams.ciphers(self.recorder.query, self.keyring, client_ids)

    def reference(self, client_id: str) -> str | None:
        """The chart number of a stream, or None."""
        return self.references([client_id]).get(client_id)

    def references(self, client_ids: Sequence[str]) -> dict[str, str]:
        """The chart numbers of many streams; the label of an erased one."""
        numbers = streams.numbers(self.recorder.query, self.keyring, client_ids)
        missing = [client_id for client_id in client_ids if client_id not in numbers]
        numbers.update((client_id, ERASED + client_id) for client_id in self.erased(missing))
        return numbers

    def close(self) -> None:
        """Close the store."""
        self.recorder.close()

    def _open_index_key(self) -> bytes:
        name = "chart-number-index"
        rows = self.recorder.query("SELECT wrapped FROM secret WHERE name=?", (name,))
        if not rows:
            with self.recorder.writing() as tx:
                rows = tx.rows("SELECT wrapped FROM secret WHERE name=?", (name,))
                if not rows:
                    fresh = self.keyring.wrap_secret(name, uuid4().bytes + uuid4().bytes)
                    tx.many("INSERT INTO secret VALUES (?,?)", [(name, fresh)])
                    mark(tx)
                    rows = [(fresh,)]
        key = self.keyring.open_secret(name, bytes(rows[0][0]))
        assert len(key) == KEY_BYTES
        return key


def stored_row(
    client_id: str, sequence: int, entry: NewEntry, now: datetime, cipher: Cipher
) -> tuple[str, int, str, bytes]:
    """One row for the recorder."""
    meta = envelope(entry, microseconds(entry.recorded_at or now))
    return client_id, sequence, topic_of(entry.draft.event), encode(meta, entry.draft.event, cipher)


def envelope(entry: NewEntry, recorded: int) -> Meta:
    """An entry's whole envelope, with its knowledge time (µs UTC)."""
    occurred_at = entry.draft.occurred_at
    meta: Meta = {"i": entry.event_id, "a": microseconds(occurred_at), "r": recorded, **entry.author.meta()}
    if offset := offset_minutes(occurred_at):
        meta["z"] = offset
    return meta


def _replayed(tx: Writing, recorded: dict[str, int], entries: Sequence[NewEntry]) -> Receipt:
    """What the append that recorded these entries was answered."""
    last = max(recorded.values())
    sql = f"SELECT originator_id, originator_version FROM {tx.events_table} WHERE {tx.position_column}=?"
    client_id, sequence = tx.rows(sql, (last,))[0]
    ids = tuple(entry.event_id for entry in entries)
    return Receipt(client_id if isinstance(client_id, str) else client_id.hex, sequence, last, ids, replayed=True)


_KEY = "SELECT wrapped_key FROM chart WHERE client_id=?"
_ANSWER = "SELECT digest, answer FROM command WHERE idempotency_key=?"


def _answer(rows: Sequence[tuple[Any, ...]], digest: str) -> list[Receipt] | None:
    if not rows:
        return None
    receipts = [
        Receipt(r["client_id"], r["sequence"], r["position"], tuple(r["event_ids"]), replayed=True)
        for r in orjson.loads(rows[0][1])
    ]
    if rows[0][0] != digest:
        raise IdempotencyKeyReusedError(receipts)
    return receipts


def _as_dict(receipt: Receipt) -> dict[str, object]:
    return {
        "client_id": receipt.client_id,
        "sequence": receipt.sequence,
        "position": receipt.position,
        "event_ids": list(receipt.event_ids),
    }
