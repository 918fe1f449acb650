"""Every table of every report with the columns that it can have: what documents, the API and pages say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from infra.reporting.kinds import ALL, EPISODE, Report, ReportParams
from infra.reporting.reports import REPORTS, TIME_TO_EVENT
from infra.settings import Settings
from projections.columns import Column, Columns, names

DEFAULTS = Settings.model_construct()
"""Settings by which tables are told to who reads of them: those of no house."""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table: what asks for it, the groups that it can have, and the columns that it always has."""

    report: str
    params: ReportParams
    groups: Columns
    columns: Columns

    @property
    def option(self) -> str:
        """What asks for it on the command line; empty for the table that a report begins with."""
        if self.params.compare:
            return "--compare A..B,C..D"
        if self.params.per_client:
            return f"--per-client --measure {self.params.measure}" if self.params.measure else "--per-client"
        return f"--show {self.params.show}" if self.params.show else f"--unit {EPISODE}" * (self.params.unit == EPISODE)


def every_column() -> list[Column]:
    """Every column of every table of every report, each meaning once."""
    tables = (table for name in REPORTS for table in tables_of(name, DEFAULTS))
    return list(dict.fromkeys(column for table in tables for column in (*table.groups, *table.columns)))


def tables_of(name: str, settings: Settings) -> list[ReportTable]:
    """The tables of a report, that which it begins with first."""
    return [_table(name, params, settings) for params in _questions(name, REPORTS[name])]


def _table(name: str, params: ReportParams, settings: Settings) -> ReportTable:
    report = REPORTS[name]
    always = report.columns_of(settings, params)
    by = names(report.groups_of(params))
    grouped = report.columns_of(settings, replace(params, by=by)) if by else always
    return ReportTable(name, params, tuple(column for column in grouped if column not in always), always)


def _questions(name: str, report: Report) -> Iterator[ReportParams]:
    for show in ("", *report.shows):
        yield ReportParams(by=(ALL,), show=show)
    if name == TIME_TO_EVENT:  # other reports are compared in the table of the comparison
        yield ReportParams(by=(ALL,), compare="2026-01-01..2026-03-31,2026-04-01..2026-06-30")
    if EPISODE in report.groups:
        yield ReportParams(by=(ALL,), unit=EPISODE)
    if report.per_client:
        yield ReportParams(per_client=True)
    if report.per_client and name == "abstinence":
        yield ReportParams(per_client=True, measure="first_use")
