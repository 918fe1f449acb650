"""Counts that tables are made of: how many units, and whose, by family, margin, month and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from projections.disclosure.system import ALL, Cell, Unknown
from projections.small_counts import SMALLEST_SHOWN


@dataclass(slots=True)
class Counts:
    """Sums by unknown, and the people behind each by a number of theirs. What is not in it is nought."""

    sums: dict[Unknown, int] = field(default_factory=dict[Unknown, int])
    people: dict[Unknown, list[int]] = field(default_factory=dict[Unknown, list[int]])
    smallest_shown: int = SMALLEST_SHOWN

    def add(
        self, family: str, places: Mapping[str, str], month: int, outcome: str, person: int, amount: int = 1
    ) -> None:
        """Count a unit at its value of every margin."""
        for margin, value in ((ALL, ""), *places.items()):
            unknown = Unknown(family, margin, value, month, outcome)
            self.sums[unknown] = self.sums.get(unknown, 0) + amount
            self.people.setdefault(unknown, []).append(person)

    def total(self, cell: Cell) -> int:
        """The sum of a cell."""
        return sum(self.sums.get(unknown, 0) for unknown in cell.unknowns())

    def is_small(self, cell: Cell) -> bool:
        """Whether a cell is about somebody, and fewer people than may be shown."""
        total = self.total(cell)
        return total > 0 and (total < self.smallest_shown or self.persons(cell) < self.smallest_shown)

    def persons(self, cell: Cell) -> int:
        """How many people are in a cell: exact where they are too few to show, else at least so many."""
        found: set[int] = set()
        for unknown in cell.unknowns():
            found.update(self.people.get(unknown, ()))
            if len(found) >= self.smallest_shown:
                break
        return len(found)

    def values(self, margin: str, months: Iterable[int]) -> list[str]:
        """The values that a margin has in some months, in order."""
        wanted = {*months}
        return sorted({u.value for u in self.sums if u.margin == margin and u.month in wanted})
