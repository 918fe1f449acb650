"""Record what other formats were converted to: import lines, each with the place it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from infra.eventstore.erased import ChartErasedError
from infra.eventstore.log import EventLog
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared, prepare
from infra.interop.importers.events.log_refusals import refusal_of
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.parts import RejectedLineError
from infra.interop.importers.items import Converted, LeftOver, Line, Outcome, Unconverted, Withdrawn
from infra.interop.importers.left_versions import KIND, LeftVersions
from infra.interop.importers.repeats import ContentSeen, Item, settled

_BATCH = 2_000
_SKEW = timedelta(minutes=5)
RESULT_COLUMNS = ("what", "outcome", "count")


@dataclass
class ConvertedResult:
    """What an import of another format came to: lines recorded, known before, and what was left over.

    ``differs`` counts what is recorded otherwise here and was not taken over: somebody has to look at it.
    """

    recorded: int = 0
    known: int = 0
    differs: int = 0
    by_type: Counter[str] = field(default_factory=Counter[str])
    left: list[LeftOver] = field(default_factory=list[LeftOver])

    def rows(self) -> list[dict[str, object]]:
        """The report: entries by type, then what was left over by kind and reason."""
        made = [(name, "recorded", n) for name, n in sorted(self.by_type.items())]
        known = [("entries", "recorded before", self.known)] if self.known else []
        reasons = Counter((item.kind, item.reason) for item in self.left)
        left = [(kind, f"left: {why}", n) for (kind, why), n in sorted(reasons.items())]
        return [dict(zip(RESULT_COLUMNS, row, strict=True)) for row in (*made, *known, *left)]


def record(
    log: EventLog,
    items: Iterable[Outcome],
    *,
    origin: Origin | None = None,
    keep_recorded_at: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ConvertedResult:
    """Record converted lines in batches; where ``origin`` is a trial only check them. Nothing is recorded twice.

    ``progress`` is called with how many items were seen so far.

    What was recorded of the same source before and says something else now is corrected, retracted or listed
    (``infra.interop.importers.repeats``). A line that does not fit its type is left over with the reason; the rest is
    recorded.
    """
    recording = _Recording(log, origin or Origin(), keep_recorded_at=keep_recorded_at)
    batch: list[Item] = []
    for number, item in enumerate(items, start=1):
        if progress and number % _BATCH == 0:
            progress(number)
        if isinstance(item, LeftOver):
            recording.result.left.append(item)
            recording.result.differs += item.differs
            continue
        prepared = recording.prepared(item)
        if prepared is None:
            continue
        batch.append(prepared)
        if len(batch) >= _BATCH:
            recording.write(batch)
            batch = []
    recording.write(batch)
    return recording.result


class _Recording:
    """One import on its way into the log."""

    def __init__(self, log: EventLog, origin: Origin, *, keep_recorded_at: bool) -> None:
        self.result = ConvertedResult()
        self._log = log
        self._keep = keep_recorded_at
        self._latest = log.clock() + _SKEW
        self._erased = log.all_erased()
        self._seen: ContentSeen = {}
        self._versions = LeftVersions(log, self._erased)
        self._origin = origin

    def prepared(self, item: Converted | Withdrawn | Unconverted) -> Item | None:
        """An item with its line, or one that becomes no entry with its chart number; None when it was left over."""
        number = item.line["client"] if isinstance(item, Converted) else item.client
        if number and self._log.client_id(number) in self._erased:
            kind = item.line["type"] if isinstance(item, Converted) else item.kind
            self.result.left.append(LeftOver(item.place, kind, str(ChartErasedError())))
            return None
        if isinstance(item, Withdrawn | Unconverted):
            return item, number
        kind = item.line["type"]
        try:
            line = prepare(0, orjson.dumps(item.line), b"", self._latest, keep_recorded_at=self._keep)
        except RejectedLineError as error:
            self.result.left.append(LeftOver(item.place, kind, str(error)))
            return None
        refusal = refusal_of(self._log, line, self._erased)
        if refusal is None:
            return item, line
        version = item.line.get("source_version", "")
        return Unconverted(item.place, kind, number, item.whole, refusal.partition(": ")[2], version), number

    def write(self, batch: Sequence[Item]) -> None:
        """Record what is new of a batch, and what corrects or retracts what is recorded."""
        if not batch:
            return
        came_to = settled(self._log, batch, self._seen, self._versions)
        self.result.left += came_to.left
        self.result.known += came_to.known
        self.result.differs += came_to.differs
        noted = self._versions.take(self._log.clock().isoformat())
        amendments = [*came_to.amendments, *([noted] if noted else [])]
        lines = [*came_to.fresh, *self._prepared(amendments)]
        if lines:
            written = write_batch(self._log, lines, self._origin)
            self._count(written.by_type)
            self.result.known += written.known
            self.result.differs += len(written.refused)
            self.result.left += [LeftOver("", line.state.topic.partition(".")[0], why) for line, why in written.refused]

    def _prepared(self, amendments: Iterable[Line]) -> Iterator[Prepared]:
        for line in amendments:
            yield prepare(0, orjson.dumps(line), b"", self._latest, keep_recorded_at=False)

    def _count(self, by_type: Counter[str]) -> None:
        del by_type[KIND]  # it is about the import
        self.result.by_type += by_type
        self.result.recorded += by_type.total()


def whole(groups: Iterable[Sequence[Outcome]], latest: datetime) -> Iterator[Outcome]:
    """The items of each group (a resource, a row), but nothing of one that cannot be recorded whole.

    ``latest`` is the latest clinical time that may be recorded.
    """
    for group in groups:
        reason = next((why for item in group if (why := _unfit(item, latest))), None)
        if reason is None:
            yield from group
            continue
        first = next(item for item in group if isinstance(item, Converted))
        yield from (item for item in group if isinstance(item, LeftOver))
        kind, client = first.kind or first.line["type"], first.line["client"]
        made = [
            event_id
            for item in group
            if isinstance(item, Converted)
            for event_id in (item.line["event_id"], *item.formerly)
        ]
        version = first.line.get("source_version", "")
        yield Unconverted(first.place, kind, client, () if first.ours else (*made, *first.others), reason, version)


def _unfit(item: Outcome, latest: datetime) -> str | None:
    if not isinstance(item, Converted):
        return None
    try:
        prepare(0, orjson.dumps(item.line), b"", latest, keep_recorded_at=True)
    except RejectedLineError as error:
        return str(error)
    return None


def line(client: str, kind: str, occurred_at: str, data: Mapping[str, Any], event_id: str, **envelope: str) -> Line:
    """An import line; what is None in ``data`` and empty in the envelope is left out."""
    filled = {key: value for key, value in data.items() if value is not None}
    given = {key: value for key, value in envelope.items() if value}
    return {"client": client, "type": kind, "occurred_at": occurred_at, "event_id": event_id, "data": filled, **given}
