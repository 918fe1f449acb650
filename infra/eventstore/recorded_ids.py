"""Replayed event ids: the same entry, other content, or another chart's.

An id stands for one entry for ever. Whoever comes with a known id either says the same again, which is no new entry,
or something else, which is never taken for it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import orjson
from pydantic import ValidationError

from domain.entries import Meta, claimed_source
from domain.events import (
    CATALOGUE,
    ChartsMerged,
    EntryCorrected,
    Event,
    InvalidDataError,
    NotSamePerson,
    UnknownEventTypeError,
)
from infra.eventstore import streams
from infra.eventstore.keyring import Cipher, Keyring
from infra.eventstore.mapper import Plain, opened, plain
from infra.eventstore.rows import LogRow, Writing

_AT_ONCE = 500
_ENVELOPE = {"w": "actor", "u": "issuer", "y": "subject", "o": "role", "f": "site"}


class EventIdTakenError(Exception):
    """An entry came with the id of another one."""

    def __init__(self) -> None:
        """Say nothing of either entry."""
        super().__init__("event_id: is recorded with other content or on another chart: give this entry its own id")


class IncomingEntry(NamedTuple):
    """An entry that comes with an event id. ``recorded`` is its own knowledge time (µs UTC), where that counts."""

    event_id: str
    client_id: str
    state: Plain
    recorded: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """How the entry that is recorded under an id differs from the one that came with it.

    ``differs`` names the fields that say something else; empty where it is the same entry. ``position`` is its place in
    the log, or 0 for one that came with the same batch.
    """

    position: int
    another_chart: bool = False
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it is the same entry again."""
        return not self.another_chart and not self.differs


def recorded_under(
    tx: Writing, keyring: Keyring, statements: Iterable[IncomingEntry], positions: Mapping[str, int]
) -> list[tuple[IncomingEntry, Taken]]:
    """Each of these entries, beside what is recorded at the position of its id."""
    listed = list(statements)
    rows = {row.position: row for row in _rows(tx, sorted({positions[statement.event_id] for statement in listed}))}
    ciphers = streams.ciphers(tx.rows, keyring, list({row.client_id for row in rows.values()}))
    return [
        (statement, _beside(rows[position], ciphers.get(rows[position].client_id), statement))
        for statement in listed
        for position in [positions[statement.event_id]]
    ]


def refuse_others(
    tx: Writing, keyring: Keyring, statements: Iterable[IncomingEntry], positions: Mapping[str, int]
) -> None:
    """Let nothing pass for an entry that says something else.

    Raises:
        EventIdTakenError: one of these is not what is recorded under its id.
    """
    if not all(taken.same for _, taken in recorded_under(tx, keyring, statements, positions)):
        raise EventIdTakenError


def beside(first: IncomingEntry, second: IncomingEntry) -> Taken:
    """How two entries that came together under one id differ."""
    if first.client_id != second.client_id:
        return Taken(0, another_chart=True)
    recorded = _differ(first.recorded, second.recorded, "recorded_at")
    return Taken(0, differs=(*_differences(first.state, second.state, sealed=False), *recorded))


def _beside(row: LogRow, cipher: Cipher | None, statement: IncomingEntry) -> Taken:
    if row.client_id != statement.client_id:
        return Taken(row.position, another_chart=True)
    start = b"%b," % statement.state.head  # as it is stored, up to the knowledge time
    kept = None if statement.recorded is None else orjson.loads(row.state)["r"]
    recorded = _differ(kept, statement.recorded, "recorded_at")
    if statement.state.personal is None and row.topic == statement.state.topic and row.state.startswith(start):
        return Taken(row.position, differs=recorded)
    return Taken(row.position, differs=(*_from_log(row, cipher, statement.state), *recorded))


def _from_log(row: LogRow, cipher: Cipher | None, incoming: Plain) -> tuple[str, ...]:
    """What differs from a recorded entry. Of an erased chart, and of an entry that cannot be read here, what can be
    compared.
    """
    meta: dict[str, Any] = orjson.loads(row.state)
    unsealed = cipher.open(base64.b64decode(meta["x"]), meta["i"].encode()) if cipher and "x" in meta else None
    try:
        stored = _today(*opened(Plain(row.topic, row.state[:-1], unsealed)))
    except (ValidationError, UnknownEventTypeError, KeyError, TypeError):
        return _envelope(meta, orjson.loads(incoming.head + b"}"))
    return _differences(stored, incoming, sealed=cipher is None)


def _today(meta: Meta, event: Event) -> Plain:
    """An entry as this release would record it."""
    if isinstance(event, EntryCorrected):
        try:
            event = CATALOGUE.parse("EntryCorrected", event.model_dump(), complete=False)
        except InvalidDataError:
            return plain(meta, event)
    return plain(meta, event)


def _differences(first: Plain, second: Plain, *, sealed: bool) -> tuple[str, ...]:
    first_meta, second_meta = _read(first), _read(second)
    kind = _differ(_kind(first), _kind(second), "type")
    data = _differ(first_meta.pop("d"), second_meta.pop("d"), "data")
    if not data and not sealed:
        data = _differ(_personal(first), _personal(second), "data")
    return (*kind, *_envelope(first_meta, second_meta), *(() if kind else data))


def _envelope(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """The moment counts, not the offset that it was written with; of a source, what the line says."""
    words = [field for key, field in _ENVELOPE.items() if first.get(key, "") != second.get(key, "")]
    source = _differ(claimed_source(first), claimed_source(second), "source")
    return (*_differ(first["a"], second["a"], "occurred_at"), *words, *source)


def _kind(state: Plain) -> str:
    return state.topic.partition(".")[0]


def _read(state: Plain) -> dict[str, Any]:
    return cast("dict[str, Any]", orjson.loads(state.head + b"}"))


def _personal(state: Plain) -> Any:
    """The personal part; none of an event about another chart, since that chart's stream stands in the rest."""
    if state.personal is None or _kind(state) in (ChartsMerged.__name__, NotSamePerson.__name__):
        return None
    return orjson.loads(state.personal)


def _differ(first: object, second: object, field: str) -> tuple[str, ...]:
    return () if first == second else (field,)


def _rows(tx: Writing, positions: Sequence[int]) -> Iterable[LogRow]:
    columns = f"{tx.position_column}, originator_id, originator_version, topic, state"
    for start in range(0, len(positions), _AT_ONCE):
        part = positions[start : start + _AT_ONCE]
        places = ",".join("?" * len(part))
        sql = f"SELECT {columns} FROM {tx.events_table} WHERE {tx.position_column} IN ({places})"
        for position, client_id, sequence, topic, state in tx.rows(sql, part):
            stream = client_id if isinstance(client_id, str) else client_id.hex
            yield LogRow(position, stream, sequence, topic, bytes(state))
