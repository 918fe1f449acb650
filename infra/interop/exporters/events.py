"""Export events as the import's NDJSON: everything re-imports into an identical log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import orjson

from domain.entries import Entry
from domain.events import ChartClosed, ChartsMerged, EntryRetracted, Event, MergedChartContinued, NotSamePerson
from infra.eventstore.erased import ERASED
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.eventstore.stream import is_set_aside, keys_of
from infra.eventstore.unreadable import UnreadableEntryError
from infra.interop.exporters.left_out import NO_KEY, LeftOut

_PAGE = 5_000
_TOOK_OVER = "it took over the chart of one who was left out"


def export_lines(log: EventLog, reference: str | None = None, left: LeftOut | None = None) -> Iterator[bytes]:
    """One line an entry, in the order of recording, with knowledge times (``--keep-recorded-at`` keeps them).

    The entry that closes a merged chart, the one that reopens it, and those by which the survivor takes over what came
    later are left out: the import derives them. So is what was set aside and cannot be read; the decision is a line.
    ``left`` takes the clients of whom another entry cannot be read, and those whose charts took them over: no line is
    written of them. Without it, the first such entry ends the export.

    Raises:
        UnreadableEntryError: an entry is of a type or version that this release does not know.
    """
    if left is not None:
        _leave_out(log, reference, left)
    closings: set[str] = set()
    for rows in _pages(log, reference):
        yield from _lines(log, [row for row in rows if left is None or row.client_id not in left.clients], closings)


def _pages(log: EventLog, reference: str | None) -> Iterator[Sequence[LogRow]]:
    if reference is not None:
        yield log.recorder.streams([log.client_id(reference)])
        return
    position = 0
    while page := log.recorder.page(position, _PAGE):
        yield page
        position = page[-1].position


def _leave_out(log: EventLog, reference: str | None, left: LeftOut) -> None:
    """Read everything once, since a client's last entry decides whether its first is written."""
    taken: dict[str, list[str]] = {}
    for rows in _pages(log, reference):
        ciphers, keyless = keys_of(log, list({row.client_id for row in rows}))
        for row in rows:
            if row.client_id in left.clients:
                continue
            if row.client_id in keyless:
                left.add(row.client_id, NO_KEY)
                continue
            try:
                event = log.entry(row, ciphers.get(row.client_id)).event
            except UnreadableEntryError as error:
                if not is_set_aside(log, row):
                    left.add(row.client_id, error)
                continue
            if isinstance(event, ChartsMerged) and event.other_client_id is not None:
                taken.setdefault(event.other_client_id.hex, []).append(row.client_id)
    waiting = list(left.clients)
    while waiting:
        for survivor in taken.pop(waiting.pop(), ()):
            left.add(survivor, _TOOK_OVER)
            waiting.append(survivor)


def _lines(log: EventLog, rows: Sequence[LogRow], closings: set[str]) -> Iterator[bytes]:
    references = log.references(list({row.client_id for row in rows}))
    ciphers = log.ciphers(list(references))
    for row in rows:
        try:
            entry = log.entry(row, ciphers.get(row.client_id))
        except UnreadableEntryError:
            if is_set_aside(log, row):
                continue
            raise
        if isinstance(entry.event, ChartClosed):
            closings.add(entry.event_id)
        elif not _derived(entry.event, closings):
            yield orjson.dumps(line_of(entry, references[row.client_id])) + b"\n"


def _derived(event: Event, closings: Collection[str]) -> bool:
    reopens = isinstance(event, EntryRetracted) and event.target.hex in closings
    return reopens or isinstance(event, MergedChartContinued)


def line_of(entry: Entry, reference: str) -> dict[str, Any]:
    """An entry as an import line."""
    meta = entry.meta
    data = entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(entry.event, ChartsMerged | NotSamePerson):
        other = data.pop("other_client_id", None)  # each store has its own stream ids
        if other and "other_client" not in data:  # erased with this chart: its label goes on
            data["other_client"] = ERASED + other.replace("-", "")
    line: dict[str, Any] = {
        **({"kind": "provider"} if of_provider(entry.client_id) else {}),
        "client": reference,
        "type": entry.type,
        "version": type(entry.event).version,
        "occurred_at": entry.occurred_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "event_id": entry.event_id,
        "data": data,
    }
    envelope = {"actor": "w", "issuer": "u", "subject": "y", "role": "o", "site": "f", "source_version": "v"}
    envelope |= {"correlation_id": "c", "causation_id": "k"}
    line.update({name: meta[key] for name, key in envelope.items() if key in meta})  # type: ignore[literal-required]
    if entry.claimed_source:
        line["source"] = entry.claimed_source
    return line
