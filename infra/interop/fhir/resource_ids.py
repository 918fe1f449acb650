"""Which chart a resource belongs to: its id begins with the client's stream or with an entry's id."""

from __future__ import annotations

import re
from uuid import UUID

from domain.journey import journey_of
from infra.eventstore.event_ids import row_of
from infra.eventstore.log import EventLog
from infra.eventstore.stream import read_stream


class NoSuchResourceError(LookupError):
    """No chart holds a resource of this id."""


class GoneError(LookupError):
    """What was there is there no more: the client was erased."""

    def __init__(self, client_id: str) -> None:
        """Keep the client's stream: who may know of it is asked before anything is told."""
        self.client_id = client_id
        super().__init__("The client was erased.")


def chart_number_of(log: EventLog, key: str) -> str:
    """The chart number of the chart that a resource belongs to; for a merged chart, of the one that took it over.

    Raises:
        NoSuchResourceError: nothing of that id is recorded.
        GoneError: the client was erased.
    """
    start = re.match(r"[0-9a-f]{32}", key)
    if start is None:
        raise NoSuchResourceError
    client_id = stream_of(log, start.group())
    for _ in range(20):  # a chain of merges
        entries = read_stream(log, client_id)
        if not entries and not log.recorder.streams([client_id]):
            raise NoSuchResourceError
        closed_into = journey_of(entries).closed_into
        if closed_into is None:
            break
        client_id = closed_into
    if log.erased([client_id]):
        raise GoneError(client_id)
    reference = log.reference(client_id)
    if reference is None:
        raise NoSuchResourceError
    return reference


def stream_of(log: EventLog, key: str) -> str:
    """The stream of the entry of this id (32 hex digits), or the stream that the id itself names."""
    row = row_of(log.recorder, UUID(hex=key).hex)
    return row.client_id if row else key
