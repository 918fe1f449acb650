"""The account of an import: every row of every table is used or left over with a reason, row for row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from domain.errors import ExpectedError
from infra.interop.exporters.texts import csv_text
from infra.interop.importers.ctn0094.tables import Tables
from infra.runtime.private_files import make_private

ACCOUNT_COLUMNS = (
    *("table", "rows_in", "rows_used", "merged", "left_over"),
    *("events", "left_over_because", "remarks"),
)


class AccountError(ExpectedError):
    """The account does not balance: a fault of the importer, never of the tables."""


class Listed(NamedTuple):
    """A row with its remark or reason; ``who`` 0 is nobody."""

    table: str
    row_number: int
    who: int
    reason: str


@dataclass(frozen=True, slots=True)
class TableAccount:
    """What became of one table's rows. ``used`` = rows that made an event + ``merged``."""

    table: str
    rows: int
    used: int
    merged: int
    left_over: int
    events: dict[str, int]
    reasons: dict[str, int]
    remarks: dict[str, int]


class Account:
    """Counts while the rows are turned into events; complete when the last person's lines are made.

    A row is *used* once, when it made an event or was merged into one that other rows made; else it is *left
    over* with a reason. A used row may carry a remark: recorded as it was, but worth knowing.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.leftovers: list[Listed] = []
        self.remarks: list[Listed] = []
        self._rows: dict[str, int] = {}
        self._settled: dict[str, bytearray] = {}
        self._merged: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._events: dict[str, Counter[str]] = {}

    def open(self, tables: Tables) -> None:
        """Take down how many rows each table has; what an earlier run counted is forgotten."""
        self.__init__()
        for table in tables.all():
            self._rows[table.name] = table.count
            self._settled[table.name] = bytearray(table.count + 1)
            self._events[table.name] = Counter()

    def use(self, table: str, row: int) -> None:
        """The row made an event of its own."""
        self._settle(table, row)

    def merge(self, table: str, row: int) -> None:
        """The row became part of an event, or of the envelope of events, that other rows make."""
        self._settle(table, row)
        self._merged[table] += 1

    def leave(self, table: str, row: int, who: int, reason: str) -> None:
        """The row became nothing."""
        self._settle(table, row)
        self._left[table] += 1
        self.leftovers.append(Listed(table, row, who, reason))

    def remark(self, table: str, row: int, who: int, reason: str) -> None:
        """Say something of a row that was used."""
        self.remarks.append(Listed(table, row, who, reason))

    def made(self, table: str, event_type: str) -> None:
        """An event was made, first of all from a row of this table."""
        self._events[table][event_type] += 1

    def events(self) -> Counter[str]:
        """Events by type, over all tables."""
        total: Counter[str] = Counter()
        for counts in self._events.values():
            total.update(counts)
        return total

    def tables(self) -> list[TableAccount]:
        """The account of each table.

        Raises:
            AccountError: a table's rows are not all used or left over.
        """
        return [self._of(table, rows) for table, rows in self._rows.items()]

    def report(self) -> list[dict[str, object]]:
        """The same as rows of a printed table.

        Raises:
            AccountError: a table's rows are not all used or left over.
        """
        return [
            {
                "table": account.table,
                "rows_in": account.rows,
                "rows_used": account.used,
                "merged": account.merged,
                "left_over": account.left_over,
                "events": _words(account.events),
                "left_over_because": _words(account.reasons),
                "remarks": _words(account.remarks),
            }
            for account in self.tables()
        ]

    def _of(self, table: str, rows: int) -> TableAccount:
        settled = self._settled[table].count(1)
        left = self._left[table]
        if settled != rows:
            msg = f"{table}: {rows} rows in, but {settled - left} used and {left} left over"
            raise AccountError(msg)
        return TableAccount(
            table=table,
            rows=rows,
            used=settled - left,
            merged=self._merged[table],
            left_over=left,
            events=dict(self._events[table]),
            reasons=_counted(self.leftovers, table),
            remarks=_counted(self.remarks, table),
        )

    def _settle(self, table: str, row: int) -> None:
        settled = self._settled[table]
        if settled[row]:
            msg = f"{table}: row {row} was counted twice"
            raise AccountError(msg)
        settled[row] = 1


def write_listed(path: Path, listed: Iterable[Listed]) -> None:
    """Write leftovers or remarks as CSV ``table,row_number,who,reason``; row 1 stands below the header."""
    with make_private(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Listed._fields)
        writer.writerows((row.table, row.row_number, row.who or "", csv_text(row.reason)) for row in listed)


def _counted(listed: Iterable[Listed], table: str) -> dict[str, int]:
    return dict(Counter(row.reason for row in listed if row.table == table).most_common())


def _words(counts: dict[str, int]) -> str:
    return "; ".join(f"{name} {n:,}" for name, n in counts.items())
