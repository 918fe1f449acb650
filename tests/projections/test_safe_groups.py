"""Groups that are shown whole or not at all: nothing of 1–10, in a group or in what is left of one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import linprog

from projections.safe_counts import Path
from projections.safe_groups import Figure, Vector, with_rest, withheld
from projections.suppression import small

counts = st.one_of(st.integers(0, 14), st.integers(0, 60))
rows = st.lists(st.tuples(counts, counts, counts).filter(any), min_size=1, max_size=6)


def figures_of(table: list[tuple[int, ...]]) -> dict[Path, Figure]:
    """Levels by what became of their people, and all of them."""
    whole = tuple(map(sum, zip(*table, strict=True)))
    found: dict[Path, Figure] = {(): Figure((sum(whole),), whole)}
    found.update({(f"level {n}",): Figure((sum(row),), row) for n, row in enumerate(table)})
    return found


@given(rows)
def test_no_small_count_is_shown_and_none_is_left_over(table: list[tuple[int, ...]]) -> None:
    figures = figures_of(table)
    found = withheld(figures)
    assert found.totals <= found.outcomes
    for paths, vector in ((found.totals, "total"), (found.outcomes, "outcome")):
        shown: dict[Path, Vector] = {p: getattr(f, vector) for p, f in figures.items() if p not in paths}
        assert not any(small(n) for counted in shown.values() for n in counted)
        if () in shown:
            parts = [counted for path, counted in shown.items() if path]
            left = [n - sum(part[place] for part in parts) for place, n in enumerate(shown[()])]
            assert not any(small(n) for n in left)


@given(rows)
def test_no_small_outcome_has_one_possible_value(table: list[tuple[int, ...]]) -> None:
    """Totals and outcomes together, as equations over what became of the people of each level."""
    figures = figures_of(table)
    found = withheld(figures)
    wide = len(table[0])
    equations: list[np.ndarray] = []
    values: list[int] = []
    for path, figure in figures.items():
        levels = range(len(table)) if not path else [int(path[0].removeprefix("level "))]
        own = np.zeros((len(table), wide))
        if path not in found.totals:
            own[list(levels)] = 1
            equations.append(own.ravel().copy())
            values.append(figure.total[0])
        for cell in range(wide) if path not in found.outcomes else ():
            own[:] = 0
            own[list(levels), cell] = 1
            equations.append(own.ravel().copy())
            values.append(figure.outcome[cell])
    for place, n in enumerate(np.array(table).ravel()):
        if small(int(n)) and equations:
            goal = np.zeros(len(table) * wide)
            goal[place] = 1
            least, most = (_end(sign * goal, equations, values) for sign in (1, -1))
            assert abs(most) - abs(least) > 10, (table, place, least, most)


def _end(goal: np.ndarray, equations: list[np.ndarray], values: list[int]) -> float:
    found = linprog(goal, A_eq=np.array(equations), b_eq=np.array(values), method="highs")
    return float(found.fun or 0) if found.status == 0 else float("inf")


@given(rows, rows)
def test_what_one_figure_withholds_the_next_of_its_cluster_withholds(
    table: list[tuple[int, ...]], other: list[tuple[int, ...]]
) -> None:
    before = withheld(figures_of(table)).totals
    figures = figures_of(other)
    assert before & figures.keys() <= withheld(figures, before).totals


def test_what_no_value_covers_is_a_part_of_its_level() -> None:
    figures: dict[Path, Figure] = {
        (): Figure((60,)),
        ("residential",): Figure((60,)),
        ("residential", "2026-01"): Figure((30,)),
        ("residential", "2026-02"): Figure((25,)),
    }
    found = with_rest(figures)
    assert sum(figure.total[0] for path, figure in found.items() if len(path) == 2) == 60
    assert withheld(found).totals >= {("residential", "2026-02")}


@pytest.mark.parametrize("n", [0, 11])
def test_none_and_eleven_are_shown(n: int) -> None:
    assert withheld({(): Figure((20 + n,)), ("a",): Figure((20,)), ("b",): Figure((n,))}).totals == frozenset()


def test_few_single_people_are_not_named() -> None:
    sizes = {"a": 1, "b": 1, "c": 40}
    parts: dict[Path, Figure] = {(name,): Figure((n,)) for name, n in sizes.items()}
    found = withheld({(): Figure((42,)), **parts, ("a", "north"): Figure((1,))})
    assert found.totals >= {("a",), ("b",)}
    assert ("a", "north") in found.unnamed
