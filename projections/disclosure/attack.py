"""The attack: how far everything that is shown narrows what is withheld. Two linear programs for each number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from projections.disclosure.program import Program
from projections.disclosure.system import INFINITE, TOLERANCE, Cell, Equation, Need, Range, System


@dataclass(frozen=True, slots=True)
class _Part:
    """Unknowns that hang together, by their place in a program of their own."""

    program: Program
    place: Mapping[int, int]


class Attack:
    """A reader with pencil, paper and a solver. What hangs together is solved together, and nothing else with it."""

    def __init__(self, system: System, shown: Mapping[Cell, float]) -> None:
        """Put what is shown beside what is known of any such tables."""
        self._system = system
        rows = [*system.equations()]
        rows += [
            Equation(tuple((term, 1.0) for term in system.terms(cell)), value, value) for cell, value in shown.items()
        ]
        self._known = settled(rows)
        self._rows = [row for row in (_without(row, self._known) for row in rows) if row.terms]
        self._groups = together(self._rows, system.unknowns)
        self._parts: dict[int, _Part] = {}
        self._rows_of: dict[int, list[Equation]] = {}
        for row in self._rows:
            self._rows_of.setdefault(self._groups[row.terms[0][0]], []).append(row)

    def range(self, cell: Cell) -> Range:
        """What a number can be.

        Raises:
            NoSolutionError: what is shown contradicts itself.
        """
        given, programs = self._asked(cell)
        low = high = given
        for part, columns in programs:
            low += part.program.extreme(columns, most=False).value
            high += part.program.extreme(columns, most=True).value
        return Range(low, high)

    def broken(self, required: Mapping[Cell, Need]) -> dict[Cell, Range]:
        """The withheld numbers that are narrowed too far.

        A solution found for one number is a witness for all others that it leaves wide enough, so that most of them
        are never asked for.
        """
        lowest: dict[Cell, float] = {}
        highest: dict[Cell, float] = {}
        by_group: dict[int, list[Cell]] = {}
        cell_parts = {cell: self._asked(cell) for cell in required}
        for cell, (given, parts) in cell_parts.items():
            lowest[cell], highest[cell] = (INFINITE, -INFINITE) if parts else (given, given)
            for group in {self._groups[term] for term in self._system.terms(cell) if term not in self._known}:
                by_group.setdefault(group, []).append(cell)
        for cell, need in required.items():
            if cell_parts[cell][1]:
                self._narrow(cell, need, cell_parts, lowest, highest, by_group)
        ranges = {cell: Range(lowest[cell], highest[cell]) for cell in required}
        return {cell: self.range(cell) for cell, need in required.items() if not need.is_met(ranges[cell])}

    def _narrow(
        self,
        cell: Cell,
        need: Need,
        cell_parts: Mapping[Cell, tuple[float, list[tuple[_Part, list[int]]]]],
        lowest: dict[Cell, float],
        highest: dict[Cell, float],
        by_group: Mapping[int, list[Cell]],
    ) -> None:
        given, parts = cell_parts[cell]
        for most in (False, True):
            if (highest[cell] >= need.high) if most else (lowest[cell] <= need.low):
                continue
            value = given
            for part, columns in parts:
                solution = part.program.extreme(columns, most=most)
                value += solution.value
                if abs(solution.value) == INFINITE:
                    continue
                group = self._groups[next(iter(part.place))]
                for other in by_group[group]:
                    other_given, other_parts = cell_parts[other]
                    if len(other_parts) == 1:
                        at = other_given + sum(solution.point[column] for column in other_parts[0][1])
                        lowest[other], highest[other] = min(lowest[other], at), max(highest[other], at)
            lowest[cell], highest[cell] = min(lowest[cell], value), max(highest[cell], value)

    def _asked(self, cell: Cell) -> tuple[float, list[tuple[_Part, list[int]]]]:
        """What of a number is known, and its unknowns by the program that they are in."""
        given = 0.0
        columns: dict[int, list[int]] = {}
        for term in self._system.terms(cell):
            if term in self._known:
                given += self._known[term]
                continue
            group = self._groups[term]
            part = self._part(group)
            columns.setdefault(group, []).append(part.place[term])
        return given, [(self._part(group), numbers) for group, numbers in columns.items()]

    def _part(self, group: int) -> _Part:
        if group not in self._parts:
            rows = self._rows_of.get(group, [])
            members = sorted({term for row in rows for term, _ in row.terms}) or [group]
            place = {term: column for column, term in enumerate(members)}
            equations = [Equation(tuple((place[t], w) for t, w in row.terms), row.low, row.high) for row in rows]
            self._parts[group] = _Part(Program(len(members), equations), place)
        return self._parts[group]


def settled(rows: Sequence[Equation]) -> dict[int, float]:
    """The unknowns that single equations give away: the last one missing of a sum, the parts of a sum of nought."""
    known: dict[int, float] = {}
    of: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        if row.low == row.high:
            for term, _ in row.terms:
                of.setdefault(term, []).append(number)
    waiting = [number for number, row in enumerate(rows) if row.low == row.high]
    while waiting:
        row = _without(rows[waiting.pop()], known)
        for term, value in _given_away(row):
            known[term] = value
            waiting += of[term]
    return known


def _given_away(row: Equation) -> Iterator[tuple[int, float]]:
    if len(row.terms) == 1:
        term, weight = row.terms[0]
        yield term, row.low / weight
    elif abs(row.low) < TOLERANCE and row.terms and len({weight > 0 for _, weight in row.terms}) == 1:
        yield from ((term, 0.0) for term, _ in row.terms)


def _without(row: Equation, known: Mapping[int, float]) -> Equation:
    """An equation in what is not known yet."""
    if not any(term in known for term, _ in row.terms):
        return row
    given = sum(known[term] * weight for term, weight in row.terms if term in known)
    return Equation(tuple(pair for pair in row.terms if pair[0] not in known), row.low - given, row.high - given)


def together(rows: Iterable[Equation], unknowns: int) -> list[int]:
    """For each unknown the name of those that it hangs together with by some equation."""
    above = list(range(unknowns))

    def top(term: int) -> int:
        while above[term] != term:
            above[term] = above[above[term]]
            term = above[term]
        return term

    for row in rows:
        first = top(row.terms[0][0])
        for term, _ in row.terms[1:]:
            above[top(term)] = first
    return [top(term) for term in range(unknowns)]
