"""Mapper: events and envelopes to stored bytes and back, personal fields encrypted.

The state of a stored event is one JSON object, the keys of which ``domain.entries.Meta`` explains. Personal
fields never enter ``d``: they are JSON of their own, AES-256-GCM under the client's key, base64 in ``x``, tied
to the event's id. This format is fixed: what is written by one release is read by every later one.

A type's older version may hold in clear what its newest seals. That text is personal all the same: without a cipher
it is not read, and ``republished`` seals it before the entry goes out.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any, NamedTuple, cast

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from domain.days import Calendar
from domain.entries import Entry, Imported, Meta
from domain.events import CATALOGUE, EntryCorrected, Event, topic
from infra.eventstore.keyring import Cipher, CipherOf, MasterKeyError
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import BROKEN, UnreadableEntryError

_RECORDED = b',"r":'
_OCCURRED = b',"a":'
_DAY = 24 * 60  # minutes
_FIRST, _LAST = -61_000_000_000_000_000, 253_000_000_000_000_000  # µs UTC of the years 37 and 9987
_OF_RECORDING = ("r", "b")  # what only the writer of an entry knows
_CORRECTION = topic("EntryCorrected", EntryCorrected.version)


class Payload(NamedTuple):
    """What an event says, without its envelope: the payload's JSON, and personal JSON."""

    topic: str
    data: bytes
    personal: bytes | None


class Plain(NamedTuple):
    """An event before it is sealed: the state's JSON up to what only the writer knows, and personal JSON."""

    topic: str
    head: bytes
    personal: bytes | None


def plain(meta: Meta, event: Event) -> Plain:
    """What of an event's state does not depend on the client's key or the moment of recording."""
    return enveloped(meta, payload(event))


def enveloped(meta: Meta, given: Payload) -> Plain:
    """``plain`` of an event whose payload is written already."""
    fields = {name: value for name, value in meta.items() if name not in _OF_RECORDING}
    return under(orjson.dumps(fields)[:-1], given)


def under(envelope: bytes, given: Payload) -> Plain:
    """The same, with the envelope's JSON but for its last brace and for what only the writer knows."""
    return Plain(given.topic, b'%b,"d":%b' % (envelope, given.data), given.personal)


def payload(event: Event) -> Payload:
    """What an event says, as it is stored in any envelope."""
    cls = type(event)
    if cls is not EntryCorrected and not (cls.personal and event.sealed):
        data = cls.__pydantic_serializer__.to_json(event, by_alias=True, exclude_none=True)
        return Payload(topic_of(event), data, None)
    shown = _shown(event)
    personal = _take_personal(event, shown)
    return Payload(topic_of(event), orjson.dumps(shown), orjson.dumps(personal) if personal else None)


def seal(given: Plain, event_id: str, recorded: int, cipher: Cipher, imported: bytes = b"") -> bytes:
    """The state as it is stored: with the knowledge time (µs UTC), its import (JSON), and the personal part sealed."""
    state = b'%b,"r":%d' % (given.head, recorded)
    if imported:
        state = b'%b,"b":%b' % (state, imported)
    if given.personal is None:
        return state + b"}"
    sealed = base64.b64encode(cipher.seal(given.personal, event_id.encode()))
    return b'%b,"x":"%b"}' % (state, sealed)


def opened(given: Plain) -> tuple[Meta, Event]:
    """The envelope (without knowledge time) and the typed event of an unsealed state."""
    meta: Meta = orjson.loads(given.head + b"}")
    data = meta.pop("d", {})
    if given.personal:
        _give_personal(data, orjson.loads(given.personal))
    return meta, CATALOGUE.load(given.topic, data)


def encode(meta: Meta, event: Event, cipher: Cipher) -> bytes:
    """An event's stored state; ``meta`` is its whole envelope."""
    imported = orjson.dumps(meta["b"]) if "b" in meta else b""
    return seal(plain(meta, event), meta["i"], meta["r"], cipher, imported)


def decode(row: LogRow, cipher: Cipher | None, calendar: Calendar) -> Entry:
    """The entry of a stored row, its day by the log's calendar; without a cipher its personal fields are ``None``.

    Raises:
        UnreadableEntryError: the type is unknown here, or the stored payload does not fit its schema.
    """
    try:
        meta, event = _loaded(row, cipher)
        _check_times(meta)
        return Entry(row.client_id, row.sequence, row.position, meta, event, calendar)
    except BROKEN as error:  # from None: a traceback would show what was opened
        raise UnreadableEntryError(row, error) from None


def _check_times(meta: Meta) -> None:
    """Times that nobody could show make an entry unreadable here, not wherever it is shown.

    Raises:
        OverflowError: no calendar has one of them, or no clock its offset.
    """
    if not (_FIRST < meta["a"] < _LAST and _FIRST < meta["r"] < _LAST and -_DAY < meta.get("z", 0) < _DAY):
        raise OverflowError


def _loaded(row: LogRow, cipher: Cipher | None) -> tuple[Meta, Event]:
    """The envelope and the event of a stored row."""
    meta: Meta = orjson.loads(row.state)
    data = meta.pop("d", None) or {}
    if cipher is not None and "x" in meta:
        _give_personal(data, orjson.loads(cipher.open(base64.b64decode(meta["x"]), meta["i"].encode())))
    event = CATALOGUE.load(row.topic, data)
    return meta, _unopened(event) if cipher is None and _may_tell(row.topic) else event


