"""Report: what it takes, and how it is answered; the one face of every dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from infra.eventstore.context import HasLog
from infra.settings import Settings
from projections.columns import Columns
from projections.filters import Cohort, FilterError, Filters
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint

Rows = list[dict[str, Any]]
ALL = "all"


@dataclass(frozen=True, slots=True)
class ReportParams:
    """What a report is asked, beside its name. Dates are included on both sides.

    ``endpoint`` is what time to event asks; retention takes its censoring and its competing reasons. ``days`` are
    those at which a curve is read, its own if none are named. ``limit`` is of rows of the work list, ``but`` whom these
    leave out, by their ids.
    """

    by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    cohort: Cohort = "discharge"
    where: dict[str, str] = field(default_factory=dict[str, str])
    measure: str | None = None
    per_client: bool = False
    denominator: str = "completed"
    unit: str = "stay"
    show: str = ""
    compare: str = ""
    endpoint: Endpoint = USE_AFTER_ADMISSION
    days: tuple[int, ...] = ()
    limit: int = 500
    but: frozenset[str] = frozenset()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are named; "all" names none."""
        return () if self.by == (ALL,) else self.by

    def filters(self, default_by: tuple[str, ...]) -> Filters:
        """As the queries take it; the group "all" stands for one group of everything."""
        return Filters(self.groups if self.by else default_by, self.start, self.end, self.cohort, self.where)


ColumnsOf = Callable[[Settings, ReportParams, Columns], Columns]
EPISODE = "episode"


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title, what its numbers mean, where the definition comes from, how and in which columns it answers.

    ``shows`` are the other tables that it has (``--show``), ``default_by`` the groups of each table when none are
    asked for. ``columns`` says what is in every row, given the question with its groups (``grouped``) and the columns
    of these; ``groups`` are all that it knows, those of a table that has others under its name. ``per_client`` says
    whether it can be asked for rows of clients, ``of_clients`` whether every row of it is one.
    """

    title: str
    definition: str
    source: str
    answer: Callable[[HasLog, Connection, ReportParams], Rows]
    columns: ColumnsOf
    groups: Mapping[str, Columns] = field(default_factory=dict[str, Columns])
    shows: tuple[str, ...] = ()
    default_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    per_client: bool = False
    of_clients: bool = False

    def lists_clients(self, params: ReportParams) -> bool:
        """Whether the rows of an answer are clients."""
        return self.of_clients or params.per_client

    def grouped(self, params: ReportParams) -> ReportParams:
        """The question with the groups that it means when it names none."""
        return params if params.by else replace(params, by=self.default_by.get(self._table(params), ()))

    def groups_of(self, params: ReportParams) -> Columns:
        """The groups that a table knows; rows of clients and of two sides have none."""
        return (
            () if params.per_client or params.compare else self.groups.get(self._table(params), self.groups.get("", ()))
        )

    def columns_of(self, settings: Settings, params: ReportParams) -> Columns:
        """Every column of every row, in order.

        Raises:
            FilterError: no such group or measure.
        """
        grouped = self.grouped(params)
        known = {column.name: column for column in self.groups_of(params)}
        unknown = [name for name in grouped.groups if name not in known] if known else []
        if unknown:
            msg = f"cannot group by {unknown[0]!r}: choose from {', '.join(known)}"
            raise FilterError(msg)
        groups = tuple(known[name] for name in grouped.groups) if known else ()
        all_columns = self.columns(settings, grouped, groups)
        return tuple({column.name: column for column in all_columns}.values())

    def _table(self, params: ReportParams) -> str:
        return EPISODE if params.unit == EPISODE and EPISODE in self.groups else params.show


def by_group(columns: Columns) -> ColumnsOf:
    """The groups asked for, then the columns of a report that has one table."""

    def columns_by_group(_: Settings, __: ReportParams, groups: Columns) -> Columns:
        return (*groups, *columns)

    return columns_by_group


def with_references(services: HasLog, rows: Sequence[Mapping[str, object]]) -> Rows:
    """Rows of clients with their chart numbers instead of ids."""
    ids = [str(row["client_id"]) for row in rows]
    names = services.log.references(ids)
    return [
        {"client": names.get(client_id, client_id), **{k: v for k, v in row.items() if k != "client_id"}}
        for client_id, row in zip(ids, rows, strict=True)
    ]


def by_reference(services: HasLog, rows: Sequence[Mapping[str, object]]) -> Rows:
    """Rows of clients with their chart numbers instead of ids, in the order of these."""
    return sorted(with_references(services, rows), key=lambda row: natural(row["client"]))


def natural(text: str) -> tuple[Any, ...]:
    """A sort key that puts client-9 before client-10."""
    parts: list[Any] = []
    digits = ""
    for letter in text + " ":
        if letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((1, int(digits), ""))
            digits = ""
        parts.append((0, 0, letter))
    return tuple(parts)


def by_level(*shows: str) -> dict[str, tuple[str, ...]]:
    """Tables that are grouped by level when nothing else is asked for."""
    return dict.fromkeys(shows, ("level",))
