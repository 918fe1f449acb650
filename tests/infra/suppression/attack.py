"""The reporting role before a programme: every question that it may ask of a table, and what the answers say."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

from infra.reports import ReportParams, Rows, run_report
from infra.services import Services
from projections.filters import FilterError
from tests.infra.suppression.tables import Row, Table
from tests.infra.suppression.universe import Atom, Count, Universe

REST = "what no value covers"


def surveyed(services: Services, tables: tuple[Table, ...], thorough: bool) -> list[Universe]:
    """Everything that may be asked of some tables, put into one universe for each population."""
    universes = {name: Universe(name, truth) for name, truth in _truths(services, tables, thorough).items()}
    asked: dict[str, Rows] = {}
    for table in tables:
        for attribute in _attributes(table, thorough):
            for params in questions(services, table, attribute, universes, thorough):
                _ask(asked, services, table, attribute, params, universes)
    return list(universes.values())


def _attributes(table: Table, thorough: bool) -> tuple[str, ...]:
    """All attributes; or one of each kind: others are divided by the same rule."""
    kinds = ("program", "kind", "month:admission")
    return ("", *(name for name in table.attributes if thorough or name in kinds))


def _truths(services: Services, tables: tuple[Table, ...], thorough: bool) -> dict[str, dict[Atom, int]]:
    """The true atoms of every population, from unsuppressed tables; of all levels, values and cells, also of nobody."""
    found: defaultdict[str, dict[Atom, int]] = defaultdict(dict)
    for table in tables:
        for attribute in _attributes(table, thorough):
            params = _asked(table, attribute, ("level", *table.extra, _column(attribute)))
            rows = table.rows(services, params) if table.rows else run_report(table.report, services, params)
            for row in rows:
                level, value = table.level(row), str(row[_column(attribute)]) if attribute else ""
                for cell, n in {**dict.fromkeys(table.more, 0), **table.cells(row)}.items():
                    atom = (attribute, str(level), value, cell)
                    found[table.population(row)][atom] = max(n, found[table.population(row)].get(atom, 0))
    return {name: _completed(atoms) for name, atoms in found.items()}


def _completed(atoms: dict[Atom, int]) -> dict[Atom, int]:
    levels, cells = ({atom[place] for atom in atoms} for place in (1, 3))
    found: dict[Atom, int] = {}
    for attribute in sorted({atom[0] for atom in atoms}):
        values = sorted({atom[2] for atom in atoms if atom[0] == attribute})
        for level, cell in product(sorted(levels), sorted(cells)):
            whole = atoms.get(("", level, "", cell), 0)
            own = {value: atoms.get((attribute, level, value, cell), 0) for value in values}
            if attribute:
                own[REST] = whole - sum(own.values())
            found.update({(attribute, level, value, cell): n for value, n in own.items()})
    return found


def questions(
    services: Services, table: Table, attribute: str, universes: dict[str, Universe], thorough: bool
) -> Iterator[ReportParams]:
    """Every grouping and filter of an attribute beside the level; of months also periods."""
    own = [atom for universe in universes.values() for atom in universe.truth if atom[0] == attribute]
    levels = sorted({atom[1] for atom in own} - {""})
    column = _column(attribute)
    groupings = [("all",), ("level",), *([(column,), ("level", column)] if attribute else [])]
    groupings += [(*table.extra, *(name for name in by if name != "all")) for by in groupings if table.extra]
    by_level = [{}, *({"level": level} for level in (levels if thorough else levels[1:2]))]
    for by, where in product(groupings, by_level):
        if not attribute or column in by:
            yield _asked(table, attribute, by, where)
    values = sorted({atom[2] for atom in own} - {REST, ""})
    for by, where, value in product((("all",), ("level",)), by_level[: None if thorough else 1], values):
        if attribute and not attribute.startswith("month"):
            yield _asked(table, attribute, by, {**where, column: value})
    if attribute.startswith("month") and table.dated:
        months = values[::2] if thorough else values[::7]
        for by, (first, last) in product((("all",), ("level",)), product(months, months)):
            if first <= last:
                yield replace(_asked(table, attribute, by), start=_first(first), end=_last(last))


def _ask(
    asked: dict[str, Rows],
    services: Services,
    table: Table,
    attribute: str,
    params: ReportParams,
    universes: dict[str, Universe],
) -> None:
    question = f"{table.report} {params}"
    if question not in asked:
        try:
            asked[question] = run_report(table.report, services, replace(params, suppress=True))
        except FilterError:
            asked[question] = []
    for row in asked[question]:
        universe = universes[table.population(row)]
        for column, cells in table.columns(row).items():
            count = _count(universe, table, attribute, params, row, cells)
            if row[column] is None:
                universe.hidden.add(count)
            elif column in table.estimates:  # whoever reads it is taken to know the count that it was made of
                universe.shown[count] = universe.true(count)
            else:
                universe.shown[count] = round(row[column] * table.times)


def _count(
    universe: Universe, table: Table, attribute: str, params: ReportParams, row: Row, cells: tuple[str, ...]
) -> Count:
    level = params.where.get("level") if table.level(row) is None else table.level(row)
    column = _column(attribute)
    value = str(row[column]) if attribute and column in row else params.where.get(column)
    levels = frozenset({atom[1] for atom in universe.truth} if level is None else {level})
    values = frozenset({""})
    if attribute:
        known = {atom[2] for atom in universe.truth if atom[0] == attribute} - {REST}
        first, last = (f"{day:%Y-%m}" if day else None for day in (params.start, params.end))
        values = frozenset(
            known_value
            for known_value in known
            if (value is None or known_value == value)
            and (first is None or not attribute.startswith("month") or first <= known_value <= (last or known_value))
        )
    return Count(attribute, levels, values, frozenset(cells))


def _asked(table: Table, attribute: str, by: tuple[str, ...], where: dict[str, str] | None = None) -> ReportParams:
    cohort: Any = attribute.partition(":")[2] or "discharge"
    named = tuple(name for name in by if name)
    start, end = table.period
    return ReportParams(by=named, show=table.show, cohort=cohort, where=where or {}, start=start, end=end)


def _column(attribute: str) -> str:
    return attribute.partition(":")[0]


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _last(month: str) -> date:
    first = _first(month)
    return first.replace(day=monthrange(first.year, first.month)[1])
