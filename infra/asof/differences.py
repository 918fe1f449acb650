"""What was learned, corrected or taken back between two knowledge times: of a client, and behind a report's number.

A number of a report is a sum over clients. Which clients moved it is found by asking the report of each client
alone, as known at both times: one whose answers are the same has moved nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.entries import Entry, known_at, microseconds
from domain.events import ChartsMerged, EntryCorrected, EntryRetracted
from infra.asof.folding import folded, known_entries
from infra.asof.store import empty, known_then, put
from infra.charts import OpenedChart
from infra.projector.folding import Folded
from infra.reports import ReportParams, run_report
from infra.services import Services
from infra.store.mapper import decode
from projections.base import ReadModel
from projections.catalogue import READ_MODELS
from projections.chart import Chart

_PAGE = 20_000
Row = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Learned:
    """One entry recorded between the two times. ``effect``: learned, corrected, retracted or merged."""

    client_id: str
    sequence: int
    event_id: str
    type: str
    effect: str
    occurred_at: str
    recorded_at: str
    actor: str
    role: str
    late_days: int
    before: Row | None = None
    after: Row | None = None


@dataclass(frozen=True)
class Cell:
    """One value of a report's row, then and now; ``group`` are the row's words."""

    group: Row
    name: str
    then: Any
    now: Any


@dataclass
class ReportDifference:
    """What changed in a report between two knowledge times, and the entries that changed it."""

    cells: list[Cell] = field(default_factory=list[Cell])
    entries: list[Learned] = field(default_factory=list[Learned])
    clients: int = 0


def learned(chart: OpenedChart, start: datetime, end: datetime) -> list[Learned]:
    """The entries of a chart that were recorded after ``start`` and up to ``end``, in the order of recording.

    For a correction or retraction: what the entry said before, field by field, and what it says since.
    """
    first, last = microseconds(start), microseconds(end)
    said = {entry.event_id: entry for entry in chart.entries}
    return [_learned(entry, said) for entry in chart.entries if first < entry.recorded <= last]


def _learned(entry: Entry, said: dict[str, Entry]) -> Learned:
    before, after = before_and_after(entry, said)
    event = entry.event
    effect = "learned"
    if isinstance(event, EntryCorrected):
        effect = "corrected"
    elif isinstance(event, EntryRetracted):
        effect = "retracted"
    elif isinstance(event, ChartsMerged):
        effect = "merged"
    return Learned(
        entry.client_id,
        entry.sequence,
        entry.event_id,
        entry.type,
        effect,
        entry.occurred_at.isoformat(),
        entry.recorded_at.isoformat(),
        entry.meta.get("w", ""),
        entry.meta.get("o", ""),
        max(0, (entry.recorded - entry.at) // 86_400_000_000),
        before,
        after,
    )


def before_and_after(entry: Entry, said: dict[str, Entry]) -> tuple[Row | None, Row | None]:
    """What the entry that a correction or retraction is about said before it, and says since; else (None, None)."""
    event = entry.event
    if not isinstance(event, EntryCorrected | EntryRetracted):
        return None, None
    target = said.get(event.target.hex)
    if target is None:
        return None, None
    last = target
    for other in said.values():  # the corrections of the same entry before this one
        if (
            other.sequence < entry.sequence
            and isinstance(other.event, EntryCorrected)
            and other.event.target == event.target
        ):
            last = other
    before = dict(last.event.replacement.data) if isinstance(last.event, EntryCorrected) else _data(target)
    if isinstance(event, EntryRetracted):
        return before, None
    after = dict(event.replacement.data)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return {name: before.get(name) for name in sorted(changed)}, {name: after.get(name) for name in sorted(changed)}


def _data(entry: Entry) -> Row:
    return entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)


def changed_rows(
    chart: OpenedChart, start: datetime, end: datetime, models: Sequence[ReadModel] = READ_MODELS
) -> list[Row]:
    """The rows that read models have of a client, which went and which came between the two times."""
    then, now = (_rows(models, chart, microseconds(at)) for at in (start, end))
    found: list[Row] = []
    for model in models:
        for table in model.tables:
            names = [column.name for column in table.columns]
            gone = [row for row in then[table.name] if row not in now[table.name]]
            come = [row for row in now[table.name] if row not in then[table.name]]
            for change, rows in (("went", gone), ("came", come)):
                found += [
                    {"table": table.name, "change": change, "row": dict(zip(names[1:], row[1:], strict=True))}
                    for row in rows
                ]
    return found


def _rows(models: Sequence[ReadModel], chart: OpenedChart, at: int) -> dict[str, list[tuple[Any, ...]]]:
    known = known_at(chart.entries, at)
    whole = Chart(chart.client_id, len(known), known) if known else None
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for model in models for table in model.tables}
    if whole is not None:
        for own in folded(models, chart.client_id, whole, 0).rows.values():
            for name, found in own.items():
                rows[name] = list(found)
    return rows


def report_difference(
    services: Services,
    name: str,
    params: ReportParams,
    start: datetime,
    end: datetime,
    progress: Progress | None = None,
) -> ReportDifference:
    """The cells of a report that differ between two knowledge times, and the very entries that moved them.

    Named is each entry recorded in between without which the client's own part of the report would be another.

    Raises:
        FilterError: no such report, or a group, filter or measure that it does not have.
    """
    with known_then(services, start, progress=progress) as then:
        before = run_report(name, then, params)
    with known_then(services, end, progress=progress) as now:
        after = run_report(name, now, params)
    found = ReportDifference(cells=list(_cells(before, after)))
    if not found.cells:
        return found
    with known_then(services, end, clients=[]) as alone:
        asked = _Asked(alone, name, params)
        for client_id, entries in _candidates(services, start, end).items():
            moved = asked.moved_by(client_id, entries, start, end)
            found.clients += 1 if moved else 0
            found.entries += moved
    found.entries.sort(key=lambda entry: (entry.recorded_at, entry.client_id, entry.sequence))
    return found


def _cells(before: Sequence[Row], after: Sequence[Row]) -> Iterator[Cell]:
    then, now = _by_group(before), _by_group(after)
    for group in dict.fromkeys([*then, *now]):
        old, new = then.get(group, {}), now.get(group, {})
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield Cell(dict(group), name, old.get(name), new.get(name))


def _by_group(rows: Sequence[Row]) -> dict[tuple[tuple[str, Any], ...], Row]:
    """Rows by their words: what is text (or a yes or no) names the group, what is a number is a value of it."""
    found: dict[tuple[tuple[str, Any], ...], Row] = {}
    for row in rows:
        group = tuple((name, value) for name, value in row.items() if isinstance(value, str) and name not in _PROSE)
        values = {name: value for name, value in row.items() if not isinstance(value, str) and name not in _PROSE}
        found[group] = values
    return found


_PROSE = frozenset({"definition", "source"})


def _candidates(services: Services, start: datetime, end: datetime) -> dict[str, list[Learned]]:
    """The entries recorded between the two times, by client; a merge concerns both charts."""
    first, last = microseconds(start), microseconds(end)
    found: dict[str, list[Entry]] = {}
    position = 0
    while page := services.log.recorder.page(position, _PAGE):
        position = page[-1].position
        for row in page:
            entry = decode(row)
            if first < entry.recorded <= last:
                found.setdefault(entry.client_id, []).append(entry)
    return {client_id: [_learned(entry, {}) for entry in entries] for client_id, entries in found.items()}


@dataclass
class _Asked:
    """A report asked of one client at a time, always on the same day: what differs is what was known."""

    alone: Services
    name: str
    params: ReportParams

    def moved_by(self, client_id: str, entries: Sequence[Learned], start: datetime, end: datetime) -> list[Learned]:
        """Which of a client's entries moved the report: without any of them it would answer otherwise.

        Where no single one did (two say the same), all of them are named.
        """
        rows = self.alone.log.recorder.streams([client_id])
        then, now = (known_entries(self.alone.log, rows, microseconds(at)) for at in (start, end))
        before, after = self._folded(client_id, then), self._folded(client_id, now)
        if before.rows == after.rows or self._answer(before) == (said := self._answer(after)):
            return []
        needed: list[Learned] = []
        for entry in entries:
            without = self._folded(client_id, [one for one in now if one.event_id != entry.event_id])
            if without.rows != after.rows and self._answer(without) != said:
                needed.append(entry)
        return needed or list(entries)

    def _folded(self, client_id: str, entries: Sequence[Entry]) -> Folded:
        chart = Chart(client_id, len(entries), entries)
        return folded(READ_MODELS, client_id, chart, 0) if entries else Folded(client_id, 0, 0, {}, {})

    def _answer(self, found: Folded) -> list[Row]:
        if found.sequence:
            put(self.alone.reads, found)
        else:
            empty(self.alone.reads)
        return run_report(self.name, self.alone, self.params)
