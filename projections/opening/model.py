"""What opening a number takes and gives: the question of one cell, and the cases that the cell counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, literal, select

from projections.abstinence.measures import Measure
from projections.base import Row, fetch
from projections.completion.definition import DENOMINATORS, Denominator
from projections.filters import FilterError, Filters
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint

# How every case begins; what is peculiar to its kind follows.
PLACE = ("client_id", "adds", "level", "program", "site", "first_day", "last_day")


@dataclass(frozen=True, slots=True)
class Question:
    """One cell of a report: what the report was asked, which of its rows (``at``), and which number in it.

    ``today`` is an ordinal: what is not settled by it counts as not yet.
    """

    filters: Filters
    at: Mapping[str, str]
    number: str
    today: int
    denominator: Denominator = DENOMINATORS["completed"]
    measures: Mapping[str, Measure] = field(default_factory=dict[str, Measure])
    endpoint: Endpoint = USE_AFTER_ADMISSION

    def key(self, name: str) -> str:
        """What the row says of a name that is no group, such as its measure.

        Raises:
            FilterError: the row is not named.
        """
        if name not in self.at:
            msg = f"say which row: {name} is missing, as at={name}=…"
            raise FilterError(msg)
        return self.at[name]

    def whole(self, name: str) -> int:
        """The same as a whole number.

        Raises:
            FilterError: the row is not named, or not by a number.
        """
        text = self.key(name)
        if not text.isdecimal() or len(text) > 6:
            msg = f"{name} is a whole number in this report: take it from the row"
            raise FilterError(msg)
        return int(text)

    def within(self, allowed: tuple[str, ...], *own: str) -> Filters | None:
        """The filters narrowed to the row; ``own`` are its names that are no groups. None where nothing can fit both.

        Raises:
            FilterError: a group or filter that the report does not have.
        """
        groups = {name: value for name, value in self.at.items() if name not in own}
        asked = replace(self.filters, by=tuple(groups)).checked(allowed).where
        fits = all(asked.get(name, value) == value for name, value in groups.items())
        return replace(self.filters, by=(), where={**groups, **asked}) if fits else None


@dataclass(frozen=True, slots=True)
class Cases:
    """What a number counts, in order of client: each row is a case, ``names`` are its columns.

    The number is the sum of ``adds``, which is 1 but where a case is a stay with several sessions, weeks or screens.
    """

    kind: str
    names: tuple[str, ...]
    rows: Sequence[Row] = ()

    @property
    def number(self) -> int:
        """The number that these cases make up."""
        return sum(row[1] for row in self.rows)

    def of(self, row: Row) -> dict[str, Any]:
        """A case by the names of its columns."""
        return dict(zip(self.names, row, strict=True))

    def weighed(self, weigh: Callable[[dict[str, Any]], int]) -> Cases:
        """The cases that count once each is looked at."""
        found = ((row, weigh(self.of(row))) for row in self.rows)
        return replace(self, rows=[(row[0], n, *row[2:]) for row, n in found if n])


@dataclass(frozen=True, slots=True)
class Opening:
    """How the numbers of one table of a report are opened.

    ``numbers`` are those that can be, ``keys`` the names of a row that are no groups, ``instead`` what to say of
    the others.
    """

    numbers: tuple[str, ...]
    cases: Callable[[Connection, Question], Cases]
    keys: tuple[str, ...] = ()
    instead: str = ""

    def open(self, connection: Connection, question: Question) -> Cases:
        """The cases of a cell.

        Raises:
            FilterError: the number is no count of cases, the row is not named, or has names that the report has not.
        """
        if question.number not in self.numbers:
            known = f"open {', '.join(self.numbers)}" if self.numbers else "none of this table can be"
            msg = f"this number cannot be opened: {known}{f'. {self.instead}' if self.instead else ''}"
            raise FilterError(msg)
        return self.cases(connection, question)


def cases(
    connection: Connection,
    kind: str,
    table: Table,
    facts: Sequence[str],
    narrow: Callable[[Select[Any]], Select[Any]],
    adds: ColumnElement[int] | None = None,
    days: tuple[str, str] = ("start_day", "end_day"),
    level: str = "level",
    renamed: Mapping[str, str] | None = None,
) -> Cases:
    """The rows of a table that a question keeps, as cases; ``adds`` is what each counts for, 1 if nothing is said.

    ``days`` are the columns of the first and the last day, ``renamed`` gives facts another name than their column's.
    """
    columns = table.c
    weight = literal(1) if adds is None else adds
    place = [columns[name] for name in (level, "program", "site", *days)]
    query = select(columns.client_id, weight, *place, *(columns[name] for name in facts))
    if adds is not None:
        query = query.where(adds != 0)
    order = [columns.client_id, *(columns[name] for name in (days[0], level, *facts))]
    names = [(renamed or {}).get(name, name) for name in facts]
    return Cases(kind, (*PLACE, *names), fetch(connection, narrow(query).order_by(*order)))
