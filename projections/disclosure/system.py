"""What a reader of published tables knows: numbers not seen, and the equations between them.

What is counted (stays, people, sessions) has an outcome in each *family*: a division of the same units into
outcomes of which each unit has exactly one. It is counted by *margin*: everybody together, by level, by site; and by
month. One number of a reader's unknowns is a family's count at one value of a margin, in one month, with one outcome.
Whatever is published is a sum of such numbers: over months (a quarter, a year), outcomes (all discharges), values
(small sites together). A reader knows, beside what is shown:

1. *Margins*: summed over levels, or over sites, a family's outcome in a month is that of everybody.
2. *The same fact twice*: families of one universe count the same units, so that their outcomes come to the same sum.
3. *Nesting*: who has one outcome has another (retained for 90 days: for 30 days too), so the first are no more; and
   the rest, who have the second only, is a number by subtraction, which must be guarded like any other.
4. No number is below nought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import NamedTuple

INFINITE = float("inf")
TOLERANCE = 1e-4  # of a count; the solver's own is a thousandth of it
REST = "rest"  # the outcome of what is left of a wider outcome without a narrower one
ALL = "all"  # the margin of everybody together; its one value is ""


class Unknown(NamedTuple):
    """One number that a reader does not know. ``month`` counts months since year 0."""

    family: str
    margin: str
    value: str
    month: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Family:
    """A division of the units of a ``universe`` by outcome.

    Families of one universe have the same totals; without one, a family stands for itself. ``within`` holds
    (outcomes, other family, its outcomes): units with one of the first have one of the second. ``only`` says, by
    outcome, at which values of which margin it can occur at all: elsewhere everybody knows it to be nought.
    """

    name: str
    outcomes: tuple[str, ...]
    universe: str = ""
    within: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    only: Mapping[str, tuple[str, frozenset[str]]] = field(
        default_factory=dict[str, tuple[str, frozenset[str]]], hash=False
    )

    def can_occur(self, unknown: Unknown) -> bool:
        """Whether an outcome is possible at a value of a margin."""
        return self.is_possible(unknown.outcome, unknown.margin, unknown.value)

    def is_possible(self, outcome: str, margin: str, value: str) -> bool:
        """The same by parts."""
        where, values = self.only.get(outcome, ("", frozenset[str]()))
        return margin != where or value in values

    def rest(self, place: int) -> str:
        """The name of a family of those who have the wider outcome of a nesting only. Its one outcome is REST."""
        _, wider, outcomes = self.within[place]
        return f"{wider} {'+'.join(outcomes)} without {self.name} {'+'.join(self.within[place][0])}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table: the sum of a family over values of a margin, months and outcomes, each in order."""

    family: str
    margin: str
    values: tuple[str, ...]
    months: tuple[int, ...]
    outcomes: tuple[str, ...]

    def unknowns(self) -> Iterator[Unknown]:
        """What it is the sum of."""
        for value, month, outcome in product(self.values, self.months, self.outcomes):
            yield Unknown(self.family, self.margin, value, month, outcome)


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a withheld number can be, given all that is shown."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a withheld number must still be able to be: at most ``low``, and at least ``high``."""

    low: float
    high: float

    def is_met(self, possible: Range) -> bool:
        """Whether a range is wide enough."""
        return possible.low <= self.low + TOLERANCE and possible.high >= self.high - TOLERANCE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that would be shown.

    ``loss`` is what it costs to withhold it, for each unit by which a reader would be left in the dark; ``small`` says
    that it must be, ``need`` what it must still be able to be if it is. ``old`` was withheld in an earlier publication:
    it stays so, and what comes now must not narrow it.
    """

    cell: Cell
    value: float
    small: bool
    loss: float
    need: Need
    old: bool = False


class NoSolutionError(Exception):
    """The equations contradict each other: what was shown cannot be true together."""


class CannotProtectError(Exception):
    """What was published before gives a small number away, whatever is withheld now."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        """Name the numbers."""
        super().__init__(f"{len(cells)} numbers cannot be protected against what was published before")
        self.cells = tuple(cells)


class Equation(NamedTuple):
    """A weighted sum of unknowns that lies between two bounds, both included."""

    terms: tuple[tuple[int, float], ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Families, the values of each margin, and the months for which each family was published."""

    families: Mapping[str, Family]
    margins: Mapping[str, Sequence[str]]
    months: Mapping[str, Sequence[int]]


