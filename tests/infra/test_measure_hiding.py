"""Measures as reporting sees them: no small cell, and none that follows from the others."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from infra.measure_hiding import (
    hidden_agreement,
    hidden_attendance,
    hidden_comparison,
    hidden_followback,
    hidden_outcomes,
    hidden_parts,
    hidden_prevalence,
    hidden_shares,
)
from infra.report_kinds import ReportParams
from projections.comparison import compared
from projections.suppression import small

counts = st.integers(0, 40)
PLAIN = ReportParams()


def estimate(above: int, below: int) -> dict[str, Any]:
    return {"numerator": above, "denominator": below, "share": 0.5, "ci_low": 0.1, "ci_high": 0.9}


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=6))
def test_rates_hide_small_numbers_and_how_many_wait(pairs: list[tuple[int, int]]) -> None:
    rows = [
        {"site": str(n), "measure": "m", **estimate(yes, yes + no), "not_yet": 3} for n, (yes, no) in enumerate(pairs)
    ]
    for (yes, no), row in zip(pairs, hidden_shares(PLAIN, rows), strict=True):
        assert row["not_yet"] is None
        if row["denominator"] is None:
            assert row["numerator"] is row["share"] is None
        else:
            assert not small(yes)
            assert not small(no)


@given(st.lists(st.lists(counts, min_size=3, max_size=3), min_size=1, max_size=4))
def test_parts_of_a_whole_are_hidden_with_another_of_their_row_and_column(cells: list[list[int]]) -> None:
    rows: list[dict[str, Any]] = [
        {"level": str(n), "step": step, "count": 50, **estimate(value, sum(own)), "not_yet": 50 - value}
        for n, own in enumerate(cells)
        for step, value in zip("abc", own, strict=True)
    ]
    shown = hidden_parts(ReportParams(show="steps"), rows)
    for before, row in zip(rows, shown, strict=True):
        assert row["count"] is row["not_yet"] is None
        assert row["numerator"] is None or not small(before["numerator"])
    for n, own in enumerate(cells):
        mine = [row for row in shown if row["level"] == str(n)]
        gone = [row for row in mine if row["numerator"] is None]
        whole = mine[0]["denominator"] is None
        assert len(gone) != 1 or whole or not any(value for value in own if not small(value))


def test_prevalence_hides_the_few_who_were_reached() -> None:
    both = {"share_reached": 0.5, "reached_low": 0.1, "reached_high": 0.9, "not_yet": 4}
    rows = [{"milestone": 30, **estimate(20, 60), "reached": reached, **both} for reached in (25, 40)]
    few, many = hidden_prevalence(PLAIN, rows)
    assert (few["reached"], few["share_reached"], few["numerator"]) == (None, None, 20)
    assert (many["reached"], many["not_yet"]) == (40, None)


def test_the_cells_of_an_agreement_table() -> None:
    cells = {"both": 20, "screen_only": 4, "report_only": 30, "neither": 40}
    row = {"target": "opioid", **cells, **estimate(60, 94), "kappa": 0.4, "kappa_low": 0.1, "kappa_high": 0.6}
    (shown,) = hidden_agreement(PLAIN, [row])
    assert shown["screen_only"] is shown["kappa"] is shown["share"] is None
    assert sum(shown[name] is None for name in cells) == 2


def test_quartiles_and_means_of_few_are_hidden_with_the_next_smallest() -> None:
    rows = [{"level": str(n), "clients": n, "longest_run_median": 9} for n in (5, 20, 30)]
    assert [row["longest_run_median"] for row in hidden_followback(PLAIN, rows)] == [None, None, 9]
    groups = [{"level": str(n), "stays": n, "attendance_rate": 0.5} for n in (12, 20)]
    assert [row["suppressed"] for row in hidden_attendance(PLAIN, groups)] == [False, False]
    scores = [{"instrument": "phq9", **estimate(20, 40), "episodes": 40, "mean_first": 9.0, "mean_last": 5.0, "worse": 2,
               "mean_change": -4.0, "sd_change": 2.0, "change_low": -5.0, "change_high": -3.0}]  # fmt: skip
    (row,) = hidden_outcomes(PLAIN, scores)
    assert (row["worse"], row["mean_change"]) == (None, -4.0)


@given(counts, counts, counts, counts)
def test_a_comparison_shows_both_sides_or_none(a: int, b: int, c: int, d: int) -> None:
    (row,) = hidden_comparison(PLAIN, [compared("m", ("A", "B"), (a, a + b), (c, c + d))])
    numbers = {name for name, value in row.items() if isinstance(value, int | float) and name != "suppressed"}
    assert row["suppressed"] == any(small(n) for n in (a, b, c, d, a + b, c + d))
    assert not (row["suppressed"] and numbers)
