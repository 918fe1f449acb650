"""Section of a dashboard: a chart with its table, and the columns that tables are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from api.i18n.formats import decimals
from api.web.dashboards import figures
from api.web.dashboards.number_links import link_of
from api.web.frame.pages import number, percent
from api.web.frame.plain_words import plainly
from infra.reporting.kinds import ReportParams, Rows
from infra.reporting.reports import REPORTS, columns_said
from infra.settings import Settings
from projections.timeline.words import words


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title, how a row shows in it, and which number of which row it opens.

    ``of`` are the columns of the report that it shows, where it shows others than ``name``. A column of texts is sorted
    by what it shows, or by its value ``as_is``.
    """

    title: str
    name: str
    show: Callable[[Mapping[str, Any]], str]
    numeric: bool = True
    cell: Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], str]] | None = None
    of: tuple[str, ...] = ()
    as_is: bool = False

    def opens(self, row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        """The row of the report, and the name of the number in it."""
        return (row, self.name) if self.cell is None else self.cell(row)


@dataclass(frozen=True, slots=True)
class Section:
    """A chart with its table.

    ``csv`` says which CSV it links to: "main" (the page's own report), "show=NAME" or "report=NAME"; or none.
    ``question`` is the report that its rows are of and what it was asked: their numbers can be opened. ``meanings`` are
    those of the report's columns, by name. ``narrowed`` says what the report was asked for a row, where each row is the
    answer to a question of its own.
    """

    title: str
    caption: str
    columns: Sequence[Column] = ()
    rows: Rows = field(default_factory=Rows)
    figure: dict[str, Any] | None = None
    patterns: Sequence[str] = ()
    note: str = ""
    csv: str = ""
    question: tuple[str, ReportParams] | None = None
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    meanings: Mapping[str, str] = field(default_factory=dict[str, str])
    narrowed: Callable[[Mapping[str, Any]], ReportParams] | None = None

    def meaning(self, column: Column) -> str:
        """What a column of the table means, as the report says it; empty for one that the report does not have."""
        names = column.of or (column.name,)
        return " ".join(plainly(self.meanings[name]) for name in names if name in self.meanings)

    def with_meanings(self, settings: Settings) -> Section:
        """The same section with what its columns mean."""
        if self.question is None or self.question[1].show not in ("", *REPORTS[self.question[0]].shows):
            return self
        return replace(
            self,
            meanings={
                column.name: column.meaning for column in columns_said(self.question[0], settings, self.question[1])
            },
        )

    def link(self, row: Mapping[str, Any], column: Column) -> str:
        """The address of an opened number; empty where it cannot be opened."""
        if self.question is None:
            return ""
        report, params = self.question
        return link_of(report, self.narrowed(row) if self.narrowed else params, *column.opens(row), self.links)

    def with_csv(self, report: str, query: Mapping[str, str]) -> Section:
        """The same section with the address of its CSV, if it has one."""
        if not self.csv:
            return self
        key, _, value = self.csv.partition("=")
        name = value if key == "report" else report
        filters = {**query, "show": value} if key == "show" else dict(query)
        return replace(self, csv=f"/dashboards/{name}.csv?{urlencode(filters)}")


def groups(by: Sequence[str]) -> list[Column]:
    """The columns of the groups."""
    return [Column(words(name) or name, name, _named(name), numeric=False) for name in by]


def _named(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: figures.group_of(name, row[name])


def count(title: str, name: str) -> Column:
    """A column of numbers."""
    return Column(title, name, lambda row: number(row[name]))


def mean(title: str, name: str) -> Column:
    """A column of means or estimates, all with as many decimals."""
    return Column(title, name, lambda row: decimals(row[name]))


def share(title: str, name: str) -> Column:
    """A column of shares, as percentages."""
    return Column(title, name, lambda row: percent(row[name]))


def interval(low: str, high: str) -> Column:
    """A column of intervals."""

    def show(row: Mapping[str, Any]) -> str:
        return f"{percent(row[low])} – {percent(row[high])}" if row[low] is not None else "–"

    return Column("95 % interval", low, show, of=(low, high))
