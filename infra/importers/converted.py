"""Record what other formats were converted to: import lines, each with the place it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from infra.importers.events.batch import write_batch
from infra.importers.events.lines import Prepared, RejectedLineError, prepare
from infra.importers.events.refusing import refusal_of
from infra.store.log import EventLog

_BATCH = 2_000
_SKEW = timedelta(minutes=5)
RESULT_COLUMNS = ("what", "outcome", "count")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Converted:
    """One import line and the place that it was made of, as ``Observation/17`` or ``line 12``."""

    place: str
    line: Line


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Something that became no entry, and why; ``kind`` groups it in the report."""

    place: str
    kind: str
    reason: str


@dataclass
class ConvertedResult:
    """What an import of another format came to: lines recorded, known before, and what was left over."""

    recorded: int = 0
    known: int = 0
    by_type: Counter[str] = field(default_factory=Counter[str])
    left: list[LeftOver] = field(default_factory=list[LeftOver])

    def rows(self) -> list[dict[str, object]]:
        """The report: entries by type, then what was left over by kind and reason."""
        made = [(name, "recorded", n) for name, n in sorted(self.by_type.items())]
        known = [("entries", "recorded before", self.known)] if self.known else []
        reasons = Counter((one.kind, one.reason) for one in self.left)
        left = [(kind, f"left: {why}", n) for (kind, why), n in sorted(reasons.items())]
        return [dict(zip(RESULT_COLUMNS, row, strict=True)) for row in (*made, *known, *left)]


def entry_id(*parts: object) -> str:
    """The id of an entry made of something that has none of ours: the same source always gives the same id."""
    return uuid5(NAMESPACE_URL, "urn:carejourney:import:" + "|".join(map(str, parts))).hex


def record(
    log: EventLog, items: Iterable[Converted | LeftOver], *, dry_run: bool = False, keep_recorded_at: bool = False
) -> ConvertedResult:
    """Record converted lines in batches; with ``dry_run`` only check them. Nothing is recorded twice.

    A line that does not fit its type is left over with the reason; the rest is recorded.
    """
    result = ConvertedResult()
    batch: list[Prepared] = []
    latest = log.clock() + _SKEW
    erased = log.all_erased()
    for number, item in enumerate(items, start=1):
        if isinstance(item, LeftOver):
            result.left.append(item)
            continue
        try:
            prepared = prepare(number, orjson.dumps(item.line), b"", latest, keep_recorded_at=keep_recorded_at)
        except RejectedLineError as error:
            result.left.append(LeftOver(item.place, item.line["type"], str(error)))
            continue
        refusal = refusal_of(log, prepared, erased)
        if refusal is not None:
            result.left.append(LeftOver(item.place, item.line["type"], refusal.partition(": ")[2]))
            continue
        batch.append(prepared)
        if len(batch) >= _BATCH:
            _write(log, batch, result, dry_run=dry_run)
            batch = []
    _write(log, batch, result, dry_run=dry_run)
    return result


def _write(log: EventLog, batch: list[Prepared], result: ConvertedResult, *, dry_run: bool) -> None:
    if dry_run:
        result.by_type.update(line.state.topic.partition(".")[0] for line in batch)
        result.recorded += len(batch)
    elif batch:
        written = write_batch(log, batch)
        result.by_type += written.by_type
        result.recorded += written.by_type.total()
        result.known += written.known


def line(client: str, kind: str, occurred_at: str, data: Mapping[str, Any], event_id: str, **envelope: str) -> Line:
    """An import line; what is None in ``data`` and empty in the envelope is left out."""
    said = {key: value for key, value in data.items() if value is not None}
    given = {key: value for key, value in envelope.items() if value}
    return {"client": client, "type": kind, "occurred_at": occurred_at, "event_id": event_id, "data": said, **given}
