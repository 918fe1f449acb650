"""Records of the topic: CloudEvents 1.0, binary content mode; the value is the stored state, sealed as it is stored.

Attributes: ``id`` is the event id; ``source`` the client's stream or the provider's own, since the extension
``sequence`` orders the events of one source; ``subject`` and ``partitionkey`` the stream's id; ``type`` the event
type, with its version in ``dataschema``; ``time`` clinical and ``recordedtime`` knowledge time; ``position`` the place
in the whole log; ``correlationid`` the request that recorded it and ``causationid`` the event that led to it, if there
are any. ``traceparent`` lets a reader join the request's trace. Spec: CloudEvents 1.0.2 with its Kafka
protocol binding and the extensions correlation, sequence, partitioning, recordedtime; W3C Trace Context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import orjson

from domain.entries import Envelope
from infra.eventstore.keyring import of_provider
from infra.eventstore.rows import LogRow
from infra.observability.telemetry import traceparent

Headers = list[tuple[str, bytes]]

_SEQUENCE_DIGITS = 10  # the extension asks for strings that sort
_JSON = ("content-type", b"application/json")
_SPEC = ("ce_specversion", b"1.0")


class Record(NamedTuple):
    """What is sent for a row of the log."""

    key: bytes
    value: bytes
    headers: Headers


class EntryPlace(NamedTuple):
    """Which row of the log a record is of, and which request recorded it."""

    client_id: str
    sequence: int
    position: int
    correlation: UUID | None = None


def record_of(row: LogRow) -> Record:
    """The record of a row, as ``republished``.

    One that cannot be read is published all the same, without what is unknown of it.
    """
    client = row.client_id.encode()
    whose = b"provider" if of_provider(row.client_id) else b"clients"
    name, _, version = row.topic.partition(".")
    headers: Headers = [
        _SPEC,
        ("ce_source", b"/carejourney/%b/%b" % (whose, client)),
        ("ce_type", name.encode()),
        ("ce_dataschema", f"/carejourney/events/{name}/{version}".encode()),
        ("ce_subject", client),
        ("ce_partitionkey", client),
        ("ce_sequence", str(row.sequence).zfill(_SEQUENCE_DIGITS).encode()),
        ("ce_position", str(row.position).encode()),
        _JSON,
        *_from_state(row),
    ]
    return Record(client, row.state, headers)


def _from_state(row: LogRow) -> Headers:
    try:
        envelope = Envelope(orjson.loads(row.state))
        return [
            ("ce_id", envelope.event_id.encode()),
            ("ce_time", envelope.occurred_at.isoformat().encode()),
            ("ce_recordedtime", envelope.recorded_at.isoformat().encode()),
            *_origin(envelope),
        ]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return [("ce_id", f"{row.client_id}-{row.sequence}".encode())]


def _origin(envelope: Envelope) -> Headers:
    """Which request and which event led to this one."""
    headers: Headers = []
    if envelope.correlation_id is not None:
        correlation = UUID(hex=envelope.correlation_id)
        headers.append(("ce_correlationid", str(correlation).encode()))
        headers.append(("traceparent", traceparent(correlation).encode()))
    if envelope.causation_id is not None:
        headers.append(("ce_causationid", str(UUID(hex=envelope.causation_id)).encode()))
    return headers


def correlation_of(headers: Sequence[tuple[str, bytes]]) -> UUID | None:
    """The request that recorded an event, if a request did."""
    given = dict(headers).get("ce_correlationid")
    try:
        return UUID(given.decode()) if given else None
    except ValueError:
        return None


def place_of(headers: Sequence[tuple[str, bytes]]) -> EntryPlace | None:
    """Which row of the log a record is of; None for a record that is none of ours."""
    sent = dict(headers)
    try:
        correlation = correlation_of(headers) if "ce_correlationid" in sent else None
        return EntryPlace(sent["ce_subject"].decode(), int(sent["ce_sequence"]), int(sent["ce_position"]), correlation)
    except (KeyError, ValueError, AttributeError):
        return None
