"""The attack: what a reader can work out of tables, against hand-made ones and against another solver."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from projections.disclosure.attack import Attack
from projections.disclosure.suppression import shown, withheld
from projections.disclosure.system import (
    ALL,
    INFINITE,
    REST,
    Candidate,
    CannotProtectError,
    Cell,
    Family,
    Frame,
    Need,
    NoSolutionError,
    Range,
    System,
    Unknown,
    alike,
)
from tests.depth import cases

LEVELS, SITES, OUTCOMES = ("a", "b", "c"), ("n", "s"), ("completed", "left")
MARGINS = {ALL: ("",), "level": LEVELS, "site": SITES}
ENDED = Family("completion", OUTCOMES, "ended")
FLOW = Family("flow", ("down", "other"), "ended")
NEED = Need(0, 11)


def system(months: int = 1, *families: Family) -> System:
    own = families or (ENDED,)
    return System(Frame({f.name: f for f in own}, MARGINS, {f.name: range(months) for f in own}))


def cell(margin: str, value: str, *outcomes: str, family: str = "completion", months: tuple[int, ...] = (0,)) -> Cell:
    return Cell(family, margin, (value,), months, outcomes or OUTCOMES)


def test_the_last_missing_part_of_a_shown_total_is_found() -> None:
    found = Attack(system(), {cell(ALL, ""): 30, cell("level", "a"): 12, cell("level", "b"): 15})
    assert found.range(cell("level", "c")) == Range(3, 3)


def test_two_missing_parts_share_what_is_left() -> None:
    found = Attack(system(), {cell(ALL, ""): 30, cell("level", "a"): 12})
    assert found.range(cell("level", "c")) == Range(0, 18)


def test_what_nothing_shown_bounds_has_no_end() -> None:
    assert Attack(system(), {}).range(cell("level", "c")) == Range(0, INFINITE)


def test_the_same_fact_in_two_reports_is_one_fact() -> None:
    both = system(1, ENDED, FLOW)
    flow = {cell(ALL, "", "down", family="flow"): 20.0, cell(ALL, "", "other", family="flow"): 14.0}
    found = Attack(both, {**flow, cell(ALL, "", "completed"): 31})
    assert found.range(cell(ALL, "", "left")) == Range(3, 3)


def test_two_reports_are_tied_in_a_month_that_a_third_has_not_reached() -> None:
    kinds = [Family(f"abstinent_at_{days}", ("yes", "no"), "left") for days in (180, 30, 90)]
    months = {"abstinent_at_180": [0], "abstinent_at_30": [0, 1], "abstinent_at_90": [0, 1]}
    three = System(Frame({kind.name: kind for kind in kinds}, MARGINS, months))
    total = cell(ALL, "", "yes", "no", family="abstinent_at_30", months=(1,))
    part = cell(ALL, "", "yes", family="abstinent_at_90", months=(1,))
    rest = cell(ALL, "", "no", family="abstinent_at_90", months=(1,))
    assert Attack(three, {total: 54, part: 50}).range(rest) == Range(4, 4)


def test_months_of_a_quarter_are_subtracted() -> None:
    months = {cell("level", "a", months=(month,)): 20.0 for month in (0, 1)}
    found = Attack(system(3), {**months, cell("level", "a", months=(0, 1, 2)): 44})
    assert found.range(cell("level", "a", months=(2,))) == Range(4, 4)


def test_a_nested_outcome_is_no_more_than_the_wider_one() -> None:
    short = Family("retention_30", ("retained", "ended"), "admitted")
    long = Family("retention_90", ("retained", "ended"), "admitted", ((("retained",), "retention_30", ("retained",)),))
    found = Attack(system(1, short, long), {cell(ALL, "", "retained", family="retention_30"): 7})
    assert found.range(cell(ALL, "", "retained", family="retention_90")).high == 7


def test_an_outcome_that_cannot_be_somewhere_is_known_to_be_nought_there() -> None:
    detox = Family("detox", ("met", "apart"), only={"met": ("level", frozenset({"a"}))})
    found = Attack(system(1, detox), {cell(ALL, "", "met", family="detox"): 13})
    assert found.range(cell("level", "a", "met", family="detox")) == Range(13, 13)
    assert found.range(cell("level", "b", "met", family="detox")) == Range(0, 0)


def test_tables_that_contradict_each_other_are_told() -> None:
    found = Attack(system(2), {cell(ALL, ""): 10, cell("level", "a"): 12, cell(ALL, "", months=(0, 1)): 25})
    with pytest.raises(NoSolutionError):
        found.range(cell("level", "b"))


counts = st.integers(0, 30)
Numbers = dict[tuple[str, str, int, str], int]
tables = st.fixed_dictionaries(dict.fromkeys(product(LEVELS, SITES, range(3), OUTCOMES), counts))
PERIODS = ((0,), (1,), (2,), (0, 1, 2))


def candidates(numbers: Numbers) -> list[Candidate]:
    """Every number of the tables by level and by site, by month and quarter."""
    found: list[Candidate] = []
    for margin, values in MARGINS.items():
        for value, months, outcomes in product(values, PERIODS, (OUTCOMES, *((one,) for one in OUTCOMES))):
            one = Cell("completion", margin, (value,), months, outcomes)
            total = sum(_true(numbers, unknown) for unknown in one.unknowns())
            found.append(Candidate(one, total, 0 < total < 11, len(months) * (2.0 if margin == ALL else 1.0), NEED))
    return found


def _true(numbers: Numbers, unknown: Unknown) -> int:
    return sum(
        n
        for (level, site, month, outcome), n in numbers.items()
        if (month, outcome) == (unknown.month, unknown.outcome) and unknown.value in {"", level, site}
    )


@given(tables)
@settings(max_examples=cases(8, 100))
def test_what_is_withheld_can_be_nought_and_eleven_by_another_solver_too(numbers: Numbers) -> None:
    own = system(3)
    asked = candidates(numbers)
    gone = withheld(own, {}, asked)
    assert all(one.cell in gone for one in asked if one.small)
    seen = shown(asked, gone)
    attack = Attack(own, seen)
    assert attack.broken(gone) == {}
    assert all(gone[one.cell] == NEED for one in asked if one.small)
    for one in sorted(gone, key=str)[:3]:
        low, high = _by_scipy(own, seen, one)
        found = attack.range(one)
        assert found.low == pytest.approx(low, abs=1e-6)
        assert found.high == pytest.approx(high, abs=1e-6)


@given(tables)
@settings(max_examples=cases(8, 100))
def test_each_number_that_is_not_small_is_withheld_for_another(numbers: Numbers) -> None:
    own = system(3)
    asked = candidates(numbers)
    gone = withheld(own, {}, asked)
    for one in (one for one in asked if one.cell in gone and not one.small):
        others = {other: need for other, need in gone.items() if other != one.cell}
        assert Attack(own, {**shown(asked, gone), one.cell: one.value}).broken(others)


def _by_scipy(own: System, seen: dict[Cell, float], one: Cell) -> tuple[float, float]:
    n = len(own.number)
    rows = [(dict(row.terms), row.low) for row in own.equations()]
    rows += [(dict.fromkeys(own.terms(cell), 1.0), value) for cell, value in seen.items()]
    matrix = np.zeros((len(rows), n))
    for place, (terms, _) in enumerate(rows):
        for term, weight in terms.items():
            matrix[place, term] = weight
    aim = np.zeros(n)
    aim[list(own.terms(one))] = 1.0
    answers = [linprog(sign * aim, A_eq=matrix, b_eq=[right for _, right in rows]) for sign in (1, -1)]
    least, most = answers[0].fun, answers[1].fun
    assert least is not None
    return least, INFINITE if most is None or answers[1].status == 3 else -most


def test_numbers_of_before_stay_and_bind_what_comes() -> None:
    own = system(3)
    before = {cell("level", "a", months=(month,)): 20.0 for month in (0, 1)}
    third = Candidate(cell("level", "a", months=(2,)), 4, small=True, loss=1, need=NEED)
    quarter = Candidate(cell("level", "a", months=(0, 1, 2)), 44, small=False, loss=9, need=NEED)
    assert withheld(own, before, [third, quarter]) == {third.cell: NEED, quarter.cell: Need(44, 44)}


def test_what_was_given_away_before_is_refused_by_name() -> None:
    own = system(3)
    before = {cell("level", "a", months=(month,)): 20.0 for month in (0, 1)}
    before[cell("level", "a", months=(0, 1, 2))] = 44.0
    third = Candidate(cell("level", "a", months=(2,)), 4, small=True, loss=1, need=NEED)
    with pytest.raises(CannotProtectError) as refused:
        withheld(own, before, [third])
    assert refused.value.cells == (third.cell,)


def test_what_is_left_of_a_wider_outcome_is_a_number_of_its_own() -> None:
    short = Family("retention_30", ("retained", "ended"), "admitted")
    long = Family("retention_90", ("retained", "ended"), "admitted", ((("retained",), "retention_30", ("retained",)),))
    shown_both = {
        cell(ALL, "", "retained", family="retention_30"): 30,
        cell(ALL, "", "retained", family="retention_90"): 27,
    }
    found = Attack(system(1, short, long), shown_both)
    assert found.range(Cell(long.rest(0), ALL, ("",), (0,), (REST,))) == Range(3, 3)


def test_outcomes_that_no_number_tells_apart_are_one_unknown_and_nothing_is_lost() -> None:
    many = Family("completion", ("completed", "left", "died", "moved"), "ended")
    seen = {
        cell(ALL, "", *many.outcomes): 40.0,
        cell(ALL, "", "completed"): 21.0,
        cell("level", "a", *many.outcomes): 25.0,
        cell("level", "b", "left", "died", "moved"): 4.0,
    }
    frame = Frame({many.name: many}, MARGINS, {many.name: range(1)})
    whole, coarse = System(frame), System(frame, alike([many], seen))
    assert coarse.unknowns == whole.unknowns // 2
    for one in (cell("level", "c", *many.outcomes), cell("level", "a", "completed"), cell("level", "b", "completed")):
        assert Attack(coarse, seen).range(one) == Attack(whole, seen).range(one)


def test_a_wider_outcome_that_is_not_asked_about_binds_nothing() -> None:
    long = Family("retention_90", ("retained", "ended"), "admitted", ((("retained",), "retention_30", ("retained",)),))
    alone = System(Frame({long.name: long}, MARGINS, {long.name: range(1), "retention_30": range(1)}))
    assert Attack(alone, {}).range(cell(ALL, "", "retained", family="retention_90")) == Range(0, INFINITE)
