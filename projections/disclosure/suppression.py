"""Which numbers of new tables are withheld: the small ones, and the cheapest others that keep them from being found.

For each small number and each direction a linear program looks for other tables that a reader could not tell from the
true ones, in which this number is nought, or large: the shown numbers that would have to differ are withheld too, and
of all such tables it takes those that cost least. Numbers published before stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from projections.disclosure.attack import settled, together
from projections.disclosure.program import Program
from projections.disclosure.system import (
    INFINITE,
    TOLERANCE,
    Candidate,
    CannotProtectError,
    Cell,
    Equation,
    Need,
    NoSolutionError,
    System,
)
from projections.disclosure.witnesses import Sums, Witnesses

Progress = Callable[[int, int], None]


def withheld(
    system: System, before: Mapping[Cell, float], candidates: Sequence[Candidate], progress: Progress | None = None
) -> dict[Cell, Need]:
    """The cells of the candidates that may not be shown, and what each can still be.

    A number that is withheld for others only may be bounded by parts of it that are shown (a quarter is no less than
    its months): then nothing more is asked of it.

    Raises:
        CannotProtectError: some are given away by what was published before.
    """
    rows = [*system.equations()]
    rows += [
        Equation(tuple((term, 1.0) for term in system.terms(cell)), value, value) for cell, value in before.items()
    ]
    groups = _groups(system, rows, candidates)
    suppressed: dict[Cell, Need] = {}
    lost: list[Cell] = []
    for done, (fixed, members) in enumerate(groups):
        if any(candidate.small for candidate in members) and not all(candidate.old for candidate in members):
            answer = _Search(fixed, members, system).run(partial(progress, done, len(groups)) if progress else None)
            suppressed |= answer.suppressed
            lost += answer.lost
        if progress:
            progress(done + 1, len(groups))
    if lost:
        raise CannotProtectError(lost)
    return suppressed


def _groups(
    system: System, rows: Sequence[Equation], candidates: Sequence[Candidate]
) -> list[tuple[list[Equation], list[Candidate]]]:
    """Equations and candidates that hang together, apart from those that do not."""
    terms = [(candidate, system.terms(candidate.cell)) for candidate in candidates]
    linked = [Equation(tuple((term, 1.0) for term in columns), 0, 0) for _, columns in terms if columns]
    names = together([*(row for row in rows if row.terms), *linked], system.unknowns)
    groups: dict[int, tuple[list[Equation], list[Candidate]]] = {}
    for candidate, columns in terms:
        if columns:
            groups.setdefault(names[columns[0]], ([], []))[1].append(candidate)
    for row in rows:
        if row.terms and names[row.terms[0][0]] in groups:
            groups[names[row.terms[0][0]]][0].append(row)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Suppressed:
    suppressed: dict[Cell, Need]
    lost: list[Cell]


class _Search:
    """The search among numbers that hang together.

    Two programs hold the same rows: one in which what is shown holds, to see whether a number is safe; one in which
    each number may differ from its true value at a cost, to find what else to withhold.
    """

    def __init__(self, fixed: Sequence[Equation], candidates: Sequence[Candidate], system: System) -> None:
        known = settled(fixed)
        members = sorted(
            {term for row in fixed for term, _ in row.terms if term not in known}
            | {term for candidate in candidates for term in system.terms(candidate.cell) if term not in known}
        )
        place = {term: column for column, term in enumerate(members)}
        rows = [row for row in (_placed(row, known, place) for row in fixed) if row.terms]
        self._candidates = list(candidates)
        self._needs = [candidate.need for candidate in candidates]
        self._first = len(rows)
        self._columns: list[list[int]] = []
        self._given: list[float] = []
        ties: list[Equation] = []
        for candidate in candidates:
            terms = system.terms(candidate.cell)
            columns = [place[term] for term in terms if term not in known]
            given = sum(known[term] for term in terms if term in known)
            self._columns.append(columns)
            self._given.append(given)
            left = candidate.value - given
            ties.append(Equation(tuple((column, 1.0) for column in columns), left, left))
        self._hard = Program(len(members), [*rows, *ties])
        self._slack = len(members)
        soft = [
            Equation((*row.terms, (self._slack + 2 * n, -1.0), (self._slack + 2 * n + 1, 1.0)), row.low, row.high)
            for n, row in enumerate(ties)
        ]
        costs = {self._slack + 2 * n + side: c.loss for n, c in enumerate(candidates) for side in (0, 1)}
        self._soft = Program(self._slack + 2 * len(ties), [*rows, *soft], costs)
        self._beat: Callable[[], object] = _silent
        self._suppressed: set[int] = set()
        self._nearness = _Nearness([candidate.cell for candidate in candidates])
        self._sums = Sums(self._given, self._columns)
        self._witnesses = Witnesses([candidate.value for candidate in candidates])

    def run(self, beat: Callable[[], object] | None = None) -> _Suppressed:
        """Withhold until every withheld number is safe, then show again what need not be; some may be lost.

        ``beat`` is called before each number, and may end the search by raising.
        """
        self._beat = beat or _silent
        for number, candidate in enumerate(self._candidates):
            if candidate.small:
                self._withhold(number)
        lost: list[int] = []
        waiting = sorted(self._suppressed, key=lambda number: (-self._candidates[number].need.high, number))
        done: set[int] = set()
        while waiting:
            self._beat()
            number = waiting.pop(0)
            done.add(number)
            if not all(self._is_safe(number, most=most) or self._carry(number, most=most) for most in (False, True)):
                candidate = self._candidates[number]
                if candidate.small:
                    lost.append(number)
                self._needs[number] = Need(candidate.value, candidate.value)
            waiting += sorted(self._suppressed - done - {*waiting})
        if not lost:
            self._show_again()
        cells = [candidate.cell for candidate in self._candidates]
        new = sorted(number for number in self._suppressed if not self._candidates[number].old)
        return _Suppressed({cells[number]: self._needs[number] for number in new}, [cells[number] for number in lost])

    def _show_again(self) -> None:
        """Show what was withheld for others and is not needed any more, the most wanted first.

        What stays because it would give another away is tried again once that one is shown.
        """
        extra = [number for number in self._suppressed if not self._candidates[number].small]
        waiting = sorted(extra, key=lambda number: (-self._candidates[number].loss, number))
        guards: dict[int, list[int]] = {}
        while waiting:
            self._beat()
            number = waiting.pop(0)
            narrow = self._show(number)
            if narrow is None:
                waiting = guards.pop(number, []) + waiting
            else:
                guards.setdefault(narrow, []).append(number)

    def _show(self, number: int) -> int | None:
        """Show a number again if all that are withheld stay safe, else give one that does not.

        The likeliest to fail are asked first.
        """
        self._suppressed.discard(number)
        left = self._candidates[number].value - self._given[number]
        self._hard.bound(self._first + number, left, left)
        kept = self._witnesses.restricted(number)
        ordered = [other for other in self._nearness.ordered(number) if other in self._suppressed]
        narrow = next((o for o in ordered for most in (False, True) if not self._is_safe(o, most=most)), None)
        if narrow is not None:
            self._nearness.failed(narrow)
            self._withhold(number)
            self._witnesses.again(kept)
        return narrow

    def _withhold(self, number: int) -> None:
        self._suppressed.add(number)
        self._hard.bound(self._first + number, -INFINITE, INFINITE)
        for side in (0, 1):
            self._soft.cost(self._slack + 2 * number + side, 0.0)

    def _is_safe(self, number: int, *, most: bool) -> bool:
        need = self._needs[number]
        seen = self._witnesses.high[number] if most else self._witnesses.low[number]
        if seen >= need.high - TOLERANCE if most else seen <= need.low + TOLERANCE:
            return True
        value = self._given[number]
        if self._columns[number]:
            solution = self._hard.extreme(self._columns[number], most=most)
            value += solution.value
            if abs(value) != INFINITE:
                self._witness(solution.point)
        return value >= need.high - TOLERANCE if most else value <= need.low + TOLERANCE

    def _witness(self, point: Sequence[float]) -> None:
        self._witnesses.add(self._sums.of(np.asarray(point)))

    def _carry(self, number: int, *, most: bool) -> bool:
        """Withhold what lets a number be nought, or large; False when nothing does."""
        candidate = self._candidates[number]
        target = self._needs[number].high if most else self._needs[number].low
        by = max(0.0, target - candidate.value if most else candidate.value - target)
        below, above = self._slack + 2 * number + 1, self._slack + 2 * number
        towards, away = (above, below) if most else (below, above)
        self._soft.limit(towards, by, INFINITE)
        self._soft.limit(away, 0.0, 0.0)
        try:
            point = self._soft.least().point
        except NoSolutionError:
            return False
        finally:
            self._soft.limit(towards, 0.0, INFINITE)
            self._soft.limit(away, 0.0, INFINITE)
        for other in range(len(self._candidates)):
            moved = point[self._slack + 2 * other] + point[self._slack + 2 * other + 1]
            if other not in self._suppressed and moved > TOLERANCE:
                self._withhold(other)
        self._witness(point)
        return True


def _silent() -> None:
    """Tell nobody."""


class _Nearness:
    """Which numbers a number that is shown is likely to give away: those of its row or column, then the last ones."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        parts = [(cell.family, cell.values, cell.months, cell.outcomes) for cell in cells]
        names: dict[object, int] = {}
        self._parts = np.array([[names.setdefault(part, len(names)) for part in of_cell] for of_cell in parts])
        self._failures = np.zeros(len(cells), dtype=int)

    def failed(self, number: int) -> None:
        """One was given away."""
        self._failures[number] = 1 + self._failures.max()

    def ordered(self, number: int) -> list[int]:
        """All numbers by how many parts of their names they share with one, the one that failed last before others."""
        alike = (self._parts == self._parts[number]).sum(axis=1)
        return np.lexsort((-self._failures, -alike)).tolist()


def _placed(row: Equation, known: Mapping[int, float], place: Mapping[int, int]) -> Equation:
    given = sum(known[term] * weight for term, weight in row.terms if term in known)
    terms = tuple((place[term], weight) for term, weight in row.terms if term not in known)
    return Equation(terms, row.low - given, row.high - given)


def shown(candidates: Iterable[Candidate], suppressed: Collection[Cell]) -> dict[Cell, float]:
    """The numbers that are left."""
    return {candidate.cell: candidate.value for candidate in candidates if candidate.cell not in suppressed}
