"""Difference of a client's derived rows between two recorded times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table

from domain.entries import moment
from infra.history.changes.client import ClientEntries, rows_of
from projections.base import ReadModel, Row
from projections.catalogue import CLIENT_MODELS

_DAYS = frozenset(
    {"planned_end", "review_due", "authorized_to", "consent_expires", "controlled_from"}
)  # beside those that end in _day


def client_rows(
    client: ClientEntries, at: int, models: Sequence[ReadModel] = CLIENT_MODELS
) -> dict[str, list[dict[str, Any]]]:
    """Every row of a client by table, as known at ``at`` (µs UTC); days and times as people write them."""
    by_table = _rows(client, at, models)
    return {
        table.name: [_readable(table, row) for row in by_table.get(table.name, ())]
        for model in models
        for table in model.tables
    }


def changed_rows(
    client: ClientEntries, start: int, end: int, models: Sequence[ReadModel] = CLIENT_MODELS
) -> list[dict[str, Any]]:
    """The rows that went and those that came between two knowledge times (µs UTC), table by table."""
    then, now = (_rows(client, at, models) for at in (start, end))
    changes: list[dict[str, Any]] = []
    for table in (table for model in models for table in model.tables):
        old, new = Counter(then.get(table.name, ())), Counter(now.get(table.name, ()))
        for change, rows in (("went", old - new), ("came", new - old)):
            changes += [
                {"table": table.name, "change": change, "row": _readable(table, row)} for row in rows.elements()
            ]
    return changes


def _rows(client: ClientEntries, at: int, models: Sequence[ReadModel]) -> Mapping[str, Iterable[Row]]:
    folded = rows_of(models, client.client_id, client.at(at))
    return {table: rows for of_model in folded.rows.values() for table, rows in of_model.items()} if folded else {}


def _readable(table: Table, row: Row) -> dict[str, Any]:
    """A row without its client, its days as dates and its moments as times."""
    names = [str(name) for name in table.columns.keys()]  # noqa: SIM118 - a collection of columns is no dict
    return {name: _value(name, value) for name, value in zip(names[1:], row[1:], strict=True)}


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if name.endswith("_day") or name in _DAYS:
        return date.fromordinal(value).isoformat() if value > 0 else None
    return moment(value).isoformat() if name.endswith("_at") else value
