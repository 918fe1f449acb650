"""Flat tables as one Parquet file each, with types: needs the extra ``parquet`` (pyarrow)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from infra.interop.exporters.flat_tables import FlatColumn, FlatTable, Kind
from infra.interop.exporters.texts import all_shown, shown

_ROWS_AT_ONCE = 20_000
pa: Any = import_module("pyarrow")  # it has no types of its own
_parquet: Any = import_module("pyarrow.parquet")
_TYPES: dict[Kind, Any] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}


class ParquetFiles:
    """Writes rows to ``FOLDER/TABLE.parquet``; moments are UTC, lists and objects are JSON text."""

    def __init__(self, folder: Path, tables: Sequence[FlatTable]) -> None:
        """Create the files; each column keeps its meaning in the file's own metadata."""
        self._schemas = {table.name: pa.schema([_field(column) for column in table.columns]) for table in tables}
        self._writers = {
            name: _parquet.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            for name, schema in self._schemas.items()
        }
        self._waiting: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in tables}
        self._tables = {table.name: table for table in tables}

    def write(self, table: FlatTable, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows to a table."""
        waiting = self._waiting[table.name]
        waiting.extend(rows)
        if len(waiting) >= _ROWS_AT_ONCE:
            self._flush(table.name)

    def close(self) -> None:
        """Finish every file."""
        for name, writer in self._writers.items():
            self._flush(name)
            writer.close()

    def _flush(self, name: str) -> None:
        rows, columns = self._waiting[name], self._tables[name].columns
        if rows:
            arrays = [
                pa.array([_cell(row[index], column.kind) for row in rows], type=_TYPES[column.kind])
                for index, column in enumerate(columns)
            ]
            self._writers[name].write_table(pa.Table.from_arrays(arrays, schema=self._schemas[name]))
            rows.clear()


def _field(column: FlatColumn) -> Any:
    return pa.field(column.name, _TYPES[column.kind], metadata={"meaning": column.meaning})


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind == "json":
        return orjson.dumps(all_shown(value)).decode()
    if isinstance(value, str):
        return shown(value)
    return value.astimezone(UTC) if kind == "timestamp" else value
