"""Write a batch of prepared lines in one transaction: duplicates skipped, sequences and keys given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.entries import Meta, microseconds
from domain.events import ChartsMerged, Event
from infra.importers.events.lines import Prepared
from infra.store.keyring import Sealer
from infra.store.log import EventLog, id_bytes, known_positions
from infra.store.mapper import encode, topic_of
from infra.store.merging import closing, closing_id, linked
from infra.store.rows import Writing


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch came to: new entries by type, lines that were recorded before, clients touched."""

    by_type: Counter[str]
    known: int
    clients: frozenset[str]


def write_batch(log: EventLog, lines: Sequence[Prepared]) -> Written:
    """Record the lines that are not recorded yet; durable when this returns."""
    with log.recorder.writing() as tx:
        recorded = known_positions(tx, [line.meta["i"] for line in lines])
        fresh = _without_repeats(lines, recorded.keys())
        entries = list(_entries(log, fresh))
        clients = {client_id: reference for client_id, reference, _, _ in entries}
        last = _last_sequences(tx, list(clients))
        sealers = _sealers(log, tx, clients)
        now = microseconds(log.clock())
        rows: list[tuple[str, int, str, bytes]] = []
        by_type: Counter[str] = Counter()
        for client_id, _, meta, event in entries:
            meta.setdefault("r", now)
            sequence = last.get(client_id, 0) + 1
            last[client_id] = sequence
            topic = topic_of(event)
            rows.append((client_id, sequence, topic, encode(meta, event, sealers[client_id])))
            by_type[topic.partition(".")[0]] += 1
        if rows:
            positions = tx.insert(rows)
            index = ((id_bytes(e[2]["i"]), position) for e, position in zip(entries, positions, strict=True))
            tx.many("INSERT INTO event_index VALUES (?,?)", index)
    return Written(by_type, len(lines) - len(fresh), frozenset(clients))


def _without_repeats(lines: Sequence[Prepared], recorded: Iterable[str]) -> list[Prepared]:
    """The lines whose id is neither recorded nor that of an earlier line of the batch."""
    seen = set(recorded)
    fresh: list[Prepared] = []
    for line in lines:
        event_id = line.meta["i"]
        if event_id not in seen:
            seen.add(event_id)
            fresh.append(line)
    return fresh


def _entries(log: EventLog, lines: Sequence[Prepared]) -> Iterator[tuple[str, str, Meta, Event]]:
    """(client id, chart number, envelope, event); a merge also closes the other chart."""
    ids: dict[str, str] = {}
    for line in lines:
        reference = line.reference
        client_id = ids.get(reference)
        if client_id is None:
            client_id = ids[reference] = log.client_id(reference)
        event = line.event
        if isinstance(event, ChartsMerged) and event.other_client:
            other_id = log.client_id(event.other_client)
            yield client_id, reference, line.meta, linked(event, other_id)
            meta: Meta = {**line.meta, "i": closing_id(line.meta["i"])}
            yield other_id, event.other_client, meta, closing(client_id)
        else:
            yield client_id, reference, line.meta, event


def _last_sequences(tx: Writing, client_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(client_ids), 500):
        part = client_ids[start : start + 500]
        sql = (
            f"SELECT originator_id, MAX(originator_version) FROM {tx.events_table} "
            f"WHERE originator_id IN ({','.join('?' * len(part))}) GROUP BY originator_id"
        )
        for client_id, sequence in tx.rows(sql, part):
            found[client_id if isinstance(client_id, str) else client_id.hex] = sequence
    return found


def _sealers(log: EventLog, tx: Writing, clients: dict[str, str]) -> dict[str, Sealer]:
    """A sealer for each client; new charts get their key here, in the same transaction."""
    sealers: dict[str, Sealer] = {}
    ids = list(clients)
    for start in range(0, len(ids), 500):
        part = [id_bytes(client_id) for client_id in ids[start : start + 500]]
        sql = f"SELECT client_id, wrapped_key FROM chart WHERE client_id IN ({','.join('?' * len(part))})"
        for raw_id, wrapped in tx.rows(sql, part):
            client_id = bytes(raw_id).hex()
            sealers[client_id] = log.keyring.open(client_id, bytes(wrapped))
    new = [client_id for client_id in ids if client_id not in sealers]
    charts: list[tuple[bytes, bytes, bytes]] = []
    for client_id in new:
        log.keyring.forget(client_id)
        sealer, wrapped = log.keyring.create(client_id)
        sealers[client_id] = sealer
        charts.append((id_bytes(client_id), wrapped, sealer.seal(clients[client_id].encode(), client_id.encode())))
    if charts:
        tx.many("INSERT INTO chart VALUES (?,?,?)", charts)
    return sealers
