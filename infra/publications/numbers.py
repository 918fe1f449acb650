"""Numbers of a published table: what each is, whether it is withheld, of what it is a part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import ExpectedError
from infra.publications.rows import row_columns

Content = Mapping[str, Any]
_BOUNDS = ("_low", "_high")


class NoSuchNumberError(ExpectedError, LookupError, kind="not-found"):
    """A table has no such number: the message names the field and what to choose from."""

    def __init__(self, field: str, choices: list[str]) -> None:
        """Say which of ``period``, ``group`` and ``column`` it is."""
        self.field, self.problem = field, f"choose from {', '.join(map(repr, choices))}"
        super().__init__(f"{field}: {self.problem}")


@dataclass(frozen=True, slots=True)
class Published:
    """One number. ``denominator`` is the column that it is a part of; empty where it is of none.

    A share has its bounds (Wilson, 95 %). ``withheld``: what is not shown since it could point to somebody; a share of
    nothing has no value either, and is not withheld.
    """

    period: str
    group: str
    column: str
    value: float | None
    withheld: bool
    denominator: str = ""
    denominator_value: float | None = None
    low: float | None = None
    high: float | None = None


def number_of(table: Content, period: str, group: str, column: str) -> Published:
    """One number of a table.

    Raises:
        NoSuchNumberError: no such period, group or column in it.
    """
    columns = [*table["columns"], *table["shares"]]
    for field, wanted, known in (
        ("period", period, [*dict.fromkeys(row["period"] for row in table["rows"])]),
        ("group", group, [*table["groups"]]),
        ("column", column, columns),
    ):
        if wanted not in known:
            raise NoSuchNumberError(field, known)
    [row] = [row for row in table["rows"] if (row["period"], row["group"]) == (period, group)]
    below = denominator(table, column)
    return Published(
        period,
        group,
        column,
        row[column],
        is_withheld(table, row, column),
        below,
        row[below] if below else None,
        *(row.get(column + bound) for bound in _BOUNDS),
    )


def denominator(table: Content, column: str) -> str:
    """The column that a share or count is a part of; empty where it is of none."""
    if column in table["of"]:
        return table["of"][column][1]
    return next((below for above, below in table["of"].values() if above == column), "")


def is_withheld(table: Content, row: Content, column: str) -> bool:
    """Whether a value of a row is withheld; that of a share, where one of its two numbers is."""
    share = next((name for name in table["of"] if column in {name, *(name + bound for bound in _BOUNDS)}), "")
    return any(row[name] is None for name in (table["of"][share] if share else [column]))


def numbers_of(table: Content) -> Iterator[tuple[str, str, str, float | None, bool]]:
    """(period, group, column, value, withheld) of all of them, bounds included."""
    for row in table["rows"]:
        for column in row_columns(table)[2:]:
            yield row["period"], row["group"], column, row[column], is_withheld(table, row, column)
