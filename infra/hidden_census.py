"""How the census hides small groups: each day by itself, and the moves of each month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from infra.hiding import Figures, Hiding, Mask, attribute_of, hidden
from infra.report_kinds import ALL, ReportParams, Rows
from infra.services import Services
from projections.census import queries as census
from projections.filters import FilterError
from projections.safe_groups import Figure

Group = tuple[str, ...]
Row = Mapping[str, Any]
Tables = dict[tuple[str, ...], Rows]
_MOVES = ("admissions", "discharges")


def census_rows(services: Services, connection: Connection, params: ReportParams) -> Rows:
    """The census of each day without its moves, which are few; the average of whole months with theirs.

    An average is shown where each of its days is: two averages would else give a day away.

    Raises:
        FilterError: an average over a period that is not of whole months, a group that the census does not have.
    """
    average = params.show == "average"
    if average and not params.filters(()).whole_months():
        raise FilterError("this role asks for averages of whole months: begin on a first and end on a last day of one")
    filters = params.filters(("level",))
    params = replace(params, by=filters.by or (ALL,))
    rows = census.census(connection, filters, services.today(), services.settings.site_capacity)
    tables = _tables(services, connection, params)
    by_day = _sliced(services, connection, params, rows, tables, _day, _standing)
    if not average:
        return [row | dict.fromkeys(_MOVES) for row in by_day]
    by_month = _sliced(services, connection, params, rows, tables, _month, _moving) if filters.dated else []
    named = {_group(filters.by, row) for row in by_day}
    found: Rows = []
    for row in census.average_daily_census(rows, filters.by):
        own = _group(filters.by, row)
        gone: tuple[str, ...] = () if _throughout(by_day, rows, filters.by, own) else ("average_daily_census",)
        gone += () if _throughout(by_month, rows, filters.by, own) else _MOVES
        if own in named:
            shown = {name: None if name in gone else value for name, value in row.items()}
            found.append({**shown, "suppressed": bool(gone)})
    return found


def _throughout(shown: Rows, rows: Rows, by: Sequence[str], group: Group) -> bool:
    """Whether a group is shown on every day."""
    days = [row for row in shown if _group(by, row) == group and not row["suppressed"]]
    return len(days) == len({row["day"] for row in rows})


def _tables(services: Services, connection: Connection, params: ReportParams) -> Tables:
    attribute = attribute_of(replace(params, start=None, end=None))
    wanted: list[tuple[str, ...]] = [(), ("level",), *([("level", attribute)] if attribute else [])]
    asked = replace(params.filters(()), where={})
    return {by: census.census(connection, replace(asked, by=by), services.today()) for by in wanted}


def _day(row: Row) -> str:
    return row["day"]


def _month(row: Row) -> str:
    return row["day"][:7]


def _standing(rows: Rows) -> Figure:
    return Figure((sum(row["census"] for row in rows),))


def _moving(rows: Rows) -> Figure:
    moves = tuple(sum(row[name] for row in rows) for name in _MOVES)
    return Figure((sum(moves),), moves)


def _sliced(
    services: Services,
    connection: Connection,
    params: ReportParams,
    rows: Rows,
    tables: Tables,
    slice_of: Callable[[Row], str],
    figure: Callable[[Rows], Figure],
) -> Rows:
    """The rows, hidden among those of the same day or month."""
    numbers = {by: _parted(table, slice_of) for by, table in tables.items()}
    undated = replace(params, start=None, end=None)
    found: Rows = []
    for name, own in _parted(rows, slice_of).items():

        def figures(_: Services, __: Connection, asked: ReportParams, name: str = name) -> Figures:
            by = asked.filters(()).by
            groups: dict[Group, Rows] = {}
            for row in numbers[by].get(name, []):
                groups.setdefault(_group(by, row), []).append(row)
            return {group: {"clients": figure(same)} for group, same in groups.items() if figure(same).total[0]}

        masks = [Mask("clients", ("census", "occupancy"), _MOVES)]
        found += hidden(Hiding(figures, lambda _, masks=masks: masks), services, connection, undated, own)
    return found


def _parted(rows: Rows, slice_of: Callable[[Row], str]) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(slice_of(row), []).append(row)
    return found


def _group(by: Sequence[str], row: Row) -> Group:
    return tuple(str(row[name]) for name in by)
