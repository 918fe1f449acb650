"""Counts that tables are made of: how many units, and whose, by family, margin, month and outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from projections.disclosure.system import ALL, REST, Cell, Family, Unknown
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

    def subtract(self, family: Family) -> None:
        """Count who has the wider outcome of a nesting without the narrower one."""
        for place, (narrow, name, wide) in enumerate(family.within):
            rest = family.rest(place)
            for unknown in [*self.sums]:
                if unknown.family == name and unknown.outcome in wide:
                    self._move(unknown, unknown._replace(family=rest, outcome=REST), 1)
                elif unknown.family == family.name and unknown.outcome in narrow:
                    self._move(unknown, unknown._replace(family=rest, outcome=REST), -1)

    def _move(self, unknown: Unknown, rest: Unknown, sign: int) -> None:
        self.sums[rest] = self.sums.get(rest, 0) + sign * self.sums[unknown]
        self.people.setdefault(rest, []).extend(self.people[unknown])

    def total(self, cell: Cell) -> int:
        """The sum of a cell."""
        return sum(self.sums.get(unknown, 0) for unknown in cell.unknowns())

    def persons(self, cell: Cell) -> int:
        """How many people are in a cell: exact where they are too few to show, else at least so many."""
        people: set[int] = set()
        for unknown in cell.unknowns():
            people.update(self.people.get(unknown, ()))
            if len(people) >= self.smallest_shown:
                break
        return len(people)

    def values(self, margin: str) -> list[str]:
        """The values that a margin has anywhere, in order."""
        return sorted({unknown.value for unknown in self.sums if unknown.margin == margin})
