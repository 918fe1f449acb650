"""Suppression: no cell of 1–10 is shown, and none follows from the shown ones by subtraction."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from projections.suppression import hide_counts, hide_estimates, small

PARTS = ("a", "b", "c")
counts = st.integers(0, 40)


def table(cells: list[tuple[int, int, int]]) -> list[dict[str, int]]:
    return [{**dict(zip(PARTS, row, strict=True)), "total": sum(row)} for row in cells]


@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=6))
def test_no_small_count_is_shown(cells: list[tuple[int, int, int]]) -> None:
    for row in hide_counts(table(cells), PARTS, "total", ()):
        assert not any(small(row[name]) for name in (*PARTS, "total"))


@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=6))
def test_a_hidden_cell_never_stands_alone_beside_cells_that_hold_people(cells: list[tuple[int, int, int]]) -> None:
    rows = table(cells)
    hidden = hide_counts(rows, PARTS, "total", ())
    for before, after in zip(rows, hidden, strict=True):
        gone = [name for name in (*PARTS, "total") if after[name] is None]
        others = [name for name in (*PARTS, "total") if after[name] is not None and before[name]]
        assert len(gone) != 1 or not others
    for name in PARTS:
        gone_rows = [index for index, row in enumerate(hidden) if row[name] is None]
        others_rows = [index for index, row in enumerate(hidden) if row[name] is not None and rows[index][name]]
        assert len(gone_rows) != 1 or not others_rows


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=6))
def test_an_estimate_hides_its_numerator_its_complement_and_its_denominator(pairs: list[tuple[int, int]]) -> None:
    rows: list[dict[str, Any]] = [{"yes": yes, "of": yes + no, "share": 0.5} for yes, no in pairs]
    for before, after in zip(rows, hide_estimates(rows, "yes", "of", ("share",)), strict=True):
        if after["of"] is None:
            assert after["yes"] is None
            assert after["share"] is None
        else:
            assert not small(before["yes"])
            assert not small(before["of"] - before["yes"])


def test_zero_and_eleven_are_shown() -> None:
    rows = [{"clients": 0}, {"clients": 11}]
    assert [row["clients"] for row in hide_counts(rows, (), "clients", ())] == [0, 11]
