"""A line of months, small enough to stand in a card: SVG's own coordinates, without axes; a table holds the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.reporting.headlines import Point

WIDTH, HEIGHT, EDGE = 220, 44, 4


@dataclass(frozen=True, slots=True)
class Spark:
    """``lines`` and ``bands`` are lists of points for polylines and polygons; ``last`` is the end of the line.

    ``level`` is how far down a line across stands, if there is one.
    """

    lines: list[str]
    bands: list[str]
    last: tuple[float, float] | None
    level: float | None = None


def spark(points: Sequence[Point], across: float | None = None) -> Spark:
    """The line of the values from zero up, with the band of their intervals; a month without a value leaves a gap.

    ``across`` is a value for a line across all months.
    """
    most = max((across or 0, *(p.high or p.value or 0 for p in points))) or 1
    step = (WIDTH - 2 * EDGE) / max(1, len(points) - 1)

    def at(index: int, value: float) -> tuple[float, float]:
        return round(EDGE + index * step, 1), round(HEIGHT - EDGE - value / most * (HEIGHT - 2 * EDGE), 1)

    lines: list[str] = []
    bands: list[str] = []
    last = None
    for run in _runs(points):
        places = [at(i, point.value or 0) for i, point in run]
        last = places[-1]
        lines.append(_text(places))
        banded = [(i, point.low, point.high) for i, point in run if point.low is not None and point.high is not None]
        if banded:
            over = [at(i, high) for i, _, high in banded]
            bands.append(_text([*over, *(at(i, low) for i, low, _ in reversed(banded))]))
    return Spark(lines, bands, last, None if across is None else at(0, across)[1])


def _runs(points: Sequence[Point]) -> list[list[tuple[int, Point]]]:
    """Months with a value, by how they follow each other."""
    runs: list[list[tuple[int, Point]]] = []
    for index, point in enumerate(points):
        if point.value is None:
            continue
        if runs and runs[-1][-1][0] == index - 1:
            runs[-1].append((index, point))
        else:
            runs.append([(index, point)])
    return runs


def _text(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)
