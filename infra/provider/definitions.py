"""The provider's definitions as they are, or as they were known at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.entries import Entry, microseconds
from infra.eventstore.stream import read_stream
from infra.readmodels.context import HasReads
from projections.chart import Chart
from projections.provider.fold import fold
from projections.provider.queries import Definition, definitions, in_order, streams


def defined(services: HasReads, kind: str, at: datetime, as_of: datetime | None = None) -> list[Definition]:
    """The things of a kind as they were in force at a moment; with ``as_of``, as was known of it then.

    Raises:
        FilterError: there is no such kind.
    """
    with services.reads.reading() as connection:
        if as_of is None:
            return definitions(connection, kind, at)
        ever = streams(connection, kind)
    moment = microseconds(at)
    then = (definition for stream in ever for definition in _known(services, stream, as_of))
    return in_order(definition for definition in then if definition.kind == kind and definition.holds(moment))


def _known(services: HasReads, stream: str, as_of: datetime) -> Iterator[Definition]:
    """What the entries of a stream said that were recorded by then."""
    until = microseconds(as_of)
    entries: Sequence[Entry] = read_stream(services.log, stream, known=lambda entry: entry.recorded <= until)
    if entries:
        rows = fold(Chart(stream, entries[-1].sequence, entries))["definition"]
        yield from (Definition.of(tuple(row)) for row in rows)
