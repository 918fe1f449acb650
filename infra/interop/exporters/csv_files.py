"""Flat tables as one CSV file each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from infra.interop.exporters.flat_tables import FlatTable
from infra.interop.exporters.texts import all_shown, csv_text, shown


class CsvFiles:
    """Writes rows to ``FOLDER/TABLE.csv``, UTF-8, a header first; yes/no is ``true``/``false``, nothing is empty."""

    def __init__(self, folder: Path, tables: Sequence[FlatTable]) -> None:
        """Create the files with their headers."""
        self._files = {table.name: (folder / f"{table.name}.csv").open("w", newline="") for table in tables}
        self._writers = {name: csv.writer(file, lineterminator="\n") for name, file in self._files.items()}
        for table in tables:
            self._writers[table.name].writerow([column.name for column in table.columns])

    def write(self, table: FlatTable, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows to a table."""
        self._writers[table.name].writerows([_text(value) for value in row] for row in rows)

    def close(self) -> None:
        """Finish every file."""
        for file in self._files.values():
            file.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_text(shown(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else orjson.dumps(all_shown(value)).decode()
