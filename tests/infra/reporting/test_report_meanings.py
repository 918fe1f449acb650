"""Every column of every table of every report says what it means, once, beside the query that fills it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

import projections
from infra.reporting.kinds import ALL
from infra.reporting.reports import REPORTS, ReportParams, columns_said
from infra.reporting.tables import DEFAULTS as SETTINGS, ReportTable, tables_of
from projections.columns import KINDS, Column, names
from projections.filters import FilterError

HOW = (
    "every column is a projections.columns.Column: in the columns.py beside the query, write "
    'Column("name", "count", "One sentence: what it counts, in which unit, when it is empty.") in the place that the '
    "column has in the rows, then run `python -m tools.docs` and `python -m tools.messages`"
)


def every_table() -> Iterator[ReportTable]:
    for name in REPORTS:
        yield from tables_of(name, SETTINGS)


@pytest.mark.parametrize("name", list(REPORTS))
def test_a_report_says_its_columns_as_columns(name: str) -> None:
    report = REPORTS[name]
    for show in ("", *report.shows):
        for per_client in (False, report.per_client):
            params = ReportParams(by=(ALL,), show=show, per_client=per_client)
            found: tuple[Any, ...] = report.columns(SETTINGS, params, ())
            assert [one for one in found if not isinstance(one, Column)] == [], HOW


@pytest.mark.parametrize("name", list(REPORTS))
def test_every_column_has_a_meaning(name: str) -> None:
    for table in tables_of(name, SETTINGS):
        assert table.columns, HOW
        for column in (*table.groups, *table.columns):
            assert column.kind in KINDS, (name, column.name)
            assert len(column.meaning.split()) > 1, (name, column.name, HOW)
            assert column.meaning.endswith("."), (name, column.name, HOW)
            assert "{" not in column.meaning, (name, column.name)


def test_the_groups_asked_for_come_first_with_their_meaning() -> None:
    for table in every_table():
        own = table.groups[::-1][:2]
        found = columns_said(table.report, SETTINGS, replace(table.params, by=names(own)))
        first = table.columns[:1] if table.report == "census" and not table.params.show else ()
        assert not own or found[: len(first) + len(own)] == (*first, *own), table.option


def test_an_empty_program_is_explained_wherever_there_can_be_one() -> None:
    for table in every_table():
        for column in (*table.groups, *table.columns):
            if column.name in {"program", "site", "payer", "clinician"}:
                assert "empty: none was recorded" in column.meaning or "empty: none did" in column.meaning, column
                assert column.empty == "Not recorded"


def test_quartiles_and_the_median_of_a_curve_say_their_rules() -> None:
    found = {(table.report, one.name): one.meaning for table in every_table() for one in table.columns}
    for (_, name), meaning in found.items():
        if name in {"q1", "median", "q3"} or name.endswith(("_q1", "_median", "_q3")):
            assert "Hyndman & Fan 1996, type 1" in meaning
    assert "S(t) ≤ ½" in found["retention", "median_days"]


def test_no_meaning_is_left_over() -> None:
    """What nobody reads would go on saying what is no longer so."""
    used = {one for table in every_table() for one in (*table.groups, *table.columns)}
    written = {(module, one) for module, value in values() for one in columns_in(value)}
    assert {(module, one.name) for module, one in written if one not in used} == set()


def test_a_group_or_table_that_a_report_does_not_have_is_refused() -> None:
    for params in (ReportParams(by=("nothing",)), ReportParams(show="nothing"), ReportParams(per_client=True)):
        with pytest.raises(FilterError, match=r"choose from|leave out"):
            columns_said("completion", SETTINGS, params)


def values() -> Iterator[tuple[str, Any]]:
    """What the modules of the read models hold, by module."""
    for found in pkgutil.walk_packages(projections.__path__, "projections."):
        yield from ((found.name, value) for value in vars(import_module(found.name)).values())


def columns_in(value: Any) -> Iterator[Column]:
    if isinstance(value, Column):
        yield value
    elif isinstance(value, tuple):
        yield from (one for part in value for one in columns_in(part))
    elif isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        yield from (one for part in value.values() for one in columns_in(part))
