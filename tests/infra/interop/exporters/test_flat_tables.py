"""Flat tables: read back by pandas, DuckDB and pyarrow, with our numbers, and no person in them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from domain.events import SessionAttended
from infra.bootstrap import Services
from infra.interop.exporters.all_charts import charts
from infra.interop.exporters.events import export_lines
from infra.interop.exporters.flat import export_flat
from infra.interop.exporters.flat_tables import flat_tables
from infra.interop.exporters.targets import TargetExistsError
from infra.reporting.reports import ReportParams, run_report
from projections.catalogue import CLIENT_MODELS

TABLES = {table.name: table for table in flat_tables(CLIENT_MODELS)}


@pytest.fixture(scope="module")
def tables(programme: Services, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both formats, in ``csv`` and ``parquet``."""
    folder = tmp_path_factory.mktemp("flat")
    export_flat(programme.log, folder / "csv", "csv")
    export_flat(programme.log, folder / "parquet", "parquet")
    return folder


def test_pandas_counts_completions_as_the_report_does(programme: Services, tables: Path) -> None:
    stays: Any = pd.read_csv(tables / "csv" / "stay.csv", keep_default_na=False)
    ended = stays[stays.reason != ""]
    by_level = {level: len(rows) for level, rows in ended.groupby("level")}
    completed = {level: len(rows) for level, rows in ended[ended.reason == "completed"].groupby("level")}
    for row in run_report("completion", programme, ReportParams(by=("level",))):
        assert (by_level[row["level"]], completed.get(row["level"], 0)) == (row["discharges"], row["completed"])


def test_duckdb_joins_parquet_and_gets_the_same_sessions(programme: Services, tables: Path) -> None:
    minutes = sum(event.minutes for chart in charts(programme.log) for _, event in chart.events(SessionAttended))
    folder = tables / "parquet"
    query = f"""
        SELECT SUM(s.minutes), COUNT(DISTINCT c.client_id)
        FROM '{folder}/session_attended.parquet' s JOIN '{folder}/client_status.parquet' c USING (client_id)"""
    assert duckdb.connect().execute(query).fetchone() == (
        minutes,
        len({chart.client_id for chart in charts(programme.log) if chart.of(SessionAttended)}),
    )


def test_duckdb_computes_the_completion_report_from_parquet(programme: Services, tables: Path) -> None:
    """Counts, rate and Wilson interval of `report completion`, in SQL on the file alone."""
    query = f"""
        WITH ended AS (
            SELECT level, COUNT(*) n, COUNT(*) FILTER (reason = 'completed') k, AVG((reason = 'completed')::INT) p
            FROM '{tables}/parquet/stay.parquet' WHERE reason IS NOT NULL GROUP BY level)
        SELECT level, n, k, p,
            (p + z*z/(2*n) - z*SQRT(p*(1-p)/n + z*z/(4*n*n))) / (1 + z*z/n),
            (p + z*z/(2*n) + z*SQRT(p*(1-p)/n + z*z/(4*n*n))) / (1 + z*z/n)
        FROM ended, (SELECT 1.959963984540054 z)"""
    found = {row[0]: row[1:] for row in duckdb.connect().execute(query).fetchall()}
    report = run_report("completion", programme, ReportParams())
    names = ("discharges", "completed", "completion_rate", "ci_low", "ci_high")
    assert found.keys() == {row["level"] for row in report}
    for row in report:
        assert found[row["level"]] == pytest.approx([row[name] for name in names])


def test_duckdb_reads_abstinence_from_weekly_patterns(programme: Services, tables: Path) -> None:
    query = f"""
        SELECT COUNT(*) FILTER (pattern LIKE '%---%'), COUNT(*) FILTER (pattern LIKE '%----%'), COUNT(*)
        FROM '{tables}/parquet/pattern.parquet' WHERE pattern <> ''"""
    three, four, stays = duckdb.connect().execute(query).fetchall()[0]
    rows = {row["measure"]: row for row in run_report("abstinence", programme, ReportParams(by=("all",)))}
    for measure, found in (("three_consecutive_negative", three), ("four_consecutive_negative", four)):
        assert (rows[measure]["numerator"], rows[measure]["denominator"]) == (found, stays)


def test_pandas_counts_the_census_of_a_day_and_lengths_of_stay(programme: Services, tables: Path) -> None:
    stays: Any = pd.read_parquet(tables / "parquet" / "stay.parquet")
    day = pd.Timestamp("2026-03-01")
    start, end = pd.to_datetime(stays.start_day), pd.to_datetime(stays.end_day)
    there = stays[(start <= day) & (end.isna() | (end > day))].groupby("level").size()
    asked = ReportParams(start=date(2026, 3, 1), end=date(2026, 3, 1))
    assert there.to_dict() == {
        row["level"]: row["census"] for row in run_report("census", programme, asked) if row["census"]
    }
    ended = stays[stays.reason.notna()].groupby("level").days
    median = ended.apply(_median)
    lengths = run_report("completion", programme, ReportParams(show="lengths"))
    assert median.to_dict() == {row["level"]: row["days_median"] for row in lengths if row["reason"] == "all"}


def _median(days: Any) -> int:
    """The smallest length that at least half of the stays do not exceed."""
    return int(days.sort_values().iloc[(len(days) + 1) // 2 - 1])


def test_both_formats_hold_the_same_rows_with_their_types(tables: Path) -> None:
    for name, table in TABLES.items():
        parquet = pq.read_table(tables / "parquet" / f"{name}.parquet")
        with (tables / "csv" / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert parquet.num_rows == len(rows), name
        assert parquet.column_names == [column.name for column in table.columns], name
        for column in table.columns:
            if column.kind == "date":
                days = ["" if day is None else day.isoformat() for day in parquet.column(column.name).to_pylist()]
                assert days == [row[column.name] for row in rows]


def test_the_dictionary_explains_every_column(tables: Path) -> None:
    with (tables / "csv" / "data_dictionary.csv").open(newline="") as file:
        explained = list(csv.DictReader(file))
    assert [(row["table"], row["column"]) for row in explained] == [
        (table.name, column.name) for table in TABLES.values() for column in table.columns
    ]
    assert all(row["meaning"] and row["type"] for row in explained)
    reasons = next(row for row in explained if (row["table"], row["column"]) == ("level_of_care_ended", "reason"))
    assert reasons["values"].startswith("completed|left_against_advice")


def test_no_personal_datum_leaves(programme: Services, tables: Path) -> None:
    written = b"".join(path.read_bytes() for path in sorted((tables / "csv").glob("*.csv")))
    names = {
        found.decode()
        for line in export_lines(programme.log)
        if b"ClientRegistered" in line
        for found in (line.split(b'"name":"')[1].split(b'"')[0],)
    }
    assert len(names) > 50
    assert not [name for name in names if name.encode() in written]


def test_nothing_is_overwritten_and_nothing_is_left_half_written(programme: Services, tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "mine.txt").write_text("keep")
    with pytest.raises(TargetExistsError, match="new or empty"):
        export_flat(programme.log, target, "csv")
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "mine.txt"]
