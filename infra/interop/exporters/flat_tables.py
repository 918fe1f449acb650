"""Flat tables, one for each type of entry and one for each table of a read model, described by their own models.

No personal field is in them: a client is a keyed number that only the operator can trace back, notes and
names stay in the log. A new event type or read model is in the next export by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Float, Integer as SqlInteger, Table

from domain.entries import Entry, moment
from domain.events import CATALOGUE, Event
from domain.events.catalogue import BOOKKEEPING
from projections.base import ReadModel
from projections.chart import Chart

Kind = Literal["text", "integer", "number", "boolean", "date", "timestamp", "json"]

_ENVELOPE: tuple[tuple[str, Kind, str], ...] = (
    ("client_id", "text", "The client: a keyed number, the same in every table"),
    ("event_id", "text", "The entry's id"),
    ("sequence", "integer", "Place in the client's stream"),
    ("occurred_at", "timestamp", "When it happened (clinical time), with its UTC offset"),
    ("recorded_at", "timestamp", "When it became known here (knowledge time), UTC"),
    ("entry_site", "text", "Facility that recorded it"),
    ("corrected", "boolean", "Whether a later entry corrected what was first written"),
)


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """One column: its name, kind, meaning, and the closed list of its values where there is one."""

    name: str
    kind: Kind
    meaning: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlatTable:
    """One table of the export; ``rows`` gives a chart's rows in the order of ``columns``."""

    name: str
    meaning: str
    columns: tuple[FlatColumn, ...]
    rows: Callable[[Chart], list[tuple[Any, ...]]]


def flat_tables(models: Sequence[ReadModel]) -> list[FlatTable]:
    """Every table of an export: entries by type, then the read models' rows of clients."""
    types = (cls for name, cls in sorted(CATALOGUE.types.items()) if name not in BOOKKEEPING and not cls.of_provider)
    entries = map(_entry_table, types)
    return [*entries, *(_model_table(model, table) for model in models for table in model.tables)]


def _entry_table(cls: type[Event]) -> FlatTable:
    schema = cls.model_json_schema(mode="serialization")
    shown = {
        name: field for name, field in cls.model_fields.items() if name not in cls.personal or name in cls.readable
    }  # what is personal is not exported, whoever asks
    columns = [FlatColumn(*column) for column in _ENVELOPE]
    names: list[str] = []
    for name, field in shown.items():
        wire = field.alias or name
        names.append(name)
        columns.append(_field_column(wire, cast("dict[str, Any]", schema["properties"][wire]), columns))
    kinds: list[Kind] = [column.kind for column in columns[len(_ENVELOPE) :]]

    def rows(chart: Chart) -> list[tuple[Any, ...]]:
        return [
            (*_envelope(chart, entry), *map(_cell, (_readable(entry.event, name) for name in names), kinds))
            for entry in chart.of(cls)
        ]

    return FlatTable(snake_case(cls.__name__), _first_line(cls.__doc__), tuple(columns), rows)


def _readable(event: Event, name: str) -> Any:
    value = getattr(event, name)
    return None if event.seals(name, value) else value


def _envelope(chart: Chart, entry: Entry) -> tuple[Any, ...]:
    return (
        chart.client_id,
        entry.event_id,
        entry.sequence,
        entry.occurred_at,
        entry.recorded_at,
        entry.site,
        entry.amended_by is not None,
    )


def _field_column(name: str, schema: Mapping[str, Any], taken: Sequence[FlatColumn]) -> FlatColumn:
    parts: list[dict[str, Any]] = schema.get("anyOf", [schema])
    plain = [part for part in parts if part.get("type") != "null"]
    only: dict[str, Any] = plain[0] if len(plain) == 1 else {}
    allowed: list[object] = only.get("enum", [only["const"]] if "const" in only else [])
    values = tuple(map(str, allowed))
    unique = name if all(column.name != name for column in taken) else f"{name}_of_entry"
    return FlatColumn(unique, _kind(only), "", values)


def _kind(schema: Mapping[str, Any]) -> Kind:
    kinds: dict[Any, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
    formats: dict[Any, Kind] = {"date": "date", "date-time": "timestamp"}
    return formats.get(schema.get("format")) or kinds.get(schema.get("type"), "json")


def _cell(value: Any, kind: Kind) -> Any:
    if isinstance(value, UUID):
        return value.hex  # as the column of event ids has it
    if value is None or kind != "json":
        return value
    if isinstance(value, tuple):
        return [_cell(part, kind) for part in cast("tuple[Any, ...]", value)]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _model_table(model: ReadModel, table: Table) -> FlatTable:
    columns = tuple(_model_column(column) for column in table.columns)
    readers = [_READERS.get(column.kind, _same) for column in columns]

    def rows(chart: Chart) -> list[tuple[Any, ...]]:
        rows_read = model.fold(chart).get(table.name, ())
        return [tuple(read(value) for read, value in zip(readers, row, strict=True)) for row in rows_read]

    return FlatTable(table.name, f"Read model {model.name}, version {model.version}", columns, rows)


# Days of the status that are not named so.
_DAYS = frozenset({"day", "planned_end", "review_due", "authorized_to", "consent_expires"})


def _model_column(column: Any) -> FlatColumn:
    name = str(column.name)
    if name.endswith("_day") or name in _DAYS:
        return FlatColumn(name, "date", "Day in the UTC offset that the entry was written with")
    if name.endswith("_at") and isinstance(column.type, BigInteger):
        return FlatColumn(name, "timestamp", "Moment, UTC")
    if isinstance(column.type, Boolean):
        return FlatColumn(name, "boolean", "")
    if isinstance(column.type, SqlInteger):
        return FlatColumn(name, "integer", "")
    return FlatColumn(name, "number" if isinstance(column.type, Float) else "text", "")


def _same(value: Any) -> Any:
    return value


def _day(value: int | None) -> date | None:
    return None if value is None else date.fromordinal(value)


def _moment(value: int | None) -> Any:
    return None if value is None else moment(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {"date": _day, "timestamp": _moment}


def snake_case(name: str) -> str:
    """``SessionAttended`` as ``session_attended``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]
