"""Import lines: from a line of NDJSON to an event with its envelope, or the reason why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson

from domain.entries import Envelope, Meta, microseconds, offset_minutes
from domain.events import (
    CATALOGUE,
    ChartClosed,
    ChartsMerged,
    EntryCorrected,
    Event,
    InvalidDataError,
    MergedChartContinued,
    NotSamePerson,
    ProviderEvent,
    UnknownEventTypeError,
)
from domain.provider import belongs, is_label, label_of
from infra.eventstore.mapper import Payload, Plain, enveloped, payload, under
from infra.interop.importers.bare_days import NOON, at_clock, clock_of
from infra.interop.importers.events.parts import UNREAD, Parts, RejectedLineError, parts_of
from infra.interop.importers.events.payloads import ParsedData, parsed_data
from infra.interop.importers.source import Source
from infra.interop.importers.zones import ZoneError

FIELDS = frozenset(
    {
        "kind",
        "client",
        "type",
        "version",
        "occurred_at",
        "data",
        "event_id",
        "actor",
        "issuer",
        "subject",
        "role",
        "source",
        "source_version",
        "site",
        "recorded_at",
        "correlation_id",
        "causation_id",
    }
)
_WORDS = {"actor": "w", "issuer": "u", "subject": "y", "role": "o", "source": "q", "source_version": "v", "site": "f"}
SOURCE = "import"
_UNKNOWN = Source()
_FARTHEST = timedelta(hours=14)  # of an offset
_USUAL_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = {"correlation_id": b"c", "causation_id": b"k"}
_MOST_WRITTEN = 1_000
# Asked of every line, by type: isinstance of models is slow.
_ABOUT_ANOTHER = frozenset({ChartsMerged, NotSamePerson})
_OF_STREAMS = frozenset({ChartClosed, MergedChartContinued, *_ABOUT_ANOTHER})


class Prepared(NamedTuple):
    """A line that can be recorded.

    ``recorded`` is the knowledge time (µs UTC) of a line that keeps its own. ``other`` is the chart number that
    a merge takes over. ``provider``: the reference is the label of one of the provider's own streams.
    """

    line: int
    reference: str
    event_id: str
    state: Plain
    recorded: int | None
    other: str | None
    provider: bool = False

    @classmethod
    def of(cls, line: int, reference: str, event: Event, meta: Meta, *, provider: bool = False) -> Prepared:
        """Serialise an event for the log."""
        other, stored = _about(ParsedData(event, payload(event)))
        envelope = Envelope(meta)
        state = enveloped(meta, stored)
        return cls(line, reference, envelope.event_id, state, envelope.recorded or None, other, provider)


def _about(given: ParsedData) -> tuple[str | None, Payload]:
    """The chart number of another client that an event names, and how the event is stored."""
    event, stored = given
    if type(event) not in _ABOUT_ANOTHER or not isinstance(event, ChartsMerged | NotSamePerson):
        return None, stored
    if not event.other_client:
        return None, stored
    other = event.other_client.strip()
    return other, payload(event.model_copy(update={"other_client": other}))


def prepare(
    number: int,
    raw: bytes,
    fingerprint: bytes,
    latest: datetime,
    *,
    keep_recorded_at: bool,
    source: Source = _UNKNOWN,
) -> Prepared:
    """Read one line. ``latest`` is the latest clinical time allowed, ``fingerprint`` tells files apart.

    ``source`` is what is known of where it comes from; without a zone, times without an offset are rejected.

    Raises:
        RejectedLineError: why the line cannot be recorded.
    """
    parts = parts_of(raw)
    line = parts.envelope
    if not FIELDS.issuperset(line):
        names = ", ".join(sorted(line.keys() - FIELDS)[:5])
        msg = f"unknown field {names!r}: an import line has {', '.join(sorted(FIELDS))}"
        raise RejectedLineError(msg)
    occurred_at = _moment(line, "occurred_at", source, lambda: clock_of(line.get("type"), parts.read))
    if occurred_at > latest:
        msg = "occurred_at: is in the future: give the time when it happened (5 minutes of clock skew are allowed)"
        raise RejectedLineError(msg)
    given_id = line.get("event_id")
    event_id = _hex_id(given_id, "event_id") if given_id is not None else line_id(fingerprint, number, raw)
    envelope = b'{"i":"%b","a":%d' % (event_id.encode(), microseconds(occurred_at))
    offset = offset_minutes(occurred_at)
    if offset:
        envelope += b',"z":%d' % offset
    envelope += _words_of(line, source.site) + _causes_of(line)
    recorded = None
    if keep_recorded_at and line.get("recorded_at") is not None:
        recorded_at = _moment(line, "recorded_at", source, lambda: NOON)
        if recorded_at > latest:
            msg = "recorded_at: is in the future: give the time when it was recorded, or leave it out"
            raise RejectedLineError(msg)
        recorded = microseconds(recorded_at) or None
    given = _said(parts)
    reference, provider = stream_of(line, given.event)
    other, stored = _about(given)
    return Prepared(number, reference, event_id, under(envelope, stored), recorded, other, provider)


def line_id(fingerprint: bytes, number: int, raw: bytes) -> str:
    """The event id of a line that has none: the same file, line number and content give the same id.

    Ids of one file stand close together, which keeps the index of event ids quick to extend. A UUID v8: the
    version and the variant stand in bytes 6 and 8, where no part of the number is.
    """
    content = hashlib.blake2b(raw, digest_size=9).digest()
    place = (number & 0xFFFFFFFF).to_bytes(4, "big")
    digest = bytearray(fingerprint[:2] + place + content[:1] + fingerprint[2:3] + content[1:])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()


def line_of_id(fingerprint: bytes, event_id: str) -> int | None:
    """The line number in an id that ``line_id`` made for this file; None for an id that a line brought along."""
    raw = bytes.fromhex(event_id)
    made_here = raw[:2] == fingerprint[:2] and raw[7:8] == fingerprint[2:3] and raw[6] >> 4 == 8
    return int.from_bytes(raw[2:6], "big") if made_here else None


def file_fingerprint(first_line: bytes) -> bytes:
    """What tells a file from another: its first line, so that a file that grew is still the same file."""
    return hashlib.blake2b(first_line.rstrip(b"\r\n"), digest_size=4).digest()


def _said(parts: Parts) -> ParsedData:
    if parts.data is not UNREAD and not isinstance(parts.data, dict):
        msg = "data: is not an object"
        raise RejectedLineError(msg)
    version = parts.envelope.get("version")
    if version is not None and not isinstance(version, int):
        msg = "version: is not a whole number"
        raise RejectedLineError(msg)
    _word(parts.envelope, "type")
    try:
        return parsed_data(parts.key, lambda: parts.read)
    except InvalidDataError as error:
        raise RejectedLineError(str(error)) from None
    except UnknownEventTypeError as error:
        msg = f"type: {error}"
        raise RejectedLineError(msg) from None


def stream_of(line: dict[str, Any], event: Event) -> tuple[str, bool]:
    """Whose an entry is: a chart number, or the label of one of the provider's own streams and True.

    A definition says itself of what it is; what amends one names the label, as an export does.

    Raises:
        RejectedLineError: the line says otherwise, or names nobody.
    """
    kind = line.get("kind") or ("provider" if event.of_provider else "client")
    if kind not in ("client", "provider"):
        msg = "kind: is neither client nor provider"
        raise RejectedLineError(msg)
    named = _word(line, "client").strip() if line.get("client") or not event.of_provider else ""
    if kind == "client":
        if _says_of_provider(event) or (named and is_label(named)):
            msg = "kind: what is said of the provider itself is of kind provider, and names no client"
            raise RejectedLineError(msg)
        _no_stream(event)
        return named, False
    stream = named or label_of(cast("ProviderEvent", event))
    if not is_label(stream) or not belongs(event, stream):
        msg = "client: leave it out: the entry is about the provider itself, and says of what in its data"
        raise RejectedLineError(msg)
    return stream, True


def _says_of_provider(event: Event) -> bool:
    """Whether it is a definition, or makes one of another entry."""
    if type(event) is not EntryCorrected:
        return event.of_provider
    kind = CATALOGUE.types.get(event.replacement.type)
    return kind is not None and kind.of_provider


def _no_stream(event: Event) -> None:
    """Let no line name another chart by its stream, which is this store's own: it could be anybody's.

    Raises:
        RejectedLineError: it does, or it is what an import derives itself.
    """
    if type(event) not in _OF_STREAMS:
        return
    if isinstance(event, ChartClosed | MergedChartContinued):
        msg = "type: leave the line out: the import makes this entry of the merge"
        raise RejectedLineError(msg)
    if isinstance(event, ChartsMerged | NotSamePerson) and event.other_client_id is not None:
        msg = "data.other_client_id: leave it out, and name the other chart by its number in other_client"
        raise RejectedLineError(msg)


def _word(line: dict[str, Any], field: str) -> str:
    value = line.get(field)
    if not isinstance(value, str) or not value.strip():
        msg = f"{field}: missing: give a text"
        raise RejectedLineError(msg)
    return _clean(value, field)


def _clean(value: str, field: str) -> str:
    if len(value) > 200 or "\x00" in value:
        msg = f"{field}: is longer than 200 characters or contains a NUL character"
        raise RejectedLineError(msg)
    return value


def _moment(line: dict[str, Any], field: str, source: Source, bare: Callable[[], time]) -> datetime:
    value = line.get(field)
    if not isinstance(value, str):
        msg = f"{field}: missing: give a date and time with its UTC offset, as 2026-01-31T09:00:00-05:00"
        raise RejectedLineError(msg)
    try:
        moment = datetime.fromisoformat(value)
        day_alone = source.zone is not None and len(value) <= len("2026-01-31")
        moment = source.moment(at_clock(moment, bare()) if day_alone else moment)
        offset = moment.utcoffset()
    except ZoneError as error:
        msg = f"{field}: {error}"
        raise RejectedLineError(msg) from None
    except (ValueError, OverflowError):
        msg = f"{field}: is not a date and time: write it as 2026-01-31T09:00:00-05:00"
        raise RejectedLineError(msg) from None
    if offset is None:
        msg = f"{field}: has no UTC offset: add one, as 2026-01-31T09:00:00-05:00 or …Z, or say where by --zone"
        raise RejectedLineError(msg)
    if moment.year < 1900 or not -_FARTHEST <= offset <= _FARTHEST:
        msg = f"{field}: is before 1900 or has an offset of more than 14 hours"
        raise RejectedLineError(msg)
    return moment


def _hex_id(value: Any, field: str) -> str:
    if isinstance(value, str) and _USUAL_ID.fullmatch(value):
        return value.replace("-", "")
    try:
        return UUID(value).hex
    except (ValueError, AttributeError, TypeError):
        msg = f"{field}: is not a UUID"
        raise RejectedLineError(msg) from None


_written: dict[tuple[Any, ...], bytes] = {}  # a file has few authors


def _words_of(line: dict[str, Any], site: str) -> bytes:
    """Who wrote an entry, in which system and where, as it is stored."""
    words = (*map(line.get, _WORDS), site)
    try:
        known = _written.get(words)
    except TypeError:  # a list is no text
        known = None
    return known if known is not None else _write_words(words)


def _write_words(words: tuple[Any, ...]) -> bytes:
    kept: dict[str, str] = {}
    *given, site = words
    for (field, key), value in zip(_WORDS.items(), given, strict=True):
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            msg = f"{field}: is not a text"
            raise RejectedLineError(msg)
        kept[key] = _clean(value, field)
    if site:
        kept.setdefault("f", site)
    kept["s"] = SOURCE
    kept.setdefault("q", "")
    if len(_written) >= _MOST_WRITTEN:
        _written.clear()
    written = _written[words] = b",%b" % orjson.dumps(kept)[1:-1]
    return written


def _causes_of(line: dict[str, Any]) -> bytes:
    """The ids of what led to an entry, as they are stored."""
    written = b""
    for field, key in _IDS.items():
        value = line.get(field)
        if value is not None and value != "":
            written += b',"%b":"%b"' % (key, _hex_id(value, field).encode())
    return written
