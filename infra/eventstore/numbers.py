"""Lookup of a stream by chart number: a keyed hash of its canonical form.

Older releases hashed a number as it was written. Their charts keep their streams: a small table says which hash of a
number leads to which of them. It is filled once, when a store of an older release is first opened with its key, and
is empty but for its mark in every other store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from domain.numbers import canonical
from infra.eventstore.keyring import Keyring, client_id_of, id_bytes
from infra.eventstore.rows import LogRecorder, MayNotWriteError, Writing

Former = Mapping[bytes, bytes]

_MARK = bytes(16)  # says that the table is filled; no hash, for a UUID v8 is never zero
_ALL = "SELECT hash, client_id FROM chart_number"
_ADD = "INSERT INTO chart_number VALUES (?,?)"
_PAGE = 2_000


class ChartNumbers:
    """From numbers to streams, under the key of one log."""

    def __init__(self, key: bytes, former: Former) -> None:
        """``former``: the streams that an older release named otherwise, by the hashes that lead to them."""
        self._key = key
        self._former = former

    def client_id(self, reference: str) -> str:
        """The stream of a number in any spelling, 32 hex digits."""
        hashed = client_id_of(self._key, canonical(reference))
        if not self._former:
            return hashed
        exact = client_id_of(self._key, reference)
        former = self._former.get(id_bytes(exact)) or self._former.get(id_bytes(hashed))
        return former.hex() if former else hashed


def mark(tx: Writing) -> None:
    """Say of a new store that every number in it is hashed as it is compared."""
    tx.many(_ADD, [(_MARK, _MARK)])


def open_numbers(recorder: LogRecorder, keyring: Keyring, key: bytes) -> ChartNumbers:
    """The numbers of a log; who first opens an older release's store looks through its charts.

    Raises:
        MasterKeyError: a chart number does not open.
    """
    rows = _read(recorder.query(_ALL))
    if _MARK not in rows:
        rows = {**_of_older_release(recorder, keyring, key), _MARK: _MARK}
        with suppress(MayNotWriteError), recorder.writing() as tx:  # who may not write looks again the next time
            existing = _read(tx.rows(_ALL))
            if _MARK not in existing:  # no other process was quicker
                tx.many(_ADD, list(rows.items()))
    return ChartNumbers(key, {hashed: client_id for hashed, client_id in rows.items() if hashed != _MARK})


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[bytes, bytes]:
    return {bytes(hashed): bytes(client_id) for hashed, client_id in rows}


def _of_older_release(recorder: LogRecorder, keyring: Keyring, key: bytes) -> dict[bytes, bytes]:
    """What leads to streams whose id is not the hash of their number as it is compared.

    Charts whose numbers are the same but for their spelling stay apart: each opens by its own spelling, and any
    other spelling opens the one that has it without change, else the first of them in order.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for client_id, reference in _charts(recorder, keyring):
        hashed = client_id_of(key, canonical(reference))
        alike[hashed].append(client_id)
    rows: dict[bytes, bytes] = {}
    for hashed, client_ids in alike.items():
        if len(client_ids) > 1:
            rows |= {id_bytes(client_id): id_bytes(client_id) for client_id in client_ids}
        if hashed not in client_ids:
            rows[id_bytes(hashed)] = id_bytes(client_ids[0])
    # the number of an erased chart is gone; it is not used again in the spelling that it had
    erased = [bytes(row[0]) for row in recorder.query("SELECT client_id FROM erasure WHERE state='erased'")]
    return {client_id: client_id for client_id in erased} | rows


def _charts(recorder: LogRecorder, keyring: Keyring) -> list[tuple[str, str]]:
    """Every chart's stream and number, in order of the numbers."""
    charts: list[tuple[str, str]] = []
    after = b""
    sql = "SELECT client_id, wrapped_key, reference FROM chart WHERE client_id>? ORDER BY client_id LIMIT ?"
    while page := recorder.query(sql, (after, _PAGE)):
        for raw_id, wrapped, sealed in page:
            client_id = bytes(raw_id).hex()
            opened = keyring.open(client_id, bytes(wrapped)).open(bytes(sealed), client_id.encode())
            charts.append((client_id, opened.decode()))
            keyring.forget(client_id)  # each is needed once
        after = bytes(page[-1][0])
    return sorted(charts, key=lambda chart: chart[1])
