"""Filters of a report: its groups, its period, the cohort that the period means, and values of dimensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from domain.errors import ExpectedError
from domain.levels import LEVELS
from projections import columns

Cohort = Literal["admission", "discharge"]
STAY_GROUPS = (*columns.OF_STAY, columns.PAYER, columns.SLOT, columns.DUAL_DIAGNOSIS, columns.CLINICIAN)
STAY_DIMENSIONS = columns.names(STAY_GROUPS)


class FilterError(ExpectedError, ValueError, kind="question"):
    """A report was asked something that it cannot answer; the message says what it can."""


@dataclass(frozen=True, slots=True)
class Filters:
    """``start`` and ``end`` are the first and the last day of the period, both included; ``None`` is open.

    ``cohort`` says which day of a stay must lie in the period: its admission or its discharge.
    """

    by: tuple[str, ...] = ("level",)
    start: date | None = None
    end: date | None = None
    cohort: Cohort = "discharge"
    where: dict[str, str] = field(default_factory=dict[str, str])

    def checked(self, allowed: tuple[str, ...]) -> Filters:
        """The same filters, once they are known to be answerable.

        Raises:
            FilterError: an unknown group or filter, a level or month that there is not, a dual diagnosis but yes or no,
                a period that ends before it starts.
        """
        for name in (*self.by, *self.where):
            if name not in allowed:
                msg = f"cannot group or filter by {name!r}: choose from {', '.join(allowed)}"
                raise FilterError(msg)
        level = self.where.get("level")
        if level and level not in LEVELS:  # the empty one is that of what belongs to no stay
            msg = f"unknown level {level!r}: choose from {', '.join(LEVELS)}"
            raise FilterError(msg)
        if "month" in self.where:
            days_of(self.where["month"])
        dual = self.where.get("dual_diagnosis", "yes")
        if dual not in {"yes", "no"}:
            msg = f"dual_diagnosis is yes or no, not {dual!r}"
            raise FilterError(msg)
        if self.start and self.end and self.end < self.start:
            msg = f"the period ends ({self.end}) before it starts ({self.start}): swap --from and --to"
            raise FilterError(msg)
        return self

    @property
    def dated(self) -> bool:
        """Whether the period is bounded on either side."""
        return self.start is not None or self.end is not None

    def whole_months(self) -> bool:
        """Whether the period begins on a first and ends on a last day of a month, where it is bounded."""
        begins = self.start is None or self.start.day == 1
        ends = self.end is None or (self.end + timedelta(days=1)).day == 1
        return begins and ends


def days_of(month: str) -> tuple[int, int]:
    """The first and last day of a month, ``YYYY-MM``.

    Raises:
        FilterError: it is no month.
    """
    try:
        first = date.fromisoformat(f"{month}-01")
        following = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        msg = f"{month!r} is not a month: write it as 2026-01"
        raise FilterError(msg) from None
    return first.toordinal(), following.toordinal() - 1
