"""Fold clients from what was known of them at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.entries import Entry, known_at
from infra.projector.folding import Folded, describe
from infra.store.log import EventLog
from infra.store.mapper import decode
from infra.store.rows import LogRow
from projections.base import ReadModel, Rows
from projections.chart import Chart, with_merged


def known_charts(log: EventLog, client_ids: Sequence[str], at: int) -> Iterator[tuple[str, Chart | Exception]]:
    """The charts of these clients as known at ``at`` (µs UTC); nothing for those of whom nothing was known.

    A chart with an entry that cannot be read comes as its error.
    """
    for client_id, rows in log.streams(client_ids):
        try:
            chart = _known(log, client_id, rows, at)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one chart must not stop the others
            yield client_id, error
            continue
        if chart is not None:
            yield client_id, chart


def known_entries(log: EventLog, rows: Sequence[LogRow], at: int) -> list[Entry]:
    """What was recorded of a client by ``at`` (µs UTC), with what was merged into the chart by then."""
    entries: list[Entry] = known_at([decode(row) for row in rows], at)
    return with_merged(entries, lambda other: known_at(log.stream(other), at))


def _known(log: EventLog, client_id: str, rows: Sequence[LogRow], at: int) -> Chart | None:
    entries = known_entries(log, rows, at)
    return Chart(client_id, max(entry.sequence for entry in entries), entries) if entries else None


def fold_known(
    log: EventLog, models: Sequence[ReadModel], client_ids: Sequence[str], at: int, head: int
) -> Iterator[Folded]:
    """Fold each of these clients once for all models, as known at ``at``; ``head`` stands for the position."""
    for client_id, chart in known_charts(log, client_ids, at):
        yield folded(models, client_id, chart, head)


def folded(models: Sequence[ReadModel], client_id: str, chart: Chart | Exception, head: int) -> Folded:
    """One chart's rows by read model, or why a read model could not take it."""
    if isinstance(chart, Exception):
        return Folded(client_id, 1, head, {}, {model.name: describe(chart) for model in models})
    rows: dict[str, Rows] = {}
    errors: dict[str, str] = {}
    for model in models:
        try:
            rows[model.name] = model.fold(chart)
        except Exception as error:  # noqa: BLE001 - the same, for one read model
            errors[model.name] = describe(error)
    return Folded(client_id, chart.sequence, head, rows, errors)
