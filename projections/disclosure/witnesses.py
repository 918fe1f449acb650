"""Other tables that a reader could not tell from the true ones, kept as they are met: they answer most questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from projections.disclosure.system import INFINITE, TOLERANCE

Numbers = NDArray[np.float64]


class Sums:
    """What each number comes to in a table: what is known of it, and the columns of the rest."""

    def __init__(self, given: Sequence[float], columns: Sequence[Sequence[int]]) -> None:
        self._given = np.asarray(given)
        self._flat = np.array([column for of_number in columns for column in of_number], dtype=np.intp)
        self._number = np.repeat(np.arange(len(columns)), [len(of_number) for of_number in columns])

    def of(self, point: Numbers) -> Numbers:
        """All of them at a point of the program."""
        unknown: Numbers = np.bincount(self._number, weights=point[self._flat], minlength=len(self._given)).astype(
            float
        )
        return self._given + unknown


class Witnesses:
    """Tables that a reader could not tell from the true ones: they show how far each withheld number can be."""

    def __init__(self, true: Sequence[float]) -> None:
        self._true: Numbers = np.asarray(true, dtype=float)
        self._values: Numbers = np.empty((16, len(true)))
        self._counts = np.zeros(16, dtype=bool)
        self._number = 0
        self.low = self.high = self._true

    def add(self, values: Numbers) -> None:
        """One that agrees with all that is shown now."""
        if self._number == len(self._values):
            self._values = np.resize(self._values, (2 * self._number, len(self._true)))
            self._counts = np.resize(self._counts, 2 * self._number)
        self._values[self._number], self._counts[self._number] = values, True
        self._number += 1
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)

    def restricted(self, number: int) -> NDArray[np.bool_]:
        """Leave those in which a number has its true value; gives which counted before."""
        before = self._counts[: self._number].copy()
        self._counts[: self._number] &= np.abs(self._values[: self._number, number] - self._true[number]) < TOLERANCE
        self._measure()
        return before

    def again(self, before: NDArray[np.bool_]) -> None:
        """Take back a restriction; what was found since is true of fewer tables, and so of these."""
        self._counts[: len(before)] = before
        self._measure()

    def _measure(self) -> None:
        values = self._values[: self._number][self._counts[: self._number]]
        self.low = np.minimum(self._true, values.min(axis=0, initial=INFINITE))
        self.high = np.maximum(self._true, values.max(axis=0, initial=-INFINITE))
