"""A published table as a page shows it: lines of cells, each with its lasting address and the period before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.i18n.formats import period_title
from api.web.publications.before import Published, Series
from api.web.publications.words import (
    changed_by,
    changed_points,
    column_title,
    group_title,
    interval,
    shown,
)
from infra.publications.numbers import is_withheld

Row = Mapping[str, Any]
PLACE: tuple[str, ...] = ("period", "group", "column")  # the names by which an address says which number it is of


@dataclass(frozen=True, slots=True)
class Shown:
    """One number: as it is shown, what it was one period before, and where it can be found for ever."""

    column: str
    text: str
    address: str
    interval: str = ""
    before: str = ""
    change: str = ""
    withheld: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row; ``compared`` is the publication that says the period before, 0 where none does."""

    period: str
    group: str
    cells: list[Shown]
    publication: int
    compared: int = 0
    compared_period: str = ""


def columns_of(table: Mapping[str, Any]) -> list[str]:
    """The names of a table's numbers: its shares first, for they are what is read."""
    return [*table["shares"], *table["columns"]]


def heads_of(table: Mapping[str, Any]) -> list[str]:
    """The titles of a table's numbers."""
    return [column_title(name) for name in columns_of(table)]


def lines_of(series: Series, number: int, place_asked: Mapping[str, str]) -> list[Line]:
    """The lines of a table as publication ``number`` says it; ``place_asked`` is the address's own place."""
    return [_line(series, Published(number, row), place_asked) for row in series.table["rows"]]


def earlier_lines(series: Series) -> list[Line]:
    """The lines of periods that were published before."""
    return [_line(series, published, {}) for published in series.earlier()]


def asked_of(lines: list[Line]) -> tuple[Line, Shown] | None:
    """The number that the address asks for."""
    return next(((line, cell) for line in lines for cell in line.cells if cell.is_asked), None)


def _line(series: Series, published: Published, place_asked: Mapping[str, str]) -> Line:
    table, row = series.table, published.row
    had = series.before(row)
    return Line(
        period_title(row["period"]),
        group_title(table["by"], row["group"]),
        list(_cells(table, published, had, place_asked)),
        published.publication,
        had.publication if had else 0,
        period_title(had.row["period"]) if had else "",
    )


def _cells(
    table: Mapping[str, Any], published: Published, had: Published | None, place_asked: Mapping[str, str]
) -> Iterator[Shown]:
    for name in columns_of(table):
        if name not in published.row:  # an earlier publication divided the rest otherwise
            yield Shown(column_title(name), "", "")
            continue
        place: dict[str, str] = dict(zip(PLACE, (published.row["period"], published.row["group"], name), strict=True))
        before, change = _compared(table, published.row, had.row if had else {}, name)
        yield Shown(
            column_title(name),
            shown(table, published.row, name),
            f"/publications/{published.publication}/{table['name']}?{urlencode(place)}#asked",
            interval(table, published.row, name),
            before,
            change,
            is_withheld(table, published.row, name),
            place == {key: place_asked.get(key) for key in PLACE},
        )


def _compared(table: Mapping[str, Any], row: Row, had: Row, name: str) -> tuple[str, str]:
    """What it was one period before, and by how much it changed; nothing where that cannot be said."""
    if name not in had:
        return "", ""
    now, then = row[name], had[name]
    change = ""
    if now is not None and then is not None:
        change = changed_points(now - then) if name in table["shares"] else changed_by(now - then)
    return shown(table, had, name), change
