"""The mapper: pydantic events and their envelope to stored bytes and back, personal fields sealed.

The state of a stored event is one JSON object, the keys of which ``domain.entries.Meta`` explains. Personal
fields never enter ``d``: they are JSON of their own, AES-256-GCM under the client's key, base64 in ``x``, tied
to the event's id. This format is fixed: what is written by one release is read by every later one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent
from pydantic import ValidationError

from domain.days import Calendar
from domain.entries import Entry, Meta
from domain.events import CATALOGUE, EntryCorrected, Event, UnknownEventTypeError, topic
from infra.store.keyring import Sealer
from infra.store.rows import LogRow

SealerOf = Callable[[str], Sealer | None]

UnreadableEntryError = MapperDeserialisationError
_RECORDED = b',"r":'


class Plain(NamedTuple):
    """An event before it is sealed: the state's JSON up to what only the writer knows, and personal JSON."""

    topic: str
    head: bytes
    personal: bytes | None


def plain(meta: Meta, event: Event) -> Plain:
    """What of an event's state does not depend on the client's key or the moment of recording."""
    cls = type(event)
    envelope = orjson.dumps({key: value for key, value in meta.items() if key != "r"})
    if not cls.personal and cls is not EntryCorrected:
        data = cls.__pydantic_serializer__.to_json(event, by_alias=True, exclude_none=True)
        return Plain(topic_of(event), envelope[:-1] + b',"d":' + data, None)
    shown: dict[str, Any] = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    personal = _take_personal(event, shown)
    head = envelope[:-1] + b',"d":' + orjson.dumps(shown)
    return Plain(topic_of(event), head, orjson.dumps(personal) if personal else None)


def seal(given: Plain, event_id: str, recorded: int, sealer: Sealer) -> bytes:
    """The state as it is stored: with the knowledge time (µs UTC), and the personal part sealed."""
    state = b'%b,"r":%d' % (given.head, recorded)
    if given.personal is None:
        return state + b"}"
    sealed = base64.b64encode(sealer.seal(given.personal, event_id.encode()))
    return b'%b,"x":"%b"}' % (state, sealed)


def opened(given: Plain) -> tuple[Meta, Event]:
    """The envelope (without knowledge time) and the typed event of an unsealed state."""
    meta: Meta = orjson.loads(given.head + b"}")
    data = meta.pop("d", {})
    if given.personal:
        _give_personal(data, orjson.loads(given.personal))
    return meta, CATALOGUE.load(given.topic, data)


def encode(meta: Meta, event: Event, sealer: Sealer) -> bytes:
    """An event's stored state; ``meta`` is its whole envelope."""
    return seal(plain(meta, event), meta["i"], meta["r"], sealer)


def decode(row: LogRow, sealer: Sealer | None, calendar: Calendar) -> Entry:
    """The entry of a stored row, its day by the log's calendar; without a sealer its personal fields are ``None``.

    Raises:
        UnreadableEntryError: the type is unknown here, or the stored payload does not fit its schema.
    """
    try:
        meta: Meta = orjson.loads(row.state)
        data = meta.pop("d", None) or {}
        if sealer is not None and "x" in meta:
            _give_personal(data, orjson.loads(sealer.open(base64.b64decode(meta["x"]), meta["i"].encode())))
        event = CATALOGUE.load(row.topic, data)
        return Entry(row.client_id, row.sequence, row.position, meta, event, calendar)
    except (ValidationError, UnknownEventTypeError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"entry {row.sequence} ({row.topic}) at position {row.position} cannot be read: {why(error)}"
        raise UnreadableEntryError(msg) from error


def recorded_of(state: bytes) -> int:
    """The knowledge time (µs UTC) in a stored state, without reading the rest of it.

    It stands behind the payload, and what follows it (``x``, ``h``) is base64. A state that cannot be read counts as
    known from the beginning: whoever folds it says what is wrong with it.
    """
    start = state.rfind(_RECORDED) + len(_RECORDED)
    end = state.find(b",", start)
    try:
        return int(state[start : end if end > 0 else -1])
    except ValueError:
        return 0


def topic_of(event: Event) -> str:
    """The stored topic of an event."""
    return topic(type(event).__name__, type(event).version)


class JourneyMapper(Mapper[Any]):
    """The library's mapper interface over ``encode`` and ``decode``, for its event store and its tools."""

    def __init__(self, sealer_of: SealerOf, calendar: Calendar) -> None:
        """Use the sealers of a keyring, and a calendar for days."""
        super().__init__(JSONTranscoder())
        self._sealer_of = sealer_of
        self._calendar = calendar

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """An ``Entry`` as the library stores it.

        Raises:
            KeyError: the client has no key.
        """
        entry = cast("Entry", domain_event)
        sealer = self._sealer_of(entry.client_id)
        if sealer is None:
            raise KeyError(entry.client_id)
        state = encode(entry.meta, entry.event, sealer)
        return StoredEvent(entry.client_id, entry.sequence, topic_of(entry.event), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The ``Entry`` of a stored event."""
        client_id = stored_event.originator_id
        hex_id = client_id if isinstance(client_id, str) else client_id.hex
        row = LogRow(0, hex_id, stored_event.originator_version, stored_event.topic, stored_event.state)
        return decode(row, self._sealer_of(hex_id), self._calendar)


def _take_personal(event: Event, data: dict[str, Any]) -> dict[str, Any]:
    """Move the personal fields out of ``data``; a correction's replacement is treated by its own type."""
    sealed = {name: data.pop(name) for name in type(event).personal if name in data}
    if isinstance(event, EntryCorrected):
        inner: dict[str, Any] = data["replacement"]["data"]
        personal = CATALOGUE.current(event.replacement.type).personal
        hidden = {name: inner.pop(name) for name in list(inner) if name in personal}
        if hidden:
            sealed["replacement"] = hidden
    return sealed


def _give_personal(data: dict[str, Any], personal: dict[str, Any]) -> None:
    hidden = personal.pop("replacement", None)
    data.update(personal)
    if hidden:
        data["replacement"]["data"].update(hidden)


def why(error: Exception) -> str:
    """What went wrong with an entry, for operators: without any value from it."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False))
    return str(error) if isinstance(error, UnknownEventTypeError) else type(error).__name__
