"""Write folded clients into one generation: rows replaced, counts moved by the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from infra.projector.folding import Folded
from infra.projector.readstore import QUARANTINE, Generation
from projections.base import Cells, Row, Rows


@dataclass
class GenerationWriter:
    """Collects one transaction's changes for one generation; ``finish`` writes the counts."""

    connection: Connection
    generation: Generation
    deltas: dict[str, Counter[Row]] = field(default_factory=dict[str, "Counter[Row]"])

    def __post_init__(self) -> None:
        """Copy the tables once."""
        own = self.generation.table
        self._tables = {table.name: own(table) for table in self.generation.model.tables}
        self._counts = {table.name: own(table) for table in self.generation.model.counts}
        self._progress = self.generation.progress_table()

    def sequences(self, client_ids: Sequence[str]) -> dict[str, int]:
        """Up to which sequence each of these clients is folded."""
        column = self._progress.c
        query = select(column.client_id, column.sequence).where(column.client_id.in_(client_ids))
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def write(self, folded: Sequence[Folded], known: dict[str, int]) -> None:
        """Replace the rows of these clients. ``known`` holds the ones that have rows already."""
        name = self.generation.model.name
        good = [item for item in folded if name not in item.errors]
        again = [item.client_id for item in good if item.client_id in known]
        if again:
            self._take_out(again)
        rows = {
            table_name: [row for item in good for row in item.rows[name].get(table_name, ())]
            for table_name in self._tables
        }
        for table_name, table in self._tables.items():
            self._insert(table, rows[table_name])
        self._count(self.generation.model.cells(rows), 1)
        self._note_progress(good)
        self._quarantine(folded)

    def finish(self) -> None:
        """Write what the counts moved by, and remove those that came to nothing."""
        for table_name, delta in self.deltas.items():
            moved = [(*key, n) for key, n in delta.items() if n]
            if not moved:
                continue
            table = self._counts[table_name]
            self._upsert(table, moved, add=True)
            gone = [key for key, n in delta.items() if n < 0]
            if gone:
                keys = " AND ".join(f"{column.name}={self._place}" for column in table.primary_key)
                self._many(f"DELETE FROM {table.name} WHERE {keys} AND n=0", gone)
        self.deltas.clear()

    def _take_out(self, client_ids: Sequence[str]) -> None:
        before: dict[str, list[Row]] = {}
        for table_name, table in self._tables.items():
            query = select(table).where(table.c.client_id.in_(client_ids))
            if self._counts:
                before[table_name] = [tuple(row) for row in self.connection.execute(query)]
            self.connection.execute(delete(table).where(table.c.client_id.in_(client_ids)))
        rows: Rows = before
        self._count(self.generation.model.cells(rows), -1)

    def _count(self, cells: Cells, sign: int) -> None:
        for table_name, counter in cells.items():
            delta = self.deltas.setdefault(table_name, Counter())
            for key, n in counter.items():
                delta[key] = delta.get(key, 0) + sign * n  # quicker than +=, which calls back for each new key

    def _note_progress(self, good: Sequence[Folded]) -> None:
        self._upsert(self._progress, [(item.client_id, item.sequence) for item in good], add=False)
        self._release([item.client_id for item in good])

    def _release(self, client_ids: Sequence[str]) -> None:
        same = QUARANTINE.c.generation == self.generation.id
        if self.connection.execute(select(QUARANTINE.c.client_id).where(same).limit(1)).first():
            self.connection.execute(delete(QUARANTINE).where(same, QUARANTINE.c.client_id.in_(client_ids)))

    def _quarantine(self, folded: Sequence[Folded]) -> None:
        name = self.generation.model.name
        stopped = [
            (self.generation.id, item.client_id, item.sequence, item.position, item.errors[name])
            for item in folded
            if name in item.errors
        ]
        same = QUARANTINE.c.generation == self.generation.id
        if stopped:
            ids = [row[1] for row in stopped]
            self.connection.execute(delete(QUARANTINE).where(same, QUARANTINE.c.client_id.in_(ids)))
            self._insert(QUARANTINE, stopped)

    @property
    def _place(self) -> str:
        return "?" if self.connection.dialect.name == "sqlite" else "%s"

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.connection.exec_driver_sql(sql, [tuple(row) for row in rows])

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            places = ",".join([self._place] * len(table.columns))
            names = ",".join(column.name for column in table.columns)
            self._many(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows)

    def _upsert(self, table: Table, rows: Sequence[Row], *, add: bool) -> None:
        if not rows:
            return
        keys = ",".join(column.name for column in table.primary_key)
        value = table.columns.values()[-1].name
        new = f"{table.name}.{value} + excluded.{value}" if add else f"excluded.{value}"
        names = ",".join(column.name for column in table.columns)
        places = ",".join([self._place] * len(table.columns))
        self._many(
            f"INSERT INTO {table.name} ({names}) VALUES ({places}) ON CONFLICT ({keys}) DO UPDATE SET {value}={new}",
            rows,
        )
