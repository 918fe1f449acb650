"""Fold clients: from raw rows of the log to the rows of every read model. No database is written here.

Whom a read model cannot fold to the end is folded up to the entry before the one at fault: live tables, a rebuild and
a replay then agree, whenever each of them met that entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError

from domain.entries import Entry, UnappliedCorrectionError
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
    """What came of as many rows as it takes; ``found`` is None where not even the first did."""

    found: T | None
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
    chart = _as_far_as_it_goes(rows, lambda part: load_chart(log, client_id, part))
    folded: dict[str, Rows] = {}
    stops: dict[str, Stop] = {}
    for model in models:
        folded[model.name], stop = _fold(log, model, client_id, rows, chart)
        if stop is not None:
            stops[model.name] = stop
    return Folded(client_id, rows[-1].sequence, rows[-1].position, folded, stops)


def _fold(
    log: EventLog, model: ReadModel, client_id: str, rows: Sequence[LogRow], chart: _Attempt[Chart]
) -> tuple[Rows, Stop | None]:
    if chart.found is None:
        return {}, chart.stop
    try:
        return model.fold(chart.found), chart.stop
    except Exception:  # noqa: BLE001 - whatever is wrong with one chart must not stop the others
        mine = _as_far_as_it_goes(rows[: chart.count], lambda part: model.fold(load_chart(log, client_id, part)))
        return mine.found or {}, mine.stop or chart.stop


def _as_far_as_it_goes(rows: Sequence[LogRow], attempt: Callable[[Sequence[LogRow]], T]) -> _Attempt[T]:
    """Try all rows, and if that fails look by halves for the first that spoils it."""
    good, bad, found, fault = 0, len(rows) + 1, None, None
    count = len(rows)
    while bad - good > 1:
        try:
            found, good = attempt(rows[:count]), count
        except Exception as error:  # noqa: BLE001 - the same
            named = _place(rows, error)
            bad, fault = min(count, named or count), error
            count = bad - 1 if named and bad - 1 > good else (good + bad) // 2
        else:
            count = (good + bad) // 2
    return _Attempt(found, good, None if fault is None else _stop(rows, good, bad, fault))


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
        UnreadableEntryError: an entry's type, version or payload is not known here.
        UnappliedCorrectionError: what a correction says is not.
    """
    entries: list[Entry] = [log.entry(row) for row in rows]
    return Chart(client_id, rows[-1].sequence, with_merged(entries, log.stream))


def describe(error: Exception) -> str:
    """An error for operators: its kind and message, without any value from the chart."""
    message = why(error) if isinstance(error, ValidationError | UnappliedCorrectionError) else str(error)
    return f"{type(error).__name__}: {message}"[:1000]