class System:
    """The unknowns of a frame by number, and the equations that hold whatever is shown.

    ``alike`` names, by family, outcomes that no number tells apart by one of them: they are one unknown then. That is
    exact: any split of their sum is as good as another.
    """

    def __init__(self, frame: Frame, alike: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Number the unknowns; those that are nought by nature are left out."""
        self.frame = frame
        self._alike = alike or {}
        self.unknowns = 0
        self.number: dict[Unknown, int] = {}
        for family in frame.families.values():
            for (margin, value), month in product(self._places(), frame.months[family.name]):
                numbers: dict[str, int] = {}
                for outcome in family.outcomes:
                    if family.is_possible(outcome, margin, value):
                        unknown = Unknown(family.name, margin, value, month, outcome)
                        name = self._alike.get(family.name, {}).get(outcome, outcome)
                        self.number[unknown] = numbers.setdefault(name, self.unknowns + len(numbers))
                self.unknowns += len(numbers)
            for place, (_, wider, _) in enumerate(family.within):
                for (margin, value), month in product(self._places(), self._both(family.name, wider)):
                    self.number[Unknown(family.rest(place), margin, value, month, REST)] = self.unknowns
                    self.unknowns += 1

    def terms(self, cell: Cell) -> tuple[int, ...]:
        """The numbers of a cell's unknowns."""
        return self._numbers(cell.unknowns())

    def equations(self) -> Iterator[Equation]:
        """What is known of any such tables."""
        for family in self.frame.families.values():
            yield from self._margins(family)
            yield from self._nesting(family)
        yield from self._same_totals()

    def _margins(self, family: Family) -> Iterator[Equation]:
        names = {self._alike.get(family.name, {}).get(outcome, outcome): outcome for outcome in family.outcomes}
        for margin, values in self.frame.margins.items():
            if margin == ALL:
                continue
            for month, outcome in product(self.frame.months[family.name], names.values()):
                parts = [Unknown(family.name, margin, value, month, outcome) for value in values]
                whole = [Unknown(family.name, ALL, "", month, outcome)]
                yield self._difference(parts, whole)

    def _same_totals(self) -> Iterator[Equation]:
        universes: dict[str, list[Family]] = {}
        for family in self.frame.families.values():
            if family.universe:
                universes.setdefault(family.universe, []).append(family)
        for families in universes.values():
            months = sorted({month for family in families for month in self.frame.months[family.name]})
            for (margin, value), month in product(self._places(), months):
                # by month, for families are published at different times: any two of a month have one total
                counted = [family for family in families if month in self.frame.months[family.name]]
                sums = [[Unknown(f.name, margin, value, month, outcome) for outcome in f.outcomes] for f in counted]
                for mine, theirs in pairwise(sums):
                    yield self._difference(mine, theirs)

    def _nesting(self, family: Family) -> Iterator[Equation]:
        for number, (outcomes, name, wider) in enumerate(family.within):
            for (margin, value), month in product(self._places(), self._both(family.name, name)):
                inner = [Unknown(family.name, margin, value, month, outcome) for outcome in outcomes]
                inner.append(Unknown(family.rest(number), margin, value, month, REST))
                outer = [Unknown(name, margin, value, month, outcome) for outcome in wider]
                yield self._difference(inner, outer)

    def _both(self, first: str, second: str) -> list[int]:
        """The months for which two families were published; none where one is not asked about."""
        if not {first, second} <= {*self.frame.families}:
            return []
        return sorted({*self.frame.months[first]} & {*self.frame.months[second]})

    def _places(self) -> Iterable[tuple[str, str]]:
        return [(margin, value) for margin, values in self.frame.margins.items() for value in values]

    def _numbers(self, unknowns: Iterable[Unknown]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.number[unknown] for unknown in unknowns if unknown in self.number))

    def _difference(self, plus: Iterable[Unknown], minus: Iterable[Unknown]) -> Equation:
        """The first less the second is nought."""
        terms = [(number, 1.0) for number in self._numbers(plus)]
        return Equation((*terms, *((number, -1.0) for number in self._numbers(minus))), 0.0, 0.0)


def alike(families: Iterable[Family], cells: Iterable[Cell]) -> dict[str, dict[str, str]]:
    """By family, each outcome's first of those that are never apart in any number or definition."""
    kept = [*families]
    published = {family.name: {tuple(sorted(family.only))} for family in kept}
    for cell in cells:
        published.setdefault(cell.family, set()).add(cell.outcomes)
    for family in kept:
        for outcomes, wider, theirs in family.within:
            published[family.name].add(outcomes)
            published.setdefault(wider, set()).add(theirs)
    representatives: dict[str, dict[str, str]] = {}
    for family in kept:
        first: dict[frozenset[tuple[str, ...]], str] = {}
        for outcome in family.outcomes:
            sign = frozenset(group for group in published[family.name] if outcome in group)
            representatives.setdefault(family.name, {})[outcome] = first.setdefault(sign, outcome)
    return representatives
