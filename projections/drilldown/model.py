"""Model of a drill-down: the question of one cell, and the cases that the cell counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from projections.abstinence.measures import Measure
from projections.completion.definition import DENOMINATORS, Denominator
from projections.drilldown.cases import Cases
from projections.filters import FilterError, Filters
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint


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

    def within(self, allowed: tuple[str, ...], *apart: str) -> Filters | None:
        """The filters narrowed to the row; ``own`` are its names that are no groups. None where nothing can fit both.

        Raises:
            FilterError: a group or filter that the report does not have.
        """
        groups = {name: value for name, value in self.at.items() if name not in apart}
        where = replace(self.filters, by=tuple(groups)).checked(allowed).where
        fits = all(where.get(name, value) == value for name, value in groups.items())
        return replace(self.filters, by=(), where={**groups, **where}) if fits else None


@dataclass(frozen=True, slots=True)
class DrillDown:
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
