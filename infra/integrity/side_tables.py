"""Checks of side tables against their log: index of ids, keys, erasures, index of access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from infra.eventstore.event_ids import INDEX
from infra.eventstore.keyring import MasterKeyError, of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRecorder, LogRow
from infra.integrity.findings import MOST, Finding
from infra.integrity.log_scan import FROM_THE_START
from infra.integrity.scan import ID_FROM, ID_TO, Scan
from infra.runtime.collector import collector_paused

_PAGE = 5_000


_INDEX = f"SELECT event_id, position FROM {INDEX} WHERE position>? AND position<=?"


def index_agrees(scan: Scan, recorder: LogRecorder, after: int, entries: int) -> bool:
    """Whether the index has the entries that were scanned after a position, at their places, and no others."""
    return _sum_of(recorder, _INDEX, (after, scan.position)) == (entries, scan.ids)


def _sum_of(recorder: LogRecorder, sql: str, params: Sequence[int]) -> tuple[int, int]:
    """How many rows a side table has, and a sum over them in any order: it need not fit into memory."""

    def summed() -> tuple[int, int]:
        count = total = 0
        for rows in recorder.batches(sql, params):
            count, total = count + len(rows), total + sum(map(hash, rows))
        return count, total

    with collector_paused():
        return recorder.retrying(summed)


def wrong_index(scan: Scan, recorder: LogRecorder) -> Iterator[Finding]:
    """Where the index of entry ids and the log differ, up to the last entry that was scanned."""
    for raw, at in _beyond(recorder, scan.position):
        yield Finding(scan.log, "index", f"the index has an entry {_hex(raw)} after the end of the log", at)
    if scan.index_agrees or index_agrees(scan, recorder, FROM_THE_START, scan.tree.size):
        return
    index: dict[str, Any] = {}
    for raw, at in recorder.query(_INDEX, (FROM_THE_START, scan.position)):
        if _hex(raw) in index:  # in both of its tables, which then can no longer be merged
            what = f"the entry {_hex(raw)} is in the index of entries twice"
            yield Finding(scan.log, "index", what, at if isinstance(at, int) else 0)
        index[_hex(raw)] = at
    for row in _rows(recorder, scan.position):
        event_id = row.state[ID_FROM:ID_TO].decode(errors="replace")
        at = index.pop(event_id, None)
        if at != row.position:
            what = "is not in the index of entries" if at is None else f"is at position {at} in the index of entries"
            yield Finding(scan.log, "index", f"the entry {what}", row.position, row.client_id, row.sequence)
    for event_id, at in index.items():
        what = f"the entry {event_id} is in the index and not in the log: it was removed, or altered"
        yield Finding(scan.log, "missing", what, at if isinstance(at, int) else 0)


def _beyond(recorder: LogRecorder, position: int) -> list[tuple[Any, int]]:
    """What the index has after the end of the log. Entries are recorded together with their place in the index."""
    rows = recorder.query(_INDEX, (position, 2**63 - 1))
    head = recorder.head() if rows else 0
    return [(raw, at) for raw, at in rows if at > head]


def wrong_charts(scan: Scan, log: EventLog) -> Iterator[Finding]:
    """Streams without key or erasure, keys without stream, keys and chart numbers that are not the stream's own."""
    charts = {_hex(raw): (bytes(key), bytes(number)) for raw, key, number in log.recorder.query(_CHARTS)}
    erased = log.all_erased()
    for client_id in scan.ends.keys() - charts.keys() - erased:
        yield Finding(scan.log, "chart", "the key of the stream is missing, and it was not erased", 0, client_id)
    for client_id in charts.keys() - scan.ends.keys():
        if not log.recorder.streams([client_id]):
            yield Finding(scan.log, "chart", "there is a key without a stream", 0, client_id)
    for client_id in erased & scan.ends.keys() - scan.erasing:
        if not any(str(row.topic).startswith("ClientErased.") for row in log.recorder.streams([client_id])):
            yield Finding(scan.log, "chart", "it counts as erased, and no entry says so", 0, client_id)
    for client_id in erased & charts.keys():
        yield Finding(scan.log, "chart", "it counts as erased, and its key is there", 0, client_id)
    for client_id in scan.erasing - erased:
        yield Finding(
            scan.log, "chart", "an entry says that it was erased, and it does not count as that", 0, client_id
        )
    if not log.keyring.is_locked:
        yield from _wrong_keys(scan.log, log, charts)


_CHARTS = "SELECT client_id, wrapped_key, reference FROM chart"


def _wrong_keys(name: str, log: EventLog, charts: dict[str, tuple[bytes, bytes]]) -> Iterator[Finding]:
    for client_id, (wrapped, sealed) in charts.items():
        try:
            reference = log.keyring.open(client_id, wrapped).open(sealed, client_id.encode()).decode()
            log.keyring.forget(client_id)  # each is needed once
        except (MasterKeyError, ValueError):
            yield Finding(name, "chart", "its key or its chart number does not open: it was altered", 0, client_id)
            continue
        if log.stream_id(reference, provider=of_provider(client_id)) != client_id:
            yield Finding(name, "chart", "its chart number is that of another stream", 0, client_id)


def wrong_access(scan: Scan, recorder: LogRecorder) -> Iterator[Finding]:
    """Where the index of who was looked at and the access log differ."""
    count = total = 0
    for row, client in _accesses(scan, recorder):
        count, total = count + 1, total + hash((client, row.position))
    if _sum_of(recorder, _ACCESSES, (scan.position,)) == (count, total):
        return
    listed = {(str(client), at) for client, at in recorder.query(_ACCESSES, (scan.position,))}
    for row, client in _accesses(scan, recorder):
        if (client, row.position) not in listed:
            yield Finding(scan.log, "index", "the index of accesses lacks this one", row.position, row.client_id)
        listed.discard((client, row.position))
    for client, at in sorted(listed)[:MOST]:
        yield Finding(scan.log, "index", "the index of accesses names one that is not in the log", at, client)


_ACCESSES = "SELECT client_id, position FROM access_client WHERE position<=?"


def _accesses(scan: Scan, recorder: LogRecorder) -> Iterator[tuple[LogRow, str]]:
    for row in _rows(recorder, scan.position):
        try:
            clients: list[str] = orjson.loads(row.state).get("n", [])
        except (orjson.JSONDecodeError, AttributeError):
            continue  # found while it was scanned
        for client in dict.fromkeys(clients):
            yield row, client


def _rows(recorder: LogRecorder, until: int) -> Iterator[LogRow]:
    position = FROM_THE_START
    while page := recorder.page(position, _PAGE):
        for row in page:
            if row.position > until:
                return
            if hasattr(row.state, "hex"):  # else it is no bytes, which was found while it was scanned
                yield row
        position = page[-1].position


def _hex(raw: object) -> str:
    return raw.hex() if isinstance(raw, bytes) else str(raw)
