"""What a report is asked, and what a report is: the one face of every dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from infra.services import Services
from projections.filters import Cohort, Filters
from projections.time_to_event.definition import USE_AFTER_ADMISSION, Endpoint

Rows = list[dict[str, Any]]
ALL = "all"


@dataclass(frozen=True, slots=True)
class ReportParams:
    """What a report is asked, beside its name. Dates are included on both sides.

    ``endpoint`` is what time to event asks; retention takes its censoring and its competing reasons. ``days`` are
    those at which a curve is read, its own if none are named.
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

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are named; "all" names none."""
        return () if self.by == (ALL,) else self.by

    def filters(self, default_by: tuple[str, ...]) -> Filters:
        """As the queries take it; the group "all" stands for one group of everything."""
        return Filters(self.groups if self.by else default_by, self.start, self.end, self.cohort, self.where)


Columns = tuple[str, ...]
ColumnsOf = Callable[[Services, ReportParams], Columns]


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title, what its numbers mean, where the definition comes from, how and in which columns it answers.

    ``shows`` are the other tables that it has (``--show``), ``default_by`` the groups of each table when none are
    asked for. ``columns`` says the names in every row, given the question with its groups (``grouped``),
    ``per_client`` whether it can be asked for rows of clients.
    """

    title: str
    definition: str
    source: str
    answer: Callable[[Services, Connection, ReportParams], Rows]
    columns: ColumnsOf
    shows: tuple[str, ...] = ()
    default_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    per_client: bool = False

    def grouped(self, params: ReportParams) -> ReportParams:
        """The question with the groups that it means when it names none."""
        table = params.unit if params.unit in self.default_by else params.show
        return params if params.by else replace(params, by=self.default_by.get(table, ()))


def by_group(columns: Columns) -> ColumnsOf:
    """The groups asked for, then the columns of a report that has one table."""

    def found(_: Services, params: ReportParams) -> Columns:
        return (*params.groups, *columns)

    return found


def of_clients(columns: Columns) -> Columns:
    """The columns of rows of clients once they have chart numbers instead of ids (``with_references``)."""
    return ("client", *(name for name in columns if name != "client_id"))


def with_references(services: Services, rows: Rows) -> Rows:
    """Rows of clients with their chart numbers instead of ids."""
    names = services.log.references([row["client_id"] for row in rows])
    return [
        {"client": names.get(row["client_id"], row["client_id"]), **{k: v for k, v in row.items() if k != "client_id"}}
        for row in rows
    ]


def by_reference(services: Services, rows: Rows) -> Rows:
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
