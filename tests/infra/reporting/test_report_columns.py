"""Columns of reports: what a question says of them is what its rows have, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from domain.events import FlagSnoozed, SessionAttended
from infra.bootstrap import Services
from infra.reporting.kinds import ALL
from infra.reporting.reports import REPORTS, ReportParams, columns_said, run_report
from projections.columns import Columns, Kind, names
from projections.filters import FilterError
from projections.status.columns import CLIENT_COLUMNS
from projections.status.rows import FlaggedRow, StatusRow
from projections.worklist.columns import FLAG_COLUMNS
from tests.projections.telling import opened, starts
from tests.spec import NOW, ago, fact, record

PERIODS = "2025-07-01..2025-12-31,2026-01-01..2026-06-30"
GROUPED = (
    (),
    (ALL,),
    ("site",),
    ("program",),
    ("program", "level"),
    ("month", "level"),
    ("kind", "site"),
    ("slot", "level"),
)
MEASURES = ("weekly_pattern", "retention", "relapse_ctn0094", "first_use", "three_consecutive_negative")

TYPED = (
    (StatusRow, CLIENT_COLUMNS),
    (FlaggedRow, FLAG_COLUMNS),
)


def tables() -> Iterator[tuple[str, str]]:
    """Each report with each of its tables."""
    for name, report in REPORTS.items():
        yield from ((name, show) for show in ("", *report.shows))


@pytest.mark.parametrize("by", GROUPED, ids=",".join)
@pytest.mark.parametrize(("name", "show"), list(tables()))
def test_every_row_has_the_columns_of_its_question(
    programme: Services, name: str, show: str, by: tuple[str, ...]
) -> None:
    for per_client, compare in product((False, True), ("", PERIODS)):
        held(programme, name, by=by, show=show, per_client=per_client, compare=compare)


@pytest.mark.parametrize("by", [(), (ALL,), ("program",), ("first_level",)])
def test_episodes(programme: Services, by: tuple[str, ...]) -> None:
    assert held(programme, "completion", unit="episode", by=by)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("completion", {"unit": "episode", "show": "lengths"}),
        ("completion", {"unit": "episode", "by": ("program", "level")}),
        ("completion", {"per_client": True}),
        ("flow", {"per_client": True}),
        ("abstinence", {"per_client": True, "compare": PERIODS}),
        ("status", {"per_client": True, "by": ("kind",), "where": {"kind": "group"}}),
        ("worklist", {"by": ("month",), "where": {"month": "2026-01"}}),
    ],
    ids=str,
)
def test_what_a_report_does_not_have_is_refused(programme: Services, name: str, asked: dict[str, Any]) -> None:
    """Each of these was a fault of the server once."""
    with pytest.raises(FilterError):
        run_report(name, programme, ReportParams(**asked))


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_table_that_a_report_begins_with_has_rows_to_hold_its_columns_to(programme: Services, name: str) -> None:
    """Else nothing would be compared above."""
    for show in {"", *REPORTS[name].shows} - {"snoozed"}:  # nobody has snoozed a flag there
        assert held(programme, name, show=show), (name, show)


def test_rows_of_snoozed_flags(tmp_path: Path) -> None:
    until = NOW.date() + timedelta(days=5)
    snoozed = fact(FlagSnoozed(flag="no_contact", since=ago(6).date(), until=until), ago(1))
    with opened(tmp_path, NOW.date()) as services:
        for said in (starts(60), fact(SessionAttended(kind="group", minutes=60), ago(20)), snoozed):
            record(services.log, said)
        services.catch_up()
        assert held(services, "worklist", show="snoozed") == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_one_measure_by_client(programme: Services, measure: str) -> None:
    assert held(programme, "abstinence", measure=measure, per_client=True)


@pytest.mark.parametrize(("row", "columns"), TYPED)
def test_a_typed_row_names_the_columns_of_its_table(row: type[Any], columns: Columns) -> None:
    """The first names the client: by an id in the row, by the chart number in the report."""
    assert tuple(row.__annotations__) == ("client_id", *names(columns)[1:])


def held(services: Services, name: str, **asked: Any) -> int:
    """How many rows were compared; none where the report refuses the question."""
    params = ReportParams(**asked)
    try:
        rows = run_report(name, services, params)
    except FilterError:
        return 0
    columns = columns_said(name, services.settings, params)
    for row in rows:
        assert tuple(row) == names(columns), (name, asked)
        for column in columns:
            assert is_of(column.kind, row[column.name]), (name, column, row[column.name])
    return len(rows)


def is_of(kind: Kind, value: Any) -> bool:
    """Whether a value is of the kind that its column says, or nothing."""
    match kind:
        case "text":
            return isinstance(value, str)
        case "count" | "days":
            return value is None or (isinstance(value, int) and not isinstance(value, bool))
        case "share":
            return value is None or 0 <= value <= 1
        case "number":
            return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        case "date":
            return value is None or date.fromisoformat(value).isoformat() == value
        case "list":
            return isinstance(value, list)
        case "value":
            return isinstance(value, bool | int | float | str)
