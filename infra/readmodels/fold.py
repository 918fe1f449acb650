"""Fold clients: from raw rows of the log to rows of read models, without any database.

Whom a read model cannot fold to the end is folded up to the entry before the one at fault: live tables, a rebuild and
a replay then agree, whenever each of them met that entry.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError

from domain.entries import UnappliedCorrectionError
from infra.eventstore.asides import ChartReading, decisions_of, places_set_aside
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import UnreadableEntryError, why
from projections.base import ReadModel, Rows
from projections.chart import Chart, with_merged

Limit = Callable[[str, Sequence[LogRow]], Sequence[LogRow]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a client's folding stopped: the entry at fault, and the client's own last entry before it took effect."""

    sequence: int
    position: int
    reached: int
    error: str


@dataclass(frozen=True, slots=True)
class Folded:
    """What folding one client came to: rows by read model, and where a read model stopped before ``sequence``."""

    client_id: str
    sequence: int
    position: int
    rows: Mapping[str, Rows]
    stops: Mapping[str, Stop] = field(default_factory=dict[str, Stop])

    def reached(self, model: str) -> int:
        """The sequence of the last entry that the rows of a read model count."""
        return self.stops[model].reached if model in self.stops else self.sequence


@dataclass(frozen=True, slots=True)
class _Attempt(Generic[T]):
    """What came of as many rows as it takes; ``value`` is None where not even the first did."""

    value: T | None
    count: int
    stop: Stop | None


def fold_clients(
    log: EventLog, models: Sequence[ReadModel], client_ids: Sequence[str], limit: Limit | None = None
) -> Iterator[Folded]:
    """Fold each of these clients once for all models; ``limit`` cuts a stream to what counts."""
    for client_id, rows in log.streams(client_ids):
        kept = limit(client_id, rows) if limit else rows
        if kept:
            yield fold_client(log, models, client_id, kept)


def fold_client(log: EventLog, models: Sequence[ReadModel], client_id: str, rows: Sequence[LogRow]) -> Folded:
    """Fold one client's raw rows. An entry that cannot be read or folded stops this client there, and nobody else."""

    def load(part: Sequence[LogRow]) -> Chart:
        return load_chart(log, client_id, part)

    counts = _whole_counts(log, rows)
    chart = _as_far_as_it_goes(rows, counts, load)
    folded: dict[str, Rows] = {model.name: {} for model in models}
    stops: dict[str, Stop] = {}
    for model in models:
        if model.provider != of_provider(client_id):
            continue
        folded[model.name], stop = _fold(model, rows, counts, chart, load)
        if stop is not None:
            stops[model.name] = stop
    return Folded(client_id, rows[-1].sequence, rows[-1].position, folded, stops)


def _fold(
    model: ReadModel,
    rows: Sequence[LogRow],
    counts: Sequence[int],
    chart: _Attempt[Chart],
    load: Callable[[Sequence[LogRow]], Chart],
) -> tuple[Rows, Stop | None]:
    if chart.value is None:
        return {}, chart.stop
    try:
        return model.fold(chart.value), chart.stop
    except Exception:  # noqa: BLE001 - whatever is wrong with one chart must not stop the others
        within = [count for count in counts if count <= chart.count]
        mine = _as_far_as_it_goes(rows, within, lambda part: model.fold(load(part)))
        return mine.value or {}, mine.stop or chart.stop


def _whole_counts(log: EventLog, rows: Sequence[LogRow]) -> Sequence[int]:
    """How many rows may be folded by themselves: with an entry that was set aside, the decision to do so as well."""
    every = range(1, len(rows) + 1)
    decisions = decisions_of(log, rows)
    if not decisions:
        return every
    places = {row.position: count for count, row in enumerate(rows, start=1)}
    aside = places_set_aside(log, decisions)
    broken = [(places[place], places[by.position]) for place, by in aside.items() if place in places]
    return [count for count in every if not any(first <= count < last for first, last in broken)] if broken else every


def _as_far_as_it_goes(
    rows: Sequence[LogRow], counts: Sequence[int], attempt: Callable[[Sequence[LogRow]], T]
) -> _Attempt[T]:
    """Try all rows, and if that fails look by halves, among these counts of them, for the first that spoils it."""
    good, bad, value, fault = -1, len(counts), None, None
    place = bad - 1
    while bad - good > 1:
        try:
            value, good = attempt(rows[: counts[place]]), place
        except Exception as error:  # noqa: BLE001 - the same
            named, fault = _place(rows, error), error
            bad = min(place, bisect_left(counts, named)) if named else place
            place = bad - 1 if named and bad - 1 > good else (good + bad) // 2
        else:
            place = (good + bad) // 2
    count = counts[good] if good >= 0 else 0
    return _Attempt(value, count, None if fault is None else _stop(rows, count, counts[bad], fault))


def _place(rows: Sequence[LogRow], error: Exception) -> int | None:
    """How many rows it takes to have the one that an error names; None where it names none of these."""
    named = error.row.position if isinstance(error, UnreadableEntryError) else None
    return next((count for count, row in enumerate(rows, start=1) if row.position == named), None)


def _stop(rows: Sequence[LogRow], good: int, bad: int, error: Exception) -> Stop:
    reached = rows[good - 1].sequence if good else 0
    if isinstance(error, UnreadableEntryError):  # which may stand in a chart that was taken over
        return Stop(error.row.sequence, error.row.position, reached, describe(error))
    if isinstance(error, UnappliedCorrectionError):
        return Stop(error.correction.sequence, error.correction.position, reached, describe(error))
    return Stop(rows[bad - 1].sequence, rows[bad - 1].position, reached, describe(error))


def load_chart(log: EventLog, client_id: str, rows: Sequence[LogRow]) -> Chart:
    """A client's chart from raw rows, with the entries of the charts that were merged into it.

    Raises:
        UnreadableEntryError: an entry's type, version or payload is not known here, and it was not set aside.
        UnappliedCorrectionError: what a correction says is not.
    """
    reading = ChartReading(log)
    return Chart(client_id, rows[-1].sequence, with_merged(reading.entries(rows), reading.stream))


def describe(error: Exception) -> str:
    """An error for operators: its kind and message, without any value from the chart."""
    message = why(error) if isinstance(error, ValidationError | UnappliedCorrectionError) else str(error)
    return f"{type(error).__name__}: {message}"[:1000]
