"""Page of a table: sorted and filtered as the address says; its CSV has all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.i18n.language import N_
from api.web.dashboards.sections import Column, Section
from domain.phrases import Phrase
from infra.reporting.kinds import Rows
from projections.filters import FilterError

ROWS = 60
TABLE, SORT, PAGE = "table", "sort", "page"
NAMES = frozenset({TABLE, SORT, PAGE})
"""Which table of a page is sorted or turned, by which column (descending where a minus stands first), to which page."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where it leads, and how the table is sorted by it, as ``aria-sort`` says it."""

    column: Column
    to: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class TablePage:
    """A section with the rows of its page: from the ``first`` to the ``last`` of ``total``, counted from 1.

    ``before`` and ``after`` are the addresses of the rows around; empty where there are none.
    """

    section: Section
    number: int
    heads: list[Head]
    rows: Rows
    first: int
    last: int
    before: str
    after: str

    @property
    def total(self) -> int:
        """How many rows the table has."""
        return len(self.section.rows)


def paged(section: Section, number: int, query: Mapping[str, str]) -> TablePage:
    """The page of the ``number``-th table of a dashboard that an address asks for; the first one of all others.

    Raises:
        FilterError: the address sorts it by a column that it does not have, or its page is no number.
    """
    here: Mapping[str, str] = query if query.get(TABLE) == str(number) else {}
    rest = {name: value for name, value in query.items() if name not in NAMES}
    sort = here.get(SORT, "")

    def to(changes: Mapping[str, str | int]) -> str:
        return f"?{urlencode({**rest, TABLE: number, **changes})}#table-{number}"

    rows = _sorted(section, sort) if sort else section.rows
    last_page = max(1, -(-len(rows) // ROWS))
    page = min(_page(here.get(PAGE, "1")), last_page)
    start = (page - 1) * ROWS
    kept: dict[str, str | int] = {SORT: sort} if sort else {}
    heads = [_head(column, sort, to) if len(rows) > 1 else Head(column) for column in section.columns]
    return TablePage(
        section,
        number,
        heads,
        rows[start : start + ROWS],
        start + 1,
        min(start + ROWS, len(rows)),
        to({**kept, PAGE: page - 1}) if page > 1 else "",
        to({**kept, PAGE: page + 1}) if page < last_page else "",
    )


def _page(text: str) -> int:
    if not (text.isdecimal() and len(text) < 6 and int(text)):
        raise FilterError(Phrase("{name}: write a whole number from 1", name=PAGE))
    return int(text)


def _head(column: Column, sort: str, to: Callable[[Mapping[str, str | int]], str]) -> Head:
    if sort.removeprefix("-") != column.name:
        return Head(column, to({SORT: f"-{column.name}" if column.numeric else column.name}))
    if sort.startswith("-"):
        return Head(column, to({SORT: column.name}), "descending")
    return Head(column, to({SORT: f"-{column.name}"}), "ascending")


def _sorted(section: Section, sort: str) -> Rows:
    """The rows by a column; those without a value in it last, whichever way."""
    name = sort.removeprefix("-")
    column = next((column for column in section.columns if column.name == name), None)
    if column is None:
        known = ", ".join(column.name for column in section.columns)
        raise FilterError(Phrase(N_("no column is called {name}: choose from {known}"), name=name[:40], known=known))
    keys = [(_key(column, row), row) for row in section.rows]
    present = [pair for pair in keys if pair[0] is not None]
    present.sort(key=lambda pair: pair[0], reverse=sort.startswith("-"))
    return [*(row for _, row in present), *(row for key, row in keys if key is None)]


def _key(column: Column, row: Mapping[str, Any]) -> Any:
    of, name = column.opens(row)
    value = of.get(name)
    if column.numeric or value is None or column.as_is:
        return value
    return column.show(row).casefold()
