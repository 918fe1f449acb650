"""Compute every report as the role `reporting` sees it, and put all of them into the schema in one transaction.

Only what is suppressed already is stored: nobody who reads the views, their plans or their statistics comes nearer to a
small group than by `report … --role reporting`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Connection

from infra.migrations.steps import REPORTING
from infra.projector.readstore import ReadStore
from infra.report_kinds import Report, ReportParams, Rows
from infra.reporting.columns import UNKNOWN, Columns, columns_of
from infra.reporting.views import define, drop_view, replace_view
from infra.reports import REPORTS, run_report
from infra.services import Services
from infra.settings import SettingsError
from projections.filters import FilterError

_LOCK = 7_214_096
_ALL_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was written: the reports, and up to which position of the log they count."""

    reports: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class _Computed:
    report: Report
    rows: Rows
    columns: Columns


def refresh(services: Services, *, force: bool = False) -> Refreshed | None:
    """Bring the views up to date; None when nothing has moved, or another process is about it.

    Without ``force`` that means: the same position of the log, the same day (rates depend on it), the same reports.

    Raises:
        SettingsError: the read models are not on PostgreSQL.
        MigrationError: the schema is missing and this login may not make it.
    """
    if services.reads.is_sqlite:
        msg = "the schema reporting is for read models on PostgreSQL: set CAREJOURNEY_DATABASE_URL=postgresql://…"
        raise SettingsError(msg)
    services.reads.bring_up(REPORTING)
    with services.reads.engine.begin() as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({_LOCK})").scalar_one():
            return None
        position = services.projector.reached()
        before = _known(connection)
        stamp = (position, services.today().isoformat())
        if not force and before and {(row[0], row[1]) for row in before.values()} == {stamp} and _same(before):
            return None
        computed = _compute(services, {name: row[2] for name, row in before.items()})
        for name in before.keys() - computed.keys():
            drop_view(connection, name)
        _write(connection, computed, stamp, services.now())
        for name, item in computed.items():
            if name not in before or before[name][2:] != (item.columns, item.report.definition):
                replace_view(connection, name, item.columns, f"{item.report.definition} Source: {item.report.source}.")
        define(connection)
    return Refreshed(tuple(computed), position)


def _same(before: dict[str, tuple[int, str, Columns, str]]) -> bool:
    """Whether the definitions are those of this release."""
    return all(name in REPORTS and REPORTS[name].definition == row[3] for name, row in before.items())


def _known(connection: Connection) -> dict[str, tuple[int, str, Columns, str]]:
    sql = "SELECT name, position, day, columns, definition FROM reporting_data.report"
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in connection.exec_driver_sql(sql)}


def _compute(services: Services, known: dict[str, Columns]) -> dict[str, _Computed]:
    """Every report that has an answer for people who see no clients, from one snapshot."""
    computed: dict[str, _Computed] = {}
    with services.reads.reading() as connection:
        here = dataclasses.replace(services, reads=cast("ReadStore", _Snapshot(connection)))
        for name, report in REPORTS.items():
            try:
                rows = run_report(name, here, ReportParams(suppress=True, limit=_ALL_ROWS))
            except FilterError:  # it lists clients, or asks what to compare
                continue
            columns = columns_of(rows, known.get(name, {}))
            if not columns or UNKNOWN in columns.values():  # withheld everywhere: its type is in what is withheld
                shown = run_report(name, here, ReportParams(limit=_ALL_ROWS))
                columns = columns_of(({key: row.get(key) for key in columns or row} for row in shown), columns)
            computed[name] = _Computed(report, rows, columns)
    return computed


class _Snapshot:
    """A read store of one moment: every read is in the same transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        yield self._connection


def _write(connection: Connection, computed: dict[str, _Computed], stamp: tuple[int, str], moment: datetime) -> None:
    connection.exec_driver_sql("DELETE FROM reporting_data.report")
    for name, item in computed.items():
        said = (name, item.report.title, item.report.definition, item.report.source)
        connection.exec_driver_sql(
            "INSERT INTO reporting_data.report VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (*said, *stamp, moment, orjson.dumps(item.columns).decode()),
        )
        rows: list[tuple[Any, ...]] = [
            (name, number, orjson.dumps(row).decode()) for number, row in enumerate(item.rows, start=1)
        ]
        if rows:
            connection.exec_driver_sql("INSERT INTO reporting_data.report_row VALUES (%s, %s, %s)", rows)
