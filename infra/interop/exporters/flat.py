"""Write the flat tables with their data dictionary: a folder that appears whole or not at all."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import Progress, charts
from infra.interop.exporters.csv_files import CsvFiles
from infra.interop.exporters.flat_tables import FlatTable, flat_tables
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.targets import new_folder
from projections.catalogue import CLIENT_MODELS

FlatFormat = Literal["csv", "parquet"]

README = """Flat tables of Care Journey: one for each type of entry, one for each table of its read models.
data_dictionary.csv explains each column. Entries are as corrected; retracted ones are left out, merged charts are one.

No name, note or other personal field is in these tables, and client_id can be traced back only by the operator.
CSV cells are written as they are: open them as data, since a spreadsheet may run text that begins with = or + as a
formula.
Dates and places are real: this is no public data set. Handle it under the agreement it was given out for
(42 CFR 2.52 for research, 45 CFR 164.514(e) for a limited data set).
"""


class MissingExtraError(ExpectedError):
    """An optional part of the product is not installed."""


class _Files(Protocol):
    def write(self, table: FlatTable, rows: Sequence[tuple[object, ...]]) -> None: ...

    def close(self) -> None: ...


def export_flat(
    log: EventLog,
    folder: Path,
    form: FlatFormat,
    progress: Progress | None = None,
    left: LeftOut | None = None,
) -> dict[str, int]:
    """Write every flat table to a new folder; gives the number of rows by table. ``left`` as in ``charts``.

    Raises:
        MissingExtraError: Parquet was asked for without pyarrow.
        TargetExistsError: the folder exists and is not empty.
    """
    tables = flat_tables(CLIENT_MODELS)
    written = dict.fromkeys((table.name for table in tables), 0)
    with new_folder(folder) as part:
        files = _open(part, tables, form)
        try:
            for chart in charts(log, progress=progress, left=left):
                for table in tables:
                    rows = table.rows(chart)
                    if rows:
                        files.write(table, rows)
                        written[table.name] += len(rows)
        finally:
            files.close()
        _dictionary(part / "data_dictionary.csv", tables)
        (part / "README.txt").write_text(README)
    return written


def _open(folder: Path, tables: Sequence[FlatTable], form: FlatFormat) -> _Files:
    if form == "csv":
        return CsvFiles(folder, tables)
    try:
        from infra.interop.exporters.parquet_files import ParquetFiles
    except ImportError as error:
        shutil.rmtree(folder)
        msg = "Parquet needs pyarrow: install carejourney[parquet], or export csv"
        raise MissingExtraError(msg) from error
    return ParquetFiles(folder, tables)


def _dictionary(path: Path, tables: Sequence[FlatTable]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "values", "meaning"])
        for table in tables:
            for column in table.columns:
                meaning = column.meaning or table.meaning
                writer.writerow([table.name, column.name, column.kind, "|".join(column.values), meaning])
