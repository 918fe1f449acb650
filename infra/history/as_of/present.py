"""Present part: what the streams that are left out add to the live counts now, to be taken out of them.

Whose live rows are folded again has another sequence in the live read model: their part is taken anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from infra.history.as_of.overlay_views import Schemas
from infra.readmodels.generations import Generation
from infra.readmodels.raw import Raw
from projections.base import Row

_AT_ONCE = 2_000


class Present:
    """Of one read model; the own counts of the moment become differences from the live ones."""

    def __init__(self, schemas: Schemas, live: Generation, overlay: Generation) -> None:
        """Know both generations."""
        self._live, self._own = live, overlay
        self._progress = f"{schemas.live}.{live.progress_table().name}"
        self._noted = f"{schemas.here}.present_{overlay.id}"
        self._tables = {
            table.name: (
                f"{schemas.live}.{live.table(table).name}",
                f"{schemas.here}.present_{overlay.table(table).name}",
            )
            for table in live.model.tables
        }

    def create(self, connection: Connection) -> None:
        """Hold nobody's part."""
        connection.exec_driver_sql(f"CREATE TABLE {self._noted} (client_id TEXT PRIMARY KEY, sequence INTEGER)")
        for live, here in self._tables.values():
            connection.exec_driver_sql(f"CREATE TABLE {here} AS SELECT * FROM {live} WHERE 1=0")
            name = here.rpartition(".")[2]
            connection.exec_driver_sql(f"CREATE INDEX {name}_client ON {name} (client_id)")

    def drop(self, connection: Connection) -> None:
        """Forget everybody's part."""
        for table in (self._noted, *(here for _, here in self._tables.values())):
            connection.exec_driver_sql(f"DROP TABLE {table}")

    def settle(self, connection: Connection) -> None:
        """Take in whose live rows are others now, and who is left out since."""
        raw = Raw(connection)
        sql = (
            f"SELECT touched.client_id, there.sequence FROM touched "
            f"LEFT JOIN {self._progress} AS there ON there.client_id=touched.client_id "
            f"LEFT JOIN {self._noted} AS noted ON noted.client_id=touched.client_id "
            "WHERE noted.client_id IS NULL OR coalesce(noted.sequence, -1) <> coalesce(there.sequence, -1) "
            "ORDER BY touched.client_id"
        )
        changed = raw.rows(sql)
        moved: dict[str, Counter[Row]] = {}
        for start in range(0, len(changed), _AT_ONCE):
            part = changed[start : start + _AT_ONCE]
            listed = raw.listed([row[0] for row in part])
            self._add(moved, self._rows(raw, 1, listed), 1)
            for live, here in self._tables.values():
                where = raw.among("client_id")
                raw.run(f"DELETE FROM {here} WHERE {where}", [listed])
                raw.run(f"INSERT INTO {here} SELECT * FROM {live} WHERE {where}", [listed])
            self._add(moved, self._rows(raw, 1, listed), -1)
            replacing = "ON CONFLICT (client_id) DO UPDATE SET sequence=excluded.sequence"
            raw.many(f"INSERT INTO {self._noted} VALUES (?,?) {replacing}", part)
        self._move(raw, moved)

    def _rows(self, raw: Raw, side: int, listed: str) -> dict[str, list[Row]]:
        where = f"WHERE {raw.among('client_id')}"
        return {name: raw.rows(f"SELECT * FROM {both[side]} {where}", [listed]) for name, both in self._tables.items()}

    def _add(self, moved: dict[str, Counter[Row]], rows: Mapping[str, Sequence[Row]], sign: int) -> None:
        if any(rows.values()):
            for name, cells in self._live.model.cells(rows).items():
                sums = moved.setdefault(name, Counter())
                for key, n in cells.items():
                    sums[key] = sums.get(key, 0) + sign * n

    def _move(self, raw: Raw, moved: Mapping[str, Counter[Row]]) -> None:
        for table in self._live.model.counts:
            sums_table = self._own.table(table)
            names = [column.name for column in sums_table.columns]
            rows = sorted((*key, n) for key, n in moved.get(table.name, Counter[Row]()).items() if n)
            if rows:
                raw.add_up(sums_table, names, rows)
        raw.flush()
        for table in self._live.model.counts:
            raw.run(f"DELETE FROM {self._own.table(table).name} WHERE n=0")