def republished(row: LogRow, cipher_of: CipherOf) -> LogRow:
    """The row as it may leave the store: what an older version holds in clear and today's seals, sealed.

    Such a row comes in the newest version of its type, with the stored entry's link at its end; every other one as
    it is stored. Once the client is erased, what was in clear is left out. A row that cannot be read stays as it is.

    Raises:
        MasterKeyError: there is something to seal, and the client's key cannot be opened.
    """
    if not _may_tell(row.topic):
        return row
    try:
        meta: dict[str, Any] = orjson.loads(row.state)
        if not _tells(CATALOGUE.load(row.topic, meta.get("d") or {})):
            return row
        cipher = cipher_of(row.client_id)
        event = _loaded(row, cipher)[1]
    except MasterKeyError:
        raise
    except BROKEN:
        return row
    meta["d"] = _shown(event)
    personal = _take_personal(event, meta["d"])
    ending = {name: meta.pop(name, "") for name in ("r", "b", "x", "h")}
    if cipher is not None:
        ending["x"] = base64.b64encode(cipher.seal(orjson.dumps(personal), meta["i"].encode())).decode()
    kept = {name: value for name, value in ending.items() if value != ""}
    return row._replace(topic=topic_of(event), state=orjson.dumps({**meta, **kept}))


def recorded_of(state: bytes) -> int:
    """The knowledge time (µs UTC) in a stored state, without reading the rest of it.

    It stands behind the payload, and in what follows it (``b``, ``x``, ``h``) no object has an ``r``. A state that
    cannot be read counts as known from the beginning: whoever folds it says what is wrong with it.
    """
    start = state.rfind(_RECORDED) + len(_RECORDED)
    end = state.find(b",", start)
    try:
        return int(state[start : end if end > 0 else -1])
    except ValueError:
        return 0


def occurred_of(state: bytes) -> int | None:
    """The clinical time (µs UTC) in a stored state, without reading the rest of it; None where it is not found.

    It stands right behind the entry's id.
    """
    start = state.find(_OCCURRED, 0, 64) + len(_OCCURRED)
    try:
        return int(state[start : state.index(b",", start)]) if start >= len(_OCCURRED) else None
    except ValueError:
        return None


def import_of(state: bytes) -> Imported | None:
    """The import that a stored entry says it came with; None for what was recorded here, and for what is no entry."""
    if b',"b":' not in state:
        return None
    try:
        return cast("Imported | None", orjson.loads(state).get("b"))
    except (orjson.JSONDecodeError, AttributeError):
        return None


def topic_of(event: Event) -> str:
    """The stored topic of an event."""
    return topic(type(event).__name__, type(event).version)


class JourneyMapper(Mapper[Any]):
    """The library's mapper interface over ``encode`` and ``decode``, for its event store and its tools."""

    def __init__(self, cipher_of: CipherOf, calendar: Calendar) -> None:
        """Use the ciphers of a keyring, and a calendar for days."""
        super().__init__(JSONTranscoder())
        self._cipher_of = cipher_of
        self._calendar = calendar

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """An ``Entry`` as the library stores it.

        Raises:
            KeyError: the client has no key.
        """
        entry = cast("Entry", domain_event)
        cipher = self._cipher_of(entry.client_id)
        if cipher is None:
            raise KeyError(entry.client_id)
        state = encode(entry.meta, entry.event, cipher)
        return StoredEvent(entry.client_id, entry.sequence, topic_of(entry.event), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The ``Entry`` of a stored event."""
        client_id = stored_event.originator_id
        hex_id = client_id if isinstance(client_id, str) else client_id.hex
        row = LogRow(0, hex_id, stored_event.originator_version, stored_event.topic, stored_event.state)
        return decode(row, self._cipher_of(hex_id), self._calendar)


def _take_personal(event: Event, data: dict[str, Any]) -> dict[str, Any]:
    """Move the personal fields out of ``data``; a correction's replacement is treated by its own type."""
    sealed = _taken(type(event), data)
    if isinstance(event, EntryCorrected):
        hidden = _taken(CATALOGUE.current(event.replacement.type), data["replacement"]["data"])
        if hidden:
            sealed["replacement"] = hidden
    return sealed


def _taken(cls: type[Event], data: dict[str, Any]) -> dict[str, Any]:
    return {name: data.pop(name) for name, value in list(data.items()) if cls.seals(name, value)}


@lru_cache(1_024)  # it is asked of every row
def _may_tell(stored_topic: str) -> bool:
    """Whether entries stored so may hold in clear what is sealed today."""
    return stored_topic == _CORRECTION or not CATALOGUE.is_current(stored_topic)


def _tells(event: Event) -> bool:
    """Whether an event that was read without its sealed part holds something personal."""
    return event != _unopened(event)


def _unopened(event: Event) -> Event:
    """The event without what is personal in it."""
    if isinstance(event, EntryCorrected):
        new = event.replacement
        cls = CATALOGUE.current(new.type)
        data = {name: value for name, value in new.data.items() if not cls.seals(name, value)}
        event = event.model_copy(update={"replacement": new.model_copy(update={"data": data})})
    return event.model_copy(update=dict.fromkeys(event.sealed))


def _shown(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True, exclude_none=True)


def _give_personal(data: dict[str, Any], personal: dict[str, Any]) -> None:
    hidden = personal.pop("replacement", None)
    data.update(personal)
    if hidden:
        data["replacement"]["data"].update(hidden)
