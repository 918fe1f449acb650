"""What is known of one population by everything that was published of it, as linear equations over unknown counts.

Unknown are the people of each (level, cell), and of each (level, value, cell) of each attribute; the second add up to
the first. Two attributes are never asked for together, and any two divisions of one group exist together, so these
unknowns lose nothing against one unknown for each combination of attributes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from projections.suppression import small

Atom = tuple[str, str, str, str]
"""Attribute ("" for none), level, value, cell."""


@dataclass(frozen=True)
class Count:
    """A count over people: those of some levels, of some values of an attribute, in some cells."""

    attribute: str
    levels: frozenset[str]
    values: frozenset[str]
    cells: frozenset[str]


@dataclass
class Universe:
    """One population: its true atoms, what was published of it, and what was withheld."""

    name: str
    truth: dict[Atom, int]
    shown: dict[Count, int] = field(default_factory=dict[Count, int])
    hidden: set[Count] = field(default_factory=set[Count])

    def atoms_of(self, count: Count) -> list[Atom]:
        """The atoms that a count is the sum of."""
        found = product((count.attribute,), count.levels, count.values, count.cells)
        return [atom for atom in found if atom in self.truth]

    def true(self, count: Count) -> int:
        """The number of people that a count is of."""
        return sum(self.truth[atom] for atom in self.atoms_of(count))

    def leaks(self, sample: int | None, seed: int) -> Iterator[str]:
        """Withheld and unpublished groups of 1–10 whose number follows from what was published."""
        for count, value in self.shown.items():
            if self.true(count) != value:
                yield f"{self.name}: {count} is shown as {value} and is {self.true(count)}"
            if small(value):
                yield f"{self.name}: {count} shows {value}"
        yield from self._differences()
        system = System(self)
        few = [count for count in self.hidden - self.shown.keys() if small(self.true(count))]
        few += [
            Count(a, frozenset([b]), frozenset([c]), frozenset([d]))
            for (a, b, c, d), n in self.truth.items()
            if small(n)
        ]
        few = sorted(set(few), key=repr)
        if sample is not None and len(few) > sample:
            few = random.Random(seed).sample(few, sample)
        for count in few:
            least, most = system.bounds(count)
            if most - least < 0.5:
                yield f"{self.name}: {count} follows: {self.true(count)} in {least:.2f}..{most:.2f}"

    def _differences(self) -> Iterator[str]:
        """Two shown counts of one attribute, one's people all in the other's, that differ by a small group."""
        for attribute in {atom[0] for atom in self.truth}:
            places = {atom: n for n, atom in enumerate(a for a in self.truth if a[0] == attribute)}
            known = [(self._spread(count, attribute, places), n) for count, n in self.shown.items()]
            rows = np.array([row for row, _ in known if row is not None])
            values = np.array([n for row, n in known if row is not None])
            if not len(rows):
                continue
            inside = rows @ rows.T == rows.sum(axis=1)[:, None]
            apart = values[None, :] - values[:, None]
            for one, other in zip(*np.nonzero(inside & (apart > 0) & (apart <= 10)), strict=True):
                yield f"{self.name}: by {attribute or 'level'}, {values[other]} less {values[one]} is a small group"

    def _spread(self, count: Count, attribute: str, places: Mapping[Atom, int]) -> np.ndarray | None:
        if count.attribute not in ("", attribute):
            return None
        row = np.zeros(len(places))
        for atom, place in places.items():
            inside = atom[1] in count.levels and atom[3] in count.cells
            row[place] = inside and (count.attribute == "" or atom[2] in count.values)
        return row


class System:
    """The equations of a universe, ready to be asked for the least and greatest value of a count."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.places = {atom: place for place, atom in enumerate(universe.truth)}
        equations: list[tuple[dict[int, float], float]] = []
        for count, value in universe.shown.items():
            equations.append(({self.places[atom]: 1.0 for atom in universe.atoms_of(count)}, value))
        divided: dict[Atom, list[int]] = {}
        for (attribute, level, _, cell), place in self.places.items():
            divided.setdefault((attribute, level, "", cell), []).append(place)
        for (attribute, *rest), parts in divided.items():
            if attribute:
                whole = self.places["", rest[0], "", rest[2]]
                equations.append(({whole: -1.0, **dict.fromkeys(parts, 1.0)}, 0))
        data = [(row, column, x) for row, (terms, _) in enumerate(equations) for column, x in terms.items()]
        rows, columns, numbers = np.array(data, dtype=float).reshape(-1, 3).T
        shape = (len(equations), len(self.places))
        self.matrix: Any = csr_array((numbers, (rows, columns)), shape=shape)
        self.right = np.array([value for _, value in equations], dtype=float)

    def bounds(self, count: Count) -> tuple[float, float]:
        """The least and the greatest value that a count could have."""
        goal = np.zeros(len(self.places))
        for atom in self.universe.atoms_of(count):
            goal[self.places[atom]] = 1.0
        ends: list[float] = []
        for sign in (1, -1):
            found = linprog(sign * goal, A_eq=self.matrix, b_eq=self.right, method="highs")
            ends.append(sign * float(found.fun or 0) if found.status == 0 else -sign * float("inf"))
        return ends[0], ends[1]
