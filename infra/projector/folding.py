"""Fold clients: from raw rows of the log to the rows of every read model. No database is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from domain.entries import Entry
from infra.store.log import EventLog
from infra.store.rows import LogRow
from infra.store.unreadable import why
from projections.base import ReadModel, Rows
from projections.chart import Chart, with_merged

Limit = Callable[[str, Sequence[LogRow]], Sequence[LogRow]]


@dataclass(frozen=True, slots=True)
class Folded:
    """What folding one client came to: rows by read model, or why a read model could not take it."""

    client_id: str
    sequence: int
    position: int
    rows: Mapping[str, Rows]
    errors: Mapping[str, str]


def fold_clients(
    log: EventLog, models: Sequence[ReadModel], client_ids: Sequence[str], limit: Limit | None = None
) -> Iterator[Folded]:
    """Fold each of these clients once for all models; ``limit`` cuts a stream to what counts."""
    for client_id, rows in log.streams(client_ids):
        kept = limit(client_id, rows) if limit else rows
        if kept:
            yield fold_client(log, models, client_id, kept)


def fold_client(log: EventLog, models: Sequence[ReadModel], client_id: str, rows: Sequence[LogRow]) -> Folded:
    """Fold one client's raw rows. An entry that cannot be read stops this client, and nobody else."""
    last = rows[-1]
    try:
        chart = load_chart(log, client_id, rows)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one chart must not stop the others
        message = describe(error)
        return Folded(client_id, last.sequence, last.position, {}, {model.name: message for model in models})
    folded: dict[str, Rows] = {}
    errors: dict[str, str] = {}
    for model in models:
        try:
            folded[model.name] = model.fold(chart)
        except Exception as error:  # noqa: BLE001 - the same, for one read model
            errors[model.name] = describe(error)
    return Folded(client_id, last.sequence, last.position, folded, errors)


def load_chart(log: EventLog, client_id: str, rows: Sequence[LogRow]) -> Chart:
    """A client's chart from raw rows, with the entries of the charts that were merged into it.

    Raises:
        UnreadableEntryError: an entry's type, version or payload is not known here.
    """
    entries: list[Entry] = [log.entry(row) for row in rows]
    return Chart(client_id, rows[-1].sequence, with_merged(entries, log.stream))


def describe(error: Exception) -> str:
    """An error for operators: its kind and message, without any value from the chart."""
    message = why(error) if isinstance(error, ValidationError) else str(error)
    return f"{type(error).__name__}: {message}"[:1000]
