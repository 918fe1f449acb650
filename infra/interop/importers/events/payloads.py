"""The data of lines: validated and serialised once for all lines with the same text.

Most sessions, screens and doses of a file repeat the data of an earlier one, byte for byte, at another time. The result
depends on nothing else, so it never goes stale. Personal data is not kept here beyond its own line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.events import (
    CATALOGUE,
    ChartClosed,
    ChartsMerged,
    EntryCorrected,
    Event,
    MergedChartContinued,
    NotSamePerson,
    ProviderEvent,
)
from infra.eventstore.mapper import Payload, payload

_SHORTEST_LONG = 400  # bytes: a longer one seldom comes again
_MOST = 20_000
_OF_STREAMS = (ChartClosed, ChartsMerged, EntryCorrected, MergedChartContinued, NotSamePerson, ProviderEvent)
"""Of these it matters to an import what they say, of all others only how that is stored."""

Key = tuple[Any, Any, bool, bytes]
"""On what it depends: the type and version that the line names, whether its data must be complete, and its text."""


class ParsedData(NamedTuple):
    """A line's event, and as it is stored. Of what came before the event may be another one of its type: an event takes
    ten times the memory of what is stored of it.
    """

    event: Event
    stored: Payload


_kept: dict[Key, ParsedData] = {}
_any_of: dict[type[Event], Event] = {}


def is_kept(key: Key) -> bool:
    """Whether its text was read before, and is data that can be recorded."""
    return key in _kept


def parsed_data(key: Key, read: Callable[[], dict[str, Any]]) -> ParsedData:
    """The data parsed, as by ``CATALOGUE.parse``; from the cache where the same text was parsed before.

    Raises:
        UnknownEventTypeError: not in the catalogue.
        InvalidDataError: what is wrong, field by field.
    """
    known = _kept.get(key)
    if known is not None:
        return known
    name, version, complete, text = key
    event = CATALOGUE.parse(name, read(), version, complete=complete)
    fresh = ParsedData(event, payload(event))
    if fresh.stored.personal is None and len(text) < _SHORTEST_LONG and not isinstance(event, _OF_STREAMS):
        _keep(key, fresh)
    return fresh


def _keep(key: Key, fresh: ParsedData) -> None:
    if len(_kept) >= _MOST:
        forget()  # quicker than to know of each which was not asked for the longest
    event = _any_of.setdefault(type(fresh.event), fresh.event)
    _kept[(*key[:-1], _exact(key[-1]))] = ParsedData(event, fresh.stored._replace(data=_exact(fresh.stored.data)))


def _exact(written: bytes) -> bytes:
    """A copy that takes no more memory than it has bytes: what writes JSON leaves room behind it."""
    return bytes(memoryview(written))


def forget() -> None:
    """Keep nothing of what came so far."""
    _kept.clear()
    _any_of.clear()
