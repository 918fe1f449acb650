"""A linear program over HiGHS that is asked again and again with another question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from projections.disclosure.system import INFINITE, Equation, NoSolutionError

# The simplex goes on from its last answer: with another objective that is still feasible, where the primal method
# begins; with other bounds nothing is better than it, where the dual one begins.
_DUAL, _PRIMAL = 1, 4


class _Silent(highspy.Highs):
    """The solver without its callbacks: setting these up prints a line before it can be told not to."""

    def __init__(self) -> None:  # pyright: ignore[reportMissingSuperCall]
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class Solution:
    """The best value of a question, infinite where there is no end to it, and where it was found."""

    value: float
    point: Sequence[float]


class Program:
    """Columns that are at least nought, rows between bounds. Each solution is the start for the next."""

    def __init__(self, columns: int, rows: Sequence[Equation], costs: Mapping[int, float] | None = None) -> None:
        """Take the rows; ``costs`` are the objective's until a question is asked."""
        self._solver = _Silent()
        self._solver.setOptionValue("threads", 1)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = columns, len(rows)
        program.col_cost_ = np.array([(costs or {}).get(column, 0.0) for column in range(columns)])
        program.col_lower_, program.col_upper_ = np.zeros(columns), np.full(columns, INFINITE)
        program.row_lower_ = np.array([row.low for row in rows], dtype=float)
        program.row_upper_ = np.array([row.high for row in rows], dtype=float)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.cumsum([0, *(len(row.terms) for row in rows)], dtype=np.int32)
        program.a_matrix_.index_ = np.array([column for row in rows for column, _ in row.terms], dtype=np.int32)
        program.a_matrix_.value_ = np.array([weight for row in rows for _, weight in row.terms], dtype=float)
        self._solver.passModel(program)
        self._columns = columns
        self._asked: list[int] = []

    def bound(self, row: int, low: float, high: float) -> None:
        """Give a row other bounds."""
        self._solver.changeRowBounds(row, low, high)

    def limit(self, column: int, low: float, high: float) -> None:
        """Give a column other bounds."""
        self._solver.changeColBounds(column, low, high)

    def cost(self, column: int, cost: float) -> None:
        """Give a column another cost."""
        self._solver.changeColCost(column, cost)

    def extreme(self, columns: Sequence[int], *, most: bool) -> Solution:
        """The least or the most that a sum of columns can be.

        Raises:
            NoSolutionError: the rows contradict each other.
        """
        for column in self._asked:
            self._solver.changeColCost(column, 0.0)
        for column in columns:
            self._solver.changeColCost(column, -1.0 if most else 1.0)
        self._asked = list(columns)
        solution = self._solved(_PRIMAL)
        return Solution(-solution.value, solution.point) if most else solution

    def least(self) -> Solution:
        """The least of the objective as it is.

        Raises:
            NoSolutionError: the rows contradict each other.
        """
        return self._solved(_DUAL)

    def _solved(self, strategy: int) -> Solution:
        self._solver.setOptionValue("simplex_strategy", strategy)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return Solution(-INFINITE, self._solver.getSolution().col_value)
        if status != highspy.HighsModelStatus.kOptimal:
            raise NoSolutionError(str(status))
        return Solution(self._solver.getInfo().objective_function_value, self._solver.getSolution().col_value)
